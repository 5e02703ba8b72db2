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
    """The shipped set, those that are held out last, or another file of the same form."""
    if path:
        return list(_lines(path.read_bytes()))
    folder = files("outrider.casebook.golden")
    return [one for name in ("questions", "held_out") for one in _lines((folder / f"{name}.jsonl").read_bytes())]


def _lines(body: bytes) -> Iterator[Golden]:
    decoder = msgspec.json.Decoder(Golden)
    yield from decoder.decode_lines(body)
