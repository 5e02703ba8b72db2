"""Trains the reader of questions and sentences, `outrider/knowledge/reader.py`.

    python benchmarks/reader_fit.py prepare CLONES HOME OUT [--public HOME]  in Outrider's environment
    PYTHONPATH=src python benchmarks/reader_fit.py train OUT                 where PyTorch (1.13), numpy and msgspec are
    python benchmarks/reader_fit.py measure OUT                              in Outrider's environment

CLONES holds clones of the repositories that `reader_data.py` names; HOME the bundled cases, embedded; `--public` those
with the public database. `prepare` writes two files of vectors of tokens to OUT (about 1.5 GB). `train` needs nothing
of Outrider's but its source, so it may have an environment of its own. `measure` runs what
was written as the Casebook does, and prints what `train` printed after each fold.

First the network is trained on other people's questions, then from there on our own together with some of theirs: once
on all of them (`reader.onnx`), and once without each of four parts of our questions (`fold0.onnx` and so on), which are
cut by the case that a question is about. `casebook_fit.py --readers OUT` fits with these. The numbers that are printed
are of questions that were left out: how often a sentence that answers has the higher score of two (AUC), and how often
the sentence with the highest score answers, among questions that have one. The same files and versions give the same
weights on one thread.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from reader_net import Batch, Net, born, read, save

from outrider.knowledge import reader

Floats = NDArray[np.float32]
Places = NDArray[np.int64]
FOLDS = 4
LEFT_OUT = 600
"""Other people's questions that are not trained on, to measure by."""
WARM, DECAY, CLIP = 100, 0.02, 1.0
MORE = 2.0
"""What a sentence that answers weighs against one that does not."""
RIGHT, HARD, NEAR, EASY = 3, 6, 4, 3
"""Of the candidates of our own question: so many that answer, those with the highest score before, the nearest of the
others, and some of all."""


class Course(NamedTuple):
    """How one round of training goes."""

    epochs: int
    rate: float
    drop: float
    seed: int
    batch: int = 64


