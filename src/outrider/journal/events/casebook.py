"""The Casebook: what became of its cases, by whom, when and why. Never their text."""

from typing import Literal

import msgspec


class CaseChange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One case: its id and the number of its version (0: it has none yet)."""

    id: str
    number: int = 0


class CasebookChanged(msgspec.Struct, tag_field="kind", tag="casebook.changed", omit_defaults=True):
    """Cases got a new version, were withdrawn, or somebody proposed, accepted or rejected one; or a set was imported.

    `who` is a key's public part, a person at the command line, or the import; `why` is theirs. `at` is nanoseconds
    since the epoch. `cases` are those that it is about; of an import `origin` is the set and `counts` are its entries
    by outcome."""

    at: int
    action: Literal["published", "withdrawn", "proposed", "accepted", "rejected", "imported"]
    who: str = ""
    why: str = ""
    cases: list[CaseChange] = []
    origin: str = ""
    counts: dict[str, int] = {}
    v: int = 1
