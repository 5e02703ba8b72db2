"""What the file of holds says of one call: in full (`Held`), or what is its own beside the form of calls like it.

Most calls of a worker differ in a few numbers. Their form is written once, in a cell of its own, and each hold then
names it; that takes a fraction of the time that writing everything would.
"""

import struct
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import structs

from outrider.base.usage import Usage
from outrider.journal.events import Charge, RunRecorded

_OWN = "<HI16sqqqq16sQ"
"""Of a hold with a form: length, cell of the form, run, `at`, money, input, output, trace, parent span; then needs."""


class Note(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a run's record would say, for the case that nobody writes it. As in `RunRecorded`."""

    project: str
    at: int
    name: str = ""
    model: str = ""
    route: str = ""
    deployment: str = ""
    provider: str = ""
    key: str = ""
    user: str = ""
    agent: str = ""
    session: str = ""
    tags: list[str] = []
    stream: bool = False
    trace: bytes = b""
    parent_span: int = 0


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An open hold: what the run may have cost at worst, and what each account would be charged."""

    run: bytes
    money: int
    input: int
    output: int
    charges: list[Charge]
    note: Note

    def interrupted(self, holder: str) -> RunRecorded:
        """The record of the run, if its process died before it wrote one: the provider may have done the work."""
        note = self.note
        return RunRecorded(
            id=self.run,
            project=note.project,
            at=note.at,
            name=note.name,
            status="error",
            error="interrupted",
            message="Outrider's process ended during this call; it is charged with the most that it may have cost",
            model=note.model,
            route=note.route,
            deployment=note.deployment,
            provider=note.provider,
            key=note.key,
            user=note.user,
            agent=note.agent,
            session=note.session,
            tags=note.tags,
            stream=note.stream,
            usage=Usage(self.input, self.output, estimated=True),
            cost=self.money,
            trace=note.trace,
            parent_span=note.parent_span,
            charges=self.charges,
            holder=holder,
        )


class Form:
    """What the holds of calls that are alike have in common: all of their note but `at` and the trace, and the accounts
    that are charged, as charges of nothing whose bucket is how long a bucket is. `places` are these among all accounts
    of the hold; None: all. Made by `HoldFile.form`."""

    __slots__ = ("cell", "charges", "note", "open", "over", "own", "pack", "places", "size")

    def __init__(self, note: Note, charges: Sequence[Charge], places: Sequence[int] | None) -> None:
        self.note, self.charges, self.places = note, tuple(charges), places
        self.own = own = struct.Struct(f"{_OWN}{len(charges)}q")
        self.pack, self.size = own.pack_into, own.size - 2  # of what is its own, for `HoldFile.put_brief`
        self.cell = self.open = 0
        self.over = False  # goes with its last hold

    def note_at(self, at: int, trace: bytes, parent_span: int) -> Note:
        """The note of one of these calls."""
        return structs.replace(self.note, at=at, trace=trace, parent_span=parent_span)


Brief = tuple[Form, int, bytes, int]
"""A note in short: its form, and what a form does not say: `at`, `trace`, `parent_span`."""


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Held).decode
_decode_form = msgspec.msgpack.Decoder(tuple[Note, tuple[Charge, ...]]).decode


def whole(form: Form, run: bytes, numbers: tuple[int, int, int, int, bytes, int], needs: Sequence[int]) -> Held:
    """A hold in full. `needs` are of the accounts that are charged."""
    at, money, input_, output, trace, span = numbers
    charges = [
        Charge(one.budget, one.value, one.window, at // one.bucket * one.bucket, need)
        for one, need in zip(form.charges, needs, strict=True)
        if need
    ]
    return Held(run, money, input_, output, charges, form.note_at(at, trace, span))


def read_brief(content: bytes, forms: Mapping[int, bytes]) -> Held:
    """The hold of a cell whose form is in another. Raises as msgspec and struct, KeyError without the form."""
    length, cell = struct.unpack_from("<HI", content)
    form = Form(*_decode_form(forms[cell]), None)
    _, _, run, at, money, input_, output, trace, span, *needs = form.own.unpack(content[: length + 2])
    return whole(form, run, (at, money, input_, output, trace if any(trace) else b"", span), needs)
