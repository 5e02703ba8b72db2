"""Sessions as people read them: the list, and what happened in one, with the labels where they arise. Blocking."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import zstandard

from outrider.base.errors import RequestError
from outrider.policy import events as ev
from outrider.policy.present import plain
from outrider.policy.state import SessionState
from outrider.store import Store
from outrider.store.ports import Row

PORTION = 100
MOST = 500
SNIPPET = 600
_WALKED = 200_000
"""Bytes of a result whose fields are looked at one by one; a larger one has its declaration's label."""
_JUDGED_MOST = 4_000
"""Compressed bytes: an event that is larger is no decision, or one about very much."""
_COLUMNS = "id, agent, who, began, touched, events, tainted, private, calls, turns, spent"


class Brief(msgspec.Struct, frozen=True):
    """A session in a list. Times are nanoseconds, `spent` nano-dollars."""

    id: str
    agent: str
    user: str
    began: int
    touched: int
    events: int
    tainted: bool
    private: bool
    calls: int = 0
    turns: int = 0
    spent: int = 0


class Entry(msgspec.Struct, frozen=True):
    """Something that happened. `what` is the event's kind, `title` says it in words, `text` is a part of what was said
    or returned, with nothing hidden in it. `labels` are those of what was read here; `arises` are labels that the
    session has from here on. Of a decision: its `verdict`, the rules that made it (`because`), what shadow rules would
    have said, and whether it was `enforced`. `at` is nanoseconds, 0 where it was not kept."""

    seq: int
    what: str
    title: str
    text: str = ""
    tool: str = ""
    labels: tuple[str, ...] = ()
    arises: tuple[str, ...] = ()
    verdict: str = ""
    because: tuple[str, ...] = ()
    shadow: str = ""
    enforced: bool = True
    at: int = 0
    size: int = 0


class Page(msgspec.Struct, frozen=True):
    """A part of a session's events, in order; `next` is the seq to go on after (None: that was all)."""

    entries: list[Entry]
    next: int | None


class Tally(msgspec.Struct, frozen=True):
    """How often something decided, by verdict."""

    allow: int = 0
    ask: int = 0
    deny: int = 0


class Tallies(msgspec.Struct, frozen=True):
    """Decisions in the sessions that were used last. `rules` by the rule's name, `shadow` by (verdict, verdict with the
    shadow rules) as `ask → allow`; `looked_at` is how many decisions were counted."""

    looked_at: int
    verdicts: Tally
    rules: dict[str, Tally]
    shadow: dict[str, int]


def sessions(
    store: Store,
    project: str,
    *,
    agent: str = "",
    user: str = "",
    tainted: bool | None = None,
    before: int = 0,
    limit: int = 50,
) -> list[Brief]:
    """The sessions of a project, the last used first; `before` (ns of last use) pages to older ones."""
    where, params = ["project = ?"], list[int | str]([project])
    for column, value in (("agent", agent), ("who", user)):
        if value:
            where.append(f"{column} = ?")
            params.append(value)
    if tainted is not None:
        where.append("tainted > 0" if tainted else "tainted = 0")
    if before:
        where.append("touched < ?")
        params.append(before)
    rows = store.query(
        f"SELECT {_COLUMNS} FROM sessions WHERE {' AND '.join(where)} ORDER BY touched DESC, id"
        f" LIMIT {max(1, min(limit, MOST))}",
        params,
    )
    return [_brief(row) for row in rows]


def session(store: Store, project: str, id_: str) -> Brief:
    """One of them. Raises RequestError 404."""
    rows = store.query(f"SELECT {_COLUMNS} FROM sessions WHERE project = ? AND id = ?", (project, id_))
    if not rows:
        raise RequestError(f"there is no session {id_[:80]!r}", status=404, code="unknown_session", param="id")
    return _brief(rows[0])


def page(store: Store, of: Brief, project: str, *, after: int = 0, limit: int = PORTION) -> Page:
    """What happened in a session after event `after`."""
    size = max(1, min(limit, MOST))
    rows = store.query(
        "SELECT seq, event FROM session_events WHERE project = ? AND session = ? AND seq > ? ORDER BY seq"
        f" LIMIT {size + 1}",
        (project, of.id, after),
    )
    first = _first(store, of, project) if rows else {}
    entries = [_entry(int(seq), _event(row), first, store, project) for seq, row in rows[:size]]
    return Page(entries, entries[-1].seq if len(rows) > size else None)


def tallies(store: Store, project: str, since: int = 0, most: int = 20_000) -> Tallies:
    """How often each rule decided, in sessions used since then (ns), over at most so many events."""
    rows = store.query(
        "SELECT e.event FROM sessions s JOIN session_events e ON e.project = s.project AND e.session = s.id"
        " WHERE s.project = ? AND s.touched >= ? AND length(e.event) <= ?"
        f" ORDER BY s.touched DESC, e.seq DESC LIMIT {most:d}",
        (project, since, _JUDGED_MOST),
    )
    verdicts: Counter[str] = Counter()
    rules: dict[str, Counter[str]] = {}
    shadow: Counter[str] = Counter()
    for (row,) in rows:
        event = _event(row)
        if isinstance(event, ev.Judged):
            verdicts[event.verdict] += 1
            for rule in event.because:
                rules.setdefault(rule, Counter())[event.verdict] += 1
            if event.shadow and event.shadow != event.verdict:
                shadow[f"{event.verdict} → {event.shadow}"] += 1
    return Tallies(
        sum(verdicts.values()), Tally(**verdicts), {name: Tally(**count) for name, count in rules.items()}, dict(shadow)
    )


