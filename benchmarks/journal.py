"""The journal's figures: indexing speed, bytes per run, and query times with their plans at two sizes.

    python benchmarks/journal.py [speed] [size] [queries] [--runs N] [--rounds N] [--large N] [--profile]

Each figure is printed beside its target. CPU time is of this process; nothing else is needed, no network.
"""

import argparse
import cProfile
import pstats
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from outrider.base import ids
from outrider.base.clock import HOUR_NS
from outrider.base.usage import Price, Usage
from outrider.journal import read, run_query
from outrider.journal.append import Journal, blob
from outrider.journal.events import RunRecorded, Step
from outrider.journal.index import Indexer
from outrider.journal.index_process import settle_memory
from outrider.store import Store, open_store

START = 1_790_000_000_000_000_000
PRICE = Price(150_000_000, 600_000_000, source="list@2026-11-01")
HEADS = ("ka", "ne", "so", "ti", "mu", "re", "la", "vo", "di", "pa")
TAILS = ("ras", "nel", "tor", "min", "sek", "lum", "dap", "fit")
WORDS = [f"{head}{tail}" for head in HEADS for tail in TAILS]


def words(rng: random.Random, size: int) -> str:
    return " ".join(rng.choices(WORDS, k=size // 6))[:size]


def run_of(i: int, rng: random.Random, total: int) -> RunRecorded:
    """The i-th of `total` runs: 1,000 an hour or more, in at most 30 days, with skewed keys; a key has its route, a
    route its model and a second one it falls back to."""
    failed = rng.random() < 0.01
    key = min(int(rng.expovariate(0.2)), 99)
    route = f"route-{key % 20}"
    model = f"model-{key % 20 + 10 * (rng.random() < 0.05)}"
    duration = int(rng.lognormvariate(20.5, 1.0))
    usage = Usage(rng.randint(50, 5000), rng.randint(10, 900))
    cost = PRICE.cost(usage)
    attempt = Step(2, "model", f"openai/{model}", 40_000, duration - 90_000, usage=usage, cost=cost, price=PRICE)
    attempt.attrs = {"deployment": f"openai/{model}", "http_status": 500 if failed else 200}
    return RunRecorded(
        id=ids.new_id(),
        project="default",
        at=START + i * min(HOUR_NS // 1000, 30 * 24 * HOUR_NS // total),
        name="chat",
        duration=duration,
        status="error" if failed else "ok",
        error="upstream_error" if failed else "",
        http_status=502 if failed else 200,
        model=model,
        route=route,
        deployment=f"openai/{model}",
        provider="openai",
        key=f"key{key:04d}",
        user=f"user-{rng.randint(0, total // 20)}",
        session=f"session-{i // 5}",
        usage=usage,
        cost=cost,
        ttft=duration // 3,
        overhead=rng.randint(80_000, 300_000),
        steps=[Step(1, "cache", "exact", 20_000, 9_000, attrs={"result": "miss"}), attempt],
        why="the only deployment",
        preview=words(rng, 90) + (" needle" if i % 5000 == 0 else ""),
    )


def fill(spool: Path, count: int, bodies: Callable[[int], tuple[bytes, bytes]], chunk: int = 20_000) -> Iterator[int]:
    """Write `count` runs into the spool; pauses (yields) after each `chunk`."""
    rng = random.Random(7)
    journal = Journal(spool, max_size=1 << 40)
    for i in range(count):
        request, response = bodies(i)
        event = run_of(i, rng, count)
        event.request, event.response = blob(request), blob(response)
        journal.append_now(event, ((event.request, request), (event.response, response)))
        if i % chunk == chunk - 1:
            yield i + 1
    journal.close()
    yield count


def index_all(folder: Path, count: int, bodies: Callable[[int], tuple[bytes, bytes]]) -> tuple[Store, float, float]:
    """Fill a spool and index it into SQLite; the store, and the CPU and wall seconds that indexing took."""
    store = open_store(f"sqlite:///{folder / 'outrider.sqlite3'}")
    indexer = Indexer(folder / "spool", store)
    cpu = wall = 0.0
    for _ in fill(folder / "spool", count, bodies):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        indexer.drain()
        cpu, wall = cpu + time.process_time() - cpu_start, wall + time.perf_counter() - wall_start
    return store, cpu, wall


def repeated(i: int) -> tuple[bytes, bytes]:
    """1 kB each way, always the same."""
    text = words(random.Random(1), 900).encode()
    return b'{"messages":[{"role":"user","content":"%b"}]}' % text, b'{"choices":[{"message":"%b"}]}' % text


def unique(i: int) -> tuple[bytes, bytes]:
    """1 kB each way, each time different."""
    rng = random.Random(i)
    return (
        b'{"messages":[{"role":"user","content":"%b"}]}' % words(rng, 900).encode(),
        b'{"choices":[{"message":"%b"}]}' % words(rng, 900).encode(),
    )


def random_hex(i: int) -> tuple[bytes, bytes]:
    """1 kB each way, each time different, nothing in it that repeats."""
    rng = random.Random(i)
    return (
        b'{"messages":[{"role":"user","content":"%b"}]}' % rng.randbytes(450).hex().encode(),
        b'{"choices":[{"message":"%b"}]}' % rng.randbytes(450).hex().encode(),
    )


PREFIX = words(random.Random(3), 20_000).encode()


def prefixed(i: int) -> tuple[bytes, bytes]:
    """A request with a 20 kB prefix that all share, and 1 kB of its own in request and response together."""
    rng = random.Random(i)
    own = f"{rng.getrandbits(2000):x}"[:200] + words(rng, 500)
    return (
        b'{"messages":[{"role":"system","content":"%b"},{"role":"user","content":"%b"}]}' % (PREFIX, own.encode()),
        b'{"choices":[{"message":{"role":"assistant","content":"%b"}}]}' % words(rng, 300).encode(),
    )


def speed(folder: Path, runs: int, rounds: int) -> None:
    print(f"\nSpool into SQLite, {runs:,} runs, {rounds} rounds (target: at least 10,000 runs/s of one core)")
    same = repeated(0)
    kinds: dict[str, Callable[[int], tuple[bytes, bytes]]] = {
        "repeated bodies": lambda i: same,
        "unique, words": unique,
        "unique, hex": random_hex,
        "20 kB prefix": prefixed,
    }
    taken: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(rounds):  # in turns, so that slow spells of the machine hit all alike
        for name, bodies in kinds.items():
            place = folder / f"{name}-{number}"
            store, cpu, _ = index_all(place, runs, bodies)
            store.close()
            shutil.rmtree(place)
            taken[name].append(cpu)
    for name, cpus in taken.items():
        middle, spread = statistics.median(cpus), f"{runs / max(cpus):,.0f} to {runs / min(cpus):,.0f}"
        print(f"  {name:16} {runs / middle:9,.0f} runs per CPU second ({spread})   {middle / runs * 1e6:.1f} µs/run")


def size(folder: Path, runs: int) -> None:
    print(f"\nBytes on disk per run, {runs:,} runs, 20 kB shared prefix + 1 kB of its own (target: < 2,000 in all)")
    store, cpu, _ = index_all(folder / "prefixed", runs, prefixed)
    store.compact()  # the write-ahead log is bounded and does not grow with runs
    print(f"  all included     {store.size() / runs:9,.0f} B/run   indexing {cpu / runs * 1e6:.1f} µs/run")
    for name, total in (
        store.query("SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 12")
        if (_has_dbstat(store))
        else []
    ):
        print(f"    {name:24}{total / runs:9,.0f} B/run")
    body = read.get_body(store, "default", blob(prefixed(runs - 1)[0]).sha256)
    print(f"  last body reads back: {body == prefixed(runs - 1)[0]}")
    store.close()


def _has_dbstat(store: Store) -> bool:
    return bool(store.query("SELECT 1 FROM pragma_module_list WHERE name = 'dbstat'"))


def queries(folder: Path, small: int, large: int) -> None:
    same = repeated(0)
    stores = {}
    for count in (small, large):
        stores[count], cpu, _ = index_all(folder / f"q{count}", count, lambda i: same)
        print(f"\n{count:,} runs indexed at {cpu / count * 1e6:.1f} µs/run, {stores[count].size() / 1e6:,.0f} MB")
    F = read.RunFilter
    day = 24 * HOUR_NS
    filters = {
        "runs page": F(),
        "page in the middle": F(),
        "project": F(project="default"),
        "route (common)": F(route="route-0"),
        "route (rare)": F(route="route-18"),
        "model": F(model="model-7"),
        "deployment": F(deployment="openai/model-3"),
        "key": F(key="key0020"),
        "status": F(status="error"),
        "session": F(session="session-100"),
        "user": F(user="user-3"),
        "cost above": F(min_cost=1_200_000),
        "cost below": F(max_cost=50_000),
        "duration above": F(min_duration=10_000_000_000),
        "ttft above": F(min_ttft=5_000_000_000),
        "a day long ago": F(since=START + 3 * day, until=START + 4 * day),
        "text, rare": F(text="needle"),
        "text, common": F(text="karas tornel"),
        "no such text": F(text="zzz"),
        "route + status": F(route="route-3", status="error"),
        "all together": F(project="default", route="route-1", status="error", min_duration=1_000_000_000, text="karas"),
    }
    print(f"\n{'query':22}{small:>14,}{large:>14,}   plan at {large:,} (ms, best of 5)")
    for name, where in filters.items():
        times = [best(lambda s=s, c=c, w=where, n=name: page(s, w, n, c)) for c, s in stores.items()]
        print(f"{name:22}{times[0]:14.2f}{times[1]:14.2f}   {plan(stores[large], where)}")
    for by in ("model", "route", "key", "day", "hour"):
        times = [
            best(lambda s=s, b=by: read.usage_report(s, b, since=START, until=START + 30 * day))
            for s in stores.values()
        ]
        print(f"{'costs by ' + by:22}{times[0]:14.2f}{times[1]:14.2f}   roll-ups of {by}")
    for store in stores.values():
        store.close()


def page(store: Store, where: read.RunFilter, name: str, count: int) -> None:
    read.list_runs(store, where, before=count // 2 if name == "page in the middle" else None)


def plan(store: Store, where: read.RunFilter) -> str:
    """The steps that touch runs, without repetitions."""
    if where == read.RunFilter():
        return "the newest rows of runs by seq, as many as a page has"
    steps = [s for s in run_query.explain(store, where) if " runs" in s or " t " in s or "t VIRTUAL" in s]
    return " · ".join(dict.fromkeys(s.removeprefix("SEARCH ") for s in steps))


def best(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=[], help="speed, size, queries (default: all)")
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3, help="of the speed figures")
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    options = parser.parse_args()
    parts = options.parts or ["speed", "size", "queries"]
    profile = cProfile.Profile()
    settle_memory()  # as the indexer's process does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.profile:
            profile.enable()
        if "speed" in parts:
            speed(folder, options.runs, options.rounds)
        if "size" in parts:
            size(folder, options.runs)
        profile.disable()
        if "queries" in parts:
            queries(folder, 10_000, options.large)
    if options.profile:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    main()
