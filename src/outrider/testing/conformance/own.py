"""What the gateway itself refuses, in every caller's own shape: no provider has a part in it."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.cell import FAIL, PASS, Cell
from outrider.testing.conformance.got import Trouble, Wire, Wrong, must
from outrider.testing.conformance.target import Target
from outrider.testing.speaking.words import Ask, Text, Turn


class Case(Struct, frozen=True):
    """A request that is spoilt, and the status that it must get. `changes` are fields of the body (None: left out)."""

    name: str
    title: str
    status: int
    changes: Mapping[str, Any] = {}
    model: str = "to-chat"
    key: str = ""
    text: bytes = b""


_NO_TURNS = {"messages": None, "input": None, "contents": None}
_BAD_TURNS = {"messages": 5, "input": 5, "contents": 5}
CASES = (
    Case("no-model", "A model that does not exist", 404, model="no-such-model"),
    Case("wrong-key", "A wrong key", 401, key="sk-or-0000000000000000-wrong"),
    Case("not-json", "A body that is not JSON", 400, text=b'{"model": '),
    Case("no-turns", "No messages", 400, _NO_TURNS),
    Case("bad-turns", "Messages of the wrong type", 400, _BAD_TURNS),
)


def own(target: Target) -> list[Cell]:
    """One cell for every case and caller; the speaker is the gateway."""
    return [_cell(target, case, name) for case in CASES for name in CALLERS]


def _cell(target: Target, case: Case, name: str) -> Cell:
    try:
        _check(target, case, name)
    except (Wrong, KeyError, TypeError, ValueError) as error:
        return Cell(case.name, name, "gateway", FAIL, f"{type(error).__name__}: {error}")
    return Cell(case.name, name, "gateway", PASS)


def _check(target: Target, case: Case, name: str) -> None:
    caller = CALLERS[name]
    wire: Wire = caller.write(Ask([Turn("user", (Text("Hello."),))], model=case.model))
    changed = {k: v for k, v in case.changes.items() if k in wire.body}
    wire.body = {k: v for k, v in (wire.body | changed).items() if v is not None}
    raw = case.text or msgspec.json.encode(wire.body)
    status, headers, body = target.post(wire, raw=raw, key=case.key)
    error: Trouble = caller.error(status, headers, json.loads(body))
    must(error.status == case.status, f"status {error.status} instead of {case.status}: {error.message}")
    must(bool(error.message.strip()), "the error says nothing")
