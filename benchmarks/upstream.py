"""A provider of every language that says the same thing to everybody, as cheaply as Python can: prepared bytes.

`python benchmarks/upstream.py PORT`. A stream has 50 pieces of text, one every `gap` milliseconds, where the request's
text says `mock:gap=20`; without it everything is sent at once.
"""

import asyncio
import json
import re
import sys
from types import ModuleType

from outrider.testing.speaking import chat, converse, gemini, messages, responses, responses_stream
from outrider.testing.speaking.words import Ask, Counts, Reply, Text

WORDS = "".join(f" token{number:02d}" for number in range(50))
SAID = Reply((Text(WORDS),), counts=Counts(42, 50), piece=8)
_ASKED = Ask([], params={"usage": True}, model="mock-model")
_GAP = re.compile(rb"mock:gap=(\d+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _whole(language: ModuleType) -> bytes:
    body = json.dumps(language.whole(SAID, _ASKED, 1)).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def _pieces(language: ModuleType) -> list[bytes]:
    """Head and events, each as one chunk of the transfer."""
    spoken = responses_stream if language is responses else language
    head = b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ntransfer-encoding: chunked\r\n\r\n" % language.TYPE
    events = list(spoken.stream(SAID, _ASKED, 1))
    return [head, *(b"%x\r\n%b\r\n" % (len(event), event) for event in events), b"0\r\n\r\n"]


_PLAIN = {module: _whole(module) for module in (chat, responses, messages, gemini, converse)}
_STREAMS = {module: _pieces(module) for module in _PLAIN}


def answer(path: bytes, body: bytes) -> tuple[list[bytes], int]:
    """What to send, and the milliseconds between its pieces."""
    gap = int(found[1]) if (found := _GAP.search(body)) else 0
    for end, language in (
        (b"/chat/completions", chat),
        (b"/messages", messages),
        (b"/responses", responses),
        (b"/converse", converse),
        (b"/converse-stream", converse),
        (b":generateContent", gemini),
        (b":streamGenerateContent", gemini),
    ):
        if path.partition(b"?")[0].endswith(end):
            streams = path.find(b"stream") > 0 or re.search(rb'"stream": ?true', body) is not None
            return (_STREAMS[language], gap) if streams else ([_PLAIN[language]], 0)
    listed = b'{"object":"list","data":[{"id":"mock-model","object":"model"}]}'
    return [b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(listed), listed], 0


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            length = int(found[1]) if (found := _LENGTH.search(self._received[:end])) else 0
            if len(self._received) < end + 4 + length:
                return
            body = self._received[end + 4 : end + 4 + length]
            path = self._received.split(b" ", 2)[1]
            self._received = self._received[end + 4 + length :]
            pieces, gap = answer(path, body)
            if gap:
                self._paced(pieces, gap / 1000, 0)
            else:
                self.transport.write(b"".join(pieces))

    def _paced(self, pieces: list[bytes], gap: float, at: int) -> None:
        self.transport.write(pieces[at])
        if at + 1 < len(pieces) and not self.transport.is_closing():
            asyncio.get_running_loop().call_later(gap, self._paced, pieces, gap, at + 1)


async def main(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", port, backlog=1024)
    print(f"listening on {port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1])))
