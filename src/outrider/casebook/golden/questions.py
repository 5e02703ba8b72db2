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
    shipped = files("outrider.casebook.golden") / "questions.jsonl"
    return list(_lines(path.read_bytes() if path else shipped.read_bytes()))


def more() -> list[Golden]:
    """Further questions, of which none is held out: what thresholds are fitted on beside the open half."""
    return list(_lines((files("outrider.casebook.golden") / "more.jsonl").read_bytes()))


def further() -> list[Golden]:
    """Further questions that are all held out, written when the other held-out half had been measured several times."""
    return list(_lines((files("outrider.casebook.golden") / "further.jsonl").read_bytes()))


def _lines(body: bytes) -> Iterator[Golden]:
    decoder = msgspec.json.Decoder(Golden)
    yield from decoder.decode_lines(body)
