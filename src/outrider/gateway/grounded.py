"""What a model writes on a route with knowledge, sentence by sentence: each is checked when it is complete, and goes on
with its citations. Text is held back until the end of its sentence, nothing else is."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base.grounding import Ground, Note
from outrider.base.ports import Answer, StreamReader
from outrider.base.sse import events, payload

NOTHING_BORNE = "The documents do not answer this: nothing that the model wrote is borne out by them."
_fields = msgspec.json.Decoder(dict[str, Any])
_json = msgspec.json.Encoder()
_DONE = b"[DONE]"


class Telling:
    """One text on its way. `feed` and `end` give what goes on now, with annotations that count from the whole text's
    beginning; `length` is what the caller has of it already."""

    def __init__(self, ground: Ground, length: int = 0) -> None:
        self._ground, self._length, self._held = ground, length, ""
        self.sentences = self.cited = self.dropped = 0
        self.flaws: list[str] = []

    def feed(self, text: str) -> tuple[str, list[dict[str, Any]]]:
        self._held += text
        return self._told(self._ground.settled(self._held))

    def end(self) -> tuple[str, list[dict[str, Any]]]:
        """What is still held, when no more text comes."""
        text, notes = self._told(len(self._held))
        if self.dropped and not self._length:
            text, self._length = NOTHING_BORNE, len(NOTHING_BORNE)
        return text, notes

    def _told(self, end: int) -> tuple[str, list[dict[str, Any]]]:
        ready, self._held = self._held[:end], self._held[end:]
        out, notes = "", list[dict[str, Any]]()
        for sentence in self._ground.cut(ready):
            said = self._ground.check(sentence)
            text = said.text if out or self._length else said.text.lstrip()
            shift = self._length + len(out) - (len(said.text) - len(text))
            notes += [annotation(note, shift) for note in said.notes]
            out += text
            self._count(sentence, said.text, len(said.notes), said.flaws)
        self._length += len(out)
        return out, notes

    def _count(self, sentence: str, told: str, notes: int, flaws: Sequence[str]) -> None:
        if sentence.strip():
            self.sentences += 1
            self.cited += notes > 0
            self.dropped += not told
            self.flaws += flaws

    @property
    def facts(self) -> Mapping[str, Any]:
        """For the step: how much of it is borne out."""
        said: dict[str, Any] = {"sentences": self.sentences, "cited": self.cited}
        if self.flaws:
            said |= {"unsupported": self.flaws[:20], "dropped": self.dropped}
        return said


def annotation(note: Note, shift: int = 0) -> dict[str, Any]:
    """A note as chat says it; every other language of callers is made from that."""
    return {
        "type": "url_citation",
        "url_citation": {
            "url": note.url,
            "title": note.title,
            "start_index": note.start + shift,
            "end_index": note.end + shift,
            "cited_text": note.quote,
            "document": note.document,
            "quoted": list(note.quoted),
        },
    }


def whole(ground: Ground, answer: Answer) -> Mapping[str, Any]:
    """Check a complete chat answer in place; facts for the step."""
    body, facts = _fields.decode(answer.body), dict[str, Any]()
    for choice in body.get("choices") or ():
        message = choice.get("message") or {}
        if not isinstance(text := message.get("content"), str) or not text:
            continue
        telling = Telling(ground)
        told, notes = telling.feed(text)
        rest, more = telling.end()
        message["content"] = told + rest
        if notes or more:
            message["annotations"] = [*(message.get("annotations") or ()), *notes, *more]
        facts = facts or dict(telling.facts)
        if not choice.get("index"):
            answer.text = told + rest
    answer.body = _json.encode(body)
    return facts


class GroundedReader:
    """Around the reader of a stream. `length`: characters of its text that the caller has from an earlier stream."""

    def __init__(self, reader: StreamReader, ground: Ground, facts: dict[str, Any], length: int = 0) -> None:
        self._reader, self._ground, self._facts, self._length = reader, ground, facts, length
        self._tellings: dict[int, Telling] = {}
        self._head: dict[str, Any] = {}

    @property
    def done(self) -> bool:
        return self._reader.done

    def feed(self, event: bytes) -> bytes:
        return b"".join([self._checked(one) for one in events(self._reader.feed(event))])

    def close(self, blocks: Sequence[bytes]) -> Answer:
        if self._tellings:
            self._facts.update(self._tellings[min(self._tellings)].facts)
        return self._reader.close(blocks)

    def _checked(self, event: bytes) -> bytes:
        said = payload(event)
        if said == _DONE:
            return self._rest() + event
        if not said:
            return event
        chunk = _fields.decode(said)
        choices = chunk.get("choices")
        if not choices:
            return event
        self._head = self._head or {k: v for k, v in chunk.items() if k not in ("choices", "usage")}
        kept = [choice for choice in choices if self._keep(choice)]
        if not kept and not chunk.get("usage"):
            return b""
        chunk["choices"] = kept
        return _event(chunk)

    def _keep(self, choice: dict[str, Any]) -> bool:
        """Put what may go into a choice; False: nothing of it is left to say."""
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            return True
        content = delta.get("content")
        index = choice.get("index") or 0
        ends = bool(choice.get("finish_reason") or delta.get("tool_calls"))
        if not (isinstance(content, str) and content) and not (ends and index in self._tellings):
            return True
        telling = self._tellings.setdefault(index, Telling(self._ground, self._length if index == 0 else 0))
        text, notes = telling.feed(content or "")
        if ends:
            rest, more = telling.end()
            text, notes = text + rest, notes + more
        delta.pop("content", None)
        if text:
            delta["content"] = text
        if notes:
            delta["annotations"] = [*(delta.get("annotations") or ()), *notes]
        return bool(delta) or bool(choice.get("finish_reason"))

    def _rest(self) -> bytes:
        """What is held of a stream that ends without saying why."""
        choices = []
        for index, telling in self._tellings.items():
            text, notes = telling.end()
            if text:
                delta = {"content": text} | ({"annotations": notes} if notes else {})
                choices.append({"index": index, "delta": delta, "finish_reason": None})
        return _event({**self._head, "choices": choices}) if choices else b""


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: %b\n\n" % _json.encode(chunk)
