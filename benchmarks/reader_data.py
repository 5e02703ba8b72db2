"""What the reader of questions and sentences is trained on: pairs of texts, of which some answer, as vectors of tokens.

Other people's questions are read out of clones of four public repositories, with their licences: SelQA's development
and test parts (github.com/emorynlp/selqa, Apache-2.0), QED's development part (github.com/google-research-datasets/QED,
CC BY-SA 3.0), XQuAD in English (github.com/google-deepmind/xquad, CC BY-SA 4.0) and COVID-QA
(github.com/deepset-ai/COVID-QA, Apache-2.0). Our own are the golden questions that are not held out, with every
candidate that the Casebook has for an answer. Nothing of the repositories is kept here. `reader_fit.py` trains.
"""

import json
import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from outrider.knowledge.sentences import sentences
from outrider.providers.embedded.embed import DIMENSIONS, Embedder

RIGHT, HARD, EASY = 2, 3, 2
"""Of the sentences beside a question: so many that answer it, that share most words with it, and of the others."""
HEADING = 3
"""Words and marks of a sentence that is too short to teach what an answer is."""
TOGETHER = 256
"""Texts that are embedded at once."""
Floats = NDArray[np.float32]
Places = NDArray[np.int64]
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Asked(NamedTuple):
    """A question of `source` as it is read with each of some sentences, and the places of those that answer it. `part`
    is the fold that it is in."""

    source: str
    pairs: Sequence[tuple[str, str]]
    right: frozenset[int]
    part: int = -1


def beside(source: str, question: str, said: Iterable[str], right: Iterable[int]) -> Asked:
    """The same question with every sentence."""
    return Asked(source, [(question, one) for one in said], frozenset(right))


# -- other people's questions -----------------------------------------------------------------------------------------


def others(clones: Path, few: int | None = None) -> Iterator[Asked]:
    """Every question of the four repositories that has an answer, with all sentences of its text; or the first `few` of
    each repository."""
    for of, name in ((_selqa, "selqa"), (_qed, "QED"), (_xquad, "xquad"), (_covid, "COVID-QA")):
        yield from islice((one for one in of(clones / name) if one.right), few)


def _shown(clone: Path, path: str) -> str:
    """A file of the newest commit: a clone without a work tree will do."""
    shown = subprocess.run(["git", "-C", str(clone), "show", f"HEAD:{path}"], capture_output=True, check=True)
    return shown.stdout.decode("utf-8")


def _selqa(clone: Path) -> Iterator[Asked]:
    for part in ("dev", "test"):
        for one in json.loads(_shown(clone, f"ass/selqa-ass-{part}.json")):
            yield beside("selqa", one["question"], one["candidates"], one["answers"])


def _qed(clone: Path) -> Iterator[Asked]:
    """Questions as they were typed into a search: with a capital and a mark they look like the others."""
    for line in _shown(clone, "qed-dev.jsonlines").splitlines():
        one = json.loads(line)
        text, starts = one["paragraph_text"], one["sentence_starts"]
        spans = list(zip(starts, [*starts[1:], len(text)], strict=True))
        places = [(a["start"], a["start"] + 1) for answers in one["original_nq_answers"] for a in answers]
        question = f"{one['question_text'][:1].upper()}{one['question_text'][1:]}?"
        yield beside("qed", question, [text[a:b].strip() for a, b in spans], _holding(spans, places))


def _xquad(clone: Path) -> Iterator[Asked]:
    for text, questions in _paragraphs(clone, "xquad.en.json"):
        spans = [(a, b) for a, b in sentences(text)]
        said = [text[a:b] for a, b in spans]
        for one in questions:
            places = [(a["answer_start"], a["answer_start"] + 1) for a in one["answers"]]
            yield beside("xquad", one["question"], said, _holding(spans, places))


def _covid(clone: Path) -> Iterator[Asked]:
    """Whole articles; an answer may be of several sentences."""
    for text, questions in _paragraphs(clone, "data/question-answering/200423_covidQA.json"):
        spans = [(a, b) for a, b in sentences(text)]
        said = [" ".join(text[a:b].split()) for a, b in spans]
        for one in questions:
            places = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in one["answers"]]
            if not one.get("is_impossible"):
                yield beside("covid", one["question"], said, _holding(spans, places))


