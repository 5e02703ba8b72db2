"""Passages and their sentences, weighed against a question: by words, by meaning, by the kind of answer it wants."""

import contextlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from outrider.base.errors import OutriderError
from outrider.knowledge.answer import coded
from outrider.knowledge.answer.question import Question
from outrider.knowledge.figures import figures
from outrider.knowledge.naming import FUNCTION_WORDS, names
from outrider.knowledge.records import Hit
from outrider.knowledge.sentences import sentences
from outrider.knowledge.verify import occurs, stem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

Tokens = Callable[[Sequence[str]], "list[Vectors]"]
"""One unit vector per token of each text: `Embedders.tokens` of one model."""
Both = Callable[[Sequence[str]], "tuple[Vectors, list[Vectors]]"]
"""One unit vector per text, and one per token of each: `Embedders.both` of one model."""
MOST_SENTENCES = 40
"""Sentences that are compared by meaning: about a quarter of a second of one core."""
LONGEST = 600
"""Characters of a sentence that is quoted; longer ones are rows of data or text without full stops."""
_WORD = re.compile(r"[^\W_]+")
_HYPHENED = re.compile(r"([a-z]{2,})-([a-z]{3,})")
_CURRENCIES = frozenset(("usd", "eur", "gbp", "jpy", "inr", "cad", "aud", "chf", "sgd", "brl", "krw", "cny"))
_FACT = re.compile(r"\s*(?:[-*+•]\s|\|).*\d")
"""A line of facts: a list's item or a table's row with a figure."""
_ALONE = re.compile(r"\s*(?:#{1,6}\s|```|\|[\s:|-]+\|?$|!\[|\[[^\]]*\]\([^)]*\)$)")


class Candidate(msgspec.Struct):
    """A sentence that may be quoted: `hit.chunk.text[start:end]` of hit number `at`."""

    at: int
    start: int
    end: int
    text: str
    stems: frozenset[str]
    content: frozenset[str]
    words: float = 0.0
    named: float = 0.0
    meaning: float = 0.0
    kind: bool = False
    score: float = 0.0


class Weighed(msgspec.Struct):
    """All that is known of a question's evidence. `likeness` is, for each token of the question's content (rows), its
    best cosine in each candidate (columns), `head` the same of what it asks for by name, on average; None without an
    embedder."""

    question: Question
    hits: Sequence[Hit]
    candidates: list[Candidate]
    likeness: "Vectors | None" = None
    head: "Vectors | None" = None


def about(hit: Hit) -> str:
    """What a passage is part of: the document's title and the headings that lead to it."""
    return " — ".join(dict.fromkeys(t for t in (hit.document.title, *hit.chunk.headings) if t))


def whole(hit: Hit) -> str:
    """A passage with what it is part of."""
    return f"{labels(hit)}\n{hit.chunk.text}"


def labels(hit: Hit) -> str:
    """What a passage is about: what it is part of, and what the document says of itself in a few words."""
    return " \n".join([about(hit), *(v for v in hit.document.meta.values() if isinstance(v, str) and len(v) < 80)])


@lru_cache(maxsize=2048)
def content(text: str) -> frozenset[str]:
    """The stems of a text's words of content."""
    return frozenset(stem(w) for w in _WORD.findall(text) if w.lower() not in FUNCTION_WORDS)


@lru_cache(maxsize=2048)
def stems(text: str) -> frozenset[str]:
    """The same, with `multimodal` for `multi-modal`, and for three or four words in a row their initials, as in RAG."""
    words = [w.lower() for w in _WORD.findall(text)]
    found = set(content(text))
    found |= {stem(a + b) for a, b in _HYPHENED.findall(text.lower())}
    for size in (3, 4):
        found |= {"".join(w[0] for w in words[at : at + size]) for at in range(len(words) - size + 1)}
    return frozenset(found)


