"""What the Casebook is made of: case studies whose every tag, name and figure points to the passage that says it."""

from collections.abc import Iterator
from typing import Literal

import msgspec

Status = Literal["verified", "vendor-claim", "contradicted", "unsupported"]
"""`verified`: the passage contains it. `vendor-claim`: it does, and who says so sells it. `contradicted`: another
passage says otherwise. `unsupported`: no passage says it; kept for the record, never shown as a fact."""
SourceType = Literal["vendor", "customer", "talk", "paper", "article"]
Stage = Literal["idea", "pilot", "limited", "full", ""]
STAGES: tuple[Stage, ...] = ("idea", "pilot", "limited", "full")


class Source(msgspec.Struct, omit_defaults=True, frozen=True):
    """Where a case is told. `document` is its document's id in the Casebook's collection ("": its text is not here, and
    evidence in it has offsets and a hash, but no quote). `hash` is the SHA-256 of the text that offsets refer to (""
    where nobody read it), `retrieved` a date (`2026-03-13`) or ""."""

    id: str
    type: SourceType
    url: str = ""
    title: str = ""
    retrieved: str = ""
    hash: str = ""
    document: str = ""


class Evidence(msgspec.Struct, omit_defaults=True, frozen=True):
    """A passage: `text[start:end]` of the source with this id. `hash` is the first 16 hex digits of the SHA-256 of
    the quote; `quote` is "" where the text may not be kept."""

    source: str
    start: int
    end: int
    hash: str
    quote: str = ""


class Made(msgspec.Struct, omit_defaults=True, frozen=True):
    """Who said it first. `by` is `text` (a pattern found it), `front matter`, `notes`, `model` or `person`.
    `model`, `prompt` (its version), and `cost` (nano-dollars) are a model's."""

    by: str
    model: str = ""
    prompt: str = ""
    cost: int = 0


TEXT = Made("text")
FRONT_MATTER = Made("front matter")


class Claim(msgspec.Struct, omit_defaults=True, frozen=True):
    """A tag (`value` is an id of the vocabulary), a name or a sentence."""

    value: str
    status: Status = "unsupported"
    evidence: tuple[Evidence, ...] = ()
    made: Made = TEXT

    @property
    def shown(self) -> bool:
        """Whether it may be shown as a fact: a passage here contains it."""
        return self.status != "unsupported" and any(e.quote for e in self.evidence)


class Otherwise(msgspec.Struct, omit_defaults=True, frozen=True):
    """A passage that says something else: `says` is its figure in words. `case` is whose text it is in ("": that of the
    case itself)."""

    says: str
    evidence: Evidence
    case: str = ""


class Against(msgspec.Struct, frozen=True):
    """What contradicts a figure, and the status that the figure has apart from that."""

    status: Status
    passages: tuple[Otherwise, ...]


class Result(msgspec.Struct, omit_defaults=True, frozen=True):
    """A figure. `value` is a change or a level (a number, or text for ranges as `6-8`); `before` and `after` where the
    source gives both. `unit` is as written (`%`, `ms`, `USD`, `x`, …), `qualifier` one of `<`, `>`, `+`, `up to`, …;
    `said_by` is who says so. `against` is what contradicts it: found when cases are read, never kept."""

    metric: str
    value: float | str | None = None
    before: float | str | None = None
    after: float | str | None = None
    unit: str = ""
    qualifier: str = ""
    period: str = ""
    note: str = ""
    said_by: str = ""
    status: Status = "unsupported"
    evidence: tuple[Evidence, ...] = ()
    made: Made = TEXT
    against: Against | None = None

    @property
    def shown(self) -> bool:
        """Whether it may be shown as a fact: a passage here contains it."""
        return self.status != "unsupported" and any(e.quote for e in self.evidence)


class CaseStudy(msgspec.Struct, omit_defaults=True, frozen=True):
    """A deployment, as one version of the record says it. `id` stays. `organisation` is the canonical name, `aliases`
    its other spellings. `facts` are the evidence of single fields: `organisation`, `system`, `year`, `stage`. `year` 0:
    unknown. `document` is the id of the document whose text the case's own evidence is in. `origin` is the set it came
    with (`bundled`, `zenml`, `console`, …), `number` and `since` (ns) are the version's."""

    id: str
    title: str
    organisation: str
    system: str = ""
    aliases: tuple[str, ...] = ()
    year: int = 0
    stage: Stage = ""
    what_it_does: str = ""
    summary: str = ""
    industries: tuple[Claim, ...] = ()
    applications: tuple[Claim, ...] = ()
    techniques: tuple[Claim, ...] = ()
    tools: tuple[Claim, ...] = ()
    results: tuple[Result, ...] = ()
    scale: tuple[Result, ...] = ()
    failures: tuple[Claim, ...] = ()
    lessons: tuple[Claim, ...] = ()
    facts: dict[str, Claim] = {}
    sources: tuple[Source, ...] = ()
    document: str = ""
    origin: str = ""
    number: int = 0
    since: int = 0

    def claims(self) -> Iterator[tuple[str, Claim | Result]]:
        """Everything that has evidence, with the name of its field."""
        yield from self.facts.items()
        for field in FIELDS_OF_CLAIMS:
            for claim in getattr(self, field):
                yield field, claim

    def source(self, id_: str) -> Source | None:
        return next((s for s in self.sources if s.id == id_), None)


FIELDS_OF_CLAIMS = (
    "industries",
    "applications",
    "techniques",
    "tools",
    "results",
    "scale",
    "failures",
    "lessons",
)


class Version(msgspec.Struct, omit_defaults=True, frozen=True):
    """A version in a case's history: who made it, when (ns) and why; it is what the Casebook says until `until`
    (0: still)."""

    case: CaseStudy
    by: str
    why: str
    since: int
    until: int = 0
