"""A session as it went, moment by moment: what people said, what the system was given (results of tools, passages) and
what it answered, each with the time when it was there."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal.events import RunRecorded
from outrider.journal.feedback_query import feedback_on
from outrider.journal.projections.usage import is_apart
from outrider.journal.read import get_body, get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter
from outrider.replay import answers, recording, turns
from outrider.replay.replayer import shown
from outrider.replay.tongues import TONGUES
from outrider.replay.turns import IMPORTED, Turn
from outrider.store import Store

MOST_RUNS, MOST_FEEDBACK = 5_000, 500
Kind = Literal["human", "feedback", "tool", "retrieval", "model"]
PEOPLE: frozenset[Kind] = frozenset({"human", "feedback"})
_PAGE = 500
_fields = msgspec.json.Decoder(dict[str, Any]).decode


class Moment(msgspec.Struct, frozen=True):
    """Something that was said or found, at `at` (ns since the epoch) in a run."""

    at: int
    kind: Kind
    run: str
    text: str


def moments(store: Store, project: str, session: str) -> list[Moment]:
    """All of a session in the order of time. Replays of it are no part of it. Raises ConfigError if there is none."""
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Moment] = []
    runs = _runs(store, project, session)
    for run in runs:
        found += _of_run(store, run, seen)
    rated = [b"", *(run.id for run in runs)] if runs else []
    for about in rated:
        found += _feedback(store, project, about, session if not about else "")
    if not found:
        raise ConfigError(
            f"there is no session {session[:80]!r} in the project {project!r}; `outrider runs list` has them"
        )
    return sorted(found, key=lambda one: one.at)


def _runs(store: Store, project: str, session: str) -> list[RunRecorded]:
    found: list[RunRecorded] = []
    before: int | None = None
    while len(found) < MOST_RUNS:
        page = list_runs(store, RunFilter(project=project, session=session), before=before, limit=_PAGE)
        runs = (get_run(store, row.id) for row in page.rows)
        found += [one for one in runs if one is not None and not is_apart(one.tags)]
        before = page.next
        if before is None:
            break
    return sorted(found, key=lambda one: one.at)


def _of_run(store: Store, run: RunRecorded, seen: Counter[tuple[str, str]]) -> Iterator[Moment]:
    if run.name == recording.TOOL:
        yield from _tool(store, run, seen)
        return
    calls: list[Turn] = []
    if run.source == IMPORTED:
        calls = list(turns.of_steps(store, run))
    elif run.name in TONGUES:
        try:
            calls = [turns.of_run(store, run)]
        except ConfigError:
            return
    yield from _passages(store, run)
    for turn in calls:
        yield from _asked(turn, seen)
        if turn.answer is not None and turn.status == "ok":
            seen["assistant", turn.answer.text()] += 1
            yield Moment(turn.at + int(turn.seconds * 1e9), "model", turn.run, shown(turn.answer))


def _asked(turn: Turn, seen: Counter[tuple[str, str]]) -> Iterator[Moment]:
    """What is new in a request."""
    now: Counter[tuple[str, str]] = Counter()
    for message in turn.messages:
        role, text = str(message.get("role")), answers.text_of(message)
        now[role, text] += 1
        if now[role, text] <= seen[role, text] or not text:
            continue
        seen[role, text] += 1
        if role == "user":
            yield Moment(turn.at, "human", turn.run, text)
        elif role == "tool":
            yield Moment(turn.at, "tool", turn.run, text)


def _tool(store: Store, run: RunRecorded, seen: Counter[tuple[str, str]]) -> Iterator[Moment]:
    body = get_body(store, run.project, run.response.sha256) if run.response is not None else None
    if body is None or run.status != "ok":
        return
    text = recording.told(_fields(body))
    seen["tool", text] += 1
    yield Moment(run.at + run.duration, "tool", ids.text(run.id), text)


def _passages(store: Store, run: RunRecorded) -> Iterator[Moment]:
    for step in list_steps(store, run.id, limit=200):
        if step.kind != "retrieval" or step.response is None:
            continue
        body = get_body(store, run.project, step.response.sha256)
        try:
            told = _fields(body or b"{}")
        except msgspec.DecodeError:
            continue
        rows = told.get("kept") or told.get("hits") or told.get("documents") or ()
        texts = [str(one.get("text") or one.get("content") or "") for one in rows if isinstance(one, dict)]
        if any(texts):
            yield Moment(run.at + step.start + step.duration, "retrieval", ids.text(run.id), "\n".join(texts))


def _feedback(store: Store, project: str, run: bytes, session: str) -> Iterator[Moment]:
    for row in feedback_on(store, project, run=run, session=session, limit=MOST_FEEDBACK):
        text = "\n".join(one for one in (row.event.outcome, row.edit, row.comment) if one)
        if text:
            yield Moment(row.event.at, "feedback", ids.text(run) if run else "", text)
