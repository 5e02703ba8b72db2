"""What a harness adds to a case: `outrider eval`, promptfoo and Inspect ask one scripted model the same questions.

    python benchmarks/evaluation.py [--cases 1000] [--rounds 3] [--at-once 8]

The model is the scripted provider on this machine; it answers at once, so what is left is the harness (and the model,
the same for all). Each side runs with 100 cases and with 100 more than `--cases`; the difference, divided by `--cases`,
is what a case costs, without the start of the program. Sides take turns, after a run of each that does not count; a run
counts only if every answer was asked for and found right. Outrider's side is all of it: the command, and the gateway
with its indexer, which prices and records every call; the others record into their own logs. Printed are medians over
the rounds with their range, for time at the wall and CPU, and ratios to Outrider in this run.

The peers are installed into $BENCH_ROOT (default: bench-root/).
"""

import argparse
import json
import os
import shlex
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from machine import ROOT, cpu

FEW = 100
NPM, VENV = ROOT / "npm-eval", ROOT / "venv" / "inspect"
PROMPTFOO = NPM / "node_modules" / ".bin" / "promptfoo"
INSTALL = (
    f"test -x {PROMPTFOO} || npm install --no-audit --no-fund --silent --prefix {NPM} promptfoo",
    f"test -x {VENV}/bin/inspect || (python3 -m venv {VENV} && {VENV}/bin/pip install -q inspect-ai openai)",
)
INSPECT = """from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import includes
from inspect_ai.solver import generate

@task
def asked():
    return Task(dataset=json_dataset("cases.jsonl"), solver=generate(), scorer=includes())
"""


class Spent(NamedTuple):
    """Seconds of one run: at the wall, and of CPU."""

    wall: float
    cpu: float


