"""Fits what `casebook/weighing.py` weighs figures and sentences with, on the golden questions that are not held out,
and says how well that does on questions about cases that were left out of the fit (a tenth of the cases at a time).

`--write` puts the weights where they are shipped. With `--readers`, the folder that `benchmarks/reader_fit.py` made, a
question is read by the reader that was trained without the questions about its case: what the shipped one says of
questions that it was trained on is too good to fit by.
"""

import argparse
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from casebook import opened
from numpy.typing import NDArray

from outrider.base import env
from outrider.calibrate.intervals import share
from outrider.casebook import coverage, direct, facts, premises, weighing
from outrider.casebook.ask import LOOKED_AT, ranked_cases, retrieve, scoped
from outrider.casebook.find import Finder
from outrider.casebook.golden import Golden, load, placed, public
from outrider.casebook.golden.score import has_all
from outrider.casebook.language import parse
from outrider.casebook.present import figure
from outrider.knowledge import reader
from outrider.knowledge.reader import Reader

Floats = NDArray[np.float64]
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
WEIGHT = 3.0
"""Of a candidate that answers against one that does not: there are several times as many of these."""
RIDGE, TOLD_RIDGE, NUMBER_RIDGE, QUESTION_RIDGE = 1.0, 1.0, 1.0, 10.0
VECTOR, FORM = 2**0.5, 2.0
"""How much the parts of a question's vector and its form are worth beside one another."""
PARTS, INNER, ROUNDS = 10, 5, 4
ANSWERED, REFUSED = 0.95, 0.9
"""What is aimed at: the threshold is the one that comes nearest to both on questions that were left out of the fit."""
NONE = -9.0


class Looked(msgspec.Struct):
    """A question with its candidates: what speaks for each (n, features), the vectors of what is asked and what is said
    (n, dimensions), whether it is the answer (n,), and the two texts that were read together (n). `group` is the case
    that it is about, `form` the question's, `words` how many of content it has, `figure` whether a figure is its
    answer."""

    golden: Golden
    group: str
    rows: Floats
    asked: Floats
    said: Floats
    right: Floats
    reads: list[tuple[str, str]]
    form: Floats
    words: int
    figure: bool


def looked(finder: Finder, embed: Embed, golden: Golden, readers: Sequence[Reader]) -> Looked:
    catalogue, question = finder.catalogue(), golden.question
    words, scope = scoped(catalogue, parse(question, catalogue.vocabulary), question)
    found = retrieve(finder, words, scope, limit=LOOKED_AT)
    ranked = ranked_cases(catalogue, found)
    group = (golden.cases or (ranked[:1] if scope else ()) or (golden.id,))[0]
    read = readers[fold(group, len(readers))].scores if readers else reader.scores
    every = list(direct.candidates(finder.cases, words, ranked, found.hits, embed, read))
    if not facts.kinds(question) and premises.wants_time(question):
        every = []
    right = np.array([_answers(golden, c) for c in every], np.float64)
    if golden.cases and not right.any():  # the answer is who the case is about: its nearest statement says it
        ours = [n for n, c in enumerate(every) if c.statement.case in golden.cases]
        if ours and has_all(every[ours[0]].statement.text.partition(":")[0], golden.strings):
            right[max(ours, key=lambda n: every[n].features[0])] = 1.0
    return Looked(
        golden,
        group,
        np.array([c.features for c in every], np.float64),
        np.array([c.asked for c in every], np.float64),
        np.array([c.said for c in every], np.float64),
        right,
        [c.reads for c in every],
        np.array(facts.form(words), np.float64),
        len(coverage.words(words)),
        golden.kind == "figure" and any(c.result and yes for c, yes in zip(every, right, strict=True)),
    )


def fold(group: str, many: int) -> int:
    """The part of the questions about a case, for readers."""
    return zlib.crc32(group.encode()) % many


def _answers(golden: Golden, one: direct.Candidate) -> bool:
    said = one.statement.text.partition(": ")[2]
    if result := one.result:
        said = f"{said} {figure(result)} {result.value} {result.after}".replace("%", " %")
    return one.statement.case in golden.cases and has_all(said, golden.strings)


def told(data: Sequence[Looked]) -> Floats:
    """Weights of a ridge regression: whether questions are answered, by the vectors of the question and of the nearest
    candidate; the bias last."""
    best = [(d, int(d.rows[:, 0].argmax())) for d in data if len(d.rows)]
    wide = np.array([_wide(d.asked[n], d.said[n]) for d, n in best])
    able = np.array([1.0 if d.golden.answerable else -1.0 for d, _ in best])
    return wide.T @ np.linalg.solve(wide @ wide.T + TOLD_RIDGE * np.eye(len(wide)), able)


