"""Structured answers that stream: chunks go on as they come, and the last one only when the whole is right.

A `StreamReader` around another. Text that stands before the JSON (prose, a code fence, thoughts) or after it is left
out, brackets that are missing at the end are added. What has left cannot be taken back: an answer that is wrong in
another way ends with an error instead of its finish reason.
"""

import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import events, payload
from outrider.gateway.structured import repair
from outrider.gateway.structured.schema import Flaw
from outrider.gateway.structured.verdict import CUT, NO_JSON, SEVERAL, Result, Verdict, judge, misfit, text_of
from outrider.gateway.structured.wanted import Wanted

LONGEST_TAG = 12
_DONE = b"[DONE]"
_MARK = re.compile(r'["{}\[\]]')
_IN_STRING = re.compile(r'["\\]')
_BEGINS = {
    "{": re.compile(r'\{(?=\s*["}])'),
    "[": re.compile(r'\[(?=\s*["{\[\]0-9tfn-])'),
    "[{": re.compile(r'\{(?=\s*["}])|\[(?=\s*["{\[\]0-9tfn-])'),
}
"""Where JSON begins in text that began otherwise: a bracket that what follows it does not make prose (`{this}`)."""
_LAST_BRACKET = re.compile(r"[{\[]\s*$")
_THINK = "<think"


class _Delta(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []


_chunk = msgspec.json.Decoder(_Chunk)
_raws = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])
_EMPTY = (b"null", b'""', b"[]", b"{}")


class _Text:
    """The text of one choice on its way: `take` says what of each piece goes on."""

    __slots__ = (
        "_depth", "_escaped", "_opens", "_phase", "_quoted", "_tail", "_thinks", "ended", "exempt", "flawed", "held",
        "kept", "trail",
    )  # fmt: skip

    def __init__(self, opens: str) -> None:
        self._opens = opens  # only what begins with a bracket can be told from what stands around it
        self._phase: Literal["before", "inside", "after"] = "before"
        self._depth = 0
        self._quoted = self._escaped = False
        self._thinks: bool | None = None  # None: too little text to say
        self._tail = ""
        self.kept: list[str] = []
        self.held: list[str] = []
        self.trail: list[str] = []
        self.exempt = self.ended = self.flawed = False

    @property
    def cleaned(self) -> bool:
        """Whether something was left out."""
        return bool(self.trail) or (self._phase != "before" and bool(self.held))

    def take(self, piece: str) -> str:
        """The part of `piece` that goes on now."""
        if self._opens and not self.exempt:
            if self._phase == "before":
                piece = self._begin(piece)
            if self._phase == "inside":
                end = self._follow(piece)
                if end >= 0:
                    self._phase = "after"
                    piece = piece[:end] + self._after(piece[end:])
            elif self._phase == "after":
                piece = self._after(piece)
        if piece:
            self.kept.append(piece)
        return piece

    def shown(self) -> str:
        """All that the model said."""
        before = self.held if self._phase == "before" else ()
        return "".join([*before, *self.kept, *self.trail])

    def give_back(self) -> str:
        """What was held while no JSON had come: it is the answer after all (beside a call of tools, or cut off)."""
        held = "".join(self.held) if self._phase == "before" else ""
        if held:
            self.held.clear()
            self.kept.append(held)
        return held

    def _begin(self, piece: str) -> str:
        """White space goes on until a bracket comes; after anything else the text is held."""
        start = piece.lstrip()
        if not self.held and (not start or start[0] in self._opens):
            self._phase = "inside" if start else "before"
            return piece
        self.held.append(piece)
        rest = self._past_thoughts(self._tail + piece)
        opener = _BEGINS[self._opens].search(rest)
        if opener is not None:
            self._phase = "inside"
            return rest[opener.start() :]
        if not self._thinks:
            last = _LAST_BRACKET.search(rest)
            self._tail = rest[last.start() :] if last is not None else ""
        return ""

    def _past_thoughts(self, text: str) -> str:
        """What is no thought in text that has not begun with JSON; brackets in thoughts begin nothing."""
        if self._thinks is None:
            text = "".join(self.held).lstrip()
            if len(text) < len(_THINK) and _THINK.startswith(text):
                return ""
            self._thinks = text.startswith(_THINK)
        if not self._thinks:
            return text
        end = repair.THOUGHTS_END.search(text)
        self._thinks, self._tail = end is None, text[-LONGEST_TAG:]
        return text[end.end() :] if end is not None else ""

    def _after(self, piece: str) -> str:
        """White space may follow the JSON; what else does is left out."""
        if not self.trail and not piece.strip():
            return piece
        self.trail.append(piece)
        return ""

    def _follow(self, piece: str) -> int:
        """Where in `piece` the value ends; -1: not in it."""
        at = 0
        while True:
            if self._escaped:
                if at >= len(piece):
                    return -1
                self._escaped, at = False, at + 1
            found = (_IN_STRING if self._quoted else _MARK).search(piece, at)
            if found is None:
                return -1
            mark, at = found[0], found.end()
            if mark == '"':
                self._quoted = not self._quoted
            elif mark == "\\":
                self._escaped = True
            else:
                self._depth += 1 if mark in "{[" else -1
                if self._depth <= 0:
                    return at


