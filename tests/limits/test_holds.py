"""The file of holds is readable after its process was killed, and its lock says so."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import ids
from outrider.base.errors import JournalFull
from outrider.journal.events import Charge
from outrider.limits import holds
from outrider.limits.held import Held, Note
from outrider.limits.holds import HoldFile, Left

NOTE = Note("p", 1, "chat", tags=["t"])


def held(money: int = 5, run: bytes = b"", note: Note = NOTE) -> Held:
    return Held(run or ids.new_id(), money, 1, 2, [Charge("b", "ann", 0, 0, money)], note)


def only(folder: Path) -> Left:
    (left,) = holds.left_behind(folder)
    return left


def test_open_holds_are_left_and_cleared_ones_are_not(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "3", cells=4)
    one, two = held(1), held(2)
    cell = file.put(one)
    file.put(two)
    file.clear(cell)
    assert holds.left_behind(tmp_path) == []
    assert holds.alive(tmp_path, file.holder)
    file.close()
    file.close()
    assert not holds.alive(tmp_path, file.holder)
    left = only(tmp_path)
    assert (left.holder, left.slot) == (file.holder, "3")
    assert left.open_holds() == [two]
    assert holds.left_behind(tmp_path) == []  # ours until it is closed
    left.close()
    only(tmp_path).remove()
    assert list(tmp_path.iterdir()) == []
    assert not holds.alive(tmp_path, file.holder)


def test_cells_are_used_again_and_more_than_all_have_files(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=2)
    cells = [file.put(held(i + 1)) for i in range(4)]
    assert len(set(cells)) == 4
    assert len(list(tmp_path.glob("*.hold"))) == 2
    for cell in cells[1:3]:
        file.clear(cell)
    assert len(list(tmp_path.glob("*.hold"))) == 1
    assert file.put(held(9)) == cells[1]
    file.close()
    left = only(tmp_path)
    assert sorted(one.money for one in left.open_holds()) == [1, 4, 9]
    left.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_large_hold_has_a_file_of_its_own(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=2)
    large = held(7, note=Note("p", 1, session="s" * 5000))
    cell = file.put(large)
    file.close()
    assert only(tmp_path).open_holds() == [large]
    file.clear(cell)
    assert list(tmp_path.glob("*.hold")) == []


def test_of_a_run_that_was_growing_the_larger_hold_counts(tmp_path: Path) -> None:
    file, run = HoldFile(tmp_path, "0", cells=4), ids.new_id()
    for money in (5, 9, 7):
        file.put(held(money, run))
    file.close()
    assert [one.money for one in only(tmp_path).open_holds()] == [9]


def test_a_cell_that_is_not_whole_is_left_out(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=2)
    good = held()
    file.put(held(1))
    file.put(good)
    file.close()
    (path,) = tmp_path.glob("*.holds")
    content = bytearray(path.read_bytes())
    content[holds.HEAD + 5] ^= 0xFF
    path.write_bytes(content)
    assert only(tmp_path).open_holds() == [good]


def test_a_strange_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.holds").write_bytes(b"something else")
    assert holds.left_behind(tmp_path) == []
    assert holds.left_behind(tmp_path / "none") == []


def test_no_room_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalFull, match="open holds cannot be kept"):
        HoldFile(tmp_path / "file", "0")


def test_no_room_for_a_large_hold(tmp_path: Path) -> None:
    folder = tmp_path / "holds"
    file = HoldFile(folder, "0", cells=1)
    file.put(held())
    (folder / f"{file.holder}.1.new").mkdir()
    with pytest.raises(JournalFull, match="an open hold cannot be kept"):
        file.put(held())
    file.close()


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 2000)), max_size=60))
def test_what_is_left_is_what_was_not_cleared(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[bool, int]]
) -> None:
    folder = tmp_path_factory.mktemp("holds")
    file = HoldFile(folder, "0", cells=3)
    open_: list[tuple[int, Held]] = []
    for put, size in acts:
        if put or not open_:
            one = held(size, note=Note("p", 1, user="u" * size))
            open_.append((file.put(one), one))
        else:
            file.clear(open_.pop(size % len(open_))[0])
    file.close()
    left = only(folder)
    assert {one.run for one in left.open_holds()} == {one.run for _, one in open_}
    left.remove()


CHILD = """
import sys, time
from pathlib import Path
from tests.limits.test_holds import HoldFile, held
file = HoldFile(Path(sys.argv[1]), "5", cells=64)
for i in range(20):
    cell = file.put(held(i + 1))
    if i % 2:
        file.clear(cell)
print(file.holder, flush=True)
while True:
    file.clear(file.put(held(1000)))
"""


def test_it_survives_kill_9(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    line = [sys.executable, "-c", CHILD, str(tmp_path)]
    child = subprocess.Popen(line, stdout=subprocess.PIPE, cwd=root, text=True)
    assert child.stdout is not None
    holder = child.stdout.readline().strip()
    assert holds.alive(tmp_path, holder)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    found = sorted(one.money for one in only(tmp_path).open_holds())
    assert found in ([*range(1, 20, 2)], [*range(1, 20, 2), 1000])


def test_the_record_of_an_interrupted_call() -> None:
    one = held(7, note=Note("p", 3, "chat.completions", "m", "r", "d", "o", "k", "u", "a", "s", ["t"], True, b"x", 4))
    record = one.interrupted("h")
    assert (record.status, record.error, record.cost, record.holder) == ("error", "interrupted", 7, "h")
    assert (record.at, record.model, record.key, record.tags, record.parent_span) == (3, "m", "k", ["t"], 4)
    assert record.charges == one.charges
    assert record.usage is not None
    assert (record.usage.input, record.usage.output, record.usage.estimated) == (1, 2, True)


def test_open_holds_of_those_that_live_can_be_looked_at(tmp_path: Path) -> None:
    one, two = HoldFile(tmp_path, "0", cells=2), HoldFile(tmp_path, "1", cells=2)
    small, large = held(1), held(7, note=Note("p", 1, session="s" * 5000))
    cell = one.put(small)
    one.put(large)
    two.close()
    (tmp_path / "empty.holds").touch()
    (tmp_path / "other.holds").write_bytes(b"something else")
    looked = {holder: found for holder, found in holds.look(tmp_path).items() if found}
    assert looked == {one.holder: [small, large]}
    assert holds.alive(tmp_path, one.holder), "nothing was locked"
    one.clear(cell)
    assert holds.look(tmp_path)[one.holder] == [large]
    one.close()
    assert holds.look(tmp_path / "nowhere") == {}


def test_what_changes_while_it_is_looked_at_is_left_out_and_never_half_read(tmp_path: Path) -> None:
    file, ended = HoldFile(tmp_path, "0", cells=8), threading.Event()
    kept = [held(n, note=Note("p", 1, session=str(n) * 300)) for n in range(1, 9)]

    def change() -> None:
        while not ended.is_set():
            for cell in [file.put(one) for one in kept]:
                file.clear(cell)

    writer = threading.Thread(target=change)
    writer.start()
    try:
        found = [one for _ in range(200) for one in holds.look(tmp_path)[file.holder]]
    finally:
        ended.set()
        writer.join()
    assert all(one in kept for one in found)
    file.close()
