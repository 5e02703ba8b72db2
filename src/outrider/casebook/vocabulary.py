"""The controlled vocabulary: industries, applications, techniques, tools and stages, each with the pattern that is its
evidence in a text, and what other databases' tags are called here.
"""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Literal

import msgspec

Kind = Literal["industries", "applications", "techniques", "tools", "stages"]
KINDS: tuple[Kind, ...] = ("industries", "applications", "techniques", "tools")
"""Those that are tags; a case has one stage."""


class Word(msgspec.Struct, frozen=True, dict=True):
    """An entry of the vocabulary. `pattern` matches (without regard to case) what may stand as evidence for it."""

    id: str
    label: str
    pattern: str
    group: str = ""

    @cached_property
    def evidence(self) -> re.Pattern[str] | None:
        return re.compile(self.pattern, re.IGNORECASE) if self.pattern else None


class Foreign(msgspec.Struct, frozen=True):
    """Another database's words: its industries as ours ("": we have none), its tags as (kind, ours), and those of its
    tags that name a tool."""

    industries: Mapping[str, str]
    tags: Mapping[str, tuple[Kind, str]]
    tools: tuple[str, ...]


class Terms(msgspec.Struct, frozen=True, dict=True):
    """The whole vocabulary as it is shipped."""

    industries: tuple[Word, ...]
    applications: tuple[Word, ...]
    techniques: tuple[Word, ...]
    tools: tuple[Word, ...]
    stages: tuple[Word, ...]
    zenml: Foreign

    @cached_property
    def by_id(self) -> dict[Kind, dict[str, Word]]:
        return {kind: {w.id: w for w in self.of(kind)} for kind in (*KINDS, "stages")}

    def of(self, kind: Kind) -> tuple[Word, ...]:
        words: tuple[Word, ...] = getattr(self, kind)
        return words

    def find(self, kind: Kind, id_: str) -> Word | None:
        return self.by_id[kind].get(id_)

    def label(self, kind: Kind, id_: str) -> str:
        """How it is written for people; the id itself if it is not of the vocabulary."""
        word = self.find(kind, id_)
        return word.label if word else id_


@lru_cache(maxsize=1)
def terms() -> Terms:
    """The vocabulary; read once."""
    shipped = files("outrider.casebook") / "data" / "vocabulary.json"
    return msgspec.json.decode(shipped.read_bytes(), type=Terms)
