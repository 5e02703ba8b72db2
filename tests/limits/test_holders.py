"""Who holds what is reserved: calls of this machine, parts of batches, workers ahead of calls and of other machines."""

from collections.abc import Callable

from outrider.base import ids
from outrider.base.budget import Budget, Subject
from outrider.limits import holders
from outrider.limits.held import Note
from outrider.limits.hold import form_of
from outrider.limits.holders import Reserved
from outrider.limits.kept import Reserves, Share
from outrider.limits.rules import Rules

from .ledgers import AT, Bank, Worker, money

ALL = Budget("b", "money", 10_000, "lifetime")
EACH = Budget("b", "calls", 10, "lifetime", per="tag")
SHARE = Share("b", "", 0, "money", "lifetime", 60)


def note(since: int, **more: object) -> Note:
    fields: dict[str, object] = {"model": "shop", "route": "shop", "deployment": "a/m", "key": "k1", "user": "ann"}
    return Note("default", AT + since, "chat", **(fields | more))  # type: ignore[arg-type]  # fields by name


async def hold(worker: Worker, worst: int, note_: Note, subject: Subject | None = None) -> bytes:
    run = ids.new_id()
    accounts = worker.ledger.covering(subject or Subject("default"), run)
    await worker.ledger.hold(run, accounts, money(worst), note_)
    return run


def seen(bank: Bank, budget: Budget = ALL, *, away: bool = False) -> list[Reserved]:
    return holders.reserved(bank.store, None if away else bank.leases, bank.folder, budget, AT)


async def test_calls_of_all_workers_of_this_machine_oldest_first(bank: Callable[..., Bank]) -> None:
    made = bank(ALL)
    one, other = made.worker(), made.worker()
    one.borrower.start()
    other.borrower.start()
    later = await hold(one, 50, note(9))
    first = await hold(other, 70, note(3, key="k2", user=""))
    calls = [each for each in seen(made) if each.kind == "call"]
    assert [(c.run, c.amount, c.since, c.key, c.holder) for c in calls] == [
        (ids.text(first), 70, AT + 3, "k2", other.file.holder),
        (ids.text(later), 50, AT + 9, "k1", one.file.holder),
    ]
    assert (calls[1].project, calls[1].user, calls[1].route, calls[1].deployment) == ("default", "ann", "shop", "a/m")
    assert [c.run for c in seen(made, away=True)] == [ids.text(first), ids.text(later)]
    await one.borrower.stop()
    await other.borrower.stop()


def test_a_batch_another_machine_and_what_is_ahead(bank: Callable[..., Bank]) -> None:
    made = bank(ALL)
    here = made.worker()
    reserves = Reserves(lambda: Rules([ALL]), lambda: made.leases, lambda: made.store)
    assert reserves.hold("batch_1/1-9", [SHARE]) is None
    with made.leases.write() as tx:
        for holder, value, granted in ((here.file.holder, "", 30), ("far", "", 20), ("far", "x", 5)):
            tx.execute(
                "INSERT INTO budget_leases (budget, value, starts, holder, granted, used, recall, answered, at, closed)"
                " VALUES ('b', ?, 0, ?, ?, 0, 0, 0, 7, 0)",
                (value, holder, granted),
            )
        tx.execute(
            "INSERT INTO batches (id, project, key, kind, status, created, expires, cancelling, ended, input_file,"
            " total, completed, failed, input_tokens, cached_tokens, output_tokens, reasoning_tokens, holder,"
            " held_until, waits, made, about)"
            " VALUES ('batch_1', 'shop', 'k1', 'openai', 'in_progress', 44, 99, 0, 0, 'f', 9, 0, 0, 0, 0, 0, 0, '', 0,"
            " '', ?, ?)",
            (b"", b""),
        )
    cell = here.file.put_brief(  # of the 30, a call holds 10
        (form_of(note(5), here.ledger.covering(Subject("default"), b"r" * 16)), AT, b"", 0), b"r" * 16, money(10), [10]
    )
    batch, call, far, ahead = seen(made)
    assert (batch.kind, batch.run, batch.amount, batch.since) == ("batch", "batch_1/1-9", 60, 44)
    assert (batch.project, batch.key) == ("shop", "k1")
    assert (call.kind, call.amount) == ("call", 10)
    assert (far.kind, far.holder, far.amount, far.since, far.account) == ("elsewhere", "far", 25, 7, "")
    assert (ahead.kind, ahead.holder, ahead.amount) == ("ahead", here.file.holder, 20)
    here.file.clear(cell)
    assert [one.amount for one in seen(made) if one.kind == "ahead"] == [30]


async def test_a_call_with_two_accounts_and_others_of_other_budgets(bank: Callable[..., Bank]) -> None:
    made = bank(EACH)
    here = made.worker()
    here.borrower.start()
    await hold(here, 1, note(1, tags=["x", "y"]), Subject("default", tags=("x", "y")))
    assert [(one.account, one.amount) for one in seen(made, EACH) if one.kind == "call"] == [("x", 1), ("y", 1)]
    assert seen(made, Budget("other", "calls", 1, "lifetime")) == []
    assert holders.reserved(made.store, None, None, EACH, AT) == []
    await here.borrower.stop()


async def test_what_a_killed_worker_held_is_still_told(bank: Callable[..., Bank]) -> None:
    made = bank(ALL)
    dead = made.worker()
    dead.borrower.start()
    run = await hold(dead, 50, note(1))
    await dead.borrower.stop()
    dead.die()
    assert [one.run for one in seen(made) if one.kind == "call"] == [ids.text(run)]
    made.index()  # records what it had begun
    made.index()  # and is done with it
    assert [one for one in seen(made) if one.kind == "call"] == []
