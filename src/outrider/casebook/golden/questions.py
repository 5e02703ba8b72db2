"""Golden questions as they are shipped. They were labelled by reading the cases, not by looking at what is found."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

import msgspec

from outrider.casebook import rows
from outrider.casebook.book import Casebook

FILES = ("questions.jsonl", "held_out.jsonl")


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
    """The shipped questions about the bundled cases, or another file of the same form."""
    if path is not None:
        return list(_lines(path.read_bytes()))
    here = files("outrider.casebook.golden")
    return [q for name in FILES for q in _lines((here / name).read_bytes())]


def public() -> list[Golden]:
    """The shipped questions about entries of the public database; `cases` are entries: see `placed`."""
    return list(_lines((files("outrider.casebook.golden") / "public.jsonl").read_bytes()))


def placed(questions: Iterable[Golden], book: Casebook) -> list[Golden]:
    """The same with the cases that entries of imported sets became: some were joined with one that was there."""
    cases = {
        item.item: item.case_id
        for origin in rows.origins(book.store)
        for item in rows.items(book.store, origin)
        if item.case_id
    }
    return [msgspec.structs.replace(q, cases=tuple({cases.get(c, c): 1 for c in q.cases})) for q in questions]


def _lines(body: bytes) -> Iterator[Golden]:
    decoder = msgspec.json.Decoder(Golden)
    yield from decoder.decode_lines(body)
