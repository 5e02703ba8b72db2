"""Reading feedback from the store."""

from typing import Any

import msgspec

from outrider.journal import bodies
from outrider.journal.events import BlobRef, FeedbackGiven
from outrider.journal.names import clean
from outrider.journal.projections.feedback import MILLION
from outrider.journal.rows import FeedbackRow
from outrider.store import Store

_COLUMNS = "seq, id, project, at, run, session, thumb, score, outcome, edited, text, size, sender, user_id"


def feedback_on(
    store: Store, project: str, *, run: bytes = b"", session: str = "", limit: int = 100
) -> list[FeedbackRow]:
    """The newest feedback of a project, on a run or a session if one is given; newest first."""
    conditions, params = ["project = ?"], list[Any]([clean(project)])
    for column, value in (("run", run), ("session", clean(session))):
        if value:
            conditions.append(f"{column} = ?")
            params.append(value)
    sql = f"SELECT {_COLUMNS} FROM feedback WHERE {' AND '.join(conditions)} ORDER BY seq DESC LIMIT ?"
    return [_row(store, row) for row in store.query(sql, (*params, limit))]


def bad_feedback(store: Store, project: str, *, after: int = 0, limit: int = 500) -> list[FeedbackRow]:
    """Feedback that says that an answer was not right, with `seq` > `after`, in order; without its texts."""
    sql = f"SELECT {_COLUMNS} FROM feedback WHERE project = ? AND bad = 1 AND seq > ? ORDER BY seq LIMIT ?"
    return [_row(None, row) for row in store.query(sql, (clean(project), after, limit))]


def complaints(
    store: Store, project: str, *, run: bytes = b"", session: str = "", limit: int = 500
) -> list[FeedbackRow]:
    """The first feedback on a run or a session that says that an answer was not right, in order; without its texts."""
    column, value = ("run", run) if run else ("session", clean(session))
    sql = (  # `bad + 0`: the index of a run or session is the right one, and not that of all that is bad
        f"SELECT {_COLUMNS} FROM feedback WHERE project = ? AND {column} = ? AND bad + 0 = 1 ORDER BY seq + 0 LIMIT ?"
    )
    return [_row(None, row) for row in store.query(sql, (clean(project), value, limit))]


def _row(store: Store | None, row: Any) -> FeedbackRow:
    seq, id_, project, at, run, session, thumb, score, outcome, edited, digest, size, by, user = row
    text = BlobRef(bytes(digest), size) if digest else None
    event = FeedbackGiven(
        bytes(id_), project, at, bytes(run), session, thumb, None if score is None else score / MILLION, outcome,
        bool(edited), text, by, user,
    )  # fmt: skip
    said: dict[str, Any] = {}
    if text is not None and store is not None and (body := bodies.load(store, project, text.sha256)) is not None:
        said = msgspec.json.decode(body, type=dict[str, Any])
    return FeedbackRow(seq, event, str(said.get("edit") or ""), str(said.get("comment") or ""))
