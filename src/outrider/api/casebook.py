"""`/api/casebook`: finding cases, cases with their evidence, comparison, patterns, trends, saved searches
and exports. Every answer that follows from the Casebook alone has an ETag.
"""

import functools

import msgspec

from outrider.api.edge import Ask, Endpoint, Param, Raw
from outrider.base.errors import RequestError
from outrider.casebook import authors, saved
from outrider.casebook.book import Casebook
from outrider.casebook.compare import Comparison, compare
from outrider.casebook.export import FORMATS, MEDIA, exported
from outrider.casebook.facets import FIELDS
from outrider.casebook.find import MOST, SORTS, Finder, Page, finder
from outrider.casebook.patterns import Pattern, Summary, pattern, patterns
from outrider.casebook.records import CaseStudy, Version
from outrider.casebook.saved import Delta, Search
from outrider.casebook.similar import Similar, similar
from outrider.casebook.trends import FIELDS as TRENDS
from outrider.casebook.trends import Trends, as_csv, trends
from outrider.journal.where import whole


class VersionList(msgspec.Struct):
    """A case's history, the newest version first. Authors are named to themselves and to who runs Outrider."""

    versions: list[Version]


class SimilarList(msgspec.Struct):
    cases: list[Similar]


class PatternList(msgspec.Struct):
    patterns: list[Summary]


class SearchList(msgspec.Struct):
    searches: list[Search]


class CasebookWords(msgspec.Struct):
    """What may be asked: for every field its values with their labels; `open` are fields of ranges and conditions."""

    fields: dict[str, dict[str, str]]
    open: list[str]


class NewSearch(msgspec.Struct, forbid_unknown_fields=True):
    """A query to be saved under a name (default: the query)."""

    query: str
    name: str = ""


class Forgotten(msgspec.Struct):
    id: str


def find(ask: Ask) -> Page:
    found = finder_of(ask)
    asked = found.read(ask.query.get("q", ""), plain=_flag(ask, "plain"))
    limit = whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 20
    sort, cursor = ask.query.get("sort", "relevance"), ask.query.get("cursor", "")
    return found.find(asked, sort=sort, limit=limit, cursor=cursor)


def get(ask: Ask) -> CaseStudy:
    return finder_of(ask).cases.get(ask.path["id"])


def versions(ask: Ask) -> VersionList:
    all_ = book_of(ask).versions(ask.path["id"])
    return VersionList([authors.shown(v, ask.who.key, everything=ask.who.runs_outrider) for v in all_])


def like(ask: Ask) -> SimilarList:
    found = finder_of(ask)
    limit = whole("limit", ask.query["limit"], 1, MOST) if "limit" in ask.query else 6
    return SimilarList(similar(found.cases, found.catalogue(), ask.path["id"], limit))


def text(ask: Ask) -> Raw:
    book = book_of(ask)
    case = book.get(ask.path["id"])
    found = book.text(case, ask.query.get("source", ""))
    if found is None:
        raise RequestError(f"the text of this source of {case.id!r} is not kept here", status=404, code="no_text")
    return Raw(found.encode("utf-8", "replace"), "text/plain; charset=utf-8")


def side_by_side(ask: Ask) -> Comparison:
    found = finder_of(ask)
    ids = [i.strip() for i in ask.query.get("ids", "").split(",") if i.strip()]
    return compare(found.cases, ids, found.catalogue().vocabulary)


def all_patterns(ask: Ask) -> PatternList:
    return PatternList(patterns(finder_of(ask).catalogue()))


def one_pattern(ask: Ask) -> Pattern:
    found = finder_of(ask)
    return pattern(found.cases, found.catalogue(), ask.path["technique"])


def shares(ask: Ask) -> Trends:
    found = finder_of(ask)
    values = [v.strip() for v in ask.query.get("values", "").split(",") if v.strip()]
    asked = found.read(ask.query.get("q", ""))
    return trends(found.catalogue(), asked, ask.query.get("field", "technique"), values)


def shares_csv(ask: Ask) -> Raw:
    return Raw(as_csv(shares(ask)).encode(), "text/csv; charset=utf-8")


def words(ask: Ask) -> CasebookWords:
    catalogue = finder_of(ask).catalogue()
    label = catalogue.vocabulary.label
    fields = {f: {v: label(f, v) for v in sorted(catalogue.bits[f])} for f in FIELDS if f != "year"}
    return CasebookWords(fields, ["year", "result"])


def export(ask: Ask) -> Raw:
    found = finder_of(ask)
    format_ = ask.query.get("format", "jsonl")
    if format_ not in FORMATS:
        raise RequestError(f"no format {format_[:40]!r}; there are: {', '.join(FORMATS)}", param="format")
    cases = found.cases.all()
    if "q" in ask.query:
        wanted = set(found.matching(found.read(ask.query["q"])))
        cases = [c for c in cases if c.id in wanted]
    return Raw(exported(cases, format_), MEDIA[format_])


def list_searches(ask: Ask) -> SearchList:
    return SearchList(saved.searches(book_of(ask).store, ask.who.project))


