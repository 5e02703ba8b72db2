"""What the Casebook finds, says and refuses, on questions with known answers; and what a search costs.

The bundled cases are put into a new store and embedded with the embedded model (`outrider models install`); every
golden question is asked as a user asks it. Nothing was fitted on those that are held out.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from outrider.base import env
from outrider.base.errors import OutriderError
from outrider.calibrate.intervals import mean
from outrider.casebook import bundled
from outrider.casebook.book import Casebook
from outrider.casebook.find import Finder
from outrider.casebook.golden import Score, load, placed, public, score
from outrider.knowledge.embed import text_of
from outrider.knowledge.embedders import Embedders, loader
from outrider.knowledge.library import Library
from outrider.store import open_casebook, open_knowledge

SEARCHES = (
    "agents that answer customers on the phone",
    "RAG in insurance with measured deflection above 50 %",
    "industry:finance has:figures",
    "how to keep retrieval fresh",
    "code review technique:evals,llm-as-judge year:2024..",
    '"knowledge graph" -chatbot',
    "cost<-30%",
    "small models distilled from large ones",
)
ROUNDS = 15


def opened(home: Path, models: Path) -> Casebook:
    """The Casebook at `home`."""
    url = f"sqlite:///{home / 'outrider.sqlite3'}"
    return Casebook(Library(open_knowledge(url), home, Embedders(loader(models, 2), threads=2)), open_casebook(url))


def embed(library: Library, book: Casebook) -> int:
    """Make every vector that is missing; how many."""
    made = 0
    assert library.embedders is not None
    for space in library.spaces(book.collection):
        while waiting := library.waiting(book.collection, space, 96):
            vectors = library.embedders.documents(space.model, [text_of(row, space.of) for row in waiting])
            library.add_vectors(space, [row[0] for row in waiting], vectors)
            made += len(waiting)
        if not space.live:
            library.switch(space)
    return made


def quality(name: str, got: Score) -> None:
    print(
        f"{name:9} recall@5 {got.recall} n={got.recall.n} · answered {got.answered} · right {got.right}"
        f" · cites an answering case {got.cited} · refused {got.refused} n={got.refused.n}"
        f" · unsupported figures {got.unsupported} · {got.ms:.0f} ms a question"
    )


def cost(finder: Finder) -> dict[str, float]:
    """CPU and wall milliseconds of one page of results with its facets, over all searches."""
    cpu, wall = [], []
    for query in SEARCHES * (ROUNDS + 1):
        begun, used = time.perf_counter(), time.process_time()
        finder.find(finder.read(query))
        wall.append((time.perf_counter() - begun) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    cpu, wall = cpu[len(SEARCHES) :], wall[len(SEARCHES) :]
    entries = len(finder.catalogue().entries)
    print(
        f"search    {mean(cpu)} ms CPU, median {statistics.median(wall):.1f} ms, over {entries} entries, n={len(cpu)}"
    )
    return {"entries": entries, "cpu_ms": statistics.mean(cpu), "median_ms": statistics.median(wall)}


def measure(options: argparse.Namespace, home: Path) -> None:
    book = opened(home, options.models)
    if not options.home:
        bundled.put(book)
    print(f"{len(book.all())} cases, {embed(book.library, book)} vectors made")
    finder = Finder(book)
    questions = placed(public() if options.public else load(options.questions), book)
    result: dict[str, object] = {"search": cost(finder)}
    for name, held_out in (("fitted on", False), ("held out", True)):
        asked = [q for q in questions if q.held_out == held_out]
        if not asked:
            continue
        got = score(finder, asked, strategy=options.strategy)
        quality(name, got)
        if options.verbose and (not held_out or options.look):
            show(got)
        result[name] = {f: str(getattr(got, f)) for f in ("recall", "answered", "right", "refused", "unsupported")}
    if options.json:
        options.json.write_text(json.dumps(result, indent=1), "utf-8")


def show(got: Score) -> None:
    """What went wrong, question by question."""
    for one in got.asked:
        fine = one.right and 0 < one.rank <= 5 if one.golden.answerable else one.refused
        if not fine or one.unsupported:
            print(f"  {one.golden.id} {one.golden.question}")
            print(f"    rank {one.rank}, {one.confidence:.2f}, {one.text[:300]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=env.models_dir(env.home()))
    parser.add_argument("--home", type=Path, help="ask the Casebook that is kept here instead of the bundled one")
    parser.add_argument("--questions", type=Path, help="other questions, in the form of the golden set")
    parser.add_argument(
        "--public", action="store_true", help="the questions about the public database, imported at --home"
    )
    parser.add_argument("--strategy", default="")
    parser.add_argument("--verbose", action="store_true", help="show what went wrong in what is fitted on")
    parser.add_argument("--look", action="store_true", help="in what is held out too: then it is held out no longer")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        if options.home:
            measure(options, options.home)
            return
        with tempfile.TemporaryDirectory() as folder:
            measure(options, Path(folder))
    except OutriderError as error:  # such as a model that is not installed
        sys.exit(str(error))


if __name__ == "__main__":
    main()
