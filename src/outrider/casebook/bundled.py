"""The case studies that come with Outrider, in our own words: read, written as texts, put into a Casebook.

`data/cases.jsonl` is made by `.ci/bundled_casebook.py`, which compared every tag and figure with the public page. A
text says only what was found there, and each claim has two passages: one in the text here, one in the page (offsets
and a hash; the page's words are not ours to ship).
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import msgspec

from outrider.casebook.evidence import cite, find, name_pattern, supported, text_hash
from outrider.casebook.records import TEXT, CaseStudy, Claim, Evidence, Made, Result, Source, Stage, Status
from outrider.casebook.vocabulary import KINDS, Kind, terms

if TYPE_CHECKING:
    from outrider.casebook.book import Casebook

ORIGIN = "bundled"
WHO = "outrider"
OWN = "text"
NOTES = Made("notes")
SOURCE_SAYS = "What the source says"
"""Above what a text's case is filed under."""
_HEADS: dict[Kind, str] = {
    "industries": "Industry",
    "applications": "Application",
    "techniques": "Techniques that it describes",
    "tools": "Tools that it names",
    "stages": "Stage",
}


class Bundled(msgspec.Struct, omit_defaults=True, frozen=True):
    """A line of the file. `tags` are by kind and id, each with the passages of the page that speak of it."""

    id: str
    title: str
    organisation: str
    system: str
    what_it_does: str
    summary: str
    lesson: str
    sources: tuple[Source, ...]
    aliases: tuple[str, ...] = ()
    year: int = 0
    tags: dict[Kind, dict[str, tuple[Evidence, ...]]] = {}
    results: tuple[Result, ...] = ()


def read() -> Iterator[Bundled]:
    """Every line of the file."""
    decoder = msgspec.json.Decoder(Bundled)
    yield from decoder.decode_lines((files("outrider.casebook") / "data" / "cases.jsonl").read_bytes())


def composed(one: Bundled) -> str:
    """The case as a text: what it does, results, lesson, and what its sources speak of."""
    parts = [f"# {one.title}", one.summary]
    if one.what_it_does[:60] not in one.summary:
        parts.insert(1, one.what_it_does)
    if one.results:
        parts += ["## Results", "\n".join(f"- {line(result)}" for result in one.results)]
    if one.lesson:
        parts += ["## Lesson", one.lesson]
    named = [f"- Organisation: {one.organisation}"]
    named += [f"- Year: {one.year}"] if one.year else []
    for kind, head in _HEADS.items():
        if labels := [terms().label(kind, word) for word in one.tags.get(kind, {})]:
            named.append(f"- {head}: {', '.join(labels)}")
    return "\n\n".join([*parts, f"## {SOURCE_SAYS}", "\n".join(named)])


def line(result: Result) -> str:
    """A result in words: `router latency overhead: < 30 ms (median)`."""
    unit = f" {result.unit}" if result.unit else ""
    if result.before is not None and result.after is not None:
        figure = f"{number(result.before)} → {number(result.after)}{unit}"
        if result.value is not None:
            figure += f", {number(result.value)}"
    else:
        sign = f"{result.qualifier} " if result.qualifier and result.qualifier != "+" else ""
        plus = "+" if result.qualifier == "+" else ""
        value = next((v for v in (result.value, result.after, result.before) if v is not None), "")
        figure = f"{sign}{number(value)}{plus}{unit}"
    return f"{result.metric.replace('_', ' ')}: {figure}{f' ({result.note})' if result.note else ''}"


def number(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def case_of(one: Bundled) -> tuple[CaseStudy, str]:
    """The case of a line with its evidence, and its text."""
    text = composed(one)
    origin = next((s for s in one.sources if s.id == "origin"), None)
    status: Status = "vendor-claim" if origin and origin.type == "vendor" else "verified"
    facts = {
        field: supported(name, find(OWN, text, name_pattern(name), most=1), NOTES)
        for field, name in (("organisation", one.organisation), ("system", one.system))
    }
    if one.year:
        facts["year"] = supported(str(one.year), _literal(text, f"- Year: {one.year}"), NOTES)
    tags: dict[str, Any] = {
        str(kind): tuple(_tag(text, kind, *tag) for tag in one.tags.get(kind, {}).items()) for kind in KINDS
    }
    results = tuple(_result(text, result, status) for result in one.results)
    own = Source(OWN, "article", one.sources[0].url, one.title, "", text_hash(text))
    for stage, there in one.tags.get("stages", {}).items():
        facts["stage"] = supported(stage, (*_listed(text, "stages", stage), *there), TEXT)
    case = CaseStudy(
        id=one.id,
        title=one.title,
        organisation=one.organisation,
        system=one.system,
        aliases=one.aliases,
        year=one.year,
        stage=cast(Stage, next(iter(one.tags.get("stages", {})), "")),
        what_it_does=one.what_it_does,
        summary=one.summary,
        results=results,
        lessons=(supported(one.lesson, _literal(text, one.lesson), NOTES),) if one.lesson else (),
        facts=facts,
        sources=(own, *one.sources),
        origin=ORIGIN,
        **tags,
    )
    return case, text


def _tag(text: str, kind: Kind, word: str, there: tuple[Evidence, ...]) -> Claim:
    """A tag with the sentence of the text that speaks of it, or the line that lists it, and the page's passage."""
    entry = terms().find(kind, word)
    prose = text.partition(f"## {SOURCE_SAYS}")[0]
    here = find(OWN, prose, entry.evidence, most=1) if entry and entry.evidence else ()
    return supported(word, (*(here or _listed(text, kind, word)), *there), NOTES)


def _listed(text: str, kind: Kind, word: str) -> tuple[Evidence, ...]:
    start = text.rfind(f"- {_HEADS[kind]}: ")
    at = text.find(terms().label(kind, word), start) if start >= 0 else -1
    return (cite(OWN, text, at, at + len(terms().label(kind, word))),) if at >= 0 else ()


def _result(text: str, result: Result, status: Status) -> Result:
    evidence = (*_literal(text, f"- {line(result)}", skip=2), *result.evidence)
    return msgspec.structs.replace(result, evidence=evidence, status=status if evidence else "unsupported", made=NOTES)


def _literal(text: str, words: str, skip: int = 0) -> tuple[Evidence, ...]:
    at = text.find(words)
    return (cite(OWN, text, at + skip, at + len(words)),) if at >= 0 else ()


def put(casebook: "Casebook", at_once: int = 64) -> int:
    """Put the bundled cases into a Casebook: those that are new or that changed with Outrider. A case that somebody
    else wrote since, or that an import joined with its page, stays as it is. The number of those that were written."""
    from outrider.casebook import rows

    held = {case.id: case for case in casebook.all()}
    others = set(rows.ended(casebook.store)) | held.keys() - rows.written_by(casebook.store, WHO)
    wanted = [case_of(one) for one in read() if one.id not in others]
    written = 0
    for start in range(0, len(wanted), at_once):
        put = casebook.put_all(wanted[start : start + at_once], who=WHO, why="comes with Outrider")
        written += sum(case.id not in held or case.number > held[case.id].number for case in put)
    return written
