"""The board: workers see each other's cells at once, and nothing of a worker that is gone stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outrider.limits import board as b
from outrider.limits.board import Board

WORKER = """
import sys
from pathlib import Path
from outrider.limits import board as b
from outrider.limits.board import Board
board = Board(Path(sys.argv[1]))
place = board.place("openai/m")
place.cells[place.column + b.IN_FLIGHT] = 7
place.cells[place.row + b.BREAKER + 1] = 99
print("ready", flush=True)
sys.stdin.read()
"""


def in_flight(board: Board, name: str = "openai/m") -> int:
    place = board.place(name)
    return sum(place.cells[at + b.IN_FLIGHT] for at in board.each(place))


def test_workers_share_rows_and_have_columns_of_their_own(tmp_path: Path) -> None:
    one, other = Board(tmp_path), Board(tmp_path)
    mine, theirs = one.place("openai/m"), other.place("openai/m")
    assert mine.row == theirs.row
    assert mine.column != theirs.column
    mine.cells[mine.row + b.BREAKER] = 5
    assert theirs.cells[theirs.row + b.BREAKER] == 5
    mine.cells[mine.column + b.IN_FLIGHT] = 2
    theirs.cells[theirs.column + b.IN_FLIGHT] = 3
    one.look_around()
    assert in_flight(one) == in_flight(other) == 5
    one.close()
    other.look_around()
    assert in_flight(other) == 3
    other.close()


def test_names_are_kept_apart_and_listed(tmp_path: Path) -> None:
    board, reader = Board(tmp_path), None
    names = ["openai/gpt", "a/b", "modèle/é", "x" * 240]
    rows = {board.place(name).row for name in names}
    assert len(rows) == 4
    reader = Board(tmp_path, reader=True)
    assert list(reader.names()) == names
    assert reader.look("a/b") is not None
    assert reader.look("b/a") is None
    reader.close()
    board.close()


def test_a_killed_worker_leaves_no_calls_behind_but_its_breaker_stays(tmp_path: Path) -> None:
    board = Board(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    board.look_around()
    assert in_flight(board) == 7
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    board.look_around()
    assert in_flight(board) == 0
    place = board.place("openai/m")
    assert place.cells[place.row + b.BREAKER + 1] == 99
    again = Board(tmp_path)
    assert again.column == 1
    again.close()
    board.close()


def test_who_finds_nobody_alive_begins_anew(tmp_path: Path) -> None:
    first = Board(tmp_path)
    place = first.place("openai/m")
    place.cells[place.row + b.BREAKER] = 5
    first.close()
    second = Board(tmp_path)
    assert list(second.names()) == []
    place = second.place("other/m")
    assert place.cells[place.row + b.BREAKER] == 0
    second.close()


def test_sums_of_workers_that_are_gone_are_kept_until_all_are(tmp_path: Path) -> None:
    stays, goes = Board(tmp_path), Board(tmp_path)
    for board in (stays, goes):
        place = board.place("a/b")
        place.cells[place.column + b.CALLS] = 3
        place.cells[place.column + b.IN_FLIGHT] = 1
    goes.close()
    stays.look_around()
    seen = stays.look("a/b")
    assert seen is not None
    (at,) = stays.departed(seen)
    assert (seen.cells[at + b.CALLS], seen.cells[at + b.IN_FLIGHT]) == (3, 0)
    assert in_flight(stays, "a/b") == 1
    stays.close()
    fresh = Board(tmp_path)
    place = fresh.place("c/d")
    assert [place.cells[at + b.CALLS] for at in (*fresh.each(place), *fresh.departed(place))] == [0, 0]
    fresh.close()


def test_an_onlooker_needs_a_board_and_changes_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Board(tmp_path, reader=True)
    (tmp_path / "board").write_bytes(b"of another version")
    with pytest.raises(FileNotFoundError):
        Board(tmp_path, reader=True)
    assert (tmp_path / "board").read_bytes() == b"of another version"


def test_a_file_of_another_layout_is_replaced_and_left_to_who_has_it(tmp_path: Path) -> None:
    (tmp_path / "board").write_bytes(b"of another version")
    with open(tmp_path / "board", "rb") as held:
        board = Board(tmp_path)
        assert held.read() == b"of another version"
    assert board.place("a/b").row == 0
    board.close()


def test_what_does_not_fit_is_kept_by_the_worker_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(b, "ROWS", 2)
    board, other = Board(tmp_path), Board(tmp_path)
    places = [board.place(name) for name in ("a/1", "a/2", "a/3", "a/3", "y" * 241)]
    assert places[2] == places[3]
    places[2].cells[places[2].row + b.BREAKER] = 4
    theirs = other.place("a/3")
    assert theirs.cells[theirs.row + b.BREAKER] == 0
    places[4].cells[places[4].column + b.IN_FLIGHT] = 1
    assert in_flight(board, "y" * 241) == 1
    board.close()
    other.close()


def test_without_a_folder_it_is_memory_of_this_process() -> None:
    board = Board()
    place = board.place("a/b")
    place.cells[place.column + b.IN_FLIGHT] = 3
    board.look_around()
    assert in_flight(board, "a/b") == 3
    assert board.lock.acquire()
    board.close()


def test_the_lock_is_between_boards(tmp_path: Path) -> None:
    one, other = Board(tmp_path), Board(tmp_path)
    assert one.lock.acquire()
    assert not other.lock.acquire()
    one.lock.release()
    assert other.lock.acquire()
    one.close()
    other.close()
