"""Gateways side by side against one mock upstream, on pinned cores; prints a table and the ratios with their targets.

    python benchmarks/gateways.py                                   install the peers, measure, print
    python benchmarks/gateways.py --only nginx,tensorzero,ours      some of them
    python benchmarks/gateways.py --table                           print the last results again

CPU per request comes from the kernel's account of the gateway and everything it started, work put off included: the
indexer that moves records into the store counts. Needs Linux, two cores, gcc; nginx and npm for those peers.
"""

import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import machine
from contenders import CONTENDERS, KEY
from machine import CONF, HERE, OUT, ROOT, UPSTREAM, Failed
from ratios import ratios

PORT = 9100
RESULTS = ROOT / "results.json"
PROMPT = "Explain in two sentences why a gateway should add as little latency as possible. " * 5


class Gateway:
    """One running contender, with the requests to send to it. A context manager: it is stopped at the end."""

    def __init__(self, name: str, workers: int = 1, port: int = PORT) -> None:
        self.name, self.spec = name, CONTENDERS[name]
        self.port = UPSTREAM if self.spec["cmd"] is None else port
        self.key = KEY
        self.log = OUT / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.cold = 0.0
        fill: dict[str, Any] = {
            "port": self.port,
            "workers": workers,
            "upstream": f"http://127.0.0.1:{UPSTREAM}/v1",
            "conf": CONF,
            "root": ROOT,
            "here": HERE,
            "python": sys.executable,
            "key": KEY,
        }
        for file, text in self.spec.get("files", {}).items():
            (CONF / file).write_text(text if file.endswith(".py") else text.format(**fill))
        if self.spec["cmd"] is not None:
            began = time.time()
            self.process = machine.spawn(self.spec["cmd"].format(**fill), {0}, self.log, self.spec.get("env"))
            try:
                self._wait(began)
            except BaseException:
                machine.stop(self.process)
                raise
            self.cold = time.time() - began
        self.files = {kind: self._raw(kind, stream, gap) for kind, stream, gap in REQUESTS}

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process:
            machine.stop(self.process)

    def request(self, stream: bool, gap: int, key: str | None = None) -> tuple[dict[str, str], bytes]:
        text = PROMPT + (f" mock:delay=0,gap={gap},chunks=50" if stream else "")
        body: dict[str, Any] = {
            "model": self.spec.get("model", "mock-model"),
            "messages": [
                {"role": "system", "content": "You are a concise assistant."},
                {"role": "user", "content": text},
            ],
            "temperature": 0.2,
            "max_tokens": 256,
        }
        if stream:
            body["stream"] = True
        head = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json", "Accept": "*/*"}
        return {**head, **self.spec.get("headers", {})}, json.dumps(body).encode()

    @property
    def path(self) -> str:
        return str(self.spec.get("path", "/v1/chat/completions"))

    def ask(self, stream: bool = False, key: str | None = None) -> tuple[int, bytes]:
        head, body = self.request(stream, 0, key)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", self.path, body, head)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def check(self) -> int:
        """The answers must be real; returns the status that a wrong key gets."""
        status, body = self.ask()
        if status != 200 or b"fixed answer" not in body:
            raise Failed(f"bad answer {status} {body[:200]!r}")
        status, body = self.ask(stream=True)
        if status != 200 or body.count(b'" token"') < 45:
            raise Failed(f"bad stream {status} {body[:200]!r}")
        return self.ask(key="sk-wrong")[0]

    def load(self, kind: str, connections: int, seconds: float, *, apart: bool = False, ramp: int = 0) -> Any:
        """Load of one kind, all on core 0 (nothing waits for another core: the cleanest CPU figure), or `apart`:
        the gateway on core 0 and everything else on core 1. The best of three tries on a machine that others use."""
        cores = {1} if apart else {0}
        os.sched_setaffinity(MOCK.pid, cores)
        best: dict[str, Any] | None = None
        for _ in range(ARGS.tries):
            machine.quiet(20, ARGS.foreign)
            before = self._used()
            result = machine.load(self.port, connections, seconds, Path(self.files[kind]), cores, ramp)
            if self.process:
                machine.settled(self.process.pid)
            used, alone, known, whole, wall = (b - a for a, b in zip(before, self._used(), strict=True))
            result["cpu"] = used / max(1, result["requests"]) * 1000
            result["cpu_answering"] = alone / max(1, result["requests"]) * 1000
            result["foreign"] = (whole - known) / wall
            if result["errors"] or not result["requests"]:
                raise Failed(f"{kind} c{connections}: {result['errors']} errors, {result['requests']} good answers")
            if best is None or result["foreign"] < best["foreign"]:
                best = result
            if best["foreign"] < ARGS.foreign:
                break
        return best

    def _used(self) -> tuple[float, float, float, float, float]:
        """CPU seconds: the tree, its first process, everything of this benchmark, the machine; and the time."""
        tree = machine.cpu(self.process.pid) if self.process else 0.0
        alone = machine.cpu(self.process.pid, children=False) if self.process else 0.0
        return tree, alone, tree + machine.cpu(MOCK.pid) + sum(os.times()[:4]), machine.busy(), time.time()

    def _wait(self, began: float, limit: float = 120) -> None:
        assert self.process
        while time.time() < began + limit:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}, see {self.log}")
            text = self.log.read_text(errors="replace")
            ready = True
            for field in ("port", "key"):
                if pattern := self.spec.get(f"{field}_from"):
                    found = re.search(pattern, text)
                    ready = ready and found is not None
                    if found:
                        setattr(self, field, int(found[1]) if field == "port" else found[1])
            try:
                if ready and self.ask()[0] == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        raise Failed(f"{self.name} gave no answer in {limit} s, see {self.log}")

    def _raw(self, kind: str, stream: bool, gap: int) -> str:
        head, body = self.request(stream, gap)
        lines = "".join(f"{k}: {v}\r\n" for k, v in head.items())
        start = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{lines}Content-Length: {len(body)}\r\n\r\n"
        )
        path = OUT / f"{self.name}.{kind}.req"
        path.write_bytes(start.encode() + body)
        return str(path)


REQUESTS = (("plain", False, 0), ("fast", True, 2), ("slow", True, 20))


def measure(name: str) -> dict[str, Any]:
    """One round of one contender."""
    seconds = ARGS.seconds
    with Gateway(name) as gateway:
        result: dict[str, Any] = {"cold": gateway.cold, "wrong_key": gateway.check()}
        time.sleep(1)
        pid = gateway.process.pid if gateway.process else 0
        result["rss_idle"] = machine.rss(pid) if pid else 0
        gateway.load("plain", 32, seconds)  # warm up
        result["c32"] = gateway.load("plain", 32, seconds)
        result["c128"] = gateway.load("plain", 128, seconds)
        result["c1"] = gateway.load("plain", 1, seconds)
        result["first"] = gateway.load("fast", 1, seconds)  # one stream at a time, a chunk every 2 ms
        result["stream"] = gateway.load("slow", 32, seconds + 2, ramp=1)  # 32 streams of 50 chunks a second
        result["apart"] = gateway.load("plain", 32, seconds, apart=True)
        result["rss"] = machine.rss(pid) if pid else 0
    return result


def in_pairs(pairs: int, with_: str, without: str) -> list[dict[str, float]]:
    """CPU ms per request of two builds of ours (all of it, and answering alone), in pairs of bursts.

    Both run at the same time and are asked in turns: a machine whose speed drifts by a third in minutes tells a small
    difference between two measurements only when they are seconds apart.
    """
    found = []
    with Gateway(with_) as on, Gateway(without, port=PORT + 1) as off:
        for number in range(pairs + 1):  # the first one warms up
            order = (on, off) if number % 2 else (off, on)
            measured = {gateway.name: gateway.load("plain", 32, ARGS.seconds) for gateway in order}
            if number:
                one, other = measured[with_], measured[without]
                found.append(
                    {
                        "on": one["cpu"],
                        "answering": one["cpu_answering"],
                        "off": other["cpu"],
                        "off_answering": other["cpu_answering"],
                    }
                )
    return found


def table(results: dict[str, Any]) -> str:
    """One row per contender, medians over the rounds."""

    def median(name: str, *keys: str) -> float | None:
        values = []
        for found in results[name]["rounds"]:
            for key in keys:
                found = found[key]
            values.append(found)
        return statistics.median(values) if values else None

    def cell(value: float | None, digits: int = 0) -> str:
        return "-" if value is None else f"{value:,.{digits}f}"

    head = "contender|version|CPU ms c32|of it answering|CPU ms c128|req/s c32, 2 cores|added p50 us c1|p99 us c1"
    head += "|added us to first chunk|CPU ms / 50 chunks|RSS MiB idle|loaded|cold start s|wrong key"
    base = {k: median("direct", *k) or 0 for k in (("c1", "p50"), ("first", "ttf50"))} if "direct" in results else {}
    rows = [head.split("|"), ["---"] * 2 + ["---:"] * 12]
    for name, found in results.items():
        if not found["rounds"]:
            rows.append([name, found["version"], found.get("error", "failed"), *["-"] * 11])
            continue
        gateway = name != "direct"
        added = (median(name, "c1", "p50") or 0) - (base.get(("c1", "p50"), 0) if gateway else 0)
        chunk = (median(name, "first", "ttf50") or 0) - (base.get(("first", "ttf50"), 0) if gateway else 0)
        rows.append(
            [
                name,
                found["version"] or "-",
                cell(median(name, "c32", "cpu"), 3),
                cell(median(name, "c32", "cpu_answering"), 3),
                cell(median(name, "c128", "cpu"), 3),
                cell(median(name, "apart", "rps")),
                cell(added) if gateway else f"({cell(added)})",
                cell(median(name, "c1", "p99")),
                cell(chunk) if gateway else f"({cell(chunk)})",
                cell(median(name, "stream", "cpu"), 2),
                cell(median(name, "rss_idle")),
                cell(median(name, "rss")),
                cell(median(name, "cold"), 2),
                str(found["rounds"][0]["wrong_key"]),
            ]
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def install(names: list[str]) -> list[str]:
    """The contenders that can run here, installed."""
    able = []
    for name in names:
        needs = CONTENDERS[name].get("needs")
        if needs and not shutil.which(needs):
            print(f"{name} is left out: no {needs} on this machine", file=sys.stderr)
            continue
        lines = [] if ARGS.no_install or os.environ.get("BENCH_ISOLATED") else CONTENDERS[name].get("install", [])
        if all(not subprocess.run(line, shell=True, executable="/bin/bash").returncode for line in lines):
            able.append(name)
        else:
            print(f"{name} is left out: it could not be installed", file=sys.stderr)
    return able


def run(names: list[str]) -> dict[str, Any]:
    """Rounds over all contenders, so that slow drifts of the machine hit all alike."""
    results: dict[str, Any] = {}
    for name in names:
        command = CONTENDERS[name].get("version")
        found = subprocess.run(command, shell=True, capture_output=True, text=True).stdout.strip() if command else ""
        results[name] = {"version": found, "rounds": []}
    for number in range(1, ARGS.rounds + 1):
        for name in names:
            began = time.time()
            try:
                results[name]["rounds"].append(measure(name))
            except (Failed, OSError, http.client.HTTPException) as e:
                results[name]["error"] = f"{type(e).__name__}: {e}"
            note = results[name].get("error", f"{time.time() - began:.0f} s")
            print(f"round {number} {name}: {note}", file=sys.stderr, flush=True)
            RESULTS.write_text(json.dumps(results, indent=1))
    if {"ours", "ours-silent"} <= set(names):
        results["ours"]["recording"] = in_pairs(ARGS.pairs, "ours", "ours-silent")
        RESULTS.write_text(json.dumps(results, indent=1))
    if {"ours-limits", "ours-unlimited"} <= set(names):
        results["ours-limits"]["limits"] = in_pairs(ARGS.pairs, "ours-limits", "ours-unlimited")
        RESULTS.write_text(json.dumps(results, indent=1))
    return results


def isolate() -> None:
    """Start again in a network namespace that has nothing but loopback, as root: no traffic can leave the machine."""
    if os.environ.get("BENCH_ISOLATED") or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    os.environ["BENCH_ISOLATED"] = "1"
    script = 'ip link set lo up && exec "$@"'
    os.execvp("unshare", ["unshare", "-n", "sh", "-c", script, "sh", sys.executable, *sys.argv])


def main() -> None:
    global ARGS, MOCK
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="comma-separated: " + ", ".join(CONTENDERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--pairs", type=int, default=8, help="of bursts with recording on and off")
    parser.add_argument("--tries", type=int, default=3, help="of each measurement, while others use the machine")
    parser.add_argument("--foreign", type=float, default=0.15, help="cores that others may use before a retry")
    parser.add_argument("--no-install", action="store_true")
    parser.add_argument("--table", action="store_true", help="print the last results again")
    ARGS = parser.parse_args()
    if not ARGS.table:
        names = ["direct", *(n for n in (ARGS.only.split(",") if ARGS.only else CONTENDERS) if n != "direct")]
        machine.build()
        names = install(names)
        isolate()
        MOCK = machine.mock()
        try:
            run(names)
        finally:
            machine.stop(MOCK)
    results = json.loads(RESULTS.read_text())
    print(table(results))
    print()
    print(ratios(results))


if __name__ == "__main__":
    main()
