"""What questions mean, for telling rare ones: vectors of an embedder, some at a time. Where none is to be had, words
tell (`novelty.signature`), and `why` says so.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

from outrider.base import ids
from outrider.base.errors import OutriderError, RequestError
from outrider.evals.online import novelty
from outrider.evals.online.book import Book
from outrider.evals.online.lead import NotLeading

Embed = Callable[[str, Sequence[str]], Sequence[Sequence[float]]]
"""Vectors of length 1 of texts of a project, in their order. Raises OutriderError."""
MOST, AT_ONCE = 512, 64
"""Texts of one page of the journal, and of one call: what is beyond is told by its words."""
REST = 60.0
"""Seconds until an embedder that failed is asked again."""


class Meaning:
    """One process's way to an embedder, which is called `name` ("": there is none, and `why`)."""

    def __init__(self, name: str = "", embed: Embed | None = None, why: str = "") -> None:
        self.name, self.why, self._embed, self._until = name, why, embed, 0.0

    def look(self, project: str, texts: Sequence[str], hold: Callable[[], None] = lambda: None) -> dict[str, bytes]:
        """Signatures by text, as far as they are to be had now. `hold` is called between calls, which take a while.
        Raises NotLeading."""
        wanted = [one for one in dict.fromkeys(texts) if one.strip()][:MOST]
        found: dict[str, bytes] = {}
        if self._embed is None or time.monotonic() < self._until:
            return found
        try:
            for at in range(0, len(wanted), AT_ONCE):
                part = wanted[at : at + AT_ONCE]
                found |= zip(part, map(novelty.folded, self._embed(project, part)), strict=True)
                self.why = ""
                hold()
        except NotLeading:
            raise
        except OutriderError as error:
            self.why, self._until = error.message, time.monotonic() + REST
        return found


def metered(ask: Callable[[str, Sequence[str]], tuple[Any, int]], book: Book, calls: int, money: int) -> Embed:
    """An embedder that costs something: each call within the day's limits (0: none), as those of judges are. `ask`
    gives vectors and what they cost."""

    def embed(project: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        again = f"near-{ids.token(12)}"
        if not book.reserve(again, project, "", calls, money):
            raise RequestError("the day's budget for scores is used up", status=429, code="budget_exceeded")
        try:
            vectors, cost = ask(project, texts)
        except OutriderError as error:
            book.paid(again, None if isinstance(error, RequestError) else 0)
            raise
        book.paid(again, cost)
        found: Sequence[Sequence[float]] = vectors
        return found

    return embed
