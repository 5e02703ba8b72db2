"""What replay and long traces cost: a cohort of recorded runs, and a trace of many steps on the pages that show it.

A journal is filled with recorded conversations of a stated size, and the command line replays all of them as one
experiment in a process of its own (`--live none` asks nobody, so that what is measured is ours): seconds until the
first answer is written down, seconds in all, and the most memory that the process had. Then one trace is taken in from
a file, and its run page, a page of steps in its middle, and the diff page of its replay are opened over HTTP.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from outrider.app import paths
from outrider.base import clock, ids
from outrider.journal.append import Journal, blob
from outrider.journal.events import RunRecorded
from outrider.journal.index import Indexer
from outrider.store import Store, open_evals, open_store
from outrider.testing.running import running

CONFIG = "embedded: {enabled: false}\nauth: off\nproviders: {}\n"


def record(journal: Journal, number: int, size: int) -> None:
    """A conversation of one call with `size` bytes of context."""
    filler = f"{number} " * (size // (len(str(number)) + 1))
    asked = json.dumps(
        {"model": "m", "messages": [{"role": "user", "content": f"{filler} question {number}"}]}
    ).encode()
    said = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": f"answer {number}"},
                                    "finish_reason": "stop"}]}).encode()  # fmt: skip
    refs = (blob(asked), blob(said))
    run = RunRecorded(ids.new_id(), "default", clock.now_ns(), "chat.completions", 10**9, request=refs[0],
                      response=refs[1], http_status=200, session=f"s{number}")  # fmt: skip
    journal.append_now(run, list(zip(refs, (asked, said), strict=True)))


def outrider_at(home: Path, config: Path) -> list[str]:
    return [sys.executable, "-m", "outrider.app.main", "--config", str(config), "--home", str(home)]


def first_answer(store: Store, stop: threading.Event, found: list[float]) -> None:
    """When the first answer of an experiment is in the store."""
    while not stop.wait(0.02):
        if store.query("SELECT 1 FROM experiment_items WHERE outcome IS NOT NULL LIMIT 1"):
            found.append(time.monotonic())
            return


def cohort(home: Path, config: Path, many: int, size: int) -> None:
    store = open_store(f"sqlite:///{home / 'outrider.sqlite3'}")
    journal = Journal(paths.spool(home))
    for number in range(many):
        record(journal, number, size)
    journal.close()
    Indexer(paths.spool(home), store).drain()
    store.close()
    evals, stop, at = open_evals(f"sqlite:///{home / 'outrider.sqlite3'}"), threading.Event(), list[float]()
    watch = threading.Thread(target=first_answer, args=(evals, stop, at))
    watch.start()
    began = time.monotonic()
    command = [*outrider_at(home, config), "replay", "--where", "since=1d", "--live", "none", "--limit", str(many)]
    command.append("--json")
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"OUTRIDER_HOME": str(home)})
    seconds = time.monotonic() - began
    stop.set()
    watch.join()
    evals.close()
    if done.returncode:
        sys.exit(done.stderr.decode()[-2000:])
    begun = json.loads(done.stdout)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"cohort of {many:,} runs with {size:,} bytes each: first answer after {at[0] - began:.1f} s, "
          f"all after {seconds:.1f} s, at most {most:.0f} MB")  # fmt: skip
    with running(CONFIG, home) as outrider:
        diff(outrider.url, str(begun.get("id") or begun.get("experiment")), "its diff page")


def diff(url: str, experiment: str, name: str) -> None:
    path = f"/experiments/{experiment}/diff"
    began = time.monotonic()
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        answer.read()
    print(f"{name}: {(time.monotonic() - began) * 1000:.0f} ms at first, then {opened(url, path)}")


def long_outcomes(home: Path, config: Path, steps: int) -> None:
    """Two variants whose answers have so many steps, side by side."""
    work = home.parent
    (work / "many.py").write_text(
        "from outrider.evals.records import Outcome\n\n\n"
        "def answer(case, said='a'):\n"
        f"    return Outcome(text=said, steps=[{{'kind': 'tool', 'name': f's{{at}}'}} for at in range({steps})])\n"
    )
    (work / "d.jsonl").write_text('{"id": "one", "input": "x", "expected": "a"}\n')
    (work / "suite.yaml").write_text(
        "dataset: d.jsonl\nevaluators: [exact]\nvariants:\n  now: {python: 'many:answer'}\n"
        "  then: {python: 'many:answer', set: {said: b}}\n"
    )
    command = [sys.executable, "-m", "outrider.app.main", "--config", str(config), "--home", str(home), "eval", "run",
               "suite.yaml", "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=False, cwd=work)
    if done.returncode:
        sys.exit(done.stderr.decode()[-2000:])
    begun = json.loads(done.stdout)
    with running(CONFIG, home) as outrider:
        diff(
            outrider.url, str(begun.get("id") or begun.get("experiment")), f"diff page of answers with {steps:,} steps"
        )


def trace(path: Path, steps: int) -> None:
    """One trace as a collector writes it, 100 spans on a line."""
    begun = clock.now_ns()

    def span(number: int) -> dict[str, object]:
        attributes = [{"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                      {"key": "gen_ai.tool.call.result", "value": {"stringValue": f"result {number}"}}]  # fmt: skip
        return {"traceId": f"{77:032x}", "spanId": f"{number:016x}", "name": f"step {number}",
                "parentSpanId": f"{number // 10:016x}" if number > 1 else "", "attributes": attributes,
                "startTimeUnixNano": str(begun + number * 1000),
                "endTimeUnixNano": str(begun + number * 1000 + 900)}  # fmt: skip

    with path.open("w") as out:
        for at in range(1, steps + 1, 100):
            spans = [{**span(number), "parentSpanId": f"{max(1, number // 10):016x}" if number > 1 else ""}
                     for number in range(at, min(at + 100, steps + 1))]  # fmt: skip
            out.write(json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}) + "\n")


def opened(url: str, path: str, rounds: int = 7) -> str:
    """Median time of a page in milliseconds, and its size."""
    times, size = [], 0
    for _ in range(rounds):
        began = time.monotonic()
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            size = len(answer.read())
        times.append(time.monotonic() - began)
    return f"{statistics.median(times) * 1000:.0f} ms ({size / 1000:.0f} kB)"


def long_trace(home: Path, config: Path, steps: int) -> None:
    path = home / "trace.jsonl"
    trace(path, steps)
    began = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "outrider.app.main",
        "--config",
        str(config),
        "--home",
        str(home),
        "journal",
        "import",
    ]
    done = subprocess.run([*command, str(path)], capture_output=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode()[-2000:])
    print(
        f"a trace of {steps:,} steps taken in from {path.stat().st_size / 1e6:.0f} MB: {time.monotonic() - began:.1f} s"
    )
    run = ids.text(bytes.fromhex(f"{77:032x}"))
    with running(CONFIG, home) as outrider:
        pages = {
            "run page": f"/runs/{run}",
            "steps from the middle": f"/runs/{run}/steps?offset={steps // 2}",
            "API, steps from the middle": f"/api/runs/{run}/steps?offset={steps // 2}&limit=300",
        }
        for name, page in pages.items():
            print(f"{name}: {opened(outrider.url, page)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--bytes", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=100_000)
    given = parser.parse_args()
    for part in ("cohort", "trace"):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder, "outrider.yaml")
            config.write_text(CONFIG)
            home = Path(folder, "home")
            home.mkdir()
            if part == "cohort":
                cohort(home, config, given.runs, given.bytes)
            else:
                long_trace(home, config, given.steps)
                long_outcomes(home, config, given.steps)


if __name__ == "__main__":
    main()