def weigh(
    question: Question, hits: Sequence[Hit], tokens: Tokens | None, named: Mapping[str, float] | None = None
) -> Weighed:
    """Every sentence of the passages, the best first. `named` says of documents which part of the question's names
    they have, also where the passage has none. Code is weighed where the question asks for it, or nothing else is
    there."""
    found = [c for at, hit in enumerate(hits) for c in _candidates(at, hit)]
    if not coded.asked_for(question.text):
        found = [c for c in found if not coded.is_code(hits[c.at].chunk, c.start, c.end)] or found
    rarity = _rarity(question, found)
    around = [stems(whole(hit)) for hit in hits]
    having = [(named or {}).get(hit.document.id, 0.0) for hit in hits]
    for one in found:
        inside = covered(question, one.stems, rarity)
        one.words = 0.6 * inside + 0.4 * covered(question, one.stems | around[one.at], rarity)
        one.kind = answers_kind(question, one.text)
        one.named = names_there(question, hits[one.at], one.text, having[one.at])
    found.sort(key=lambda c: (-_by_words(c), c.at, c.start))
    weighed = Weighed(question, hits, found[:MOST_SENTENCES])
    if tokens is not None and weighed.candidates:
        with contextlib.suppress(OutriderError):  # no embedder is at hand: by words alone
            _by_meaning(weighed, tokens)
    for one in weighed.candidates:
        one.score = _by_words(one) + 1.4 * one.meaning
    _best_first(weighed)
    return weighed


def _best_first(weighed: Weighed) -> None:
    ranked = weighed.candidates
    order = sorted(range(len(ranked)), key=lambda i: (-ranked[i].score, ranked[i].at, ranked[i].start))
    weighed.candidates = [ranked[i] for i in order]
    if weighed.likeness is not None:
        weighed.likeness = weighed.likeness[:, order]
    if weighed.head is not None:
        weighed.head = weighed.head[order]


def _candidates(at: int, hit: Hit) -> list[Candidate]:
    text = hit.chunk.text
    above = {hit.document.title, *hit.chunk.headings}
    made = []
    for start, end in sentences(text):
        said = text[start:end]
        if (
            said in above  # a heading says what follows, and answers nothing
            or len(_WORD.findall(said)) < (2 if _FACT.match(said) else 4)
            or end - start > LONGEST
            or said.endswith("?")
            or (_ALONE.match(said) and not coded.is_comment(hit.chunk, start, end))
        ):
            continue
        made.append(Candidate(at, start, end, said, stems(said), content(said)))
    return made


def _by_words(one: Candidate) -> float:
    return one.words + one.named + (0.6 if one.kind else 0.0) + 0.25 / (1 + 0.5 * one.at)


def _rarity(question: Question, found: Sequence[Candidate]) -> dict[str, float]:
    """How much each word of the question tells: those that few sentences have tell more."""
    many = len(found) + 1
    return {w: math.log(1 + many / (1 + sum(w in c.stems for c in found))) for w in question.words}


def covered(question: Question, there: frozenset[str], rarity: dict[str, float]) -> float:
    """The part of the question's words that are there, by what they tell; 1 if it has none but names."""
    total = sum(rarity.values())
    return sum(v for w, v in rarity.items() if w in there) / total if total else 1.0


def _by_meaning(weighed: Weighed, tokens: Tokens) -> None:
    import numpy as np

    question = weighed.question
    told = [c.text for c in weighed.candidates]
    asked, head, *said = tokens([question.content, question.head or question.content, *told])
    like = np.zeros((len(asked), len(said)), np.float32)
    for column, vectors in enumerate(said):
        if len(vectors) and len(asked):
            like[:, column] = (asked @ vectors.T).max(axis=1)
            weighed.candidates[column].meaning = float(like[:, column].mean())
    weighed.likeness = like
    weighed.head = np.array([float((head @ v.T).max(axis=1).mean()) if len(v) and len(head) else 0.0 for v in said])


def answers_kind(question: Question, text: str) -> bool:
    """Whether a sentence has what the question wants: an amount, a date, a name."""
    wants = question.wants
    if wants & {"amount", "share", "money", "time", "date"}:
        there = figures(text)
        units = {f.unit for f in there}
        if "share" in wants and units & {"%", "pp", "x"}:
            return True
        if "money" in wants and units & _CURRENCIES:
            return True
        if "time" in wants and units & {"time", "months", "x"}:
            return True
        if "date" in wants and any(f.date is not None for f in there):
            return True
        return "amount" in wants and any(f.date is None for f in there)
    if "name" in wants:
        known = question.text.lower()
        return any(text[n.start : n.end].lower() not in known for n in names(text))
    return False


def names_there(question: Question, hit: Hit, sentence: str = "", known: float = 0.0) -> float:
    """How near the question's names are, on average: 1 in the sentence or in what the document is about, 0.7 in the
    passage, 0.4 elsewhere in the document (`known` of them); 1 if it has none."""
    if not question.names:
        return 1.0
    near, far = f"{labels(hit)}\n{sentence}", hit.chunk.text
    found = [1.0 if occurs(n, near) else 0.7 if occurs(n, far) else 0.0 for n in question.names]
    return max(sum(found) / len(found), 0.4 * known)