def save(ask: Ask) -> Search:
    new: NewSearch = ask.body
    return saved.save(book_of(ask).store, finder_of(ask), ask.who.project, new.query, new.name, ask.who.key)


def changes(ask: Ask) -> Delta:
    return saved.delta(book_of(ask).store, finder_of(ask), ask.who.project, ask.path["id"])


def forget(ask: Ask) -> Forgotten:
    saved.forget(book_of(ask).store, ask.who.project, ask.path["id"])
    return Forgotten(ask.path["id"])


def book_of(ask: Ask) -> Casebook:
    """The Casebook. Raises RequestError 404 where it is off."""
    if ask.deps.casebook is None:
        raise no_casebook()
    return ask.deps.casebook()


def no_casebook() -> RequestError:
    return RequestError("there is no Casebook here: `casebook.enabled` is off", status=404, code="no_casebook")


def finder_of(ask: Ask) -> Finder:
    """Searches of the Casebook. Raises RequestError 404 where it is off."""
    return finder(book_of(ask))


def _revision(ask: Ask) -> str:
    """The state of the Casebook and of its texts, which vectors are still coming to."""
    book = book_of(ask)
    collection = book.collection
    return f"{book.revision()}.{collection.id}.{collection.revision}"


def _revision_for(ask: Ask) -> str:
    """The same for what shows each author their own."""
    return f"{_revision(ask)}.{'' if ask.who.runs_outrider else ask.who.key}"


def _flag(ask: Ask, name: str) -> bool:
    value = ask.query.get(name, "false")
    if value not in ("true", "false"):
        raise RequestError(f"`{name}` is true or false, not {value[:40]!r}", param=name)
    return value == "true"


_Q = Param("q", 'Words, "phrases", -word, field:value, and conditions on figures such as cost<-30%.')
_LIMIT = Param("limit", "At most so many.", {"type": "integer", "minimum": 1, "maximum": MOST})
_ID = Param("id", "The case's id.", {"type": "string"})
_SEARCH = Param("id", "The saved search's id.", {"type": "string"})
_TREND = [
    Param("field", "Of what shares are counted.", {"type": "string", "enum": list(TRENDS), "default": "technique"}),
    Param("values", "Only these values, by comma."),
    _Q,
]
_get = functools.partial(Endpoint, "GET", tag=_revision)
ENDPOINTS = [
    _get(
        "/api/casebook",
        "Find cases: a page of hits, counts of facets, and how the query was read",
        Page,
        find,
        query=[
            _Q,
            Param("sort", "The order.", {"type": "string", "enum": list(SORTS), "default": "relevance"}),
            _LIMIT,
            Param("cursor", "`next` of the page before."),
            Param("plain", "Understand nothing beyond what is written.", {"type": "boolean", "default": False}),
        ],
    ),
    _get("/api/casebook/cases/{id}", "One case with all its evidence", CaseStudy, get, params=[_ID]),
    Endpoint(
        "GET",
        "/api/casebook/cases/{id}/versions",
        "A case's history",
        VersionList,
        versions,
        params=[_ID],
        tag=_revision_for,
    ),
    _get("/api/casebook/cases/{id}/similar", "More like this", SimilarList, like, params=[_ID], query=[_LIMIT]),
    _get(
        "/api/casebook/cases/{id}/text",
        "The text that the evidence's offsets refer to",
        None,
        text,
        params=[_ID],
        query=[Param("source", "The source's id; default: the case's own text.")],
    ),
    _get(
        "/api/casebook/compare",
        "Two to four cases side by side",
        Comparison,
        side_by_side,
        query=[Param("ids", "The cases' ids, by comma.")],
    ),
    _get("/api/casebook/patterns", "All techniques that cases have", PatternList, all_patterns),
    _get(
        "/api/casebook/patterns/{technique}",
        "What speaks for and against a technique, with every figure",
        Pattern,
        one_pattern,
        params=[Param("technique", "Its id or label.", {"type": "string"})],
    ),
    _get("/api/casebook/trends", "Shares of deployments by year, with intervals", Trends, shares, query=_TREND),
    _get("/api/casebook/trends.csv", "The same as CSV", None, shares_csv, query=_TREND),
    _get("/api/casebook/vocabulary", "The fields of the query language and their values", CasebookWords, words),
    _get(
        "/api/casebook/export",
        "Cases as JSON lines, CSV or Parquet",
        None,
        export,
        query=[Param("format", "The format.", {"type": "string", "enum": list(FORMATS), "default": "jsonl"}), _Q],
    ),
    Endpoint("GET", "/api/casebook/searches", "The project's saved searches", SearchList, list_searches),
    Endpoint("POST", "/api/casebook/searches", "Save a search", Search, save, takes=NewSearch, status=201),
    Endpoint(
        "GET", "/api/casebook/searches/{id}", "What came to a saved search in a week", Delta, changes, params=[_SEARCH]
    ),
    Endpoint("DELETE", "/api/casebook/searches/{id}", "Delete a saved search", Forgotten, forget, params=[_SEARCH]),
]
