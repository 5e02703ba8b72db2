"""Answers in chat with some of their calls taken out, and what is said instead. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.sse import events, payload
from outrider.gateway.control.calls import Judged, explanation, facts
from outrider.gateway.control.reading import Fields, acts_here, as_proposal, proposal, proposals
from outrider.policy.turns import Proposal

Place = tuple[int, int]
"""A call's choice and its number there. Items of a provider are counted from `ITEMS` on."""
ITEMS = 1 << 20
_DONE = b"[DONE]"
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()
_MARKS = (b'"tool_calls"', b'"function_call"', b'"provider_items"', b'"annotations"')


def in_answer(chat: Fields) -> list[tuple[Place, Proposal]]:
    """The calls of a whole answer."""
    found: list[tuple[Place, Proposal]] = []
    for at, choice in enumerate(chat.get("choices") or ()):
        message = choice.get("message") or {}
        found += [((at, number), one) for number, one in enumerate(proposals(message))]
        items = [one for one in message.get("provider_items") or () if isinstance(one, dict) and acts_here(one)]
        found += [((at, ITEMS + number), as_proposal(one)) for number, one in enumerate(items)]
    return found


class Gone(msgspec.Struct):
    """What goes of an answer, by choice: the numbers of the calls, what is said instead, whether calls are left."""

    held: Mapping[int, frozenset[int]]
    said: Mapping[int, str]
    left: Mapping[int, bool]

    def takes(self, choice: int, number: int) -> bool:
        return number in self.held.get(choice, ())


def gone(judged: Mapping[Place, Judged]) -> Gone:
    """What goes of an answer whose calls were judged so."""
    held: dict[int, list[Judged]] = {}
    for (at, _), one in sorted(judged.items()):
        if not one.passes:
            held.setdefault(at, []).append(one)
    return Gone(
        {at: frozenset(one.place[1] for one in some) for at, some in held.items()},
        {at: said_instead(some) for at, some in held.items()},
        {at: any(one.passes for one in judged.values() if one.place[0] == at) for at in held},
    )


def messages(chat: Fields) -> list[Fields]:
    """What the choices say."""
    return [choice.get("message") or {} for choice in chat.get("choices") or ()]


def without(chat: Fields, judged: Mapping[Place, Judged]) -> Fields:
    """A whole answer, itself, with what is withheld taken out and said instead."""
    for at, choice in enumerate(chat.get("choices") or ()):
        held = [one for place, one in judged.items() if place[0] == at and not one.passes]
        if not held:
            continue
        message = choice["message"]
        calls = [c for n, c in enumerate(message.get("tool_calls") or ()) if judged[at, n].passes]
        if "function_call" in message and not judged[at, len(message.get("tool_calls") or ())].passes:
            message["function_call"] = None
        items, number = [], ITEMS
        for item in message.get("provider_items") or ():
            if isinstance(item, dict) and acts_here(item):
                passes, number = judged[at, number].passes, number + 1
                if not passes:
                    continue
            items.append(item)
        message.pop("tool_calls", None)
        if calls:
            message["tool_calls"] = calls
        if message.get("provider_items"):
            message["provider_items"] = items
        message["content"] = _joined(message.get("content"), explanation(held))
        message["outrider"] = {"withheld": [facts(one) for one in held]}
        if not calls and not message.get("function_call"):
            _stopped(choice)
    return chat


def _stopped(choice: Fields) -> None:
    """It does not end with calls any more; the provider's own word for that is gone with them."""
    choice["finish_reason"] = "stop"
    choice.pop("native_finish_reason", None)


def _joined(content: Any, said: str) -> Any:
    if isinstance(content, list):
        return [*content, {"type": "text", "text": said}]
    return f"{content}\n\n{said}" if content else said


class Pieced:
    """The calls of a streamed answer, put together from its chunks."""

    def __init__(self) -> None:
        self._calls: dict[Place, Fields] = {}
        self._ids: dict[tuple[int, Any], tuple[int, str]] = {}
        self._counts: dict[int, int] = {}
        self._items: dict[int, int] = {}

    def add(self, choice: Fields) -> tuple[list[int], list[int]]:
        """The numbers of the calls, and of the items, that the choice's delta says something of."""
        at, delta = choice.get("index") or 0, choice.get("delta") or {}
        numbers = [self._piece(at, one) for one in delta.get("tool_calls") or () if isinstance(one, dict)]
        old = delta.get("function_call")
        if isinstance(old, dict):
            numbers.append(self._piece(at, {"index": "old", "function": old}))
        items = []
        for item in delta.get("provider_items") or ():
            if isinstance(item, dict) and acts_here(item):
                self._items[at] = number = self._items.get(at, ITEMS - 1) + 1
                made = as_proposal(item)
                self._calls[at, number] = {
                    "id": made.id,
                    "function": {"name": made.tool, "arguments": made.arguments},
                }
                items.append(number)
        return numbers, items

    def _piece(self, at: int, piece: Fields) -> int:
        """One piece of a call. Another id at the same index is another call: some providers do not count."""
        index, id_ = piece.get("index", 0), piece.get("id")
        known = self._ids.get((at, index))
        if known is None or (id_ and known[1] and id_ != known[1]):
            number = self._counts.get(at, 0)
            self._counts[at] = number + 1
            self._calls[at, number] = {"id": "", "function": {"name": "", "arguments": ""}}
            known = number, str(id_ or "")
        self._ids[at, index] = known[0], known[1] or str(id_ or "")
        call = self._calls[at, known[0]]
        call["id"] = call["id"] or id_ or ""
        for kind in ("function", "custom"):
            said = piece.get(kind)
            if isinstance(said, dict):
                _add(call, kind, said)
        return known[0]

    def all(self) -> list[tuple[Place, Proposal]]:
        return [(place, proposal(call)) for place, call in sorted(self._calls.items())]