class Bench:
    """A folder with what every side needs."""

    def __init__(self, folder: Path, upstream: str, port: int, at_once: int) -> None:
        self.folder, self.upstream, self.port, self.at_once = folder, upstream, port, at_once
        self.server = 0
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("OUTRIDER_", "OPENAI_", "OTEL_"))}
        self.env |= {
            "OUTRIDER_HOME": str(folder / "home"), "OUTRIDER_CONFIG": str(folder / "outrider.yaml"),
            "OPENAI_API_KEY": "none", "OPENAI_BASE_URL": upstream, "PROMPTFOO_CONFIG_DIR": str(folder / "promptfoo"),
            "PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "PROMPTFOO_DISABLE_SHARING": "1",
            "INSPECT_LOG_DIR": str(folder / "logs"), "INSPECT_LOG_FORMAT": "json", "NO_COLOR": "1",
            "SCRIPTED_API_KEY": "none", "SCRIPTED_BASE_URL": upstream,
        }  # fmt: skip

    def write(self, count: int) -> None:
        """The questions of a run, in each side's form; no two runs have the same."""
        mark = time.monotonic_ns()
        asked = [(f"c{n}", f"scripted:text=answer {n} {mark}", f"answer {n} {mark}") for n in range(count)]
        lines = [
            {"id": id_, "input": text, "expected": said, "target": said} for id_, text, said in asked
        ]  # `expected` is ours, `target` is Inspect's
        ours = [{name: one[name] for name in ("id", "input", "expected")} for one in lines]
        self._put("ours.jsonl", "\n".join(map(json.dumps, ours)))
        self._put("cases.jsonl", "\n".join(map(json.dumps, lines)))
        suite = {
            "dataset": "ours.jsonl", "variants": {"now": "scripted/scripted-chat"}, "evaluators": ["contains"],
            "concurrency": self.at_once, "reuse": False,
        }  # fmt: skip
        self._put("suite.yaml", json.dumps(suite))
        tests = [
            {"vars": {"question": text}, "assert": [{"type": "contains", "value": said}]} for _, text, said in asked
        ]
        provider = {"id": "openai:chat:scripted-chat", "config": {"apiBaseUrl": self.upstream}}
        self._put("promptfoo.json", json.dumps({"prompts": ["{{question}}"], "providers": [provider], "tests": tests}))
        self._put("asked.py", INSPECT)

    def _put(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def run(self, line: str, *, served: bool = False) -> Spent:
        """One command to its end. Raises SystemExit with what it said where it fails."""
        before, began = cpu(self.server) if served else 0.0, time.monotonic()
        with (self.folder / "out.txt").open("w") as out:
            child = subprocess.Popen(shlex.split(line), cwd=self.folder, env=self.env, stdout=out, stderr=out)
            _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - began
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{line} ended with {child.returncode}:\n{(self.folder / 'out.txt').read_text()[-2000:]}")
        if served:
            time.sleep(1.5)  # the indexer comes to its end
        after = cpu(self.server) if served else 0.0
        return Spent(wall, used.ru_utime + used.ru_stime + after - before)

    def asked(self) -> int:
        """How many answers the model was asked for so far."""
        with urllib.request.urlopen(f"{self.upstream.removesuffix('/v1')}/scripted/seen", timeout=30) as answer:
            return int(json.load(answer).get("chat", 0))

    def checked(self, side: "Side", count: int) -> Spent:
        """A run of `count` cases. Raises SystemExit if an answer was not asked for, or not found right."""
        self.write(count)
        before = self.asked()
        spent = side.run(self)
        made, right = self.asked() - before, side.right(self)
        if (made, right) != (count, count):
            raise SystemExit(f"{side.name}: {made} answers were asked for and {right} right, of {count}")
        return spent

    def read(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


class Side(NamedTuple):
    """How a harness is run, and how many answers it found right in its last run."""

    name: str
    run: Callable[[Bench], Spent]
    right: Callable[[Bench], int]


def _ours(bench: Bench) -> Spent:
    return bench.run(f"{sys.executable} -m outrider.app.main eval run suite.yaml --json", served=True)


def _ours_right(bench: Bench) -> int:
    said = (bench.folder / "out.txt").read_text()
    (found,) = json.loads(said[said.index("\n{") :])["measured"]
    return round(found["mean"]["estimate"] * found["mean"]["n"])


def _promptfoo(bench: Bench) -> Spent:
    options = f"-c promptfoo.json --no-cache -j {bench.at_once} --no-progress-bar --no-table -o promptfoo-out.json"
    return bench.run(f"{PROMPTFOO} eval {options}")


def _inspect(bench: Bench) -> Spent:
    options = f"--model openai-api/scripted/scripted-chat --max-connections {bench.at_once} --display none"
    return bench.run(f"{VENV}/bin/inspect eval asked.py {options}")


def _inspect_right(bench: Bench) -> int:
    newest = max((bench.folder / "logs").glob("*.json"), key=lambda path: path.stat().st_mtime)
    results = bench.read(f"logs/{newest.name}")["results"]
    return round(results["completed_samples"] * results["scores"][0]["metrics"]["accuracy"]["value"])


SIDES = (
    Side("outrider eval", _ours, _ours_right),
    Side("promptfoo", _promptfoo, lambda bench: int(bench.read("promptfoo-out.json")["results"]["stats"]["successes"])),
    Side("Inspect", _inspect, _inspect_right),
)


@contextmanager
def programs(folder: Path, at_once: int) -> Iterator[Bench]:
    """The scripted provider and Outrider, on free ports."""
    ports = [_free(), _free()]
    upstream = f"http://127.0.0.1:{ports[0]}/v1"
    bench = Bench(folder, upstream, ports[1], at_once)
    config = {
        "server": {"port": ports[1]}, "embedded": {"enabled": False},
        "providers": {"scripted": {"base_url": upstream, "models": ["scripted-chat"]}},
    }  # fmt: skip
    (folder / "outrider.yaml").write_text(json.dumps(config))
    lines = [["outrider.testing.scripted", "--port", str(ports[0])], ["outrider.app.main", "up"]]
    with (folder / "servers.txt").open("w") as out:
        running = [
            subprocess.Popen([sys.executable, "-m", *one], env=bench.env, stdout=out, stderr=out) for one in lines
        ]
        try:
            _answers(f"http://127.0.0.1:{ports[0]}/v1/models")
            _answers(f"http://127.0.0.1:{ports[1]}/health")
            bench.server = running[1].pid
            yield bench
        finally:
            for one in running:
                one.terminate()
                one.wait(30)


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _answers(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nobody answers at {url}")


def versions() -> str:
    """Who is compared."""

    def said(*line: str) -> str:
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip().splitlines()[-1]

    return (
        f"promptfoo {said(str(PROMPTFOO), '--version')}, Inspect {said(f'{VENV}/bin/inspect', '--version')}, "
        f"Node {said('node', '--version')}, Python {sys.version.split()[0]}"
    )


def table(sides: dict[str, list[tuple[Spent, Spent]]], cases: int) -> str:
    """A row for each side: what a case costs, what the start costs, and ratios."""
    rows = ["| | ms a case | CPU ms a case | time | CPU | start, s |", "|---|---:|---:|---:|---:|---:|"]
    per = {
        name: [[1000 * (most[at] - few[at]) / cases for few, most in rounds] for at in (0, 1)]
        for name, rounds in sides.items()
    }
    base = [statistics.median(one) for one in per["outrider eval"]]
    for name, found in per.items():
        start = statistics.median(few.wall for few, _ in sides[name])
        spread = [f"{statistics.median(one):.2f} ({min(one):.2f}–{max(one):.2f})" for one in found]
        ratio = [f"{statistics.median(one) / ours:.2f} ×" for one, ours in zip(found, base, strict=True)]
        rows.append(f"| {name} | {' | '.join(spread)} | {' | '.join(ratio)} | {start:.1f} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=8, help="calls that each side makes at once")
    chosen = parser.parse_args()
    ROOT.mkdir(parents=True, exist_ok=True)
    for line in INSTALL:
        subprocess.run(line, shell=True, check=True)
    print(f"{versions()}; {chosen.cases} cases, {chosen.rounds} rounds, {chosen.at_once} at once", flush=True)
    folder = ROOT / f"evaluation-{time.time_ns()}"
    folder.mkdir()
    found: dict[str, list[tuple[Spent, Spent]]] = {side.name: [] for side in SIDES}
    with programs(folder, chosen.at_once) as bench:
        for side in SIDES:
            bench.checked(side, FEW)
        for _ in range(chosen.rounds):
            for side in SIDES:
                spent = bench.checked(side, FEW), bench.checked(side, FEW + chosen.cases)
                found[side.name].append(spent)
    print(table(found, chosen.cases))


if __name__ == "__main__":
    main()
