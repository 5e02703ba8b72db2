"""When to answer and when to refuse: fits `knowledge.answer.confidence`, and says how well it does.

    python benchmarks/refusals.py CASES.jsonl SNAPSHOT_DIR [--fit]

CASES has facts about deployments (organisation, techniques, reported results with metric and value); SNAPSHOT_DIR has
the public LLMOps Database as its authors publish it, one Markdown file per case, named by the case's id. Questions are
made from the facts. Answerable: a metric or technique that the entry's text has. Unanswerable: near misses (a metric or
technique of another case that this entry's text does not have), companies that are not there, and false premises (a
figure that the entry does not have is taken for granted). Organisations are divided by hash: one half fits, the other
is measured. Nothing of the texts is kept.
"""

import argparse
import hashlib
import random
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from casebook import embed, opened
from numpy.typing import NDArray

from outrider.base import env
from outrider.calibrate.intervals import share
from outrider.casebook import bundled
from outrider.casebook.ask import retrieve, scoped
from outrider.casebook.find import Finder
from outrider.casebook.golden import load
from outrider.casebook.language import parse as parse_query
from outrider.knowledge.answer import confidence
from outrider.knowledge.answer.asking import tokens_of
from outrider.knowledge.answer.evidence import stems, weigh
from outrider.knowledge.answer.extractive import chosen, composed
from outrider.knowledge.answer.finding import find
from outrider.knowledge.answer.question import understand
from outrider.knowledge.embedders import DEFAULT, Embedders, loader
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.records import Collection, Fetched, Query
from outrider.knowledge.verify import check, occurs
from outrider.store.open_ import open_knowledge

GOLDEN_WEIGHT = 10.0
"""What a question that a person wrote counts for among those that were made."""
NOBODY = (
    "Norvik Air", "Halden Foods", "Brightmoor Bank", "Quillstone", "Tessaly Robotics", "Ostrava Rail",
    "Larkfield Health", "Mirabeau Hotels", "Pendrick Energy", "Zephyria Games", "Colwyn Pharma", "Solvang Telecom",
    "Ardent Freight", "Juniper Hollow Insurance", "Vantor Mining",
)  # fmt: skip
ASKS = (
    "What {m} did {o} report?", "What is the {m} at {o}?", "How did the {m} change at {o}?",
    "What {m} did {o} reach with its system?", "By how much did {o} change its {m}?",
)  # fmt: skip
HOW = ("How does {o} use {t}?", "What role does {t} play at {o}?", "Does {o} use {t}?", "Why did {o} choose {t}?")
PREMISE = (
    "Why did {m} at {o} fall by {n}%?", "How did {o} save {n} million dollars with {t}?",
    "Why did {o} shut down its {t} project after {n} months?",
)  # fmt: skip


class Asked(NamedTuple):
    kind: str
    organisation: str
    text: str
    answerable: bool
    value: str


def words_of(metric: str) -> str:
    return metric.replace("_", " ").replace("-", " ")


def questions(cases: list[dict[str, Any]], texts: dict[str, str], seed: int = 7) -> list[Asked]:
    """Questions about the cases whose text is there."""
    chance = random.Random(seed)
    there = [c for c in cases if c["id"] in texts]
    metrics = sorted({words_of(r["metric"]) for c in there for r in c["reported_results"]})
    techniques = sorted({words_of(t) for c in there for t in c["techniques"]})
    made: list[Asked] = []
    for case in there:
        org, text = case["organisation"], texts[case["id"]]
        if not occurs(org, text):
            continue
        known = stems(text)
        others = "".join(texts[c["id"]] for c in there if c["organisation"] == org)
        for result in case["reported_results"][:3]:
            metric, value = words_of(result["metric"]), str(result["after"] or result["value"] or "")
            if stems(metric) <= known and any(ch.isdigit() for ch in value) and value.lstrip("-") in text:
                made.append(Asked("metric", org, chance.choice(ASKS).format(m=metric, o=org), True, value.lstrip("-")))
        for technique in [t for t in map(words_of, case["techniques"]) if occurs(t, text)][:2]:
            made.append(Asked("technique", org, chance.choice(HOW).format(t=technique, o=org), True, ""))
        far = stems(others)
        missing = [m for m in metrics if len(stems(m) - far) >= max(1, len(stems(m)) - 1)]
        for metric in chance.sample(missing, min(2, len(missing))):
            made.append(Asked("near miss", org, chance.choice(ASKS).format(m=metric, o=org), False, ""))
        unused = [t for t in techniques if not stems(t) & far]
        for technique in chance.sample(unused, min(1, len(unused))):
            made.append(Asked("near miss", org, chance.choice(HOW).format(t=technique, o=org), False, ""))
        number = next(n for n in iter(lambda: chance.randint(11, 97), 0) if str(n) not in others)
        ask = chance.choice(PREMISE).format(m=words_of(chance.choice(metrics)), o=org, n=number, t="chatbot")
        made.append(Asked("premise", org, ask, False, ""))
        if chance.random() < 0.5:
            ask, who = chance.choice(ASKS + HOW), chance.choice(NOBODY)
            ask = ask.format(m=chance.choice(metrics), t=chance.choice(techniques), o=who)
            made.append(Asked("absent", who + org, ask, False, ""))
    return made


