"""How tools do, from a journal that real records filled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outrider.base import clock, ids
from outrider.journal.append import Journal
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.index import Indexer
from outrider.store import Store
from outrider.tools.measures import measures

MS = 1_000_000
Add = Callable[..., None]


@pytest.fixture
def world(tmp_path: Path, store: Store) -> Iterator[tuple[Add, Store, Callable[[], None]]]:
    journal = Journal(tmp_path / "spool")
    now = clock.now_ns()

    def add(
        tool: str = "find", *, name: str = "tool", error: str = "", session: str = "", ms: int = 10, **more: str
    ) -> None:
        status = more.pop("status", "error" if error else "ok")
        step = Step(1, "tool", tool, attrs={"client": more.pop("client", "")}, response=BlobRef(b"x" * 32, ms * 100))
        journal.append_now(
            RunRecorded(
                id=ids.new_id(),
                project=more.pop("project", "p"),
                at=now,
                name=name,
                duration=ms * MS,
                status=status,  # type: ignore[arg-type]
                error=error,
                model=tool,
                route=tool,
                session=session,
                agent=more.pop("agent", ""),
                steps=[step],
            ),
            (),
            "p",
        )

    yield add, store, lambda: Indexer(tmp_path / "spool", store).drain()
    journal.close()


def test_calls_are_counted_by_what_became_of_them(world: tuple[Add, Store, Callable[[], None]]) -> None:
    add, store, index = world
    for ms in range(1, 21):
        add(ms=ms, agent="bot", client="cli 1")
    add(error="tool_timeout", agent="other")
    add(error="approval_pending")
    add(error="not_allowed")
    add(error="cancelled", status="cancelled")
    add("pay")
    add("find", project="q")
    add("gpt", name="chat")
    index()
    find, pay = measures(store, "p", clock.now_ns() - 3600 * 10**9)
    assert (find.tool, find.calls, find.made, find.gone) == ("find", 24, 21, 1)
    assert find.success.estimate == pytest.approx(20 / 21)
    assert find.success.low < 0.9 < find.success.high
    assert find.not_made == {"approval_pending": 1, "not_allowed": 1}
    assert [(fault.code, fault.count) for fault in find.faults] == [("tool_timeout", 1)]
    assert (find.p50, find.p95) == (10 * MS, 19 * MS)
    assert find.agents == {"bot": 20, "other": 1, "(none)": 3}
    assert find.clients["cli 1"] == 20
    assert find.size_p50 == 1000
    assert (pay.calls, pay.made) == (1, 1)


def test_answers_that_nobody_used(world: tuple[Add, Store, Callable[[], None]]) -> None:
    add, store, index = world
    add("m", name="chat", session="used")
    add(session="used")
    add("m", name="chat", session="used")
    add("m", name="chat", session="left")
    add(session="left")
    add(session="tools only")
    index()
    (found,) = measures(store, "p", 0)
    assert (found.calls, found.followed, found.unused) == (3, 2, 1)


def test_nothing_was_called(store: Store) -> None:
    assert measures(store, "p", 0) == []
