"""What was written while others had a say, for all sessions of a project.

A note that an agent makes of a poisoned page is poisoned when another session reads it, whatever its label says. Kept
are digests: of the texts that such calls carried (whole, by line, by sentence, and by eight words in a row, so that a
part of one, or one among other words, is known as well), also of what is encoded in them, and of the paths and ids that
they went to. A result that has one of these texts, or was asked for by one of these names, is what others wrote.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from outrider.base import clock
from outrider.base.hidden import packed
from outrider.policy.decide import Call, Decision
from outrider.policy.normal import fold, holds, plain
from outrider.policy.origins import Origin
from outrider.policy.state import SessionState
from outrider.store import Store

SHORTEST = 8
"""Characters of a text that is known again: shorter ones say nothing."""
RUN = 8
"""Words in a row that are known again."""
MOST = 4_000
"""Digests of one call or result. Of more the smallest: they are the same ones wherever a text stands."""
LONGEST = 1_000_000
"""Characters of one call or result that are looked at."""
KEPT_NS = 365 * 86_400 * 1_000_000_000
_PIECES = re.compile(r"\n+|(?<=[.!?;])\s+")
_WORD = re.compile(r"\w+")
_AT_ONCE = 1_000


class Written:
    """The digests of a lease store."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def note(self, project: str, call: Call, decision: Decision, state: SessionState) -> None:
        """A call with an effect is made; what it writes is remembered if the session has read what others wrote."""
        if call.declaration.does == "none" or state.taint is None:
            return
        texts = [text for text in _texts(call.arguments) if not _harmless(text, state)]
        if not texts:
            return
        names = [plain(one.value) for one in decision.traced if one.kind in ("path", "id", "url")]
        own = {piece for said in state.asked for piece in _parts(said)}
        marks = {_digest(piece) for text in texts for piece in _pieces(text[:LONGEST]) if piece not in own}
        marks |= {_digest(f"={name}") for name in names}
        now = clock.now_ns()
        with self._store().write() as tx:
            tx.executemany(
                "INSERT INTO written (project, digest, at) VALUES (?, ?, ?)"
                " ON CONFLICT (project, digest) DO UPDATE SET at = excluded.at",
                [(project, mark, now) for mark in sorted(marks)[:MOST]],
            )

    def knows(self, project: str, result: Any, given: Iterable[str] = ()) -> bool:
        """Whether a result has what was written so, or was asked for by a name that it was written to."""
        marks = {_digest(f"={name}") for name in given}
        room = LONGEST
        for text in _texts(result):
            marks |= {_digest(piece) for piece in _pieces(text[: max(room, 0)])}
            room -= len(text)
        asked = sorted(marks)[:MOST]
        return any(self._some(project, asked[at : at + _AT_ONCE]) for at in range(0, len(asked), _AT_ONCE))

    def _some(self, project: str, marks: list[str]) -> bool:
        holes = ", ".join("?" * len(marks))
        query = f"SELECT 1 FROM written WHERE project = ? AND digest IN ({holes}) LIMIT 1"
        return bool(self._store().query(query, (project, *marks)))

    def forget(self, before: int | None = None) -> None:
        """Forget what was written before (ns), else more than a year ago."""
        with self._store().write() as tx:
            tx.execute("DELETE FROM written WHERE at < ?", (clock.now_ns() - KEPT_NS if before is None else before,))


def _harmless(text: str, state: SessionState) -> bool:
    """What the user said, or trusted data, is no word of others."""
    said = plain(text)
    if len(said) < SHORTEST or any(holds(asked, said) for asked in state.asked):
        return True
    found = state.field(said) if len(said) <= 300 else None
    return found is not None and found.origin != Origin.UNTRUSTED


def _pieces(text: str) -> Iterator[str]:
    """A text, its parts, and those of what is encoded in it."""
    yield from _parts(text)
    for inner in packed(text):
        yield from _parts(inner.text)


def _parts(text: str) -> Iterator[str]:
    folded = fold(text)
    if len(folded) >= SHORTEST:
        yield folded
    for piece in _PIECES.split(text):
        said = fold(piece)
        if len(said) >= SHORTEST:
            yield said
    words = _WORD.findall(folded)
    for at in range(len(words) - RUN + 1):
        yield f"~{' '.join(words[at : at + RUN])}"


def _texts(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            pending += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            pending += one


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
