"""Alarms are raised once and told once, whoever looks and whenever they start again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.base.budget import Budget, Raise
from outrider.journal import alarm_query, spool
from outrider.journal.append import Journal
from outrider.journal.events import BudgetRaised, BudgetSet, Charge, RunRecorded
from outrider.journal.index import Indexer
from outrider.limits import windows
from outrider.limits.alarms import Alarms
from outrider.limits.notices import Notices
from outrider.limits.unusual import CHANGE_NS, Found
from outrider.store import Store, open_store

from .sinks import Webhook, webhook

TEAM = Budget("team", "money", 10**10, "lifetime", per="user", alarms=(0.5, 0.8, 1.0))


class Machine:
    """A spool with its indexer and alarms, on a database that others may share."""

    def __init__(self, folder: Path, url: str, notices: Notices | None) -> None:
        self.spool, self.url = folder, url
        folder.mkdir(exist_ok=True)
        self.store: Store = open_store(url)
        self.indexer = Indexer(folder, self.store)
        self.alarms = self.start(notices)

    def start(self, notices: Notices | None, **more: object) -> Alarms:
        self.alarms = Alarms(lambda: open_store(self.url), self.spool, notices, every=0, **more)  # type: ignore[arg-type]
        return self.alarms

    def put(self, *events: object) -> None:
        journal = Journal(self.spool)
        for event in events:
            journal.append_now(event)  # type: ignore[arg-type]
        journal.close()
        self.indexer.drain()

    def spend(self, amount: int, user: str = "anna") -> None:
        now = clock.now_ns()
        charge = Charge("team", user, 0, windows.bucket("lifetime", now), amount)
        self.put(RunRecorded(ids.new_id(), "p", now, "chat", charges=[charge], holder="h"))

    def refuse(self, user: str = "anna") -> None:
        now = clock.now_ns()
        charge = Charge("team", user, 0, windows.bucket("lifetime", now), 0)
        self.put(RunRecorded(ids.new_id(), "p", now, "chat", status="error", charges=[charge]))

    def round(self) -> None:
        """One round of the indexer, and what becomes of it."""
        self.alarms._next = 0
        self.alarms()
        self.indexer.drain()

    def rounds(self) -> None:
        """Until what was raised is told and recorded."""
        for _ in range(3):
            self.round()
            if self.alarms._thread is not None:
                self.alarms._thread.join(30)

    def levels(self) -> list[int]:
        return sorted(row.event.level for row in alarm_query.list_alarms(self.store))

    def records(self, kind: str) -> int:
        from outrider.journal.read import export_records

        return sum(e.__struct_config__.tag == kind for _, e in export_records(self.store))


@pytest.fixture
def sink() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def machines(tmp_path: Path, store_url: str, sink: Webhook) -> Iterator[Callable[[], Machine]]:
    made: list[Machine] = []

    def make() -> Machine:
        made.append(Machine(tmp_path / f"spool{len(made)}", store_url, Notices([sink.url])))
        return made[-1]

    yield make
    for machine in made:
        machine.alarms.close()
        machine.store.close()


@pytest.fixture
def machine(machines: Callable[[], Machine]) -> Machine:
    made = machines()
    made.put(BudgetSet(TEAM, 1))
    return made


def test_each_part_is_told_once(machine: Machine, sink: Webhook) -> None:
    machine.spend(4 * 10**9)
    machine.rounds()
    assert machine.levels() == []
    machine.spend(2 * 10**9)
    machine.rounds()
    assert machine.levels() == [500]
    machine.spend(5 * 10**9)
    machine.rounds()
    machine.rounds()
    assert machine.levels() == [500, 800, 1000]
    assert [m["title"] for m in sink.got] == [
        "Outrider: budget 'team' for 'anna' has used 50 % of its limit",
        "Outrider: budget 'team' for 'anna' has used 100 % of its limit",
    ]
    assert all((row.delivered, row.failed) == (1, 0) for row in alarm_query.list_alarms(machine.store))
    assert machine.records("alarm.raised") == machine.records("alarm.sent") == 3


def test_a_restart_does_not_repeat_it(machine: Machine, sink: Webhook) -> None:
    machine.spend(6 * 10**9)
    machine.rounds()
    machine.alarms.close()
    machine.start(Notices([sink.url]))
    machine.rounds()
    assert len(sink.got) == 1
    assert machine.records("alarm.raised") == 1


def test_what_was_raised_before_a_kill_is_told_after_it(machine: Machine, sink: Webhook) -> None:
    machine.spend(6 * 10**9)
    machine.round()
    assert machine.levels() == [500]
    machine.start(Notices([sink.url]))
    machine.rounds()
    assert len(sink.got) == 1
    assert machine.records("alarm.raised") == 1


def test_two_machines_tell_it_once(machines: Callable[[], Machine], machine: Machine, sink: Webhook) -> None:
    other = machines()
    for user in ("anna", "bob"):
        machine.spend(6 * 10**9, user)
    machine.alarms()
    other.alarms()  # neither has seen what the other raised
    assert other.indexer.drain() == 2
    machine.indexer.drain()
    for _ in range(2):
        other.rounds()
        machine.rounds()
    rows = alarm_query.list_alarms(machine.store)
    assert {(row.event.value, row.event.by) for row in rows} == {
        ("anna", spool.identity(other.spool)),
        ("bob", spool.identity(other.spool)),
    }
    assert len(sink.got) == 1
    assert sink.got[0]["message"].count("\n") == 1


def test_a_message_that_does_not_arrive_is_recorded(machine: Machine) -> None:
    with webhook(*[500] * 9) as broken:
        machine.start(Notices([broken.url], pause=lambda _: None))
        machine.spend(6 * 10**9)
        machine.rounds()
        assert len(broken.got) == 3
        machine.rounds()
        assert len(broken.got) == 3
    (row,) = alarm_query.list_alarms(machine.store)
    assert (row.delivered, row.failed, row.error) == (0, 1, "not taken by 1 (json)")


def test_with_nobody_to_tell_it_is_recorded(machine: Machine, sink: Webhook) -> None:
    machine.start(None)
    machine.spend(6 * 10**9)
    machine.rounds()
    (row,) = alarm_query.list_alarms(machine.store)
    assert row.error == "nobody is to be told: alarms.notify is empty"
    machine.alarms.notices = Notices([sink.url])
    machine.spend(3 * 10**9)
    machine.rounds()
    assert len(sink.got) == 1


def test_a_raised_limit_is_alarmed_anew(machine: Machine, sink: Webhook) -> None:
    from msgspec.structs import replace

    machine.spend(6 * 10**9)
    machine.rounds()
    machine.put(BudgetSet(replace(TEAM, limit=2 * 10**10), 2))
    machine.rounds()
    assert len(sink.got) == 1
    machine.spend(5 * 10**9)
    machine.rounds()
    assert [(r.event.level, r.event.limit) for r in alarm_query.list_alarms(machine.store)] == [
        (500, 2 * 10**10),
        (500, 10**10),
    ]


def test_a_budget_that_refuses_is_told_once_and_anew_under_another_limit(machine: Machine, sink: Webhook) -> None:
    machine.spend(3 * 10**9)
    machine.refuse()
    machine.rounds()
    machine.refuse()
    machine.rounds()
    (row,) = alarm_query.list_alarms(machine.store)
    event = row.event
    assert (event.what, event.value, event.level, event.limit, event.amount) == (
        "refusal",
        "anna",
        0,
        10**10,
        3 * 10**9,
    )
    assert row.delivered == 1
    machine.put(BudgetRaised(Raise("team", 10**10, 1 << 62), clock.now_ns() - CHANGE_NS - 1))
    machine.refuse()
    machine.rounds()
    assert [m["title"] for m in sink.got] == ["Outrider: budget 'team' for 'anna' refuses calls"] * 2
    assert "$3 of $20 is used" in sink.got[1]["message"]


def test_a_deployment_that_is_down_is_told(machine: Machine, sink: Webhook) -> None:
    machine.start(Notices([sink.url]), down=lambda: [Found("provider", "openai/gpt", period=7)])
    machine.rounds()
    assert [m["title"] for m in sink.got] == ["Outrider: openai/gpt is down"]


def test_it_keeps_its_pace_and_waits_for_its_thread(tmp_path: Path, sink: Webhook) -> None:
    machine = Machine(tmp_path / "s", f"sqlite:///{tmp_path / 'db.sqlite3'}", Notices([sink.url]))
    machine.put(BudgetSet(TEAM, 1))
    alarms = Alarms(lambda: open_store(machine.url), machine.spool, Notices([sink.url]), every=3600 * 10**9)
    machine.spend(6 * 10**9)
    alarms()
    machine.indexer.drain()
    machine.spend(5 * 10**9)
    alarms()
    assert machine.indexer.drain() == 0, "it is not its turn yet"
    alarms._next = 0
    alarms()
    sink.wait()
    alarms.close()
    assert machine.indexer.drain() == 3, "two more parts, and what became of the first one's message"
    assert machine.records("alarm.sent") == 1
    machine.store.close()
