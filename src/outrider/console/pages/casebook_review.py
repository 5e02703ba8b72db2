"""Entries and corrections that wait: what would change, accepted or rejected with a reason; the form for a new one."""

from typing import Any

import anyio.to_thread
import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.casebook import review
from outrider.casebook.review import Change, Contribution, Review
from outrider.casebook.vocabulary import KINDS, Kind, Word, terms
from outrider.console.casebook_words import KINDS as SOURCES
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import casebook_of
from outrider.limits.keys import Identity

DECIDED = 20
SHOWN = 50
"""Proposals on the page; who decides those sees the next."""
LARGEST = 600_000
"""Bytes of a form with a case's text."""
TITLES = {
    "title": "Title",
    "organisation": "Organisation",
    "system": "System",
    "year": "Year",
    "url": "Address of the source",
    "what_it_does": "What it does, in one or two sentences",
    "summary": "Summary",
}
TAGS: dict[Kind, str] = {
    "industries": "Industries",
    "applications": "Kinds of application",
    "techniques": "Techniques",
    "tools": "Tools",
}


class Proposal(msgspec.Struct):
    """Somebody's entry or correction with what it would change. `new`: there is no such case yet."""

    review: Review
    title: str
    new: bool
    changes: list[Change]


class Context(msgspec.Struct):
    """`waiting` is the queue, oldest first, and `later` how many more wait; `decided` the last that were looked at. Who
    does not decide sees what they proposed themselves: a proposal is its author's until it is published."""

    waiting: list[Proposal]
    decided: list[Proposal]
    may_decide: bool
    later: int = 0
    notice: str = ""
    problem: str = ""


class EditContext(msgspec.Struct):
    """The form for a new case (`id` is "") or a correction. `tags` are (name, title, value, the vocabulary)."""

    id: str
    form: dict[str, str]
    fields: list[tuple[str, str]]
    tags: list[tuple[str, str, list[Word]]]
    kinds: list[tuple[str, str]]
    problem: str = ""


NOTICES = {
    "proposed": "Thank you: it waits here until somebody has looked at it.",
    "accepted": "It is published.",
    "rejected": "It is rejected; its author sees the reason.",
}


def may_decide(who: Identity) -> bool:
    """Who runs Outrider: the Casebook is everybody's, so no project's key decides what it says."""
    return who.runs_outrider


def load(view: View) -> Context:
    book = casebook_of(view)
    whose = "" if may_decide(view.who) else _author(view)
    waiting = [_proposal(view, one) for one in review.queue(book, most=SHOWN, who=whose)]
    later = review.waiting(book, whose) - len(waiting)
    done = [one for one in review.queue(book, "", most=DECIDED * 3, who=whose) if one.state != "waiting"][:DECIDED]
    decided = [Proposal(one, _title(one), not one.base, []) for one in done]
    return Context(waiting, decided, may_decide(view.who), max(0, later), NOTICES.get(view.query.get("done", ""), ""))


def _proposal(view: View, one: Review) -> Proposal:
    return Proposal(one, _title(one), not one.base, review.changes(casebook_of(view), one))


def _author(view: View) -> str:
    return view.session.key or view.session.project


def _title(one: Review) -> str:
    case = one.case
    return f"{case.organisation}: {case.system}" if case.system else case.title or case.organisation


def load_edit(view: View) -> EditContext:
    id_ = view.query.get("id", "").strip()
    form = dict.fromkeys([*TITLES, *TAGS, "text"], "") | {"kind": "article"}
    if id_:
        book = casebook_of(view)
        case = book.get(id_)
        form |= {name: str(getattr(case, name) or "") for name in TITLES if name != "url"}
        form |= {kind: ", ".join(c.value for c in getattr(case, kind)) for kind in KINDS}
        form["text"] = book.text(case) or ""
        form["base"] = str(case.number)
    return _edit(id_, form)


def _edit(id_: str, form: dict[str, str], problem: str = "") -> EditContext:
    known = terms()
    tags: list[tuple[str, str, list[Word]]] = [(kind, title, list(known.of(kind))) for kind, title in TAGS.items()]
    return EditContext(id_, form, list(TITLES.items()), tags, list(SOURCES.items()), problem)


def contribution(form: dict[str, str]) -> Contribution:
    """What the form says. Raises RequestError for what cannot be."""
    given: dict[str, Any] = {name: form.get(name, "").strip() for name in (*TITLES, "text", "id")}
    year = given.pop("year")
    if year and not year.isdigit():
        raise RequestError(f"`year` {year[:20]!r} is no year: write it as 2025, or leave it out", param="year")
    given["year"] = int(year or 0)
    base = form.get("base", "")
    given["base"] = int(base) if base.isdigit() else 0
    given["kind"] = form.get("kind", "article")
    for kind in TAGS:
        given[kind] = tuple(dict.fromkeys(w.strip() for w in form.get(kind, "").split(",") if w.strip()))
    try:
        return msgspec.convert(given, Contribution)
    except msgspec.ValidationError as error:
        raise RequestError(f"this form cannot be read: {error}", code="invalid_body") from None


def routes(edge: Edge) -> list[Route]:
    async def propose(view: View) -> Response | tuple[str, EditContext]:
        def put() -> Review:
            who = _author(view)
            why = view.form.get("why", "").strip()[:500]
            given = contribution(dict(view.form))
            one = bool(view.session.key) and not view.session.operator  # by links several sign in with one key
            return review.contribute(casebook_of(view), given, who=who, why=why, replaces=one)

        try:
            await anyio.to_thread.run_sync(put)
        except RequestError as error:
            blank = dict.fromkeys([*TITLES, *TAGS, "text"], "") | {"kind": "article"}
            written = blank | dict(view.form)
            if error.code == "case_changed":  # it was said: what is sent now is meant for the case as it is now
                case = await anyio.to_thread.run_sync(casebook_of(view).get, view.form.get("id", ""))
                written["base"] = str(case.number)
            return "casebook_edit.html", _edit(view.form.get("id", ""), written, error.message)
        return RedirectResponse("/casebook/review?done=proposed", 303)

    async def decide(view: View) -> Response | tuple[str, Context]:
        accepted = view.form.get("verdict") == "accept"

        def put() -> None:
            if not may_decide(view.who):
                raise RequestError(
                    "only who runs Outrider decides: sign in by a link (`outrider keys link`)",
                    status=403,
                    code="forbidden",
                )
            by, reason, id_ = (
                view.session.key or "operator",
                view.form.get("reason", "").strip()[:500],
                view.form.get("id", ""),
            )
            if accepted:
                review.accept(casebook_of(view), id_, by=by, reason=reason)
            else:
                review.reject(casebook_of(view), id_, by=by, reason=reason)

        try:
            await anyio.to_thread.run_sync(put)
        except RequestError as error:
            page = await anyio.to_thread.run_sync(load, view)
            page.problem = error.message
            return "casebook_review.html", page
        return RedirectResponse(f"/casebook/review?done={'accepted' if accepted else 'rejected'}", 303)

    return [
        *edge.page("/casebook/review", load, "casebook_review.html"),
        edge.action("/casebook/review", decide),
        *edge.page("/casebook/edit", load_edit, "casebook_edit.html"),
        edge.action("/casebook/edit", propose, largest=LARGEST),
    ]
