"""What an answer is made of."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from outrider.knowledge.records import Found, Hit

Written = Literal["extractive", "abstractive", "refusal"]


class Citation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A passage that a sentence rests on. `number` is its place in the answer's evidence, counted from 1; `quote` is
    exactly `[start:end]` of version `version` of `document`."""

    number: int
    document: str
    version: int
    chunk: int
    source: str
    title: str
    start: int
    end: int
    quote: str
    url: str = ""


class Sentence(msgspec.Struct, frozen=True, omit_defaults=True):
    """`text[start:end]` of the answer. `flaws` are words of it that its passages do not
    have; a sentence without flaws and with citations is supported."""

    text: str
    start: int
    end: int
    citations: tuple[Citation, ...] = ()
    flaws: tuple[str, ...] = ()

    @property
    def supported(self) -> bool:
        return bool(self.citations) and not self.flaws


class Answer(msgspec.Struct, omit_defaults=True):
    """An answer with what it rests on. `text` has marks such as `[1]`, which count `evidence`. `abstained`: it is a
    refusal, and `why` says what is missing. `confidence` is the estimated chance that the evidence answers the
    question. `dropped` are sentences that a model wrote and its passages do not bear. `cost` is in nano-dollars."""

    question: str
    text: str
    sentences: list[Sentence]
    evidence: list[Hit]
    found: Found
    abstained: bool = False
    why: str = ""
    confidence: float = 0.0
    written: Written = "extractive"
    dropped: Sequence[str] = ()
    cost: int = 0