def numbered(data: Sequence[Looked]) -> Floats:
    """Weights of a ridge regression: whether a figure answers, by the vector and the form of the question; the bias
    last. Only questions with an answer tell."""
    some = [d for d in data if d.golden.answerable and len(d.rows)]
    wide = np.array([_forms(d)[0] for d in some])
    figure = np.array([1.0 if d.figure else -1.0 for d in some])
    found = wide.T @ np.linalg.solve(wide @ wide.T + NUMBER_RIDGE * np.eye(len(wide)), figure)
    return found * _parts_of(wide.shape[1])


def _parts_of(many: int) -> Floats:
    """What the parts of a form are multiplied with, so that one ridge does for all of them."""
    return np.r_[np.full(many - 4, VECTOR), np.full(3, FORM), 1.0]


def _forms(one: Looked) -> Floats:
    many = len(one.rows)
    wide = np.c_[one.asked, np.tile(one.form, (many, 1)), np.ones(many)]
    return wide * _parts_of(wide.shape[1])


def surely(one: Looked, by: Floats) -> Floats:
    """For each candidate, how surely a number is asked for."""
    plain = _forms(one) / _parts_of(len(by))
    return 1 / (1 + np.exp(-weighing.STEEP * (plain @ by)))


def _mixed(one: Looked, told_by: Floats, number: Floats) -> Floats:
    """All features twice: as of a question for a number, and as of another."""
    every = np.c_[one.rows, _wide(one.asked, one.said) @ told_by, np.ones(len(one.rows))]
    figure = surely(one, number)[:, None]
    return np.c_[every * figure, every * (1 - figure)]


def _wide(asked: Floats, said: Floats) -> Floats:
    return np.concatenate([asked, asked * said * weighing.SCALE, np.ones((*asked.shape[:-1], 1))], axis=-1)


def of_question(one: Looked, scores: Floats, told_by: Floats, number: Floats) -> Floats:
    told_of = _wide(one.asked, one.said) @ told_by
    alike = (one.asked * one.said).sum(axis=1)
    return weighing.of_question(scores, one.rows, told_of, surely(one, number), alike, one.words)


def fitted(rows: Floats, right: Floats, more: float = WEIGHT, by_ridge: float = RIDGE) -> Floats:
    """Weights of a logistic regression, the bias last; `more` is what those that are right weigh."""
    middle, wide = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    scaled = np.c_[(rows - middle) / wide, np.ones(len(rows))]
    weight = np.where(right == 1, more, 1.0)
    ridge = by_ridge * np.eye(scaled.shape[1])
    ridge[-1, -1] = 1e-6
    found = np.zeros(scaled.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-scaled @ found))
        slope = scaled.T @ (weight * (chance - right)) + ridge @ found
        step = np.linalg.solve((scaled * (weight * chance * (1 - chance))[:, None]).T @ scaled + ridge, slope)
        found -= step
        if np.abs(step).max() < 1e-9:
            break
    plain = found[:-1] / wide
    return np.r_[plain, found[-1] - plain @ middle]


class Fit(msgspec.Struct):
    """What a part of the questions gives."""

    told: Floats
    number: Floats
    figure: Floats
    sentence: Floats
    question: Floats


def fit(data: Sequence[Looked], seed: int) -> Fit:
    """`told` and `number` are fitted within themselves, a fifth left out at a time, so that they are worth to the
    others what they will be."""
    part = parts([d.group for d in data], INNER, seed)
    others = [[d for d, p in zip(data, part, strict=True) if p != n] for n in range(INNER)]
    apart = [(told(some), numbered(some)) for some in others]
    some = [(d, p) for d, p in zip(data, part, strict=True) if len(d.rows)]
    mixed = [_mixed(d, *apart[p]) for d, p in some]
    found = fitted(np.concatenate(mixed), np.concatenate([d.right for d, _ in some]))
    figure, sentence = np.split(found[:-1], 2)
    figure[-1] += found[-1]
    sentence[-1] += found[-1]
    by = np.r_[figure, sentence]
    whole = np.array([of_question(d, rows @ by, *apart[p]) for rows, (d, p) in zip(mixed, some, strict=True)])
    able = np.array([float(d.golden.answerable) for d, _ in some])
    return Fit(told(data), numbered(data), figure, sentence, fitted(whole, able, 1.0, QUESTION_RIDGE))


def parts(groups: Sequence[str], many: int, seed: int) -> NDArray[np.int64]:
    """A part for each question, the same for all of a group."""
    names = sorted(set(groups))
    place = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % many, strict=True))
    return np.array([place[g] for g in groups])


def scores(one: Looked, by: Fit) -> Floats:
    return _mixed(one, by.told, by.number) @ np.r_[by.figure, by.sentence]


