"""Streams flow: the first words arrive while the provider still speaks, and a caller that leaves is not paid for."""

import contextlib
import http.client
import json
import urllib.request
from collections.abc import Sequence
from urllib.parse import urlsplit

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.cell import FAIL, PASS, Cell
from outrider.testing.conformance.got import Wire, Wrong, must
from outrider.testing.conformance.target import WAIT, Target
from outrider.testing.speaking.words import Ask, Text, Turn

NAME, TITLE = "flow", "The first words come while the provider still speaks; leaving reaches it"
_SAYS = "scripted:chunks=100,gap=0.02 and no more"


def flows(target: Target, pairs: Sequence[tuple[str, str]]) -> list[Cell]:
    """One cell for every pair."""
    cells = []
    for caller, speaker in pairs:
        try:
            _check(target, caller, speaker)
            cells.append(Cell(NAME, caller, speaker, PASS))
        except (Wrong, OSError, http.client.HTTPException) as error:
            cells.append(Cell(NAME, caller, speaker, FAIL, repr(error)))
    return cells


def _check(target: Target, caller: str, speaker: str) -> None:
    asked = Ask([Turn("user", (Text(_SAYS),))], stream=True, model=f"to-{speaker}")
    wire: Wire = CALLERS[caller].write(asked)
    completed, cancelled = (target.provider.counts[name] for name in ("completed", "cancelled"))
    connection = http.client.HTTPConnection(urlsplit(target.url).netloc, timeout=WAIT)
    with contextlib.closing(connection):
        connection.request("POST", wire.path, wire.raw(), target.headers(wire))
        answer = connection.getresponse()
        must(answer.status == 200, f"status {answer.status}")
        got = b""
        while b"word0" not in got:
            piece = answer.read1(65536)
            must(bool(piece), f"the stream ended without its first word: {got[:300]!r}")
            got += piece
        must(target.provider.counts["completed"] == completed, "the first word came after the provider's last")
        answer.close()
    with urllib.request.urlopen(
        f"{target.providers}/scripted/seen?cancelled={cancelled + 1}", timeout=WAIT * 2
    ) as seen:
        must(json.load(seen)["cancelled"] > cancelled, "the provider does not know that the caller left")
