"""What callers get when more comes than one worker can serve: goodput and latency with and without load shedding.

    python benchmarks/overload.py                    offer 0.5, 1, 2 and 4 times the capacity, 15 s each
    python benchmarks/overload.py --seconds 5        a quick look

Capacity is measured first, with 256 callers that wait for their answers. Then requests arrive at their times whatever
happened to earlier ones (`peers/arrivals.c`), and latency counts from then. The first third of each measurement is
left out. The gateway has core 0, everything else core 1. Needs Linux, two cores, gcc.
"""

import argparse
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import machine
from machine import CONF, HERE, OUT, ROOT, UPSTREAM, Failed

PORT = 9200
SHEDDING = {"off": "0s", "200ms (default)": "200ms", "100ms": "100ms"}
CONFIG = """\
server: {{port: {port}, shed_lag: {lag}}}
embedded: {{enabled: off}}
providers:
  mock:
    base_url: http://127.0.0.1:{upstream}/v1
    api_key: ${{env:BENCH_UPSTREAM_KEY}}
    models: [mock-model]
"""
BODY = json.dumps(
    {
        "model": "mock/mock-model",
        "messages": [{"role": "user", "content": "Explain why a gateway should stay quick. mock:delay={delay} " * 5}],
    }
)


class Gateway:
    """Outrider with one worker on core 0, shedding at `lag`. A context manager: it is stopped at the end."""

    def __init__(self, lag: str) -> None:
        config = CONF / "overload.yaml"
        config.write_text(CONFIG.format(port=PORT, lag=lag, upstream=UPSTREAM))
        self.log = OUT / "overload.log"
        command = f"{sys.executable} {HERE}/ours.py --config {config} --home {ROOT}/overload-home"
        self.process = machine.spawn(command, {0}, self.log, {"BENCH_UPSTREAM_KEY": "sk-upstream"})

    def __enter__(self) -> "Gateway":
        self.key = self._key()
        return self

    def __exit__(self, *_: object) -> None:
        machine.stop(self.process)

    def _key(self) -> str:
        deadline = time.time() + 60
        while time.time() < deadline:
            found = re.search(r"(sk-or-[A-Za-z0-9]+-[A-Za-z0-9]+)", self.log.read_text(errors="replace"))
            if found:
                time.sleep(2)
                return found[1]
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise Failed(f"outrider did not start, see {self.log}")

    def request(self, delay: int) -> Path:
        body = BODY.replace("{delay}", str(delay))
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\nContent-Type: application/json\r\n"
        path = OUT / "overload.req"
        path.write_text(f"POST /v1/chat/completions HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}")
        return path


def arrivals(rate: float, seconds: float, connections: int, request: Path) -> dict[str, Any]:
    """One measurement with the open-loop generator."""
    command = f"{ROOT}/arrivals {PORT} {rate:.0f} {seconds} {connections} {request} {seconds / 3}"
    done = subprocess.run(["taskset", "-c", "1", *shlex.split(command)], capture_output=True, text=True)
    try:
        result: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
    except ValueError as e:
        raise Failed(f"arrivals: {done.stdout[-300:]} {done.stderr[-300:]}") from e
    if result["bad"]:
        print(done.stderr[-400:], file=sys.stderr)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement")
    parser.add_argument("--times", default="0.5,1,2,4", help="times the capacity to offer")
    parser.add_argument("--connections", type=int, default=2000, help="open from the beginning")
    parser.add_argument("--delay", type=int, default=20, help="milliseconds that the upstream takes")
    options = parser.parse_args()
    machine.build()
    binary = ROOT / "arrivals"
    subprocess.run(["gcc", "-O2", "-Wall", "-o", binary, HERE / "peers" / "arrivals.c", "-lm"], check=True)
    upstream = machine.mock()
    rows = []
    try:
        with Gateway("0") as gateway:
            request = gateway.request(options.delay)
            machine.load(PORT, 256, 3, request, {1})
            capacity = machine.load(PORT, 256, max(4, options.seconds / 3), request, {1})["rps"]
        print(f"capacity: {capacity:.0f} requests per second\n")
        for name, lag in SHEDDING.items():
            for times in map(float, options.times.split(",")):
                with Gateway(lag) as gateway:
                    request = gateway.request(options.delay)
                    arrivals(capacity / 4, 3, options.connections, request)
                    found = arrivals(capacity * times, options.seconds, options.connections, request)
                answered = max(1, found["good"] + found["refused"])
                rows.append(
                    [
                        name,
                        f"{times:g}",
                        f"{found['goodput'] / capacity:.2f}",
                        f"{100 * found['refused'] / answered:.0f} %",
                        *(f"{found[p] / 1000:,.0f}" for p in ("p50", "p99", "refused50", "refused99")),
                        f"{found['bad'] + found['unanswered']}",
                    ]
                )
                print(rows[-1], file=sys.stderr, flush=True)
    finally:
        machine.stop(upstream)
    head = "shedding|offered, times capacity|goodput, times capacity|refused|p50 ms of accepted|p99 ms of accepted"
    head += "|p50 ms of refused|p99 ms of refused|failed"
    table = [head.split("|"), ["---"] + ["---:"] * 8, *rows]
    print("\n".join("| " + " | ".join(row) + " |" for row in table))


if __name__ == "__main__":
    main()
