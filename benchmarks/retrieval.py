"""How well each way of searching finds what was judged relevant, on sets that you bring.

    python benchmarks/retrieval.py SciFact/ HotpotQA/ --home /tmp/retrieval

Each folder is laid out as BEIR does it (`corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`). Vectors are made once and
kept under --home. Prints a table for each set, and each target with what it needs.
"""

import argparse
import time
from pathlib import Path

from outrider.base import env
from outrider.knowledge.embedders import Embedders, loader
from outrider.knowledge.evaluate import compared, fit, folders, gates, generate, questions, told
from outrider.knowledge.library import Library
from outrider.knowledge.records import Collection
from outrider.store import open_knowledge

STRATEGIES = ("keyword", "vector", "hybrid", "rewrite", "rerank", "graph", "multihop")
TARGETS = {
    "hybrid>=keyword-0.01": "hybrid is at least as good as its better half - 0.01 (words)",
    "hybrid>=vector-0.01": "hybrid is at least as good as its better half - 0.01 (meaning)",
    "rerank>=keyword+0.06": "the best local pipeline is 0.06 above BM25 (scientific claims)",
    "graph:all@8>=1.4*keyword": "all gold passages in the top 8, 1.4 times as often as BM25 (multi-hop)",
}


def prepared(library: Library, folder: Path) -> Collection:
    """The folder as a collection with its vectors, made if it is not there."""
    name = folder.name.lower()
    known = [c for c in library.collections("retrieval") if c.name == name]
    collection = known[0] if known else library.create("retrieval", name)
    if not known:
        print(f"{folders.ingest(library, collection, folder):,} documents", flush=True)
    begun = time.process_time()
    made = folders.embed_all(library, collection)
    if made:
        print(f"{made:,} vectors, {time.process_time() - begun:.0f} s of CPU", flush=True)
    return library.collection("retrieval", name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, default=Path("bench-root/retrieval"))
    parser.add_argument("--models", type=Path, default=env.models_dir(env.home()))
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    parser.add_argument("--most", type=int, default=1_000, help="questions of each set, at most")
    parser.add_argument(
        "--fit", action="store_true", help="fit hybrid's weight to questions made of the passages first"
    )
    asked = parser.parse_args()
    asked.home.mkdir(parents=True, exist_ok=True)
    store = open_knowledge(f"sqlite:///{asked.home / 'retrieval.db'}")
    library = Library(store, asked.home, Embedders(loader(asked.models), threads=2))
    for folder in asked.folders:
        collection = prepared(library, folder)
        if asked.fit:
            made = fit.fit(library, collection, generate.questions(library, collection), "generated")
            collection = fit.keep(library, collection, made)
            print(f"weight {made.weight} by {made.questions} generated questions")
        judged = questions.read(folder)[: asked.most]
        report = compared.evaluate(library, collection, judged, asked.strategies.split(","))
        print(told.markdown(report))
        left_out = {*STRATEGIES} - {result.strategy for result in report.results}
        wanted = [gate for gate in TARGETS if not any(name in gate for name in left_out)]
        for gate, (text, holds) in zip(wanted, gates.check(report, wanted), strict=True):
            print(f"{'reached' if holds else 'not reached':12} {TARGETS[gate]}: {text}")
    store.close()


if __name__ == "__main__":
    main()