def _add(call: Fields, kind: str, said: Fields) -> None:
    if kind == "custom" and "function" in call:
        call["custom"] = {"name": "", "input": ""}
        del call["function"]
    into = call[kind] if kind in call else call.setdefault(kind, {"name": "", "arguments": "", "input": ""})
    for name, value in said.items():
        if isinstance(value, str):
            into[name] = into.get(name, "") + value
        elif value is not None and name in ("arguments", "input"):
            into[name] = into.get(name, "") + _json.encode(value).decode()


def split(block: bytes) -> list[bytes]:
    """The events of a block of whole ones."""
    return list(events(block))


def concerns(event: bytes) -> bool:
    """Whether an event can say anything of calls, or of what a provider's tools brought."""
    return any(event.find(mark) >= 0 for mark in _MARKS)


def calls_in(said: Iterable[bytes]) -> list[tuple[Place, Proposal]]:
    """The calls of a whole stream in chat."""
    pieced = Pieced()
    for event in said:
        for choice in chunk_of(event).get("choices") or ():
            pieced.add(choice)
    return pieced.all()


def notes_in(said: Iterable[bytes]) -> list[Fields]:
    """What the choices of a stream say beside text and calls, as messages: annotations, items of the provider."""
    found: dict[int, Fields] = {}
    for event in said:
        if b'"annotations"' not in event and b'"provider_items"' not in event:
            continue
        for choice in chunk_of(event).get("choices") or ():
            message, delta = found.setdefault(choice.get("index") or 0, {}), choice.get("delta") or {}
            for name in ("annotations", "provider_items"):
                message[name] = [*message.get(name, ()), *(delta.get(name) or ())]
    return list(found.values())


def chunk_of(event: bytes) -> Fields:
    """What an event says; {} for the end mark and for comments."""
    said = payload(event)
    return {} if not said or said == _DONE else _fields.decode(said)


def stream_without(ending: Sequence[bytes], judged: Mapping[Place, Judged]) -> list[bytes]:
    """The events of a stream's end, with what is withheld taken out and said instead before each choice's end."""
    pieced, out = Pieced(), list[bytes]()
    held: dict[int, list[Judged]] = {}
    for (at, _), one in sorted(judged.items()):
        if not one.passes:
            held.setdefault(at, []).append(one)
    left = {at: any(one.passes for place, one in judged.items() if place[0] == at) for at, _ in judged}
    said: set[int] = set()
    head: Fields = {}
    for event in ending:
        chunk = chunk_of(event)
        if not chunk:
            out += _unsaid(head, held, said)
            out.append(event)
            continue
        head = head or {k: v for k, v in chunk.items() if k not in ("choices", "usage")}
        choices = []
        for choice in chunk.get("choices") or ():
            at = choice.get("index") or 0
            numbers, items = pieced.add(choice)
            if at in held:
                _take_out(choice, at, numbers, items, judged)
                if choice.get("finish_reason"):
                    delta = choice.get("delta") or {}
                    delta["content"] = (delta.get("content") or "") + said_instead(held[at])
                    choice["delta"] = {**delta, "outrider": {"withheld": [facts(one) for one in held[at]]}}
                    said.add(at)
                    if not left[at]:
                        _stopped(choice)
            if choice.get("finish_reason") or any(
                v not in (None, [], "") for v in (choice.get("delta") or {}).values()
            ):
                choices.append(choice)
        if choices or not chunk.get("choices"):
            chunk["choices"] = choices
            out.append(event_of(chunk))
    return out + _unsaid(head, held, said)


def _take_out(
    choice: Fields, at: int, numbers: Sequence[int], items: Sequence[int], judged: Mapping[Place, Judged]
) -> None:
    delta = choice.get("delta") or {}
    calls = [one for one in delta.get("tool_calls") or () if isinstance(one, dict)]
    if calls:
        kept = [(number, one) for number, one in zip(numbers, calls, strict=False) if judged[at, number].passes]
        passed = sorted(n for (a, n), one in judged.items() if a == at and n < ITEMS and one.passes)
        delta["tool_calls"] = [{**one, "index": passed.index(number)} for number, one in kept]
        if not kept:
            del delta["tool_calls"]
    if isinstance(delta.get("function_call"), dict) and not judged[at, numbers[-1]].passes:
        del delta["function_call"]
    if items:
        own = iter(items)
        delta["provider_items"] = [
            one for one in delta["provider_items"] if not acts_here(one) or judged[at, next(own)].passes
        ]


def said_instead(held: Sequence[Judged]) -> str:
    return f"\n\n{explanation(held)}"


def _unsaid(head: Fields, held: Mapping[int, Sequence[Judged]], said: set[int]) -> list[bytes]:
    """What is said of choices that end without a reason."""
    out = []
    for at in held.keys() - said:
        said.add(at)
        choice = {"index": at, "delta": {"content": said_instead(held[at])}, "finish_reason": "stop"}
        out.append(event_of({**head, "choices": [choice]}))
    return out


def event_of(chunk: Fields) -> bytes:
    return b"data: %b\n\n" % _json.encode(chunk)
