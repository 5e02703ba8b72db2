"""What a call used and cost, as one record."""

from pathlib import Path

from outrider.base.budget import Amount
from outrider.base.usage import Usage
from outrider.gateway.call import Call
from outrider.gateway.settle import settle
from outrider.journal.append import Journal, blob
from outrider.journal.events import Charge, RunRecorded
from outrider.journal.index import Indexer
from outrider.journal.read import get_run
from outrider.store import open_store
from outrider.testing import ScriptedProvider
from tests.gateway.calls import call, deployment, route


def answered(usage: Usage | None, cache: str = "") -> Call:
    made = call("x", route(deployment("a", ScriptedProvider())))
    assert made.route is not None
    made.deployment, made.usage, made.cache = made.route.deployments[0], usage, cache
    return made


async def test_the_record_says_everything(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "spool")
    made = answered(Usage(10, 5))
    made.response, made.user, made.tags, made.why = b'{"a":1}', "u", ["t"], "because"
    made.cost = 7
    await settle(made, journal, "a preview")
    journal.close()
    assert made.committed
    store = open_store(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    Indexer(tmp_path / "spool", store).drain()
    run = get_run(store, made.id)
    store.close()
    assert isinstance(run, RunRecorded)
    assert (run.name, run.project, run.key, run.route, run.deployment, run.provider) == (
        "chat.completions", "p", "k", "r", "a/m", "a",
    )  # fmt: skip
    assert (run.user, run.tags, run.why, run.preview, run.cost) == ("u", ["t"], "because", "a preview", made.cost)
    assert (run.request, run.response) == (blob(made.body), blob(made.response))
    assert 0 <= run.overhead <= run.duration


async def test_a_refused_call_names_the_account_that_had_no_room(tmp_path: Path) -> None:
    """Beside what its attempts were charged, if there were any."""
    journal, nothing = Journal(tmp_path / "spool"), Charge("b", "ann", 0, 7, 0)
    refused, tried = answered(None), answered(Usage(10, 5))
    tried.hold = Paid()  # type: ignore[assignment]
    await settle(refused, journal, "", [nothing])
    await settle(tried, journal, "", [nothing])
    await settle(answered(None), journal, "")
    journal.close()
    store = open_store(f"sqlite:///{tmp_path / 'db.sqlite3'}")
    Indexer(tmp_path / "spool", store).drain()
    runs = [get_run(store, made.id) for made in (refused, tried)]
    rows = store.query("SELECT holder, amount, calls, refused FROM budget_spent ORDER BY holder")
    store.close()
    assert [(run.charges, run.holder) for run in runs if run is not None] == [
        ([nothing], ""),
        ([nothing, Paid.charge], "h"),
    ]
    assert rows == [("", 0, 0, 1), ("h", 5, 1, 1)]


class Paid:
    """A hold that was spent in part."""

    charge = Charge("b", "ann", 0, 7, 5)
    holder = "h"

    def settle(self, spent: Amount, at: int) -> list[Charge]:
        return [self.charge]

    def done(self) -> None:
        """The record is written."""


async def test_what_has_no_body_refers_to_none(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    made = answered(None)
    made.body = b""
    await settle(made, journal, "")
    journal.close()
    assert not any(len(p.read_bytes()) > 100 for p in sorted(tmp_path.glob("0/*.blobs")))  # noqa: ASYNC240