def watch(want: Wanted, reader: StreamReader, *, joined: bool = False) -> "StructuredReader":
    """The reader that watches the answer in place of `reader`. `joined`: `reader` goes on with a stream that broke."""
    if joined and want.watcher is not None:
        want.watcher.go_on(reader)
    else:
        want.watcher = StructuredReader(reader, want)
    watcher: StructuredReader = want.watcher
    return watcher


class StructuredReader:
    """Watches one streamed answer. Where it has `flaws`, its reason to end and its end mark have not been passed on.

    What comes before the first text (the role alone) waits for it: while nothing was sent, a model can be asked again.
    """

    def __init__(self, reader: StreamReader, want: Wanted) -> None:
        self._reader, self._want = reader, want
        self._texts: dict[int, _Text] = {}
        self.flaws: Sequence[Flaw] = ()
        self._completed = False
        self._head: bytes | None = b""  # None: it has gone
        self._latest = b""

    @property
    def done(self) -> bool:
        return self._reader.done

    def go_on(self, reader: StreamReader) -> None:
        """The stream broke, and `reader` watches the one that goes on with it; or that begins anew, if there was no
        text yet."""
        self._reader = reader
        self._texts = {index: text for index, text in self._texts.items() if "".join(text.kept).strip()}
        self._head = None if self._head is None else b""

    def verdict(self, answer: Answer, request: bytes, *, left: int) -> Verdict:
        """The verdict on the stream that `close` ended, the answer to `request`."""
        texts = self._texts.values()
        if self.flaws:
            shown = next((text.shown() for text in texts if text.flawed), "")
            return misfit(self._want, request, shown, self.flaws, left)
        result: Result = "valid"
        if self._completed or any(text.cleaned for text in texts):
            result = "repaired"
        elif texts and all(text.exempt for text in texts):
            result = "skipped"
        return Verdict(result, answer, attrs={"result": result})

    def feed(self, event: bytes) -> bytes:
        """The bytes to pass on for one event: the event itself unless something in it must go or come."""
        out = b"".join([self._feed(one) for one in events(self._reader.feed(event))])
        if out and self._head is not None:
            out, self._head = self._head + out, None
        return out

    def _feed(self, event: bytes) -> bytes:
        said = payload(event)
        if self.flaws:
            return b""
        if not said:
            return event
        if said == _DONE:
            added = b"".join([self._ended(text, index) for index, text in self._texts.items()])
            return b"" if self.flaws else added + event
        try:
            choices = _chunk.decode(said).choices
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return event  # the reader within refuses it at the end
        self._latest = said
        if self._head is not None and choices and _is_head(said):
            self._head += event
            return b""
        changed: dict[int, str] = {}
        added = b""
        for place, choice in enumerate(choices):
            added += self._look(choice, place, changed)
        if self.flaws:
            return b""
        return added + (_rewritten(said, changed) if changed else event)

    def close(self, blocks: Sequence[bytes]) -> Answer:
        """The answer; if its text has `flaws`, without an end. Raises UpstreamError if the stream broke before that."""
        try:
            return self._reader.close(blocks)
        except UpstreamError:
            if self.flaws:
                return Answer(b"", None, "", "")
            raise

    def _look(self, choice: _Choice, place: int, changed: dict[int, str]) -> bytes:
        """One choice of a chunk: its new text into `changed` if it has one; the event to be sent before the chunk."""
        text = self._texts.get(choice.index)
        if text is None:
            text = self._texts[choice.index] = _Text(self._want.schema.opens if self._want.rules.repair else "")
        delta = choice.delta or _Delta()
        held = ""
        if delta.refusal or delta.tool_calls or delta.function_call or choice.finish_reason in CUT:
            text.exempt = True
            held = text.give_back()
        content = delta.content if isinstance(delta.content, str) else ""
        passed = held + text.take(content) if content else held
        if passed != content:
            changed[place] = passed
        elif delta.content and not content:
            text.kept.append(text_of(delta.content))
        added = self._ended(text, choice.index) if choice.finish_reason else b""
        if added and passed:  # the last text and the reason in one chunk: what is missing belongs between them
            changed[place] = passed + text.kept[-1]
            return b""
        return added

    def _ended(self, text: _Text, index: int) -> bytes:
        """Judge a text that is over. The event with what it lacks, empty if nothing."""
        if text.ended or text.exempt:
            return b""
        text.ended = True
        whole, trail = "".join(text.kept), "".join(text.trail)
        judged = judge(self._want, whole)
        start = whole.lstrip()
        flaws = judged.flaws
        if not flaws and trail and not judge(self._want, trail).flaws:
            flaws = (SEVERAL,)
        elif judged.mended is not None and not judged.mended.startswith(start):
            flaws = (NO_JSON,)
        if flaws:
            self.flaws, text.flawed = flaws, True
        elif judged.mended is not None:
            text.kept.append(judged.mended[len(start) :])
            self._completed = True
            return _with_text(self._latest, index, text.kept[-1])
        return b""


