"""The caller in the fault bench: one connection per call, no retry of its own, and it knows what it must be told.

Answers are numbered words that depend on the call (`outrider.testing.script.numbered`), so a word that is lost, twice,
or another call's is seen.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httptools

from outrider.base.errors import UpstreamError
from outrider.base.sse import SSESplitter, payload
from outrider.testing.script import numbered

WORDS = 40
LARGEST = 4 << 20
"""Bytes of an answer that the caller is ready to take."""


class Target(NamedTuple):
    """Where a call goes, and what it says there."""

    port: int
    model: str
    path: str = "/v1/chat/completions"
    headers: Mapping[str, str] = {}


class Told(NamedTuple):
    """What became of a call. `right`: it ended well with the whole text. `wrong`: it has text that is not the answer's,
    whether it seemed to end well or not. `why` says what else happened."""

    key: str
    right: bool
    wrong: bool
    seconds: float
    why: str


class _Answer:
    """An HTTP answer while it comes, and the text that a client would have put together from it."""

    def __init__(self, stream: bool) -> None:
        self.stream = stream
        self.status, self.size = 0, 0
        self.complete = self.ended = False
        self.error = ""
        self._text: list[str] = []
        self._body: list[bytes] = []
        self._events = SSESplitter(limit=LARGEST)
        self.parser = httptools.HttpResponseParser(self)

    def on_body(self, part: bytes) -> None:
        self.size += len(part)
        if self.size > LARGEST:
            raise ValueError("too large")
        if self.stream and self.parser.get_status_code() == 200:
            for event in self._events.feed(part):
                self._event(payload(event))
        else:
            self._body.append(part)

    def on_message_complete(self) -> None:
        self.status, self.complete = self.parser.get_status_code(), True

    def _event(self, said: bytes) -> None:
        if said == b"[DONE]":
            self.ended = True
        elif said:
            self._said(json.loads(said), "delta")

    def _said(self, found: Any, where: str) -> None:
        if found.get("error"):
            self.error = f"error: {str(found['error'])[:200]}"
            return
        for choice in found.get("choices") or ():
            self._text.append(choice[where].get("content") or "")

    def text(self) -> str:
        """What was said. Raises ValueError when the answer is none."""
        if not self.stream and self.complete and self.status == 200:
            self._said(json.loads(b"".join(self._body)), "message")
            self.ended = True
        return "".join(self._text)

    def trouble(self) -> str:
        """Why this is no good answer, "" if it is one."""
        if self.complete and self.status != 200:
            return f"HTTP {self.status}: {b''.join(self._body)[:200].decode(errors='replace')}"
        if self.error:
            return self.error
        return "" if self.complete and self.ended else "the connection ended before the answer did"


async def ask(target: Target, key: str, stream: bool, patience: float) -> Told:
    """Make one call; `patience` is in seconds."""
    began = time.perf_counter()
    answer, why = _Answer(stream), ""
    try:
        async with asyncio.timeout(patience):
            await _exchange(target, _request(target, key, stream), answer)
    except TimeoutError:
        why = f"no answer within {patience:g} s"
    except (OSError, httptools.HttpParserError, httptools.HttpParserCallbackError, UpstreamError) as error:
        why = f"{type(error).__name__}: {error}"[:200]
    seconds = time.perf_counter() - began
    try:
        text = answer.text()
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        text, why = "", why or f"not an answer: {error}"
    why = why or answer.trouble()
    expected = numbered(WORDS, key)
    if not why and text == expected:
        return Told(key, True, False, seconds, "")
    wrong = not expected.startswith(text) or not why
    return Told(key, False, wrong, seconds, why or f"other text: {text[-60:]!r}")


def _request(target: Target, key: str, stream: bool) -> bytes:
    prompt = f"scripted:words={WORDS},key={key} Say so many words, please."
    fields = {"model": target.model, "messages": [{"role": "user", "content": prompt}], "max_tokens": 4 * WORDS}
    body = json.dumps({**fields, "stream": True} if stream else fields).encode()
    headers = {"host": "127.0.0.1", "content-type": "application/json", "connection": "close", **target.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {target.path} HTTP/1.1\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body


async def _exchange(target: Target, wire: bytes, answer: _Answer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port, limit=1 << 20)
    try:
        writer.write(wire)
        while not answer.complete and (part := await reader.read(1 << 18)):
            answer.parser.feed_data(part)
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