def _paragraphs(clone: Path, path: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Texts with their questions, in SQuAD's form."""
    for article in json.loads(_shown(clone, path))["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"], paragraph["qas"]


def _holding(spans: Sequence[tuple[int, int]], places: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The spans that share a character with one of the places."""
    return frozenset(n for n, (a, b) in enumerate(spans) if any(a < end and start < b for start, end in places))


def chosen(one: Asked, draw: np.random.Generator) -> Asked | None:
    """With the sentences that are trained on only: some that answer, the likest that do not by the rare words that they
    share with the question, and some of the others. None if all that answer are headings."""
    tokens = [_TOKEN.findall(said.lower()) for _, said in one.pairs]
    right = [n for n in sorted(one.right) if len(tokens[n]) >= HEADING][:RIGHT]
    if not right:
        return None
    within = Counter(word for said in tokens for word in set(said))
    asked = set(_TOKEN.findall(one.pairs[0][0].lower()))

    def alike(n: int) -> float:
        shared = sorted(asked.intersection(tokens[n]))
        return sum(math.log(1 + len(tokens) / within[word]) for word in shared) / math.sqrt(5 + len(tokens[n]))

    wrong = [n for n in range(len(tokens)) if n not in one.right and len(tokens[n]) > HEADING]
    wrong.sort(key=alike, reverse=True)
    rest = wrong[HARD:]
    easy: list[int] = draw.choice(rest, min(EASY, len(rest)), replace=False).tolist() if rest else []
    return one._replace(
        pairs=[one.pairs[n] for n in (*right, *wrong[:HARD], *easy)], right=frozenset(range(len(right)))
    )


# -- our own ----------------------------------------------------------------------------------------------------------


def golden(source: str, home: Path, models: Path, folds: int, few: int | None = None) -> Iterator[Asked]:
    """The golden questions that are not held out, `bundled` or `public`, about the cases at `home`, with every
    candidate for an answer. Each case's candidates read the question without that case's names."""
    import casebook_fit
    from casebook import opened

    from outrider.casebook import direct
    from outrider.casebook.find import Finder
    from outrider.casebook.golden import load, placed, public

    book = opened(home, models)
    finder = Finder(book)
    embed = direct.embedder(finder.cases)
    assert embed is not None, f"{home}: nothing is embedded"
    every = [q for q in placed(load() if source == "bundled" else public(), book) if not q.held_out]
    for one in every[:few]:
        seen = casebook_fit.looked(finder, embed, one, [])
        if seen.reads:
            right = frozenset(np.flatnonzero(seen.right).tolist())
            yield Asked(source, seen.reads, right, casebook_fit.fold(seen.group, folds))


# -- vectors ----------------------------------------------------------------------------------------------------------


def write(path: Path, every: Sequence[Asked], embedder: Embedder) -> None:
    """All pairs with the vectors of their tokens, as `reader_fit.py train` reads them. A text is embedded once."""
    from outrider.knowledge import reader

    asked, said = dict[str, int](), dict[str, int]()
    pairs = [(asked.setdefault(q, len(asked)), said.setdefault(s, len(said))) for one in every for q, s in one.pairs]
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    long = [len(one.pairs) for one in every]
    names = sorted({one.source for one in every})
    asked_tokens, asked_at, asked_whole = vectors(embedder, list(asked), reader.ASKED)
    said_tokens, said_at, said_whole = vectors(embedder, list(said), reader.SAID)
    np.savez(
        path,
        asked=asked_tokens,
        asked_at=asked_at,
        said=said_tokens,
        said_at=said_at,
        pairs=np.stack([first, second], axis=1),
        near=(asked_whole[first] * said_whole[second]).sum(axis=1),
        right=np.array([float(n in one.right) for one in every for n in range(len(one.pairs))], np.float32),
        group=np.repeat(np.arange(len(every)), long),
        part=np.repeat([one.part for one in every], long),
        source=np.repeat([names.index(one.source) for one in every], long),
        sources=np.array(names),
    )
    print(f"{path.name}: {len(every):,} questions, {len(said):,} sentences, {len(pairs):,} pairs", flush=True)


def vectors(embedder: Embedder, texts: Sequence[str], most: int) -> tuple[NDArray[np.float16], Places, Floats]:
    """Unit vectors of the first `most` tokens of all texts, one after the other, where those of each begin, and the
    unit vectors of the whole texts. A text is embedded whole, as the Casebook does it, and cut then."""
    tokens, long = list[NDArray[np.float16]](), [0]
    whole = np.zeros((len(texts), DIMENSIONS), np.float32)
    for start in range(0, len(texts), TOGETHER):
        some = [text or " " for text in texts[start : start + TOGETHER]]
        whole[start : start + len(some)], every = embedder.embed_both(some, truncate=True)
        for one in every:
            tokens.append(one[:most].astype(np.float16))
            long.append(len(tokens[-1]))
    flat = np.concatenate(tokens) if tokens else np.zeros((0, DIMENSIONS), np.float16)
    return flat, np.cumsum(long), whole
