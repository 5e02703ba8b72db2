"""What the tool gateway adds to a call: the same tool called by the official client directly, and through Outrider.

    python benchmarks/tools.py [--rounds 300] [--steps 200]

One MCP server (Streamable HTTP) and one Outrider on this machine, each a process of its own; calls are made one after
another, in blocks of ten on each way in turn, in the present revision and in an older one. Through Outrider, `--steps`
calls make a session, so its labels grow. Printed are median times at the client with their ratio and its 95 % interval
(bootstrap over calls), and the CPU time of server and gateway together per call.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mcp import Client

SERVER = Path(__file__).parents[1] / "tests" / "tools" / "everything.py"
PORT, BLOCK = 18_977, 10
LABELS = {
    "echo": {"trust": "untrusted", "privacy": "private", "does": "none", "steers": {}},
    "*": {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}},
}


@contextlib.contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The server's URL and its process."""
    process = subprocess.Popen([sys.executable, str(SERVER), "--http", str(PORT)])
    try:
        yield f"http://127.0.0.1:{PORT}/mcp", process.pid
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def gateway(upstream: str) -> Iterator[tuple[str, int]]:
    """Outrider's tool URL and its process."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        loops = {"turns": 0, "same_call": 0, "same_results": 0, "cycle": 0}
        config = {
            "auth": False,
            "server": {"port": PORT + 1},
            "embedded": {"enabled": False},
            "policy": {"loops": loops},
            "tools": {"labels": LABELS, "servers": {"all": {"url": upstream}}},
        }
        (home / "outrider.yaml").write_text(json.dumps(config))
        command = [sys.executable, "-m", "outrider.app.main", "up", "--config", str(home / "outrider.yaml")]
        process = subprocess.Popen(
            command, env={**os.environ, "OUTRIDER_HOME": folder}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_for(PORT + 1)
            yield f"http://127.0.0.1:{PORT + 1}/mcp", process.pid
        finally:
            process.terminate()
            process.wait(40)


def wait_for(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    sys.exit(f"nothing listens at {port}")


def cpu(*pids: int) -> float:
    """Seconds that these processes have used so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / os.sysconf("SC_CLK_TCK")


async def measured(urls: dict[str, str], pids: tuple[int, ...], mode: str, rounds: int, steps: int) -> None:
    took: dict[str, list[float]] = {name: [] for name in urls}
    used = dict.fromkeys(urls, 0.0)
    async with contextlib.AsyncExitStack() as stack:
        clients = {n: await stack.enter_async_context(Client(u, mode=mode, cache=None)) for n, u in urls.items()}
        number = 0
        for block in range(-2, rounds // BLOCK):
            order = list(clients.items())
            random.shuffle(order)
            for name, client in order:
                before = cpu(*pids)
                for _ in range(BLOCK):
                    number += 1
                    meta = {"outrider/session": f"{mode}-{number // (2 * steps)}"}
                    began = time.perf_counter()
                    said = await client.call_tool("echo", {"text": f"Words that a tool says, {number}"}, meta=meta)
                    if block >= 0:
                        took[name].append(time.perf_counter() - began)
                    if said.is_error:
                        sys.exit(f"a call failed: {said.content}")
                if block >= 0:
                    used[name] += cpu(*pids) - before
    direct, through = took["direct"], took["outrider"]
    low, high = interval(direct, through)
    ratio = statistics.median(through) / statistics.median(direct)
    each = {name: used[name] / rounds * 1000 for name in urls}
    print(
        f"{mode:7} n={rounds}  direct {statistics.median(direct) * 1000:.2f} ms, through Outrider"
        f" {statistics.median(through) * 1000:.2f} ms: {ratio:.2f}x [{low:.2f}-{high:.2f}];"
        f" CPU {each['direct']:.1f} and {each['outrider']:.1f} ms a call"
    )


def interval(one: list[float], other: list[float], times: int = 2000) -> tuple[float, float]:
    """95 % of the ratios of medians, over rounds drawn again."""
    chance = random.Random(7)
    ratios = []
    for _ in range(times):
        drawn = [chance.randrange(len(one)) for _ in one]
        ratios.append(statistics.median(other[n] for n in drawn) / statistics.median(one[n] for n in drawn))
    ratios.sort()
    return ratios[int(times * 0.025)], ratios[int(times * 0.975)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--steps", type=int, default=200)
    given = parser.parse_args()
    with served() as (url, pid):
        wait_for(PORT)
        with gateway(url) as (through, own):
            for mode in ("auto", "legacy"):
                asyncio.run(measured({"direct": url, "outrider": through}, (pid, own), mode, given.rounds, given.steps))


if __name__ == "__main__":
    main()
