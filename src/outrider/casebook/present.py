"""A case as text: Markdown for people and programs, and parts of a budgeted size for models (summary, facts, passages).
Only what a passage supports is stated; each statement names the passage. What others wrote stays in its line, and is
neither HTML nor a link where Markdown is shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from outrider.casebook.facets import Catalogue
from outrider.casebook.find import Cases
from outrider.casebook.language import Vocabulary
from outrider.casebook.records import CaseStudy, Claim, Evidence, Result

PARTS = ("summary", "facts", "passages")
TOKEN = 3.6
"""Characters of English that a token has at the least, on average: budgets are kept on the safe side."""
_MARKUP = re.compile(r"<(?=[A-Za-z/!?])|(?<=\])\(")
_STATUS = {"vendor-claim": "claimed by the vendor", "contradicted": "contradicted elsewhere"}


def _plain(text: str) -> str:
    """In one line: no text makes headings or items of its own."""
    return " ".join(text.split())


def _safe(text: str) -> str:
    """The same in Markdown, with what would open a tag or be a link's address escaped."""
    return _MARKUP.sub(r"\\\g<0>", _plain(text))


def figure(result: Result) -> str:
    """A figure in one line: `handling time: 11 → 4 minutes (per call)`."""
    name = result.metric.replace("_", " ")
    unit = "" if not result.unit else result.unit if result.unit in ("%", "x") else f" {result.unit}"
    if result.before is not None and result.after is not None:
        value = f"{_number(result.before)} → {_number(result.after)}{unit}"
    else:
        level = result.value if result.value is not None else result.after
        value = f"{_qualifier(result.qualifier)}{_number(level)}{'+' if result.qualifier == '+' else ''}{unit}"
    more = ", ".join(x for x in (result.period, result.note) if x)
    return f"{name}: {value}{f' ({more})' if more else ''}"


def _qualifier(qualifier: str) -> str:
    return "" if qualifier in ("", "+") else f"{qualifier} " if qualifier[0].isalpha() else qualifier


def _number(value: float | str | None) -> str:
    if value is None:
        return "?"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"


def markdown(case: CaseStudy, vocabulary: Vocabulary) -> str:
    """The whole case. Every statement carries the number of its source and the quoted passage."""
    lines = [f"# {_safe(case.title)}", "", *_head(case, vocabulary), ""]
    if case.summary or case.what_it_does:
        lines += [_safe(case.summary or case.what_it_does), ""]
    for title, section in _sections(case, vocabulary):
        lines += [f"## {title}", "", *section, ""]
    lines += ["## Sources", ""]
    for number, source in enumerate(case.sources, 1):
        read = f", read {source.retrieved}" if source.retrieved else ""
        lines.append(f"{number}. {_safe(source.title or source.url) or 'the text of this entry'} ({source.type}{read})")
        if source.url and source.title:
            lines.append(f"   {_safe(source.url)}")
    return "\n".join(lines).rstrip() + "\n"


def _head(case: CaseStudy, vocabulary: Vocabulary) -> Iterator[str]:
    yield f"- Id: `{case.id}`, version {case.number}"
    if case.organisation:
        also = f" (also {_safe(', '.join(case.aliases))})" if case.aliases else ""
        yield f"- Organisation: {_safe(case.organisation)}{also}"
    if case.system:
        yield f"- System: {_safe(case.system)}"
    if case.year:
        yield f"- Year: {case.year}"
    if case.stage:
        yield f"- Stage: {vocabulary.label('stage', case.stage)}"


def _sections(case: CaseStudy, vocabulary: Vocabulary) -> Iterator[tuple[str, list[str]]]:
    tags: tuple[tuple[str, str, tuple[Claim, ...]], ...] = (
        ("Industries", "industry", case.industries),
        ("Applications", "application", case.applications),
        ("Techniques", "technique", case.techniques),
        ("Tools", "tool", case.tools),
        ("Failures", "", case.failures),
        ("Lessons", "", case.lessons),
    )
    for title, results in (("Results", case.results), ("Scale", case.scale)):
        if lines := [_line(case, figure(r), r) for r in results if r.shown]:
            yield title, lines
    for title, field, claims in tags:
        lines = [_line(case, vocabulary.label(field, c.value), c) for c in claims if c.shown]
        if lines:
            yield title, lines