def crossed(data: Sequence[Looked], seed: int) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """The log-odds that each question is answered, whether its best candidate is the answer, and how surely it asks for
    a number, by weights that were fitted without the questions about its case."""
    part = parts([d.group for d in data], PARTS, seed)
    best, right, number = np.full(len(data), NONE), np.zeros(len(data), np.bool_), np.zeros(len(data))
    for n in range(PARTS):
        by = fit([d for d, p in zip(data, part, strict=True) if p != n], seed + 100)
        for at in np.flatnonzero(part == n):
            if len(data[at].rows):
                found = scores(data[at], by)
                best[at] = of_question(data[at], found, by.told, by.number) @ by.question[:-1] + by.question[-1]
                right[at] = data[at].right[found.argmax()] > 0
                number[at] = surely(data[at], by.number)[found.argmax()]
    return best, right, number


def every(home: Path, models: Path, questions: Sequence[Golden], readers: Sequence[Reader]) -> list[Looked]:
    book = opened(home, models)
    finder = Finder(book)
    embed = direct.embedder(finder.cases)
    assert embed is not None
    return [looked(finder, embed, q, readers) for q in placed(questions, book) if not q.held_out]


def told_of(name: str, answered: NDArray[np.bool_], right: NDArray[np.bool_], able: NDArray[np.bool_]) -> None:
    """One line; rounds are averaged, the intervals are of the questions."""
    many, others = int(able.sum()), int((~able).sum())
    said = (round(float(answered[:, able].mean()) * many), round(float((answered & right)[:, able].mean()) * many))
    kept = share(round(float((~answered)[:, ~able].mean()) * others), others)
    print(f"{name:10} answered {share(said[0], many)} right {share(said[1], many)} n={many}, refused {kept} n={others}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with the bundled cases, embedded")
    parser.add_argument("--models", type=Path, default=env.models_dir(env.home()))
    parser.add_argument("--public", type=Path, help="a home with the bundled cases and the public database, embedded")
    parser.add_argument("--readers", type=Path, help="a folder with fold0.onnx and so on")
    parser.add_argument("--write", action="store_true", help="put the weights where they are shipped")
    options = parser.parse_args()
    readers = [Reader(one) for one in sorted(options.readers.glob("fold*.onnx"))] if options.readers else []
    data = every(options.home, options.models, load(), readers)
    bundled = np.array([True] * len(data))
    if options.public:
        data += every(options.public, options.models, public(), readers)
        bundled = np.arange(len(data)) < len(bundled)
    rounds = [crossed(data, seed) for seed in range(ROUNDS)]
    best, right = np.array([b for b, _, _ in rounds]), np.array([r for _, r, _ in rounds])
    number, able = np.mean([n for _, _, n in rounds], axis=0), np.array([d.golden.answerable for d in data])
    least = threshold(best, able)
    print(f"auc        {np.mean([auc(one[able], one[~able]) for one in best]):.4f}")
    told_of("together", best >= least, right, able)
    figures = number > 0.5
    for name, some in (("figures", figures), ("sentences", ~figures), ("bundled", bundled), ("public", ~bundled)):
        if some.any():
            told_of(name, (best >= least)[:, some], right[:, some], able[some])
    if options.write:
        write(fit(data, 0), least)


def threshold(best: Floats, able: NDArray[np.bool_]) -> float:
    """Where both aims are missed least, by the sum of the squares of what lacks."""

    def missed(least: float) -> float:
        answered, refused = float((best >= least)[:, able].mean()), float((best < least)[:, ~able].mean())
        return float(max(0.0, ANSWERED - answered) ** 2 + max(0.0, REFUSED - refused) ** 2)

    return min((float(t) for t in np.quantile(best[:, able], np.arange(0.01, 0.2, 0.0025))), key=missed)


def auc(able: Floats, others: Floats) -> float:
    """How often an answerable question has the higher score of two."""
    return float((able[:, None] > others).mean() + 0.5 * (able[:, None] == others).mean())


def write(by: Fit, least: float) -> None:
    many = (len(by.told) - 1) // 2

    def plain(values: Floats) -> tuple[float, ...]:
        return tuple(round(float(v), 4) for v in values)

    found = weighing.Weights(
        figure=plain(by.figure),
        sentence=plain(by.sentence),
        question=plain(np.r_[by.question[:-1], by.question[-1] - least]),
        number=plain(by.number),
        asked=plain(by.told[:many]),
        both=plain(by.told[many:-1]),
        bias=round(float(by.told[-1]), 4),
    )
    target = Path(weighing.__file__).parent / "data" / "weights.json"
    target.write_bytes(msgspec.json.encode(found) + b"\n")
    print(f"written: {target}")


if __name__ == "__main__":
    main()
