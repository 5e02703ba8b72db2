"""`outrider config`: history, show --as-of, diff."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from outrider.app import config_record
from outrider.app.main import Installation
from outrider.app.settings import parse
from outrider.base import clock, ids
from outrider.journal import spool
from outrider.journal.append import blob
from outrider.journal.events import ConfigurationTaken, RunRecorded
from outrider.journal.events.configuration import Why
from tests.cli.conftest import Run

BASE = 'embedded: {enabled: false}\nproviders: {a: {base_url: "http://127.0.0.1:9/v1"}}\n'


def take(home: Path, at: int, text: str, why: Why = "reload") -> str:
    """Put a configuration on record; its digest."""
    journal = Installation().open_journal()
    record = config_record.written(parse(BASE + text, "t", {}), {"policy.rules": "permit;"})
    kept = blob(record)
    place = f"{spool.identity(home / 'spool')}/{journal.slot}"
    journal.append_now(ConfigurationTaken(at, place, kept, why, "0.1"), [(kept, record)])
    journal.close()
    return kept.sha256.hex()


DAY = 86_400 * 10**9
T0 = 1_790_000_000_000_000_000


def test_the_past_is_listed_shown_and_compared(cli: Run, home: Path, record: Callable[..., RunRecorded]) -> None:
    Path("outrider.yaml").write_text(BASE + "server: {port: 9999}")
    nothing = cli("config", "history")
    assert (nothing.code, "Nothing is on record" in nothing.err) == (0, True)
    first = take(home, T0, "routes: {r: {deployments: [a/x]}}", "start")
    take(home, T0 + DAY, "routes: {r: {deployments: [a/x]}}", "start")
    second = take(home, T0 + 2 * DAY, "routes: {r: {deployments: [a/y]}}")
    listed = json.loads(cli("config", "history", "--json").out)
    assert [(row["configuration"], row["times"], row["why"]) for row in listed] == [
        (second, 1, "reload"), (first, 2, "start"),
    ]  # fmt: skip
    assert first[:12] in cli("config", "history").out
    then = clock.iso(T0 + DAY)
    shown = cli("config", "show", "--as-of", then)
    assert (shown.code, "- a/x" in shown.out, "# --- policy.rules" in shown.out) == (0, True, True)
    assert json.loads(cli("config", "show", "--as-of", first[:12], "--json").out)["settings"]["routes"].keys() == {"r"}
    changed = cli("config", "diff", then, second[:12])
    assert [line for line in changed.out.splitlines() if line[:1] in "+-"][2:] == ["-    - a/x", "+    - a/y"]
    assert "+  port: 9999" in cli("config", "diff", second[:14]).out.splitlines()
    same = cli("config", "diff", then, first[:12])
    assert (same.code, same.out, "the same" in same.err) == (0, "", True)
    assert json.loads(cli("config", "diff", then, "now", "--json").out)["after"]["why"] == "now"
    run = ids.text(record(at=T0 + 2 * DAY + 1).id)
    assert "- a/y" in cli("config", "show", "--as-of", run).out
    assert "- a/y" in cli("config", "show", "--as-of", "last").out


def test_what_is_not_on_record_is_said(cli: Run, home: Path, record: Callable[..., RunRecorded]) -> None:
    take(home, T0, "")
    early = cli("config", "show", "--as-of", "2001-01-01")
    assert (early.code, "no configuration is on record by 2001" in early.err) == (2, True)
    assert cli("config", "show", "--as-of", "someday").code == 2
    run = ids.text(record(at=T0 - 1).id)
    assert "no configuration is on record for the run" in cli("config", "show", "--as-of", run).err
    with closing(Installation().open_store()) as store, store.write() as tx:
        tx.execute("DELETE FROM blobs WHERE sha256 IN (SELECT sha256 FROM configurations)")
    gone = cli("config", "show", "--as-of", clock.iso(T0))
    assert (gone.code, "given up" in gone.err) == (2, True)
