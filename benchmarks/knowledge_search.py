"""What a search costs: hybrid with a filter and facets beside a bare FTS5 query on the same words, in one run.

    python benchmarks/knowledge_search.py [--chunks 30000 200000] [--folder markdown/] [--queries 60]

Texts are made of words with Zipf's frequencies (or are the Markdown files of --folder, as often as needed with their
words shuffled), vectors are random: neither changes what a search has to do. The query is embedded by the embedded
model where it is installed (OUTRIDER_MODELS), and that is part of the cost. Costs are CPU time of the whole process,
each query once cold (words that no query had are read for the first time) and then warm; medians with intervals of
95 %. The first search of the process, which reads the collection's sizes and fields, is told apart.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from outrider.base import env
from outrider.knowledge.embedders import Embedders, loader
from outrider.knowledge.library import Library
from outrider.knowledge.records import Block, Collection, Draft, Filter, Parsed, Query
from outrider.knowledge.shelf import terms_of
from outrider.store import open_knowledge

CHANCE = np.random.default_rng(1)
VOCABULARY = 60_000
WORDS = 100  # of a chunk
CHUNKS_OF_A_DOCUMENT = 20
KINDS = [f"kind{n}" for n in range(20)]


class Random:
    """Random unit vectors, for where the embedded model is not installed."""

    def queries(self, model: str, texts: list[str]) -> np.ndarray:
        return unit(len(texts))

    documents = queries

    def tokens(self, model: str, texts: list[str]) -> list[np.ndarray]:
        return [unit(len(t.split())) for t in texts]


def unit(count: int) -> np.ndarray:
    vectors = CHANCE.standard_normal((count, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def zipf() -> np.ndarray:
    weights = 1 / (np.arange(1, VOCABULARY + 1) + 2.7)
    return np.cumsum(weights / weights.sum())


def vocabulary(folder: Path | None) -> Callable[[int], list[str]]:
    """Gives words at random, as often as they are."""
    if folder is not None:
        words = np.array(" ".join(p.read_text("utf-8") for p in sorted(folder.glob("*.md"))[:400]).split())
        return lambda count: words[CHANCE.integers(0, len(words), count)].tolist()
    steps, letters = zipf(), np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
    names = ["".join(letters[CHANCE.integers(0, 26, 2 + n % 8)]) for n in range(VOCABULARY)]
    return lambda count: [names[i] for i in np.searchsorted(steps, CHANCE.random(count))]


def documents(draw: Callable[[int], list[str]], chunks: int) -> Iterator[Draft]:
    for n in range(-(-chunks // CHUNKS_OF_A_DOCUMENT)):
        text, blocks = "", []
        for _ in range(CHUNKS_OF_A_DOCUMENT):
            title = f"Part {' '.join(draw(3))}\n"
            blocks.append(Block("heading", len(text), len(text) + len(title) - 1, 2))
            body = " ".join(draw(WORDS)) + "\n"
            blocks.append(Block("text", len(text) + len(title), len(text) + len(title) + len(body) - 1))
            text += title + body
        kinds = [KINDS[i] for i in CHANCE.integers(0, len(KINDS), 3)]
        yield Draft(f"doc{n}", Parsed(text, blocks, f"Document {n}", meta={"year": 2020 + n % 6, "kinds": kinds}))


def fill(library: Library, collection: Collection, draw: Callable[[int], list[str]], chunks: int) -> None:
    waiting: list[Draft] = []
    for draft in documents(draw, chunks):
        waiting.append(draft)
        if len(waiting) == 200:
            library.put_all(collection, waiting)
            waiting = []
    library.put_all(collection, waiting)
    (space,) = library.spaces(collection)
    while rows := library.waiting(collection, space, 50_000):
        library.add_vectors(space, [r[0] for r in rows], unit(len(rows)))
    print(f"\nfrequent words kept with {cpu(lambda: library.tend(collection)) / 1e3:.1f} s of CPU")


def cpu(work: Callable[[], object], times: int = 1) -> float:
    """Milliseconds of CPU, the median of several."""
    found = []
    for _ in range(times):
        begun = time.process_time()
        work()
        found.append((time.process_time() - begun) * 1e3)
    return statistics.median(found)


def interval(values: list[float]) -> str:
    """Median, with the 95 % interval of a bootstrap over the queries."""
    sample = np.array(values)
    medians = np.median(sample[CHANCE.integers(0, len(sample), (2000, len(sample)))], axis=1)
    low, high = np.percentile(medians, [2.5, 97.5])
    return f"{np.median(sample):7.2f} [{low:6.2f}, {high:6.2f}]"


def measure(library: Library, collection: Collection, texts: list[str]) -> dict[str, list[float]]:
    table = f"words_{collection.id}"
    bare_sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rank LIMIT 10"
    found: dict[str, list[float]] = {}
    filters = {"year": Filter(least=2022), "kinds": Filter(among=("kind1", "kind2", "kind3", "kind4"))}

    def searched(text: str, strategy: str) -> None:
        library.search(collection, Query(text, 10, strategy, filters=filters))
        library.facets(collection, Query(text, filters=filters), ["kinds", "year"])

    first = cpu(lambda: searched("warm", "hybrid"))
    print(f"first search of the process: {first:.0f} ms of CPU")
    for text in texts:
        match = " OR ".join(f'"{word}"' for word in terms_of(text))
        row = {
            "hybrid, words cold": cpu(lambda t=text: searched(t, "hybrid")),
            "hybrid + filter + facets": cpu(lambda t=text: searched(t, "hybrid"), 5),
            "keyword + filter + facets": cpu(lambda t=text: searched(t, "keyword"), 5),
            "vector + filter + facets": cpu(lambda t=text: searched(t, "vector"), 5),
            "bare FTS5": cpu(lambda m=match: library.store.query(bare_sql, (m,)), 3),
        }
        row["ratio"] = row["hybrid + filter + facets"] / row["bare FTS5"]
        for name, value in row.items():
            found.setdefault(name, []).append(value)
    return found


def embedders() -> tuple[str, object]:
    folder = Path(env.get("OUTRIDER_MODELS") or "")
    if (folder / "all-minilm-l6-v2").is_dir():
        return "the embedded model", Embedders(loader(folder))
    return "random vectors (no embedded model)", Random()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--chunks", type=int, nargs="+", default=[30_000, 200_000])
    options.add_argument("--folder", type=Path)
    options.add_argument("--queries", type=int, default=60)
    chosen = options.parse_args()
    draw = vocabulary(chosen.folder)
    named, made = embedders()
    for chunks in chosen.chunks:
        with tempfile.TemporaryDirectory() as home:
            library = Library(open_knowledge(f"sqlite:///{home}/outrider.db"), Path(home), made)  # type: ignore[arg-type]  # a port
            collection = library.create("", "bench")
            begun = time.process_time()
            fill(library, collection, draw, chunks)
            print(f"{library.status(collection).chunks:,} chunks, made in {time.process_time() - begun:.0f} s of CPU")
            texts = [" ".join(draw(int(n))) for n in CHANCE.integers(2, 12, chosen.queries)]
            print(f"ms of CPU, {len(texts)} queries of 2 to 11 words, embedded by {named}: median [95 % interval]")
            for name, values in measure(library, collection, texts).items():
                mean, late = np.mean(values), np.percentile(values, 95)
                print(f"  {name:28} {interval(values)}   mean {mean:7.2f}   p95 {late:7.2f}")
            library.store.close()


if __name__ == "__main__":
    main()
