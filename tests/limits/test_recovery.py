"""After a crash: each open call is recorded and charged once, leases are free again, wherever recovery is cut off."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.budget import Budget, Subject
from outrider.base.errors import JournalFull
from outrider.journal import spool
from outrider.journal.append import Journal
from outrider.journal.events import RunRecorded
from outrider.limits import leases, recovery
from outrider.limits.hold import Hold
from outrider.limits.recovery import Recovery

from .ledgers import Bank, Worker, money, note

Make = Callable[..., Bank]
LIFE = Budget("b", "money", 1000, window="lifetime")


def hold(worker: Worker, amount: int) -> bytes:
    """Begin a call that nobody will end."""
    run = ids.new_id()
    ledger = worker.ledger
    accounts = ledger.covering(Subject("p"), run)
    waiter = ledger.wait_for(accounts, [amount], [0])
    worker.trade()
    assert not waiter.pending
    Hold(ledger, run, accounts, [amount], note()).begun(money(amount))
    return run


def index_thrice(bank: Bank) -> None:
    """Recovery takes its steps in rounds: record, close, nothing more."""
    for _ in range(3):
        bank.index()


def outcome(bank: Bank) -> tuple[int, int, list[tuple[object, ...]], list[str]]:
    """Spent, granted, runs with their cost, files that are left."""
    runs = bank.store.query("SELECT id, cost FROM runs ORDER BY id")
    return bank.spent(), bank.granted(), runs, [path.name for path in bank.folder.iterdir()]


def test_each_open_call_becomes_a_record(bank: Make) -> None:
    b = bank(LIFE)
    worker = b.worker()
    one, two = sorted([hold(worker, 30), hold(worker, 50)])
    worker.die()
    index_thrice(b)
    spent, granted, runs, files = outcome(b)
    assert (spent, granted, files) == (80, 80, [])
    assert [run for run, _ in runs] == [one, two]
    assert sum(int(str(cost)) for _, cost in runs) == 80


def test_a_call_whose_record_was_written_is_not_charged_again(bank: Make) -> None:
    b = bank(LIFE)
    worker = b.worker()
    run = hold(worker, 30)
    worker.journal.append_now(RunRecorded(run, "p", 5, "chat", cost=7, holder=worker.ledger.holder))
    worker.die()
    b.recovery()  # before it is indexed: it waits
    assert outcome(b)[3] == [f"{worker.ledger.holder}.holds"]
    index_thrice(b)
    assert outcome(b) == (0, 0, [(run, 7)], [])


@pytest.mark.parametrize("cut", ["record", "close", "remove"])
def test_it_can_be_cut_off_anywhere(bank: Make, monkeypatch: pytest.MonkeyPatch, cut: str) -> None:
    b = bank(LIFE)
    worker = b.worker()
    run = hold(worker, 30)
    worker.die()

    class Killed(BaseException):
        pass

    def after(work: Callable[..., object]) -> Callable[..., object]:
        def killed(*args: object) -> object:
            work(*args)
            raise Killed

        return killed

    with monkeypatch.context() as patch:
        if cut == "record":
            patch.setattr(recovery, "_record", after(recovery._record))
        elif cut == "close":
            patch.setattr(leases, "close", after(leases.close))
        else:
            patch.setattr(recovery.holds.Left, "remove", after(recovery.holds.Left.remove))
        with pytest.raises(Killed):
            index_thrice(b)
    b.recovery.close()
    b.recovery = Recovery(b.folder, b.spool, b.store, b.leases)
    index_thrice(b)
    assert outcome(b) == (30, 30, [(run, 30)], [])


def test_a_torn_end_and_empty_segments_do_not_hold_it_up(bank: Make) -> None:
    b = bank(LIFE)
    for _ in range(3):
        Journal(b.spool).close()  # starts that wrote nothing leave empty segments
    worker = b.worker()
    hold(worker, 30)
    worker.die()
    slot = spool.list_slots(b.spool)[0]
    with open(spool.segment_path(slot, spool.list_segments(slot)[-1]), "ab") as file:
        file.write(b"\x40\x00\x00\x00half a frame")
    index_thrice(b)
    assert outcome(b)[:2] == (30, 30)
    assert outcome(b)[3] == []


def test_it_waits_for_a_segment_that_is_not_indexed(bank: Make) -> None:
    b = bank(LIFE)
    first = b.worker()
    first.journal.append_now(RunRecorded(ids.new_id(), "p", 5, "chat"))
    b.index()
    first.die()
    second = b.worker()  # goes on in the same slot, in a new segment
    assert second.journal.slot == first.journal.slot
    run = hold(second, 30)
    second.journal.append_now(RunRecorded(run, "p", 5, "chat", cost=1, holder=second.ledger.holder))
    second.die()
    third = b.worker()
    third.journal.append_now(RunRecorded(ids.new_id(), "p", 5, "chat"))
    b.recovery()
    assert f"{second.ledger.holder}.holds" in outcome(b)[3]
    b.index()
    b.index()
    assert outcome(b)[3] == [f"{third.ledger.holder}.holds"]
    assert b.spent() == 0


def test_a_slot_that_was_never_written(bank: Make) -> None:
    b = bank(LIFE)
    worker = b.worker()
    hold(worker, 30)
    worker.die()
    for path in sorted(b.spool.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    index_thrice(b)
    assert outcome(b)[:2] == (30, 30)


def test_a_full_disk_is_waited_for(bank: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    b = bank(LIFE)
    worker = b.worker()
    hold(worker, 30)
    worker.die()
    with monkeypatch.context() as patch:

        def full(*args: object) -> None:
            raise JournalFull("no space")

        patch.setattr(recovery, "Journal", full)
        b.index()
        b.index()
        assert b.spent() == 0
    index_thrice(b)
    assert b.spent() == 30


def test_live_holders_are_left_alone(bank: Make) -> None:
    b = bank(LIFE)
    worker = b.worker()
    hold(worker, 30)
    index_thrice(b)
    assert b.spent() == 0
    assert b.granted() >= 30
    assert len(outcome(b)[3]) == 1


def test_two_recoveries_do_not_meet(bank: Make) -> None:
    b = bank(LIFE)
    worker = b.worker()
    hold(worker, 30)
    worker.die()
    other = Recovery(b.folder, b.spool, b.store, b.leases)
    b.recovery()
    other()
    for _ in range(3):
        b.index()
        other()
    assert b.spent() == 30
    other.close()


def test_rows_of_the_past_are_swept(bank: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    b = bank(LIFE)
    worker = b.worker()
    hold(worker, 30)
    worker.die()
    index_thrice(b)
    assert b.granted() == 30
    now, mono = clock.now_ns(), clock.mono_ns()
    for minutes in (6, 12):
        monkeypatch.setattr(clock, "now_ns", lambda m=minutes: now + m * 60_000_000_000)
        monkeypatch.setattr(clock, "mono_ns", lambda m=minutes: mono + m * 60_000_000_000)
        b.index()
    assert b.leases.query("SELECT * FROM budget_leases") == []
    assert b.spent() == 30


def test_drafts_of_processes_that_died_at_their_start(bank: Make) -> None:
    b = bank(LIFE)
    b.folder.mkdir()
    old, new = b.folder / "old.new", b.folder / "fresh.new"
    for path in (old, new):
        path.touch()
    os.utime(old, (1, 1))
    b.index()
    assert sorted(p.name for p in Path(b.folder).iterdir()) == ["fresh.new"]
