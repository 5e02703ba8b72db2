"""Feedback as it comes in: what may be said, and the event that it becomes."""

from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.journal.append import blob
from outrider.journal.events import BlobRef, FeedbackGiven
from outrider.journal.events.feedback import Thumb
from outrider.journal.read import get_run
from outrider.store import Store

LONGEST_TEXT = 32_000
LONGEST_NAME = 256


class Feedback(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """On a run (the answer's `x-request-id`) or a session: at least one of the others. `score` lies between 0 and 1.
    `edit` is what the answer should have been, `outcome` what happened later, in a word. `user` says whose word it
    is."""

    run: str = ""
    session: str = ""
    thumb: Thumb = ""
    score: float | None = None
    edit: str = ""
    outcome: str = ""
    comment: str = ""
    user: str = ""


def event(
    store: Store, project: str, said: Feedback, by: str
) -> tuple[FeedbackGiven, list[tuple[BlobRef, bytes]]]:  # fmt: skip
    """The event of it, and its texts. A run that is not known is taken as one that is not indexed yet. Raises
    RequestError 400, 404 for a run of another project."""
    run = _run(store, project, said.run)
    if not run and not said.session:
        raise RequestError("feedback is about a `run` or a `session`", param="run")
    if not (said.thumb or said.score is not None or said.edit or said.outcome or said.comment):
        raise RequestError("feedback says something: `thumb`, `score`, `edit`, `outcome` or `comment`", param="thumb")
    if said.score is not None and not 0 <= said.score <= 1:
        raise RequestError("`score` lies between 0 and 1", param="score")
    for name in ("edit", "comment"):
        if len(getattr(said, name)) > LONGEST_TEXT:
            raise RequestError(f"`{name}` is longer than {LONGEST_TEXT} characters", param=name)
    for name in ("session", "outcome", "user"):
        value = getattr(said, name)
        if len(value) > LONGEST_NAME or not (value.isprintable() or not value):
            raise RequestError(f"`{name}` is at most {LONGEST_NAME} printable characters", param=name)
    text = _text(said)
    found = FeedbackGiven(
        ids.new_id(), project, clock.now_ns(), run, said.session, said.thumb, said.score, said.outcome,
        bool(said.edit), blob(text) if text else None, by, said.user,
    )  # fmt: skip
    return found, [(found.text, text)] if found.text is not None else []


def _text(said: Feedback) -> bytes:
    texts: dict[str, Any] = {name: getattr(said, name) for name in ("edit", "comment") if getattr(said, name)}
    return msgspec.json.encode(texts) if texts else b""


def _run(store: Store, project: str, run: str) -> bytes:
    if not run:
        return b""
    try:
        id_ = ids.parse(run)
    except ValueError:
        raise RequestError(f"{run[:60]!r} is not a run's id", code="invalid_parameter", param="run") from None
    found = get_run(store, id_)
    if found is not None and found.project != project:
        raise RequestError(f"no run {run} in the project {project!r}", status=404, code="run_not_found", param="run")
    return id_
