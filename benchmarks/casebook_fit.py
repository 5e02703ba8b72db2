"""Fits what `casebook/direct.py` weighs figures and sentences with, on the golden questions that are not held out, and
says how well that does on questions that were left out of the fit (a tenth at a time)."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from casebook import opened
from numpy.typing import NDArray

from outrider.base import env
from outrider.calibrate.intervals import share
from outrider.casebook import direct, facts, premises
from outrider.casebook.ask import LOOKED_AT, ranked_cases, retrieve, scoped
from outrider.casebook.find import Finder
from outrider.casebook.golden import Golden, load, more
from outrider.casebook.golden.score import has_all
from outrider.casebook.language import parse
from outrider.casebook.present import figure

Floats = NDArray[np.float64]
WEIGHT = 3.0
"""Of a candidate that answers against one that does not: there are several times as many of these."""
RIDGE = 0.3
PARTS, ROUNDS = 10, 4
LEASTS = np.arange(-1.5, 1.01, 0.1)


class Looked(msgspec.Struct):
    """A question with its candidates: what speaks for each (n, features), and whether it is the answer (n,)."""

    golden: Golden
    rows: Floats
    right: Floats


def looked(finder: Finder, golden: Golden) -> Looked:
    catalogue, question = finder.catalogue(), golden.question
    words, scope = scoped(catalogue, parse(question, catalogue.vocabulary), question)
    found = retrieve(finder, words, scope, limit=LOOKED_AT)
    embed = direct.embedder(finder.cases)
    assert embed is not None
    ranked = ranked_cases(catalogue, found)
    every = list(direct.candidates(finder.cases, words, ranked, found.hits, embed))
    many = len(direct.FIGURE if facts.kinds(question) else direct.SENTENCE) - 1
    return Looked(
        golden,
        np.array([c.features for c in every], np.float64).reshape(-1, many),
        np.array([float(_answers(golden, c)) for c in every], np.float64),
    )


def _answers(golden: Golden, one: direct.Candidate) -> bool:
    said = one.statement.text
    if result := one.result:
        said = f"{figure(result)} {result.value} {result.after}".replace("%", " %")
    return one.statement.case in golden.cases and has_all(said, golden.strings)


def fitted(data: Sequence[Looked]) -> Floats:
    """Weights of a logistic regression, the bias last."""
    rows, right = np.concatenate([d.rows for d in data]), np.concatenate([d.right for d in data])
    wide = np.c_[rows, np.ones(len(rows))]
    weight = np.where(right == 1, WEIGHT, 1.0)
    ridge = RIDGE * np.eye(wide.shape[1])
    ridge[-1, -1] = 1e-6
    found = np.zeros(wide.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-wide @ found))
        slope = wide.T @ (weight * (chance - right)) + ridge @ found
        found -= np.linalg.solve((wide * (weight * chance * (1 - chance))[:, None]).T @ wide + ridge, slope)
    return found


def crossed(data: Sequence[Looked], seed: int) -> Floats:
    """The log-odds of each question's best candidate, by weights that were fitted without the question."""
    part = np.random.default_rng(seed).permutation(len(data)) % PARTS
    best = np.full(len(data), -9.0)
    for n in range(PARTS):
        weights = fitted([d for d, p in zip(data, part, strict=True) if p != n])
        for at in np.flatnonzero(part == n):
            rows = data[at].rows
            best[at] = max((np.c_[rows, np.ones(len(rows))] @ weights).tolist(), default=-9.0)
    return best


def report(name: str, data: Sequence[Looked]) -> None:
    print(f"{name}: weights and bias {tuple(float(w) for w in np.round(fitted(data), 2))}")
    able = np.array([d.golden.answerable for d in data])
    best = np.concatenate([crossed(data, seed) for seed in range(ROUNDS)])
    every = np.tile(able, ROUNDS)
    for least in LEASTS:
        answered, refused = np.mean(best[every] >= least), np.mean(best[~every] < least)
        one = share(round(answered * able.sum()), int(able.sum()))
        other = share(round(refused * (~able).sum()), int((~able).sum()))
        print(f"  {least:5.1f}: answered {one} n={one.n}, refused {other} n={other.n}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with the bundled cases, embedded")
    parser.add_argument("--models", type=Path, default=env.models_dir(env.home()))
    options = parser.parse_args()
    finder = Finder(opened(options.home, options.models))
    questions = [q for q in (*load(), *more()) if not q.held_out]
    report("figures", [looked(finder, q) for q in questions if facts.kinds(q.question)])
    others = [q for q in questions if not facts.kinds(q.question) and not premises.wants_time(q.question)]
    report("sentences", [looked(finder, q) for q in others])


if __name__ == "__main__":
    main()
