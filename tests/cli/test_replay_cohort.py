"""`outrider replay --where`, against a whole Outrider with the scripted provider behind it."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from outrider.app import paths
from outrider.base import clock, ids
from outrider.journal.append import Journal, blob
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.store import open_store
from outrider.testing.running import Running
from tests.cli.conftest import Run
from tests.cli.test_replay import ask, house

__all__ = ["house"]


def test_a_cohort_is_one_experiment(cli: Run, house: Running) -> None:
    for number in range(3):
        ask(house, f"scripted:text=answer number {number}")
    said = cli("replay", "--where", "status=ok since=1h", "--set", "max_tokens=1", "--url", house.url, "--json")
    report = json.loads(said.out)
    measured = {(one["score"], one["variant"]): one["mean"]["estimate"] for one in report["measured"]}
    assert measured["same", "recorded"] == 1.0
    assert measured["same", "replayed"] == 0.0
    assert [one["variant"] for one in report["against"]] == ["replayed"] * len(report["against"])
    bad = ask(house, "scripted:text=a bad one")
    said_of_it = {"authorization": f"Bearer {house.key}", "content-type": "application/json"}
    body = json.dumps({"run": bad, "thumb": "down"}).encode()
    house.store()
    urllib.request.urlopen(urllib.request.Request(f"{house.url}/api/feedback", body, said_of_it), timeout=20).close()
    house.store()
    one = cli("replay", "--where", "feedback=bad since=1h", "--live", "none", "--url", house.url, "--json")
    assert {found["mean"]["n"] for found in json.loads(one.out)["measured"]} == {1}
    for wrong in (("--where", "feedback=good"), ("--where", "route=nothing"), ("--where", "status=ok", "--verify"), ()):
        assert cli("replay", *wrong, "--url", house.url).code == 2


@pytest.mark.slow
def test_a_cohort_of_a_thousand_runs_stays_small(tmp_path: Path) -> None:
    """Ten times as many conversations of 100 kB, and hardly more memory: a recording is read when it is its turn."""
    most = {}
    for many in (100, 1_000):
        home = tmp_path / str(many)
        home.mkdir()
        journal, store = Journal(paths.spool(home)), open_store(f"sqlite:///{home / 'outrider.sqlite3'}")
        for number in range(many):
            asked = json.dumps(
                {"model": "m", "messages": [{"role": "user", "content": f"{number} " * 20_000}]}
            ).encode()
            said = b'{"choices": [{"message": {"role": "assistant", "content": "so"}, "finish_reason": "stop"}]}'
            refs = (blob(asked), blob(said))
            run = RunRecorded(ids.new_id(), "default", clock.now_ns(), "chat.completions", 5, session=f"s{number}",
                              request=refs[0], response=refs[1])  # fmt: skip
            journal.append_now(run, list(zip(refs, (asked, said), strict=True)))
        journal.close()
        Indexer(paths.spool(home), store).drain()
        store.close()
        code = (
            "import resource, sys\nfrom outrider.app.main import main\n"
            "assert main(['replay', '--where', 'since=1d', '--live', 'none', '--json']) == 0\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        around = {name: value for name, value in os.environ.items() if not name.startswith("OUTRIDER_")}
        done = subprocess.run([sys.executable, "-c", code], env=around | {"OUTRIDER_HOME": str(home)}, cwd=home,
                              capture_output=True, text=True, check=True)  # fmt: skip
        measured = {one["variant"]: one["mean"]["n"] for one in json.loads(done.stdout)["measured"]}
        assert measured == {"recorded": many, "replayed": many}
        most[many] = int(done.stderr.split()[-1]) // 1024
    assert most[1_000] - most[100] < 40, "MB; the recordings of the larger one have 100 MB"