def _is_head(said: bytes) -> bool:
    """Whether a chunk says who speaks and nothing else."""
    fields = _raws.decode(said)
    choices = [_raws.decode(choice) for choice in _list.decode(fields["choices"])]
    return bytes(fields.get("usage", b"null")) == b"null" and all(
        bytes(choice.get("finish_reason", b"null")) == b"null"
        and all(name == "role" or bytes(value) in _EMPTY for name, value in _raws.decode(choice["delta"]).items())
        for choice in choices
        if "delta" in choice
    )


def _with_text(said: bytes, index: int, text: str) -> bytes:
    """An event like the latest one, with nothing but a piece of text."""
    fields: dict[str, Any] = dict(_raws.decode(said))
    fields.pop("usage", None)
    fields["choices"] = [{"index": index, "delta": {"content": text}, "finish_reason": None}]
    return b"data: %b\n\n" % msgspec.json.encode(fields)


def _rewritten(said: bytes, contents: dict[int, str]) -> bytes:
    """The event with the text of some choices replaced; b"" if nothing is left in it."""
    fields: dict[str, Any] = dict(_raws.decode(said))
    choices: list[Any] = list(_list.decode(fields["choices"]))
    empty = 0
    for place, text in contents.items():
        choice: dict[str, Any] = dict(_raws.decode(choices[place]))
        delta: dict[str, Any] = dict(_raws.decode(choice.get("delta", b"{}")))
        others = [choice.get("finish_reason", b"null"), *(v for k, v in delta.items() if k != "content")]
        empty += not text and all(bytes(v) in _EMPTY for v in others)
        delta["content"] = text
        choices[place] = {**choice, "delta": delta}
    if empty == len(choices):
        return b""
    return b"data: %b\n\n" % msgspec.json.encode({**fields, "choices": choices})
