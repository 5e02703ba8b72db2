"""Memory of a gateway process after ten thousand and after a million requests, and the time to the first good answer.

python benchmarks/memory.py [--requests 1000000]
"""

import argparse
import sys

import gateways
import machine
from machine import Failed

FIRST, LIMIT_MIB, GROWTH, COLD = 10_000, 150.0, 1.2, 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000)
    options = parser.parse_args()
    machine.build()
    gateways.isolate()
    gateways.ARGS = argparse.Namespace(tries=1, foreign=9.0)
    gateways.MOCK = machine.mock()
    try:
        with gateways.Gateway("ours") as gateway:
            assert gateway.process
            pid, sent, early = gateway.process.pid, 0, 0.0
            while sent < options.requests:
                seconds = 2 if sent < FIRST else 10
                result = gateway.load("plain", 32, seconds, apart=True)
                before, sent = sent, sent + result["requests"]
                now, all_ = machine.rss(pid, children=False), machine.rss(pid)
                if before < FIRST <= sent:
                    early = now
                print(f"{sent:>10,} requests: {now:6.1f} MiB gateway, {all_ - now:6.1f} MiB indexer", flush=True)
            late, cold = machine.rss(pid, children=False), gateway.cold
    except Failed as e:
        print(e, file=sys.stderr)
        return 1
    finally:
        machine.stop(gateways.MOCK)
    good = True
    for text, value, limit in (
        (f"growth from {FIRST:,} to {sent:,} requests", late / early if early else 0.0, GROWTH),
        ("memory of the gateway process, MiB", late, LIMIT_MIB),
        ("first good answer after start, s", cold, COLD),
    ):
        good = good and value <= limit
        print(f"{text}: {value:.2f} (at most {limit:g}) {'good' if value <= limit else 'MISSED'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
