"""The seam between the gateway and knowledge: an answer that rests on passages, whoever writes it.

The gateway asks `Grounds.ground` once for a call (it blocks: in a thread), and gets the call's `Ground`: what was
found, how a model is told of it, the answer without any model, and the check of every sentence that a model writes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

Mode = Literal["auto", "extractive", "abstractive"]
Unsupported = Literal["mark", "drop", "keep"]
OnNothing = Literal["refuse", "pass"]


class GroundRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a route's answers rest on a collection. `mode` `auto`: sentences of the passages where only the embedded
    model could write, else the model's own. `unsupported`: what becomes of a sentence that its passages do not bear.
    `on_nothing`: without evidence the answer is a refusal, or the model answers as if there were no collection."""

    collection: str
    strategy: str = ""
    limit: int = 6
    mode: Mode = "auto"
    unsupported: Unsupported = "mark"
    on_nothing: OnNothing = "refuse"


class GroundAsked(msgspec.Struct, frozen=True):
    """Who asks what: `turns` are the conversation's (role, text), the last question at the end."""

    project: str
    principals: frozenset[str]
    turns: Sequence[tuple[str, str]]
    rule: GroundRule
    at: int
    """ns since the epoch: the moment whose documents are asked."""
    recorded: str = ""
    """The id of a run whose passages are to be given again, and nothing searched."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """`text[start:end]` of what was said rests on a passage: `number` as it is marked, `quote` its words, exactly those
    from `quoted[0]` to `quoted[1]` of the document's version."""

    start: int
    end: int
    number: int
    url: str
    title: str
    quote: str
    document: str
    quoted: tuple[int, int]


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sentence as it goes out (with the white space before it), with `notes` on its text. `flaws` are the words of
    it that no cited passage has; `text` is "" if it was dropped."""

    text: str
    notes: Sequence[Note] = ()
    flaws: Sequence[str] = ()


class Ground(Protocol):
    """What one call's answer rests on. Nothing of it blocks.

    `refusal` is what is said when the passages cannot answer ("": they can). `facts` is for the step's attributes,
    `record` for its body, `key` names what was found, `cost` what finding it took in nano-dollars.
    """

    @property
    def refusal(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def record(self) -> bytes: ...
    @property
    def key(self) -> bytes: ...
    @property
    def cost(self) -> int: ...

    def told(self) -> tuple[str, str]:
        """For a model: instructions, and the passages as text that must not be obeyed."""
        ...

    def extract(self) -> Iterator[Said]:
        """The answer made of sentences of the passages."""
        ...

    def settled(self, text: str) -> int:
        """How far a text, of which more is to come, has complete sentences."""
        ...

    def cut(self, text: str) -> Iterator[str]:
        """A text as sentences, each with the white space before it; together they are the text."""
        ...

    def check(self, sentence: str) -> Said:
        """A sentence that a model wrote: with its notes, marked or dropped if its passages do not bear it."""
        ...

    def flaws(self, text: str) -> Sequence[str]:
        """What of a text in another form (JSON) no passage has."""
        ...


class Grounds(Protocol):
    """Finds what a call's answer rests on. Blocking. Raises OutriderError."""

    def ground(self, asked: GroundAsked) -> Ground: ...