def _brief(row: Row) -> Brief:
    id_, agent, who, began, touched, events, tainted, private, calls, turns, spent = row
    return Brief(
        id_, agent, who, int(began), int(touched), int(events), bool(tainted), bool(private), int(calls), int(turns),
        int(spent),
    )  # fmt: skip


def _event(row: bytes) -> Any:
    return ev.decode(zstandard.decompress(bytes(row)))


def _first(store: Store, of: Brief, project: str) -> dict[str, int]:
    """The events at which the session got its labels: they are looked for only where it has some."""
    wanted = {label for label, has in (("untrusted", of.tainted), ("private", of.private)) if has}
    found: dict[str, int] = {}
    after = 0
    while wanted:
        rows = store.query(
            "SELECT seq, event FROM session_events WHERE project = ? AND session = ? AND seq > ? ORDER BY seq"
            " LIMIT 200",
            (project, of.id, after),
        )
        if not rows:
            break
        for seq, row in rows:
            after = int(seq)
            event = _event(row)
            for label in _labels(event, store, project):
                if label in wanted:
                    found[label] = after
                    wanted.discard(label)
    return found


def _labels(event: Any, store: Store, project: str) -> tuple[str, ...]:
    """The labels of what is read at an event."""
    if isinstance(event, ev.Inherited):
        rows = store.query(
            "SELECT tainted, private FROM sessions WHERE project = ? AND id = ?", (project, event.session)
        )
        tainted, private = rows[0] if rows else (0, 0)
        return tuple(label for label, has in (("untrusted", tainted or event.foreign), ("private", private)) if has)
    if not isinstance(event, ev.Returned):
        return ()
    declared = event.declaration
    if len(event.result) > _WALKED or not declared.fields:
        untrusted = declared.trust == "untrusted"
    else:
        state = SessionState()
        state.result(event.tool, msgspec.json.decode(event.result), declared)
        untrusted = state.taint is not None
    private = declared.privacy == "private"
    return tuple(label for label, has in (("untrusted", untrusted), ("private", private)) if has)


def _entry(seq: int, event: Any, first: Mapping[str, int], store: Store, project: str) -> Entry:
    labels = _labels(event, store, project)
    arises = tuple(label for label in labels if first.get(label) == seq)
    made = Entry(seq, str(event.__struct_config__.tag), "", labels=labels, arises=arises)
    return msgspec.structs.replace(made, **_words(event))


def _words(event: Any) -> dict[str, Any]:
    """The title of an event, and what else is shown of it."""
    match event:
        case ev.Said():
            who = "Who runs the agent says" if event.operator else "The user says"
            return {"title": who, "text": _snippet(event.text), "size": len(event.text)}
        case ev.Returned():
            text = event.result.decode("utf-8", "replace")
            return {"title": "A tool answers", "tool": event.tool, "text": _snippet(text), "size": len(event.result)}
        case ev.Judged():
            word = {"allow": "A call is allowed", "ask": "A call has to be asked about", "deny": "A call is refused"}
            said = event.arguments.decode("utf-8", "replace")
            return {
                "title": word[event.verdict], "tool": event.tool, "text": _snippet(said), "verdict": event.verdict,
                "because": event.because, "shadow": event.shadow, "enforced": event.enforced, "at": event.at,
                "size": len(event.arguments),
            }  # fmt: skip
        case ev.Did():
            under = f", under grant {event.grant}" if event.grant >= 0 else ""
            return {"title": f"The call is made{under}", "tool": event.tool, "text": _snippet(event.steered)}
        case ev.Granted():
            return {
                "title": f"Something is allowed beforehand, by {plain(event.grant.by or 'nobody named', 80)}",
                "text": _snippet(msgspec.json.encode(event.grant, enc_hook=str).decode()),
            }
        case ev.Offered():
            read = msgspec.json.encode(event.grants, enc_hook=str).decode()
            return {
                "title": f"{plain(event.model, 80)} reads what the user's words allow",
                "text": _snippet("; ".join([read, *(f"dropped: {one}" for one in event.dropped)])),
                "at": event.at,
            }
        case ev.Withdrawn():
            return {"title": f"Grant {event.grant} is withdrawn{_by(event.by)}"}
        case ev.Inherited():
            return {"title": "The session goes on from another one", "text": _snippet(event.session)}
        case ev.Joined():
            parts = (("user", event.user), ("agent", event.agent), ("key", event.key))
            said = ", ".join(f"{name} {plain(value, 80)}" for name, value in parts if value)
            return {"title": "Somebody joins", "text": said}
        case ev.Turned():
            return {"title": "The model is called", "at": event.at}
        case ev.WentOn():
            return {"title": f"The session is let go on past its limits{_by(event.by)}", "at": event.at}
    return {"title": str(event.__struct_config__.tag).replace("_", " ")}


def _by(name: str) -> str:
    return f" by {plain(name, 80)}" if name else ""


def _snippet(text: str) -> str:
    return plain(text[: 4 * SNIPPET], SNIPPET)