class Pairs:
    """What `reader_data.write` wrote."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as found:
            self.asked, self.asked_at = found["asked"], found["asked_at"]
            self.said, self.said_at = found["said"], found["said_at"]
            self.pairs, self.near = found["pairs"], found["near"]
            self.right, self.group, self.part = found["right"], found["group"], found["part"]
            self.source: Places = found["source"]
            self.sources: list[str] = found["sources"].tolist()

    def __len__(self) -> int:
        return len(self.right)

    def long(self, some: Places) -> Places:
        ends: Places = np.diff(self.said_at)[self.pairs[some, 1]]
        return ends

    def asked_of(self, one: int) -> Floats:
        return np.asarray(self.asked[self.asked_at[one] : self.asked_at[one + 1]], np.float32)

    def said_of(self, one: int) -> Floats:
        return np.asarray(self.said[self.said_at[one] : self.said_at[one + 1]], np.float32)

    def batch(self, some: Places) -> Batch:
        import torch

        asked, said = self.pairs[some].T
        both = (*_padded(self.asked, self.asked_at, asked), *_padded(self.said, self.said_at, said))
        return Batch(*(torch.from_numpy(one) for one in (*both, self.near[some])))


def _padded(tokens: NDArray[np.float16], at: Places, some: Places) -> tuple[Floats, NDArray[np.bool_]]:
    """Vectors of some texts (texts, tokens, 384), zeros behind the shorter; one without tokens has one of zeros."""
    long = at[some + 1] - at[some]
    width = max(1, int(long.max()))
    vectors, there = np.zeros((len(some), width, reader.DIMENSIONS), np.float32), np.zeros((len(some), width), np.bool_)
    for n, (one, many) in enumerate(zip(some, long, strict=True)):
        vectors[n, :many] = tokens[at[one] : at[one] + many]
        there[n, : max(1, many)] = True
    return vectors, there


Lessons = Sequence[tuple[Pairs, Places]]
"""Pairs of which some are read."""


def batches(lessons: Lessons, size: int, draw: np.random.Generator | None = None) -> list[tuple[Pairs, Places]]:
    """Pairs of about one length together; with `draw` in another order and company each time."""
    found = []
    for pairs, some in lessons:
        long = pairs.long(some) + (draw.uniform(-6, 6, len(some)) if draw else 0)
        order = some[np.argsort(long, kind="stable")]
        found += [(pairs, order[n : n + size]) for n in range(0, len(order), size)]
    return [found[n] for n in draw.permutation(len(found))] if draw else found


# -- training ---------------------------------------------------------------------------------------------------------


def trained(start: Net, lessons: Lessons, by: Course) -> Net:
    """A net that went on from `start`; the rate rises for a hundred batches and then falls to nearly nothing."""
    import torch
    from torch.nn import functional

    draw = np.random.default_rng(by.seed)
    torch.manual_seed(by.seed)
    net = {name: one.clone().requires_grad_() for name, one in start.items()}
    steps = torch.optim.AdamW(list(net.values()), lr=by.rate, weight_decay=DECAY)
    total, at = by.epochs * len(batches(lessons, by.batch)), 0
    for epoch in range(by.epochs):
        lost = []
        for pairs, some in batches(lessons, by.batch, draw):
            right = torch.from_numpy(pairs.right[some])
            scores = read(net, pairs.batch(some), by.drop)
            loss = ((functional.softplus(scores) - right * scores) * (1 + (MORE - 1) * right)).mean()
            at += 1
            steps.param_groups[0]["lr"] = by.rate * min(1, at / WARM) * max(0.02, 1 - (at - 1) / total)
            steps.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(list(net.values()), CLIP)
            steps.step()
            lost.append(loss.item())
        print(f"  round {epoch + 1} of {by.epochs}: loss {np.mean(lost):.4f}, {len(lost):,} batches", flush=True)
    return {name: one.detach() for name, one in net.items()}


def scored(net: Net, pairs: Pairs, some: Places) -> Floats:
    """The log-odds of `some` pairs, in their order."""
    import torch

    found = np.zeros(len(pairs), np.float32)
    with torch.no_grad():
        for _, batch in batches([(pairs, some)], 128):
            found[batch] = read(net, pairs.batch(batch)).numpy()
    return found[some]


def lesson(own: Pairs, before: Floats, fold: int, draw: np.random.Generator) -> Places:
    """The pairs of our own questions that are trained on: not those of `fold`."""
    kept: list[int] = []
    for some in np.split(np.arange(len(own)), np.flatnonzero(np.diff(own.group)) + 1):
        if own.part[some[0]] == fold:
            continue
        wrong = some[own.right[some] == 0]
        hard = wrong[np.argsort(-before[wrong], kind="stable")[:HARD]]
        near = wrong[np.argsort(-own.near[wrong], kind="stable")[:NEAR]]
        easy = draw.choice(wrong, min(EASY, len(wrong)), replace=False)
        kept += some[own.right[some] == 1][:RIGHT].tolist()
        kept += sorted({*hard.tolist(), *near.tolist(), *easy.tolist()})
    return np.array(kept, np.int64)


# -- measuring --------------------------------------------------------------------------------------------------------


def area(right: Floats, wrong: Floats) -> float:
    """How often a pair that answers has the higher score of two."""
    order = np.sort(wrong)
    below, upto = np.searchsorted(order, right, "left"), np.searchsorted(order, right, "right")
    return float((below + upto).mean() / 2 / len(order))


def first(scores: Floats, right: Floats, group: Places) -> tuple[float, int]:
    """How often the highest score of a question answers, among so many questions that have an answer."""
    hits = [bool(right[own][scores[own].argmax()]) for own in (group == g for g in np.unique(group[right == 1]))]
    return (float(np.mean(hits)) if hits else math.nan), len(hits)


def report(name: str, scores: Floats, pairs: Pairs, some: Places) -> None:
    """A line for each source and one for all: `scores` are of `some` pairs."""
    right, group, source = pairs.right[some], pairs.group[some], pairs.source[some]
    for n, of in [*enumerate(pairs.sources), (-1, "all")]:
        own = (source == n) | (n < 0)
        good, bad = scores[own & (right == 1)], scores[own & (right == 0)]
        if len(good) and len(bad):
            share, many = first(scores[own], right[own], group[own])
            print(f"{name:14} {of:8} AUC {area(good, bad):.4f} of {len(good):,} x {len(bad):,} pairs", end="; ")
            print(f"first {share:.3f} of {many:,} questions", flush=True)


# -- the three steps --------------------------------------------------------------------------------------------------


def prepare(options: argparse.Namespace) -> None:
    import reader_data as data

    from outrider.base import env
    from outrider.providers.embedded.embed import Embedder

    models = options.models or env.models_dir(env.home())
    options.out.mkdir(parents=True, exist_ok=True)
    embedder, draw = Embedder(models / "all-minilm-l6-v2"), np.random.default_rng(1)
    others = [kept for one in data.others(options.clones, options.few) if (kept := data.chosen(one, draw))]
    data.write(options.out / "others.npz", others, embedder)
    own = list(data.golden("bundled", options.home, models, FOLDS, options.few))
    if options.public:
        own += data.golden("public", options.public, models, FOLDS, options.few)
    data.write(options.out / "own.npz", own, embedder)


def train(options: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(1)
    own, others = Pairs(options.out / "own.npz"), Pairs(options.out / "others.npz")
    groups = np.unique(others.group)
    left_out = np.random.default_rng(5).choice(groups, min(LEFT_OUT, len(groups) // 5), replace=False)
    out = np.isin(others.group, left_out)
    kept, held = np.flatnonzero(~out), np.flatnonzero(out)
    report("cosines", others.near[held], others, held)
    first_net = trained(born(0), [(others, kept)], Course(options.epochs[0], 1.5e-3, 0.1, 0))
    report("others only", scored(first_net, others, held), others, held)
    before = scored(first_net, own, np.arange(len(own)))
    for fold in range(-1, FOLDS):
        draw, name = np.random.default_rng(fold + 7), "reader" if fold < 0 else f"fold{fold}"
        some = lesson(own, before, fold, draw)
        theirs = np.sort(draw.choice(kept, min(options.others, len(kept)), replace=False))
        print(f"{name}: {len(some):,} pairs of our own, {len(theirs):,} of others", flush=True)
        net = trained(first_net, [(own, some), (others, theirs)], Course(options.epochs[1], 1e-3, 0.15, fold + 10))
        save(options.out / f"{name}.onnx", net)
        test = np.flatnonzero(own.part == fold)
        if len(test):
            report(f"{name} cosines", own.near[test], own, test)
            report(f"{name} before", before[test], own, test)
            report(f"{name} after", scored(net, own, test), own, test)
        else:
            report(name, scored(net, others, held), others, held)


def measure(options: argparse.Namespace) -> None:
    own = Pairs(options.out / "own.npz")
    for fold in range(FOLDS):
        by = reader.Reader(options.out / f"fold{fold}.onnx")
        some, found = np.flatnonzero(own.part == fold), np.zeros(len(own), np.float32)
        for asked in np.unique(own.pairs[some, 0]):
            at = some[own.pairs[some, 0] == asked]
            said = [own.said_of(n) for n in own.pairs[at, 1]]
            found[at] = by.scores(own.asked_of(asked), said, own.near[at].tolist())
        report(f"fold{fold} measured", found[some], own, some)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(required=True)
    first_step = steps.add_parser("prepare", help="texts into vectors")
    first_step.add_argument("clones", type=Path, help="a folder with selqa, QED, xquad and COVID-QA")
    first_step.add_argument("home", type=Path, help="a home with the bundled cases, embedded")
    first_step.add_argument("out", type=Path, help="where the vectors go, and the weights later")
    first_step.add_argument("--public", type=Path, help="a home with the public database too, embedded")
    first_step.add_argument("--models", type=Path, help="where the embedded models are")
    first_step.add_argument("--few", type=int, help="only so many questions of each source: a smoke, not a result")
    first_step.set_defaults(step=prepare)
    second = steps.add_parser("train", help="vectors into weights")
    second.add_argument("out", type=Path, help="the folder that `prepare` wrote to")
    second.add_argument("--epochs", type=int, nargs=2, default=(5, 3), help="on other people's questions, and on ours")
    second.add_argument("--others", type=int, default=6000, help="other people's pairs beside our own")
    second.set_defaults(step=train)
    third = steps.add_parser("measure", help="what the weights of each fold are worth, as they are run")
    third.add_argument("out", type=Path, help="the folder that `train` wrote to")
    third.set_defaults(step=measure)
    options = parser.parse_args()
    options.step(options)


if __name__ == "__main__":
    main()
