"""Streams: events of `streamGenerateContent` as chat chunks, and chat chunks as those events.

Gemini has no end mark. Its end is the connection's, which the provider's splitter tells by an event named `end`.
"""

import msgspec

from outrider.base.errors import UpstreamError
from outrider.dialects import ODD, Fields, odd_answer, searched
from outrider.dialects.gemini import notes, usage
from outrider.dialects.gemini.answers import block_reason, ended, failed, head, reason_of, refused
from outrider.dialects.gemini.errors import raise_error
from outrider.dialects.gemini.names import camel, of_ours
from outrider.dialects.gemini.speech import called, for_caller
from outrider.dialects.gemini.turn import Turn

_json = msgspec.json.Encoder()
END = "end"
_REST = ("content", "refusal", "provider_items", "images", "audio")
_ABOUT = ("groundingMetadata", "urlContextMetadata", "citationMetadata", "safetyRatings")


class _Heard:
    """One candidate's state on its way into chat."""

    __slots__ = ("about", "began", "said", "turn")

    def __init__(self, answer: str) -> None:
        self.turn = Turn(answer)
        self.began = False
        self.about: Fields = {}  # the last that was said about the candidate; told at its end
        self.said: Fields = {}  # of what kinds something has been said


class ToChat:
    """Gemini's events as chat chunks."""

    def __init__(self) -> None:
        self.done = self._ended = False
        self._candidates: dict[int, _Heard] = {}
        self._head: Fields = {}
        self._counts: Fields = {}

    def feed(self, kind: str, said: Fields) -> list[Fields]:
        if "error" in said:
            raise_error(said)
        try:
            chunks = self._chunks(said) if said else []
        except ODD:
            raise odd_answer() from None
        if kind == END:
            if not self._ended:
                raise UpstreamError("the provider's stream ended without an end mark", code="upstream_stream_cut")
            self.done = True
            if (counted := self.counted) is not None:
                chunks.append({**self._head, "choices": [], "usage": counted})
        return chunks

    @property
    def counted(self) -> Fields | None:
        """Each event tells the counts so far."""
        if not self._counts:
            return None
        found = searched(usage.searches([heard.about for heard in self._candidates.values()]))
        return usage.to_chat(self._counts) | found

    def _chunks(self, said: Fields) -> list[Fields]:
        self._counts = said.get("usageMetadata") or self._counts
        if not self._head:
            self._head = {"id": said.get("responseId") or "", "object": "chat.completion.chunk", **head(said)}
        candidates = said.get("candidates") or ()
        if not candidates and said.get("promptFeedback", {}).get("blockReason"):
            choice = refused(said["promptFeedback"])
            self._ended = True
            choice["delta"] = choice.pop("message")
            return [{**self._head, "choices": [choice]}]
        choices = [choice for choice in map(self._choice, candidates, range(len(candidates))) if choice is not None]
        return [{**self._head, "choices": choices}] if choices else []

    def _choice(self, candidate: Fields, at: int) -> Fields | None:
        index = candidate.get("index") or at
        heard = self._candidates.get(index)
        if heard is None:
            answer = self._head["id"]
            heard = self._candidates[index] = _Heard(f"{answer}_{index}" if index and answer else answer)
        delta: Fields = {}
        for part in (candidate.get("content") or {}).get("parts") or ():
            heard.turn.take(camel(part), delta)
        heard.about.update({name: candidate[name] for name in _ABOUT if candidate.get(name)})
        heard.said.update(delta)
        choice: Fields = {"index": index, "delta": delta, "finish_reason": None, "logprobs": None}
        if candidate.get("finishReason"):
            self._ended = True
            if len(self._candidates) == 1:
                failed(candidate, heard.said)
            ended({**candidate, **heard.about}, choice, calls=bool(heard.turn.calls))
            notes.to_chat(heard.about, "".join(heard.turn.text), delta, choice)
        if odds := candidate.get("logprobsResult"):
            choice["logprobs"] = notes.odds_to_chat(odds)
        if not delta and heard.began and choice["finish_reason"] is None and not odds:
            return None
        if not heard.began:
            heard.began = True
            choice["delta"] = {"role": "assistant", "content": "", **delta}
        return choice


