"""What a model says, through the guardrails: a whole answer, or a stream while it comes.

Text is held back until its guardrails have seen it (see `guardrails._watch`), a tool call until its arguments are
complete. Where a guardrail asks others about arguments (a database about a query), all from the first call on waits for
the end of the stream, and is checked in a thread (`ask`). Probabilities of tokens are left out: they would tell what
was taken away.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import SSESplitter, payload
from outrider.guardrails import Context, Rules, inspect
from outrider.guardrails._inspect import facts as told_of
from outrider.guardrails.way.asking import Waiter
from outrider.guardrails.way.placeholders import Book, Restoring, changed_leaves, restored_arguments
from outrider.guardrails.way.watch import Watch

TEXTS = ("content", "reasoning_content", "reasoning", "refusal")
AGAINST = ("flag", "ask", "block")
"""What a guardrail does with what speaks against an answer; what it redacts is mended."""
Doubt = Callable[[str, str, Sequence[str]], bool]
Said = tuple[list[Watch], list[tuple[str, dict[str, Any]]], list[tuple[str, str, str]]]
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()
_any = msgspec.json.Decoder()
_DONE = b"[DONE]"


def _nobody(tool: str, arguments: str, reasons: Sequence[str]) -> bool:
    return False


class Spoken:
    """What the model of one call says, over all tries. `begin` starts a try. `doubt` is told of a proposed call that a
    person should see, and says whether one will be asked: otherwise it is refused."""

    def __init__(self, rules: Rules, context: Context, book: Book, *, escaped: bool, doubt: Doubt = _nobody) -> None:
        self._rules, self._book, self._escaped, self._doubt = rules, book, escaped, doubt
        self._context = msgspec.structs.replace(context, where="output")
        self._watches: list[Watch] = []
        self._calls: list[tuple[str, dict[str, Any]]] = []
        self.counted: list[tuple[str, str, str]] = []
        self.asks = rules.waits(context)
        self._waiter: Waiter | None = None

    def begin(self, before: str = "") -> "Spoken":
        """Another try: what was found in the last one is forgotten, unless the caller has it."""
        if not before:
            self._watches, self._calls, self.counted = [], [], []
        self.before = before
        return self

    def objection(self) -> str:
        """What of this try's answer was flagged or refused, in words without what was found; "" if nothing was."""
        for watch in self._watches:
            for one in watch.found:
                if one.act in AGAINST:
                    return f"{one.guardrail}: {one.finding.kind}"
        return next((f"{name}: {told['result']}" for name, told in self._calls if told["result"] in AGAINST), "")

    def aside(self) -> "Said":
        """What was found in this try, for the case that its answer is given after all: see `again`."""
        return self._watches, self._calls, self.counted

    def again(self, said: "Said") -> None:
        """It is this answer after all."""
        self._watches, self._calls, self.counted = said

    def track(self) -> "Track":
        """One text."""
        watch = Watch(self._rules.covering(self._context), before=self.before)
        self._watches.append(watch)
        return Track(watch, Restoring(self._book, escaped=self._escaped))

    def asking(self, waiter: Waiter) -> None:
        """From now on arguments are checked in a thread, as long as `waiter` waits."""
        self._waiter = waiter

    def arguments(self, tool: str, said: str) -> str:
        """The arguments of a call that the model proposes. Raises RequestError 403 `guardrail_blocked`."""
        before, asked = len(self._calls), list[str]()
        if self._rules.concern("tool_args"):
            said = self._checked(tool, said, asked)
        said = restored_arguments(self._book, said, self._context.given)
        if asked and not self._doubt(tool, said, asked):
            raise refused(asked, f"the call of {tool!r} that the model proposes")
        for _, told in self._calls[before:]:
            told["waits"] = bool(asked)
        return said

    def _checked(self, tool: str, said: str, asked: list[str]) -> str:
        """`asked` gets why a person should see the call."""

        def check(path: str, text: str) -> str:
            context = msgspec.structs.replace(
                self._context,
                where="tool_args",
                tool=tool,
                argument=path,
                waiter=self._waiter,
            )
            seen = inspect([text], context, self._rules)
            if seen.found:
                self._calls.append((f"check {tool}.{path}", {"result": seen.act, **seen.facts([text])}))
                self.counted += [(one.guardrail, one.finding.kind, one.act) for one in seen.found]
            if seen.act == "block":
                raise refused(seen.reasons, f"the call of {tool!r} that the model proposes")
            if seen.act == "ask":
                asked.extend(f"a guardrail found in {path!r}: {reason}" for reason in seen.reasons)
            return seen.texts[0]

        try:
            arguments = _any.decode(said)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return check("", said)
        told = changed_leaves(arguments, check)
        return said if told == arguments else _json.encode(told).decode()

    def facts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Name and attributes of a step for each text and call in which something was found."""
        for watch in self._watches:
            if watch.found:
                self.counted += [(one.guardrail, one.finding.kind, one.act) for one in watch.found]
                yield "check output", {"result": watch.act, **told_of(watch.found, watch.values)}
        yield from self._calls


class Track:
    """One text on its way to the caller."""

    def __init__(self, watch: Watch, restoring: Restoring) -> None:
        self._watch, self._restoring = watch, restoring

    def feed(self, text: str) -> str:
        return self._restoring.feed(self._watch.feed(text))

    def end(self) -> str:
        return self._restoring.feed(self._watch.end()) + self._restoring.end()

    @property
    def fault(self) -> RequestError | None:
        """Why it is not to go on."""
        by = self._watch.blocked
        return refused([f"{by.guardrail}: {by.finding.kind} (rule {by.rule})"], "the answer") if by else None


def refused(reasons: Sequence[str], what: str) -> RequestError:
    """Why an answer ends, without what was found."""
    return RequestError(
        f"a guardrail refuses {what}: {'; '.join(reasons[:5])}. It can be asked in another way",
        status=403,
        code="guardrail_blocked",
        details={"reasons": list(reasons[:20])},
    )


def whole(answer: Answer, spoken: Spoken) -> None:
    """Check a complete chat answer in place."""
    body = _fields.decode(answer.body)
    for choice in body.get("choices") or ():
        choice.pop("logprobs", None)
        message = choice.get("message") or {}
        for name in TEXTS:
            if isinstance(message.get(name), str):
                track = spoken.track()
                message[name] = track.feed(message[name]) + track.end()
                if track.fault is not None:
                    raise track.fault
        for said in _proposed(message):
            said["arguments"] = spoken.arguments(str(said.get("name", "")), said["arguments"])
        if not choice.get("index"):
            answer.text = message.get("content") or ""
    answer.body = _json.encode(body)


def proposes(answer: Answer) -> bool:
    """Whether a complete chat answer has calls."""
    if b"_call" not in answer.body:
        return False
    choices = _fields.decode(answer.body).get("choices") or ()
    return any(True for choice in choices for _ in _proposed(choice.get("message") or {}))


def _proposed(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for call in [*(message.get("tool_calls") or ()), {"function": message.get("function_call")}]:
        said = call.get("function")
        if isinstance(said, dict) and isinstance(said.get("arguments"), str):
            yield said


class GuardedReader:
    """Around the reader of a stream. A `StreamReader`. One that is refused is `done`, and `close` says why."""

    def __init__(self, reader: StreamReader, spoken: Spoken) -> None:
        self._reader, self._spoken = reader, spoken
        self._tracks: dict[tuple[int, str], Track] = {}
        self._calls: dict[int, dict[Any, dict[str, Any]]] = {}  # by choice and their own numbers: calls that are made
        self._old: dict[int, dict[str, Any]] = {}  # the same of calls in the old form, `function_call`
        self._waiting: list[bytes] = []
        self._told = b""
        self._asking = False
        self._head: dict[str, Any] = {}
        self._fault: RequestError | None = None
        self._ended = False

    @property
    def done(self) -> bool:
        return self._ended or self._reader.done

    @property
    def waits(self) -> bool:
        """Whether `ask` has to be called at the end of the stream."""
        return bool(self._waiting)

    def ask(self, waiter: Waiter) -> None:
        """Check what waits. Blocking: in a thread, while nothing is fed. What of it may go on is fed by b""."""
        self._spoken.asking(waiter)
        self._asking = True
        self._told = b"".join([self._checked(one) for one in self._waiting])
        self._waiting.clear()
        self._ended = self._ended or self._fault is not None

    def feed(self, event: bytes) -> bytes:
        if not event:
            told, self._told = self._told, b""
            return told
        if self._fault is not None:
            self._ended = True
            return b""
        out = self._reader.feed(event)
        if not out:
            return out
        return b"".join([self._checked(one) for one in SSESplitter().feed(out)])

    def close(self, blocks: Sequence[bytes]) -> Answer:
        if self._fault is not None:
            raise self._fault
        return self._reader.close(blocks)

    def _checked(self, event: bytes) -> bytes:
        said = payload(event)
        if self._fault is not None:
            return b""
        if self._waiting and not self._asking:
            self._waiting.append(event)
            return b""
        if said == _DONE:
            return self._rest() + event if self._fault is None else b""
        if not said:
            return event
        chunk = _fields.decode(said)
        choices = chunk.get("choices")
        if self._spoken.asks and not self._asking and any(map(_calls, choices or ())):
            self._waiting.append(event)
            return b""
        if not choices:
            return event
        self._head = self._head or {k: v for k, v in chunk.items() if k not in ("choices", "usage")}
        kept: list[dict[str, Any]] = []
        for choice in choices:
            kept += self._keep(choice)
            if self._fault is not None:
                break
        if not kept and not chunk.get("usage"):
            return b""
        chunk["choices"] = kept
        return _event(chunk)

    def _keep(self, choice: dict[str, Any]) -> list[dict[str, Any]]:
        """What of a choice may go on now, maybe in two: what was held, and its end."""
        index, delta = choice.get("index") or 0, choice.get("delta")
        choice.pop("logprobs", None)
        ends = bool(choice.get("finish_reason"))
        if not isinstance(delta, dict):
            delta = choice["delta"] = {}
        self._texts(index, delta, ends=ends)
        if self._fault is not None:
            return [{"index": index, "delta": delta, "finish_reason": None}] if delta else []
        calls = self._called(index, delta, ends=ends)
        if calls and self._fault is None:
            delta["tool_calls"] = calls
        self._called_old(index, delta, ends=ends)
        if self._fault is not None:
            delta.pop("tool_calls", None)
            delta.pop("function_call", None)
            return [{"index": index, "delta": delta, "finish_reason": None}] if delta else []
        return [choice] if delta or ends else []

    def _texts(self, index: int, delta: dict[str, Any], *, ends: bool) -> None:
        for name in TEXTS:
            text, track = delta.get(name), self._tracks.get((index, name))
            if isinstance(text, str) and text and track is None:
                track = self._tracks[index, name] = self._spoken.track()
            if track is None or not (isinstance(text, str) or ends):
                continue
            out = track.feed(text) if isinstance(text, str) and text else ""
            if ends and track.fault is None:
                out += track.end()
            if out or text == "":
                delta[name] = out
            else:
                delta.pop(name, None)
            self._fault = self._fault or track.fault

    def _called(self, index: int, delta: dict[str, Any], *, ends: bool) -> list[dict[str, Any]]:
        """Calls that are complete now. None is before its choice ends: pieces of several may come by turns."""
        made = self._calls.setdefault(index, {})
        for call in delta.pop("tool_calls", None) or ():
            if call.get("index") in made:
                _joined(made[call.get("index")], call)
            else:
                made[call.get("index")] = call
        return [one for call in self._calls.pop(index).values() for one in self._finished(call)] if ends else []

    def _called_old(self, index: int, delta: dict[str, Any], *, ends: bool) -> None:
        """The same of a call in the old form: a choice has one at most."""
        said = delta.pop("function_call", None)
        if isinstance(said, dict):
            _joined(self._old.setdefault(index, {}), {"function": said})
        if ends and index in self._old:
            made = self._finished(self._old.pop(index))
            if made:
                delta["function_call"] = made[0]["function"]

    def _finished(self, call: dict[str, Any]) -> list[dict[str, Any]]:
        said = call.get("function")
        if isinstance(said, dict) and isinstance(said.get("arguments"), str):
            try:
                said["arguments"] = self._spoken.arguments(str(said.get("name", "")), said["arguments"])
            except RequestError as refusal:
                self._fault = self._fault or refusal
                return []
        return [call]

    def _rest(self) -> bytes:
        """What is held of a stream that ends without saying why."""
        choices = []
        for index in sorted({i for i, _ in self._tracks} | self._calls.keys() | self._old.keys()):
            choices += self._keep({"index": index, "delta": {}, "finish_reason": "_"})
        for choice in choices:
            choice["finish_reason"] = None
        return _event({**self._head, "choices": kept}) if (kept := [c for c in choices if c["delta"]]) else b""


def _calls(choice: Any) -> bool:
    """Whether a part of an answer has a part of a call."""
    delta = choice.get("delta") if isinstance(choice, dict) else None
    return isinstance(delta, dict) and bool(delta.get("tool_calls") or delta.get("function_call"))


def _joined(call: dict[str, Any], more: dict[str, Any]) -> None:
    """Add a piece of a call to it."""
    said, new = call.setdefault("function", {}), more.get("function") or {}
    for name in ("name", "arguments"):
        if isinstance(new.get(name), str):
            said[name] = (said.get(name) or "") + new[name]
    for name, value in more.items():
        if name not in ("function", "index") and value is not None:
            call[name] = value


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % _json.encode(chunk)
