"""A `retrieval` step as people read it: what was asked, how it was searched, and what was found with which scores."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.console.readable import decode
from outrider.journal.events import Step

MOST = 30


class Candidate(msgspec.Struct):
    """A passage that was found. `href` leads to it in its document ("": it is not in a collection here)."""

    title: str
    href: str
    score: float | None
    parts: list[tuple[str, float]]


class Retrieval(msgspec.Struct):
    """What a step found. `asked` are the queries that were run, `why` is why nothing was used, `more` how many
    candidates are left out."""

    query: str
    strategy: str
    asked: list[str]
    why: str
    as_of: int
    found: list[Candidate]
    more: int = 0


HIDDEN = frozenset({"query", "strategy", "as_of", "why"})
"""Attributes of such a step that are told in words."""


def read(step: Step, body: bytes | None) -> Retrieval | None:
    """The step with its body; None if it says nothing of that kind. Nothing of the body is trusted to have a form."""
    told = decode(body) if body is not None else None
    told = told if isinstance(told, dict) else {}
    listed: list[Any] = next((told[name] for name in ("kept", "hits") if isinstance(told.get(name), list)), [])
    rows = [row for row in listed if isinstance(row, dict)]
    if not rows and not any(name in step.attrs for name in HIDDEN):
        return None
    as_of = told.get("as_of", step.attrs.get("as_of"))
    asked = [_text(q) for q in _several(told.get("asked"))[:10]]
    return Retrieval(
        query=_text(told.get("query") or step.attrs.get("query") or next(iter(asked), "")),
        strategy=_text(told.get("strategy") or step.attrs.get("strategy")),
        asked=asked,
        why=_text(told.get("why") or step.attrs.get("why")),
        as_of=as_of if isinstance(as_of, int) and 0 < as_of < 2**63 else 0,
        found=[_candidate(step.name, row) for row in rows[:MOST]],
        more=max(0, len(rows) - MOST),
    )


def _candidate(collection: str, row: Mapping[str, Any]) -> Candidate:
    score, scores = row.get("score"), row.get("parts")
    parts = [(str(k)[:40], float(v)) for k, v in scores.items() if _number(v)] if isinstance(scores, dict) else []
    title = _text(row.get("title") or row.get("source") or row.get("document")) or "without a name"
    points = float(score) if _number(score) else None  # type: ignore[arg-type]  # _number has looked at it
    return Candidate(title, _href(collection, row), points, parts)


def _href(collection: str, row: Mapping[str, Any]) -> str:
    document, version = row.get("document"), row.get("version")
    start, end = row.get("start"), row.get("end")
    if not (isinstance(document, str) and all(isinstance(n, int) for n in (version, start, end))):
        return ""
    return f"/knowledge/{collection}/documents/{document}?version={version}&at={start}-{end}#here"


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _several(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value[:1000] if isinstance(value, str) else ""
