import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

from outrider.cache.lives import Life


def _live(folder: Path, told: Connection) -> None:
    life = Life(folder)
    told.send(life.name)
    signal.pause()


def test_a_killed_process_is_known_to_be_dead(tmp_path: Path) -> None:
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=_live, args=(tmp_path, there), daemon=True)
    child.start()
    name = here.recv()
    mine = Life(tmp_path)
    assert mine.alive(name)
    assert mine.alive(mine.name)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not mine.alive(name)
    later = Life(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([mine.name, later.name])
    mine.end()
    assert not later.alive(mine.name)
    later.end()


def test_a_name_that_never_was_is_dead(tmp_path: Path) -> None:
    life = Life(tmp_path)
    assert not life.alive("nobody")
    life.end()
