"""Recall of the tool search on the Berkeley Function Calling Leaderboard (Apache 2.0), with intervals.

    pip download --no-deps bfcl-eval && unzip bfcl_eval-*.whl -d bfcl
    python -m benchmarks.tool_search bfcl/bfcl_eval/data [--model]

All functions of a file are the tools, its users' sentences the queries, the functions of the published answers what
must be found. Functions that do the same under another name count as misses. `--model`: with the embedded embedder.
"""

import argparse
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outrider.base import env
from outrider.calibrate import intervals
from outrider.tools.ports import Tool
from outrider.tools.search import Embed, Ranking

FILES = ("BFCL_v4_simple_python", "BFCL_v4_multiple", "BFCL_v4_live_multiple")


def read(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def tool_of(function: dict[str, Any]) -> Tool:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", str(function["name"]))
    return Tool(name=name, description=str(function["description"]), input_schema=function["parameters"])


def embedder() -> Embed:
    from outrider.providers.embedded import weights
    from outrider.providers.embedded.embed import Embedder

    made = Embedder(weights.folder("all-minilm-l6-v2", env.models_dir(env.home())))
    return lambda texts: made.embed(list(texts), truncate=True)


def measure(folder: Path, name: str, ranking: Ranking) -> None:
    tools: dict[str, Tool] = {}
    queries = []
    wanted = {}
    answers = folder / "possible_answer" / f"{name}.json"
    for one in read(answers):
        wanted[one["id"]] = {re.sub(r"[^A-Za-z0-9_-]", "_", n) for truth in one["ground_truth"] for n in truth}
    for one in read(folder / f"{name}.json"):
        for function in one["function"]:
            tool = tool_of(function)
            tools.setdefault(tool.name, tool)
        last = one["question"][0][-1]["content"]
        queries.append((str(last), wanted[one["id"]]))
    known = list(tools.values())
    ranking.best(known, "warm", 5)
    began = time.perf_counter()
    places = []
    for query, right in queries:
        found = [one.tool.name for one in ranking.best(known, query, 10)]
        places.append([bool(right & set(found[:n])) for n in (1, 5, 10)])
    spent = (time.perf_counter() - began) / len(queries)
    shares = [intervals.share(sum(p[at] for p in places), len(places)) for at in range(3)]
    print(f"{name}: {len(known)} tools, {len(queries)} queries, {spent * 1000:.1f} ms each")
    for at, label in enumerate(("recall@1", "recall@5", "recall@10")):
        print(f"  {label}: {shares[at]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", action="store_true")
    given = parser.parse_args()
    for name in FILES:
        measure(given.folder, name, Ranking(embedder() if given.model else None))


if __name__ == "__main__":
    main()
