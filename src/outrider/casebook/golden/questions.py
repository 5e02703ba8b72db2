"""Golden questions as they are shipped. They were labelled by reading the cases, not by looking at what is found."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec


class Golden(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question. `cases` are those that answer it (none: it cannot be answered); a right answer has one string of each
    of `strings`. `kind` is what is asked for (`figure`, `who`, `how`) or why it cannot be answered (`near-miss`: the
    company is there, the fact is not; `absent`: the company is not; `false premise`; `elsewhere`). Nothing is fitted on
    those that are `held_out`."""

    id: str
    question: str
    kind: str
    held_out: bool
    cases: tuple[str, ...] = ()
    strings: tuple[tuple[str, ...], ...] = ()

    @property
    def answerable(self) -> bool:
        return bool(self.cases)


def load(path: Path | None = None) -> list[Golden]:
    """The shipped set, or another file of the same form."""
    return list(_lines(path.read_bytes())) if path else _shipped("questions")


def more() -> list[Golden]:
    """Further questions, of all kinds."""
    return _shipped("more")


def further() -> list[Golden]:
    """Further questions, which were held out until there were others to hold out."""
    return _shipped("further")


def varied() -> list[Golden]:
    """Further questions, in varied wording and about cases that the others do not touch."""
    return _shipped("varied")


def outside() -> list[Golden]:
    """Questions by somebody who had seen the cases only, which were held out until they were asked."""
    return _shipped("outside")


def _shipped(name: str) -> list[Golden]:
    return list(_lines((files("outrider.casebook.golden") / f"{name}.jsonl").read_bytes()))


def _lines(body: bytes) -> Iterator[Golden]:
    decoder = msgspec.json.Decoder(Golden)
    yield from decoder.decode_lines(body)
