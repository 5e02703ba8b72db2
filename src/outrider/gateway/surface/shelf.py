"""Stored responses, read from the journal: a response is its run's request and answer, nothing else is kept.

Ids name the run (`resp_…`, and items' `…_or…`), so nothing has to be looked up but the run. Blocking.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError, StoreUnavailable
from outrider.base.sse import SSESplitter, payload
from outrider.dialects import Fields
from outrider.dialects.responses.marks import item_id, response_id, run_of, split_id
from outrider.journal import recent
from outrider.store import Store

RUN = "responses"
DELETED = "responses.deleted"
LONGEST_CHAIN = 1000
"""Responses that may follow on each other."""
_MOST_KEPT, _LARGEST_KEPT = 256, 64 << 10
_END = (b"response.completed", b"response.incomplete")
_fields = msgspec.json.Decoder(dict[str, Any])


class Stored(msgspec.Struct):
    """A stored response: the request that it answers, the response itself, and its run's id as 32 digits.

    `events` are the bytes of the stream that it came in (b"": it came whole).
    """

    run: str
    asked: Fields
    response: Fields
    events: bytes = b""

    def own_input(self) -> list[Fields]:
        """The input items of the request alone."""
        given = self.asked.get("input") or []
        if isinstance(given, str):
            return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
        return list(given)

    def named_input(self) -> list[Fields]:
        """As `own_input`, each with an id."""
        return [
            {"id": item_id(f"{_PREFIX.get(item.get('type') or '', 'msg')}_i{at}", self.run), **item}
            for at, item in enumerate(self.own_input())
        ]

    def output(self) -> list[Fields]:
        found: list[Fields] = self.response.get("output") or []
        return found


_PREFIX = {"function_call": "fc", "function_call_output": "fco", "reasoning": "rs", "item_reference": "ref"}


class Shelf:
    """`store` gives the open store (raises StoreUnavailable), `spool` is where records are written first. `behind`
    gives the run (its 32 digits) of a response that was given in the background and has an id of its own."""

    def __init__(
        self, store: Callable[[], Store], spool: Path, behind: Callable[[str, str], str | None] | None = None
    ) -> None:
        self._store, self._spool, self._behind = store, spool, behind
        self._kept: OrderedDict[tuple[str, str], Stored] = OrderedDict()

    def response(self, project: str, id_: str) -> Stored | None:
        """The stored response of this project with this id. None: there is none, or it was deleted or never stored."""
        digits = run_of(id_)
        found = self._find(project, digits) if digits is not None else None
        return None if found is None or self._deleted({found.run}) else found

    def context(self, project: str, id_: str) -> list[Fields]:
        """Everything that was said up to and with a response, as input items. Raises RequestError if one is missing."""
        chain = self.chain(project, id_)
        said = [[*self.resolved(project, one.own_input(), "input"), *one.output()] for one in chain]
        return [item for turn in said for item in turn]

    def chain(self, project: str, id_: str) -> list[Stored]:
        """The stored responses that led to and with this one, the first one first. Raises RequestError."""
        chain: list[Stored] = []
        while id_:
            digits = run_of(id_)
            found = self._find(project, digits) if digits is not None else None
            if found is None:
                raise not_found(id_)
            chain.append(found)
            id_ = found.asked.get("previous_response_id") or ""
            if len(chain) > LONGEST_CHAIN:
                raise RequestError(
                    f"more than {LONGEST_CHAIN} responses follow on each other; send the conversation as input instead",
                    code="conversation_too_long",
                    param="previous_response_id",
                )
        for digits in self._deleted({one.run for one in chain}):
            raise not_found(response_id(digits))
        return chain[::-1]

    def resolved(self, project: str, items: list[Fields], path: str) -> list[Fields]:
        """Items with those in the place of references that these name. Raises RequestError for an unknown one."""
        out = []
        for at, item in enumerate(items):
            known = item.get("type") != "item_reference"
            out.append(item if known else self._item(project, item.get("id") or "", f"{path}[{at}].id"))
        return out

    def _item(self, project: str, id_: str, path: str) -> Fields:
        digits = split_id(id_)[1]
        found = self.response(project, response_id(digits)) if digits is not None else None
        for item in [*found.output(), *found.named_input()] if found is not None else ():
            if item.get("id") == id_ and item.get("type") != "item_reference":
                return item
        raise RequestError(f"Item with id '{id_[:100]}' not found.", status=404, code="item_not_found", param=path)

    def _find(self, project: str, digits: str) -> Stored | None:
        kept = self._kept.get((project, digits))
        if kept is not None:
            self._kept.move_to_end((project, digits))
            return kept
        found = self._find_run(bytes.fromhex(digits))
        if found is None and self._behind is not None and (run := self._behind(project, digits)) is not None:
            made = self._find(project, run)
            named = {"id": response_id(digits), "background": True}
            return made and msgspec.structs.replace(made, response={**made.response, **named})
        if found is None or found.run.project != project or found.run.name != RUN or found.run.status != "ok":
            return None
        if found.request is None or found.response is None:
            return None
        asked = _fields.decode(found.request)
        response, events = _response_in(found.response)
        if asked.get("store") is False or response is None:
            return None
        made = Stored(digits, asked, response, events)
        if len(found.request) + len(found.response) <= _LARGEST_KEPT:
            self._kept[project, digits] = made
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return made

    def _find_run(self, run: bytes) -> recent.Recorded | None:
        try:
            return recent.find(self._store(), self._spool, run)
        except StoreUnavailable:
            return recent.find(None, self._spool, run)

    def is_deleted(self, run: str) -> bool:
        """Whether the response of this run (32 digits) was deleted."""
        return bool(self._deleted({run}))

    def _deleted(self, runs: set[str]) -> set[str]:
        """Which of these were deleted. While the store is away only what was deleted just now is known."""
        marks = {tombstone(digits): digits for digits in runs}
        try:
            found = recent.known(self._store(), self._spool, set(marks))
        except StoreUnavailable:
            found = recent.known(None, self._spool, set(marks))
        return {marks[id_] for id_ in found}


def tombstone(digits: str) -> bytes:
    """The id of the run that records a response's deletion: made from its own, so that both are found the same way."""
    id_ = bytes.fromhex(digits)
    return id_[:8] + bytes([id_[8], *(b ^ 0xFF for b in id_[9:])])


def not_found(id_: str) -> RequestError:
    return RequestError(
        f"Previous response with id '{id_[:100]}' not found.",
        code="previous_response_not_found",
        param="previous_response_id",
    )


def _response_in(body: bytes) -> tuple[Fields | None, bytes]:
    """The response in a recorded answer, and the events that it came in; None if it did not end well."""
    if body[:1] == b"{":
        said = _fields.decode(body)
        return (said if said.get("object") == "response" and not said.get("error") else None), b""
    for event in reversed(SSESplitter().feed(body)):
        if any(name in event[:200] for name in _END):
            return _fields.decode(payload(event)).get("response"), body
    return None, b""