class _Said:
    """One choice's state on its way to a Gemini caller."""

    __slots__ = ("call", "length", "notes", "refused", "signatures", "text", "thought")

    def __init__(self) -> None:
        self.call: Fields | None = None  # a tool call whose arguments may go on
        self.thought: Fields | None = None  # another model's, whose signature may yet come
        self.notes: list[Fields] = []
        self.signatures: dict[str, str] = {}  # by the id of the call
        self.text: list[str] = []
        self.length = 0
        self.refused = False

    def parts(self, delta: Fields) -> list[Fields]:
        """What a delta says, as far as it is whole."""
        self.notes += delta.get("annotations") or ()
        self.refused = self.refused or bool(delta.get("refusal"))
        parts: list[Fields] = []
        rest = {name: value for name, value in delta.items() if name in _REST and value}
        if details := delta.get("reasoning_details"):
            rest["reasoning_details"] = self._thoughts(details, parts)
        elif thought := delta.get("reasoning_content"):
            parts.append({"text": thought, "thought": True})
        calls = delta.get("tool_calls") or ()
        if rest.get("content") or calls:
            self._think(None, parts)
        if items := rest.get("provider_items"):
            rest["provider_items"] = [{**item, "after": (item.get("after") or 0) - self.length} for item in items]
        if isinstance(rest.get("content"), str):
            self.text.append(rest["content"])
            self.length += len(rest["content"])
        parts += for_caller(rest)
        for call in calls:
            self._call(call, parts)
        return parts

    def end(self, parts: list[Fields]) -> None:
        self._think(None, parts)
        self._call(None, parts)

    def _thoughts(self, details: list[Fields], parts: list[Fields]) -> list[Fields]:
        """Adds thoughts to `parts`; gives the signatures that belong to the text."""
        loose = []
        for detail in details:
            if not of_ours(detail) or detail.get("type") != "reasoning.encrypted":
                self._think(detail, parts)
            elif detail.get("id"):
                self.signatures[detail["id"]] = detail.get("data") or ""
            else:
                loose.append(detail)
        return loose

    def _think(self, detail: Fields | None, parts: list[Fields]) -> None:
        """A piece of a thought: its text at once, what signs it when it is over."""
        before = self.thought
        if before is not None and (detail is None or detail.get("index") != before.get("index")):
            signed = for_caller({"reasoning_details": [before]})
            parts += [part for part in signed if "thoughtSignature" in part]
            self.thought = before = None
        if detail is None:
            return
        if text := detail.get("text") or detail.get("summary"):
            parts.append({"text": text, "thought": True})
        bare = {name: value for name, value in detail.items() if name not in ("text", "summary") and value is not None}
        self.thought = {**(before or {}), **bare}

    def _call(self, piece: Fields | None, parts: list[Fields]) -> None:
        """A piece of a tool call; what came before is whole when another begins, or nothing more comes."""
        call = self.call
        if call is not None and (piece is None or (piece.get("index") or 0) != call["index"]):
            part = called(call["id"], call["name"], "".join(call["arguments"]))
            if part is None:
                part = called(call["id"], call["name"], {}) or {}
            if signature := call["signature"] or self.signatures.get(call["id"]):
                part["thoughtSignature"] = signature
            parts.append(part)
            self.call = call = None
        if piece is None:
            return
        function = piece.get("function") or {}
        if call is None:
            call = self.call = {
                "index": piece.get("index") or 0,
                "id": "",
                "name": "",
                "arguments": [],
                "signature": "",
            }
        call["id"] = piece.get("id") or call["id"]
        call["name"] = call["name"] or function.get("name") or ""
        call["signature"] = piece.get("thought_signature") or call["signature"]
        call["arguments"].append(function.get("arguments") or "")


class FromChat:
    """Chat chunks as Gemini's events. The event with a candidate's end waits for the usage, which Gemini has in it.

    `array`: as the elements of one JSON array, which is what a caller gets who does not ask for `alt=sse`.
    """

    def __init__(self, model: str = "", run: str = "", *, array: bool = False) -> None:
        self._model, self._run, self._array = model, run, array
        self._choices: dict[int, _Said] = {}
        self._held: Fields | None = None
        self.begun = False
        self._tail: Fields = {"modelVersion": model, "responseId": run}

    def feed(self, chunk: Fields) -> bytes:
        """Raises UpstreamError for what is no chunk."""
        try:
            return self._told(chunk)
        except ODD:
            raise odd_answer() from None

    def _told(self, chunk: Fields) -> bytes:
        self._tail = {"modelVersion": chunk.get("model") or self._model, "responseId": chunk.get("id") or self._run}
        choices = chunk.get("choices") or ()
        out = self._release() if choices else b""
        event: Fields = {}
        for choice in choices:
            blocked = block_reason(choice)
            if blocked is not None:
                event["promptFeedback"] = blocked
            elif (candidate := self._candidate(choice)) is not None:
                event.setdefault("candidates", []).append(candidate)
        if any(choice.get("finish_reason") for choice in choices):
            self._held = event
        elif event:
            out += self._event(event)
        if chunk.get("usage") and (self._held is not None or not choices):
            self._held = {**(self._held or {}), "usageMetadata": usage.from_chat(chunk["usage"])}
        return out

    def end(self) -> bytes:
        out = self._release()
        if self._array:
            out += b"]" if self.begun else b"[]"
        return out

    def _release(self) -> bytes:
        held, self._held = self._held, None
        return self._event(held) if held is not None else b""

    def _event(self, said: Fields) -> bytes:
        text = _json.encode({**said, **self._tail})
        if not self._array:
            return b"data: %b\r\n\r\n" % text
        start, self.begun = b",\r\n" if self.begun else b"[", True
        return start + text

    def _candidate(self, choice: Fields) -> Fields | None:
        index, finish = choice.get("index") or 0, choice.get("finish_reason")
        state = self._choices.get(index)
        if state is None:
            state = self._choices[index] = _Said()
        parts = state.parts(choice.get("delta") or {})
        if finish:
            state.end(parts)
        odds = choice.get("logprobs")
        if not parts and not finish and not odds:
            return None
        candidate: Fields = {"content": {"parts": parts or [{"text": ""}], "role": "model"}, "index": index}
        if finish:
            candidate["finishReason"] = reason_of(choice, refused=state.refused)
            if choice.get("safety_ratings"):
                candidate["safetyRatings"] = choice["safety_ratings"]
            notes.from_chat(state.notes, choice.get("provider_metadata") or {}, "".join(state.text), candidate)
        if odds:
            notes.odds_from_chat(odds, candidate)
        return candidate
