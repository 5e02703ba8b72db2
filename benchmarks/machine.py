"""What a benchmark needs of the machine: processes on chosen cores, and the kernel's account of what they used."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = Path(os.environ.get("BENCH_ROOT", HERE.parent / "bench-root")).resolve()
CONF, OUT = ROOT / "conf", ROOT / "out"
UPSTREAM = 9000
TICK = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A contender that cannot be measured, and why."""


def build() -> None:
    """Compile the mock upstream and the load generator. Raises Failed with the remedy without a C compiler."""
    for folder in (CONF, OUT):
        folder.mkdir(parents=True, exist_ok=True)
    if not shutil.which("gcc"):
        raise Failed("the benchmarks need gcc: apt install gcc libc6-dev")
    for name in ("mock_upstream", "load"):
        source, binary = HERE / "peers" / f"{name}.c", ROOT / name
        if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["gcc", "-O2", "-Wall", "-o", binary, source], check=True)


def processes() -> dict[int, tuple[int, float]]:
    """pid -> (parent, CPU seconds of it and of its children that have ended)."""
    table = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            table[int(name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICK
    return table


def tree(pid: int, table: dict[int, tuple[int, float]]) -> set[int]:
    """`pid` and everything below it."""
    pids = {pid}
    while more := {p for p, (parent, _) in table.items() if parent in pids} - pids:
        pids |= more
    return pids & table.keys()


def cpu(pid: int, *, children: bool = True) -> float:
    """CPU seconds that a process (and what it started) has used so far."""
    table = processes()
    return sum(table[p][1] for p in (tree(pid, table) if children else {pid} & table.keys()))


def rss(pid: int, *, children: bool = True) -> float:
    """Resident memory in MiB of a process (and of what it started)."""
    total = 0
    for p in tree(pid, processes()) if children else {pid}:
        try:
            lines = Path(f"/proc/{p}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total / 1024


def busy() -> float:
    """CPU seconds that the whole machine has used so far, stolen time included."""
    fields = list(map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / TICK


def quiet(limit: float, foreign: float = 0.15) -> None:
    """Wait up to `limit` seconds for others to use less than `foreign` cores."""
    end = time.time() + limit
    while time.time() < end:
        before = busy()
        time.sleep(0.3)
        if (busy() - before) / 0.3 < foreign:
            return


def settled(pid: int, limit: float = 60.0) -> None:
    """Wait until a process tree has done the work that it put off: indexing counts as much as answering."""
    end, before = time.time() + limit, cpu(pid)
    while time.time() < end:
        time.sleep(2.0)  # longer than our indexer ever pauses
        now = cpu(pid)
        if now - before < 0.03:
            return
        before = now


def spawn(
    command: str, cores: Iterable[int], log: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command on some cores, its output in `log`."""
    argv = ["taskset", "-c", ",".join(map(str, cores)), *shlex.split(command)]
    with log.open("wb") as out:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and everything that it started, nothing else."""
    pids = tree(process.pid, processes())
    for sign, wait in ((signal.SIGTERM, 6), (signal.SIGKILL, 4)):
        for pid in pids:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                continue
        deadline = time.time() + wait
        while time.time() < deadline:
            process.poll()
            if not any(Path(f"/proc/{p}").exists() for p in pids):
                return
            time.sleep(0.05)


def mock() -> subprocess.Popen[bytes]:
    """The upstream that every contender talks to."""
    process = spawn(f"{ROOT}/mock_upstream {UPSTREAM}", {1}, OUT / "mock.log")
    time.sleep(0.3)
    if process.poll() is not None:
        raise Failed(f"the mock upstream did not start, is port {UPSTREAM} taken? See {OUT}/mock.log")
    return process


def load(
    port: int, connections: int, seconds: float, request: Path, cores: Iterable[int], ramp: int = 0
) -> dict[str, Any]:
    """Run the load generator; its result: requests, errors, rps, percentiles in microseconds."""
    command = f"{ROOT}/load {port} {connections} {seconds} {request} {ramp}"
    argv = ["taskset", "-c", ",".join(map(str, cores)), *shlex.split(command)]
    done = subprocess.run(argv, capture_output=True, text=True, start_new_session=True)
    try:
        result: dict[str, Any] = json.loads(done.stdout.strip().split("\n")[-1])
    except ValueError as e:
        raise Failed(f"load generator: {done.stdout[-300:]} {done.stderr[-300:]}") from e
    return result