def _line(case: CaseStudy, text: str, claim: Claim | Result) -> str:
    evidence = next(e for e in claim.evidence if e.quote)
    said = f"; {_STATUS[claim.status]}" if claim.status in _STATUS else ""
    return f"- {_safe(text)}: “{_safe(evidence.quote)}” [{_place(case, evidence)}{said}]"


def _place(case: CaseStudy, evidence: Evidence) -> str:
    numbers = [n for n, s in enumerate(case.sources, 1) if s.id == evidence.source]
    return f"source {numbers[0]}, {evidence.start}–{evidence.end}" if numbers else f"{evidence.start}–{evidence.end}"


# -- for models -------------------------------------------------------------------------------------------------------


def budgeted(case: CaseStudy, vocabulary: Vocabulary, parts: Sequence[str], tokens: int) -> str:
    """The named parts of a case, in this order, in about `tokens` tokens: whole lines, and a word where some are left
    out."""
    lines: list[str] = []
    room = int(tokens * TOKEN)
    makers: dict[str, Callable[[CaseStudy, Vocabulary], Iterable[str]]] = {
        "summary": _summary,
        "facts": _facts,
        "passages": _passages,
    }
    for part in parts:
        for line in makers[part](case, vocabulary):
            if len(line) + 1 > room:
                return "\n".join([*lines, "(shortened; ask for more tokens or for one part)"])
            lines.append(line)
            room -= len(line) + 1
    return "\n".join(lines)


def _summary(case: CaseStudy, vocabulary: Vocabulary) -> Iterator[str]:
    when = ", ".join(x for x in (case.organisation, str(case.year) if case.year else "") if x)
    yield _plain(f"[{case.id}] {case.title}{f' ({when})' if when else ''}")
    yield _plain(case.what_it_does or case.summary)


def _facts(case: CaseStudy, vocabulary: Vocabulary) -> Iterator[str]:
    for result in (*case.results, *case.scale):
        if result.shown:
            said = f" [{_STATUS[result.status]}]" if result.status in _STATUS else ""
            yield f"- {figure(result)}{said}"
    for field, claims in (("technique", case.techniques), ("tool", case.tools), ("industry", case.industries)):
        if shown := [vocabulary.label(field, c.value) for c in claims if c.shown]:
            yield f"- {field}: {'; '.join(dict.fromkeys(shown))}"
    for name, claims in (("failure", case.failures), ("lesson", case.lessons)):
        yield from (f"- {name}: {_plain(c.value)}" for c in claims if c.shown)
    yield from (f"- source: {s.url}" for s in case.sources if s.url)


def _passages(case: CaseStudy, vocabulary: Vocabulary) -> Iterator[str]:
    """Each passage once, with what it supports; figures first."""
    supports: dict[tuple[str, int, int], tuple[Evidence, list[str]]] = {}
    for _, claim in sorted(case.claims(), key=lambda c: c[0] not in ("results", "scale")):
        if claim.shown:
            what = claim.metric.replace("_", " ") if isinstance(claim, Result) else claim.value
            for evidence in claim.evidence:
                if evidence.quote:
                    place = (evidence.source, evidence.start, evidence.end)
                    supports.setdefault(place, (evidence, []))[1].append(what)
    for evidence, names in supports.values():
        what = ", ".join(dict.fromkeys(names))
        yield f"> {_plain(evidence.quote)} [{evidence.start}–{evidence.end}: {what}]"


def llms_txt(catalogue: Catalogue, cases: Cases, base: str) -> str:
    """`llms.txt`: what there is for models to read, the cases with the most evidence first."""
    lines = [
        "# Casebook",
        "",
        f"> {len(catalogue.entries)} production deployments of language models,"
        " each figure and tag with the passage that says it.",
        "",
        f"Search: {base}/api/casebook?q=…, questions: POST {base}/api/casebook/ask, MCP: {base}/casebook/mcp.",
        'The query language: free words, "phrases", -word, and field:value with '
        f"{', '.join(catalogue.vocabulary.fields)}.",
        "",
        "## Cases",
        "",
    ]
    for entry in sorted(catalogue.entries, key=lambda e: (-e.weight, e.id)):
        what = _safe(cases.get(entry.id).what_it_does)
        title = re.sub(r"[\[\]]", r"\\\g<0>", _safe(entry.title))
        lines.append(f"- [{title}]({base}/casebook/{entry.id}.md): {what}")
    return "\n".join(lines) + "\n"
