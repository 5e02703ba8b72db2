"""Whether a recorded trajectory is what it seems to be, and comes out the same when it is done again.

Three questions for every chat call: are request and answer, as they are stored, those that the journal's record names
(by their digests)? does the next request follow from this answer and the results of its tools? and, with models live,
is the answer to the very same bytes the same: its words, and all of its bytes, event for event where it is a stream?
What is new in every answer by its nature is left out of the comparison of bytes: ids, times, what caches had.

The bytes are those that the caller got. What the provider itself sent is not in the journal (nor how the network cut
it), so that we would read it today as we did then is not verified: `NOT_RECORDED` says so to whoever asks.
"""

import re
from typing import Any, Literal

import msgspec

from outrider.base import ids
from outrider.base.errors import OutriderError
from outrider.journal.append import blob
from outrider.journal.read import get_body, get_run
from outrider.replay import answers, asking
from outrider.replay.asking import Asks
from outrider.replay.deciding import ASKS_NOBODY
from outrider.replay.recording import Recording, Turn, called
from outrider.store import Store

NOT_RECORDED = ("the provider's own bytes", "how the network cut them")
_EVENT = re.compile(rb"^data:", re.MULTILINE)
_NEW = re.compile(
    rb'"(id|item_id|call_id|responseId|previous_response_id|created|created_at|completed_at|createTime|'
    rb'system_fingerprint|obfuscation|cached_tokens|cache_read_input_tokens|cachedContentTokenCount)"'
    rb'\s*:\s*("(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?)'
)
"""Ids, times, what providers pad their streams with, and what their caches had."""


class Verdict(msgspec.Struct):
    """About one chat call. None: it could not be asked (`why` says so, or what differs). `same` is about what was said,
    `bytes` about all that the caller got, `events` counts those of a stream then and now. `run` is the new one's."""

    of: str
    stored: bool
    follows: bool | None = None
    same: bool | None = None
    bytes: Literal["", "identical", "identical but for ids, times, caches", "other"] = ""
    events: tuple[int, int] | None = None
    run: str = ""
    digest: str = ""
    why: str = ""

    @property
    def good(self) -> bool:
        return self.stored and self.follows is not False and self.same is not False and self.bytes != "other"


async def verify(store: Store, recording: Recording, asks: Asks | None) -> list[Verdict]:
    """One verdict for every chat call. Without `asks` no model is asked. Raises OutriderError if nobody answers."""
    found = []
    for at, turn in enumerate(recording.turns):
        verdict = Verdict(turn.run, _stored(store, turn))
        if not verdict.stored:
            verdict.why = "the stored request or answer is not the one that was recorded, or is no longer there"
        elif at + 1 < len(recording.turns):
            verdict.follows = _follows(turn, recording.added(at))
            verdict.why = "" if verdict.follows else "the next request does not go on from this answer"
        if asks is not None and turn.answer is not None and turn.status == "ok":
            await _again(verdict, turn, asks, recording.user if turn.retrieved else "")
        found.append(verdict)
    return found


def _stored(store: Store, turn: Turn) -> bool:
    """Whether the bodies have the digests that the record gives them."""
    run = get_run(store, ids.parse(turn.run))
    if run is None:
        return False
    for ref in (turn.request, turn.response):
        if ref is not None:
            body = get_body(store, run.project, ref.sha256)
            if body is None or blob(body) != ref:
                return False
    return True


def _follows(turn: Turn, added: list[dict[str, Any]]) -> bool:
    """Whether the conversation goes on with this answer, and every call of it got a result."""
    if turn.answer is None:
        return False
    said = answers.Answer([added[0]], [""])
    if answers.text_of(added[0]) != turn.answer.text() or _calls(said) != _calls(turn.answer):
        return False
    return len(list(called(added))) == len(turn.answer.calls())


def _calls(answer: answers.Answer) -> list[tuple[str, bytes]]:
    return [(tool, answers.normal(arguments)) for _, tool, arguments in answer.calls()]


async def _again(verdict: Verdict, turn: Turn, asks: Asks, user: str) -> None:
    """Send the same bytes, compare what comes. Raises OutriderError if nobody answers."""
    assert turn.answer is not None
    found = {"x-outrider-retrieval": turn.run} if turn.retrieved else {}
    said = await asks.ask(turn.path, turn.body, user=user, more={**ASKS_NOBODY, **found})
    verdict.run = said.run
    try:
        if said.status != 200:
            raise OutriderError(asking.why(said))
        answer = turn.tongue.read(said.body)
    except OutriderError as error:
        verdict.same, verdict.why = False, error.message
        return
    before, after = turn.answer.canonical(), answer.canonical()
    verdict.same, verdict.digest = before == after, blob(after).sha256.hex()
    if not verdict.same:
        verdict.why = _difference(before, after)
    elif turn.said is not None:
        _compare(verdict, turn.said, said.body)


def _compare(verdict: Verdict, before: bytes, after: bytes) -> None:
    """All of the bytes."""
    then, now = masked(before), masked(after)
    if before == after:
        verdict.bytes = "identical"
    else:
        verdict.bytes = "identical but for ids, times, caches" if then == now else "other"
    counts = [len(_EVENT.findall(one)) for one in (before, after)]
    verdict.events = (counts[0], counts[1]) if any(counts) else None
    if verdict.bytes == "other":
        cut = "" if verdict.events is None or counts[0] == counts[1] else f" ({counts[0]} events then, {counts[1]} now)"
        verdict.why = f"the same words in other bytes{cut}: {_difference(then, now)}"


def masked(body: bytes) -> bytes:
    """A body without what is new in every answer by its nature."""
    return _NEW.sub(rb'"\1":0', body)


def _difference(before: bytes, after: bytes) -> str:
    pairs = enumerate(zip(before, after, strict=False))
    at = next((at for at, (was, now) in pairs if was != now), min(len(before), len(after)))
    around = slice(max(0, at - 20), at + 40)
    old, new = (said[around].decode("utf-8", "replace") for said in (before, after))
    return f"the answers differ from byte {at} on: …{old}… is now …{new}…"