def filled(
    library: Library, cases: list[dict[str, Any]], folder: Path, extra: int
) -> tuple[Collection, dict[str, str]]:
    """A collection of the cases' entries and some more, and the entries' texts by id."""
    collection = library.create("default", "cases")
    files = {f.stem: f for f in sorted(folder.rglob("*.md"))}
    mine = [c["id"] for c in cases if c["id"] in files]
    rest = random.Random(1).sample(sorted(files.keys() - set(mine)), min(extra, len(files) - len(mine)))
    texts = {}
    for name in [*mine, *rest]:
        parsed = parse(Fetched(files[name].name, files[name].name, "text/markdown", files[name].read_bytes()))
        library.put(collection, name, parsed)
        texts[name] = parsed.text
    return collection, {name: texts[name] for name in mine}


class Row(NamedTuple):
    asked: Asked
    features: tuple[float, ...]
    right: bool
    flaws: int
    weight: float = 1.0


def measured(library: Library, collection: Collection, asked: list[Asked], embedders: Embedders | None) -> list[Row]:
    """Features of every question, whether the quoted answer has the figure, and figures in it without support."""
    tokens = None if embedders is None else lambda texts: embedders.tokens(DEFAULT, texts)
    rows = []
    for one in asked:
        question = understand(one.text)
        found = find(library, collection, Query(one.text, limit=6, strategy="keyword"), question)
        weighed = weigh(question, found.hits, tokens, found.notes["named"])
        features = confidence.features_of(weighed) if weighed.candidates else (0.0,) * len(confidence.FEATURES)
        text, said, _ = composed(weighed, chosen(weighed)) if weighed.candidates else ("", [], [])
        flaws = sum(len(check(s.text, [c.quote for c in s.citations])) for s in said)
        rows.append(Row(one, features, not one.value or one.value in text, flaws))
    return rows


def golden(home: Path, models: Path, *, words_only: bool) -> list[Row]:
    """Those of the Casebook's first golden questions that may be fitted on: people's words, not a template's."""
    book = opened(home, models)
    bundled.put(book)
    embed(book.library, book)
    finder, rows = Finder(book), []
    catalogue = finder.catalogue()
    for one in load():
        if one.held_out:
            continue
        words, scope = scoped(catalogue, parse_query(one.question, catalogue.vocabulary), one.question)
        found = retrieve(finder, words, scope)
        tokens = None if words_only else tokens_of(book.library, book.collection)
        weighed = weigh(understand(words), found.hits, tokens)
        asked = Asked(f"golden {'yes' if one.answerable else 'no'}", one.id, one.question, one.answerable, "")
        rows.append(Row(asked, confidence.features_of(weighed), True, 0, GOLDEN_WEIGHT))
    return rows


