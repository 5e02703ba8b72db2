"""One case study: every figure, tag and claim with the passage that says it, sources, versions, more like it."""

from collections.abc import Sequence

import msgspec
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.casebook import authors
from outrider.casebook.records import CaseStudy, Claim, Evidence, Result, Source, Version
from outrider.casebook.similar import similar
from outrider.casebook.vocabulary import Kind
from outrider.console import casebook_words as shown
from outrider.console.casebook_words import Dispute, Mark, Passage, Told
from outrider.console.edge import Edge, View
from outrider.console.pages.casebook import casebook_of, finder_of, label, line
from outrider.journal import where

KINDS: tuple[tuple[Kind, str], ...] = (
    ("techniques", "Techniques"),
    ("tools", "Tools"),
    ("applications", "Kind of application"),
    ("industries", "Industry"),
)
FACTS = (("organisation", "Organisation"), ("system", "System"), ("year", "Year"), ("stage", "Stage"))


class Edition(msgspec.Struct):
    """A version in the history; `href` is "" for the one that is shown."""

    number: int
    by: str
    why: str
    since: int
    href: str


class Context(msgspec.Struct):
    """A case study. `groups` are its tags by kind, `passages` all that anything rests on, `texts` the sources that are
    here with the passages marked, `unsupported` what no passage says, `disputes` what other sources contradict."""

    case: CaseStudy
    results: list[Mark]
    scale: list[Mark]
    groups: list[tuple[str, list[Mark]]]
    failures: list[Mark]
    lessons: list[Mark]
    facts: list[tuple[str, Mark]]
    unsupported: list[Mark]
    passages: list[Passage]
    texts: list[Told]
    sources: list[tuple[Source, str, str]]
    versions: list[Edition]
    alike: list[shown.Line]
    may_edit: bool
    disputes: list[Dispute]
    notice: str = ""


def load(view: View) -> Context:
    book, finder, id_ = casebook_of(view), finder_of(view), view.path["id"]
    history = book.versions(id_)
    case = _version(history, view.query.get("version", ""))
    current = case.number == history[0].case.number and not history[0].until
    if current:
        case = book.get(id_)  # with what other sources say against it
    numbers, all_ = shown.numbered(case), view.who.runs_outrider
    texts = {s.id: text for s in case.sources if (text := book.text(case, s.id)) is not None}
    marks = {field: _marks(getattr(case, field), field, numbers) for field in _FIELDS}
    return Context(
        case=case,
        results=_kept(marks["results"]),
        scale=_kept(marks["scale"]),
        groups=[(title, kept) for kind, title in KINDS if (kept := _kept(marks[kind]))],
        failures=_kept(marks["failures"]),
        lessons=_kept(marks["lessons"]),
        facts=_facts(case, numbers),
        unsupported=[mark for field in _FIELDS for mark in marks[field] if not mark.passages],
        passages=shown.passages(case, numbers, texts, label),
        texts=[shown.told(s, texts[s.id], numbers) for s in case.sources if s.id in texts],
        sources=[(s, shown.source_name(s), shown.KINDS.get(s.type, s.type)) for s in case.sources],
        versions=[_edition(authors.shown(v, view.session.key, everything=all_), case) for v in history],
        alike=[line(like.case) for like in similar(finder.cases, finder.catalogue(), id_)] if current else [],
        may_edit=True,
        disputes=shown.disputes(case, numbers, book.get),
    )


_FIELDS = ("results", "scale", "techniques", "tools", "applications", "industries", "failures", "lessons")


def _marks(claims: Sequence[Claim | Result], field: str, numbers: dict[Evidence, int]) -> list[Mark]:
    return [
        shown.of_result(c, numbers) if isinstance(c, Result) else shown.of_claim(c, label(field, c.value), numbers)
        for c in claims
    ]


def _kept(marks: Sequence[Mark]) -> list[Mark]:
    """Those that may be shown as facts: a passage here says them."""
    return [mark for mark in marks if mark.passages and mark.status != "unsupported"]


def _facts(case: CaseStudy, numbers: dict[Evidence, int]) -> list[tuple[str, Mark]]:
    texts = {
        "organisation": case.organisation,
        "system": case.system,
        "year": str(case.year or ""),
        "stage": shown.STAGES[case.stage],
    }
    none = Claim("")
    return [
        (title, shown.of_claim(case.facts.get(name, none), texts[name], numbers))
        for name, title in FACTS
        if texts[name]
    ]


def _version(history: Sequence[Version], asked: str) -> CaseStudy:
    if not asked:
        return history[0].case
    number = where.whole("version", asked, 1, 10**9)
    found = next((v.case for v in history if v.case.number == number), None)
    if found is None:
        raise RequestError(
            f"there is no version {number}; the newest is {history[0].case.number}", status=404, param="version"
        )
    return found


def _edition(version: Version, shown_case: CaseStudy) -> Edition:
    number = version.case.number
    href = "" if number == shown_case.number else f"/casebook/{version.case.id}?version={number}"
    return Edition(number, version.by or "the import", version.why, version.since, href)


def routes(edge: Edge) -> list[Route]:
    return edge.page("/casebook/{id}", load, "casebook_case.html")