def fitted(rows: list[Row], strength: float = 0.02) -> NDArray[np.float64]:
    """Weights and bias of a logistic regression with equal weight on both classes, by Newton's method."""
    x = np.array([(*r.features, 1.0) for r in rows])
    y = np.array([r.asked.answerable for r in rows], float)
    weight = np.array([r.weight for r in rows])
    weight *= np.where(y == 1, 1 / (weight * y).sum(), 1 / (weight * (1 - y)).sum()) * len(rows) / 2
    w = np.zeros(x.shape[1])
    ridge = strength * len(rows) * np.diag([*([1.0] * (len(w) - 1)), 0.0]) / len(w)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        step = np.linalg.solve(
            x.T @ (x * (weight * p * (1 - p))[:, None]) + ridge, x.T @ (weight * (p - y)) + ridge @ w
        )
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return w


def chances(rows: list[Row], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    named = np.array([r.features[0] > 0 for r in rows])
    made: NDArray[np.float64] = named / (1 + np.exp(-np.array([(*r.features, 1.0) for r in rows]) @ weights))
    return made


def best_threshold(rows: list[Row], chance: NDArray[np.float64]) -> float:
    """Where the shares of right refusals and right answers are best in proportion to what is aimed at."""
    yes, weight = np.array([r.asked.answerable for r in rows]), np.array([r.weight for r in rows])

    def aim(t: float) -> float:
        answered = np.average(chance[yes] >= t, weights=weight[yes])
        refused = np.average(chance[~yes] < t, weights=weight[~yes])
        return float(min(answered / 0.95, refused / 0.9))

    return float(max(np.linspace(0.02, 0.98, 193), key=aim))


def told(rows: list[Row], chance: NDArray[np.float64], threshold: float) -> None:
    for kind in sorted({r.asked.kind for r in rows}):
        which = [i for i, r in enumerate(rows) if r.asked.kind == kind]
        yes = rows[which[0]].asked.answerable
        good = sum((chance[i] >= threshold) == yes for i in which)
        print(f"  {kind:10} {'answered' if yes else 'refused':9} {share(good, len(which))} of {len(which)}")
    for yes in (True, False):
        which = [i for i, r in enumerate(rows) if r.asked.answerable == yes]
        good = sum((chance[i] >= threshold) == yes for i in which)
        print(f"  all        {'answered' if yes else 'refused':9} {share(good, len(which))} of {len(which)}")
    shown = [r for r, c in zip(rows, chance, strict=True) if r.asked.value and c >= threshold]
    right = share(sum(r.right for r in shown), len(shown))
    print(f"  answers with the figure that was asked for: {right} of {len(shown)}")
    print(f"  figures and names without support in all {len(rows)} quoted answers: {sum(r.flaws for r in rows)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("snapshot", type=Path)
    parser.add_argument("--fit", action="store_true", help="fit anew, and print what belongs into confidence.py")
    parser.add_argument("--most", type=int, default=10_000, help="questions at most")
    parser.add_argument("--words", action="store_true", help="by words alone, without the embedder")
    given = parser.parse_args()
    cases = [msgspec.json.decode(line) for line in given.cases.read_bytes().splitlines()]
    with tempfile.TemporaryDirectory() as home:
        embedders = None if given.words else Embedders(loader(env.models_dir(env.home())))
        store = open_knowledge(f"sqlite:///{home}/outrider.db")
        library = Library(store, Path(home), embedders)
        collection, texts = filled(library, cases, given.snapshot, 150)
        asked = random.Random(3).sample(made := questions(cases, texts), min(given.most, len(made)))
        rows = measured(library, collection, asked, embedders)
        store.close()
    half = [hashlib.sha256(r.asked.organisation.encode()).digest()[0] % 2 for r in rows]
    train, test = ([r for r, h in zip(rows, half, strict=True) if h == side] for side in (0, 1))
    present = np.array([*confidence.weights(words_only=given.words)])
    if given.fit:
        with tempfile.TemporaryDirectory() as home:
            train += golden(Path(home), env.models_dir(env.home()), words_only=given.words)
    weights = fitted(train) if given.fit else present
    threshold = confidence.THRESHOLD
    if given.fit:
        threshold = best_threshold(train, chances(train, weights))
        print("weights", [round(float(w), 2) for w in weights], "threshold", round(threshold, 3))
        for name, w in zip((*confidence.FEATURES, "bias"), weights, strict=True):
            print(f"  {name:16} {w:6.2f}")
    for name, some in (("fitted on", train), ("held out", test)):
        print(name)
        told(some, chances(some, weights), threshold)


if __name__ == "__main__":
    main()
