"""Case studies as people read them: figures in words, statuses, and passages cut out of the texts. Pure."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from outrider.casebook.records import CaseStudy, Claim, Evidence, Result, Source

STATUSES = {
    "verified": ("Verified", "The passage says exactly this."),
    "vendor-claim": ("Vendor claim", "The passage says this, and who says it sells or runs the system."),
    "contradicted": ("Contradicted", "Another passage says something else."),
    "unsupported": ("Unsupported", "No passage here says this."),
}
"""A status in a word, and what it means."""

STAGES = {"idea": "Idea", "pilot": "Pilot", "limited": "In limited use", "full": "In full use", "": ""}
KINDS = {"vendor": "Vendor", "customer": "Customer", "talk": "Talk", "paper": "Paper", "article": "Article"}
AROUND = 160
"""Characters of context on each side of a quote."""

_WORDS = "ai api asr csat db f1 gpu hr it kpi kv llm mcp ml nps ocr p50 p90 p95 p99 pr qa rag roi sla sql ttft ui"
_ACRONYMS = frozenset(_WORDS.split())
_PREFIX = frozenset("$€£")
_MONEY = {"usd": "$", "dollars": "$", "eur": "€", "gbp": "£"}


class Mark(msgspec.Struct):
    """Something that is claimed, as shown: `value` is what a search asks for ("" if it cannot be asked for), `passages`
    are numbers of passages."""

    text: str
    status: str
    value: str = ""
    label: str = ""
    note: str = ""
    passages: list[int] = []


class Side(msgspec.Struct):
    """What one source says in a disagreement: the figure in words, the quote, and where it stands; `href` leads to it
    ("": its text is not here)."""

    says: str
    quote: str
    source: str
    url: str = ""
    href: str = ""


class Dispute(msgspec.Struct):
    """A figure that is contradicted: what this case says, and what other passages say. `label` is what is measured."""

    label: str
    here: list[Side]
    others: list[Side]


class Passage(msgspec.Struct):
    """A quote with what stands around it. `claims` are the texts of what rests on it, `href` leads to it in the text
    ("": the text is not here)."""

    number: int
    source: str
    url: str
    before: str
    quote: str
    after: str
    status: str
    claims: list[str] = []
    href: str = ""


class Piece(msgspec.Struct):
    """A stretch of a text, with the passages that it is part of and those that begin with it."""

    text: str
    passages: list[int] = []
    begins: list[int] = []


class Told(msgspec.Struct):
    """A text that the case is told in, in pieces, paragraph by paragraph."""

    source: str
    title: str
    paragraphs: list[list[Piece]]


def number(value: float | str | None) -> str:
    """`1,234`, `−0.35`, `6–8`; "" for none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return re.sub(r"(?<=\d)\s*-\s*(?=\d)", "–", value.strip())
    whole = float(value).is_integer() and abs(value) < 1e15
    return (f"{int(value):,}" if whole else f"{value:,.10g}").replace("-", "−", 1)


def amount(value: float | str | None, unit: str) -> str:
    """A number with its unit: `35 %`, `$1,200`, `3×`, `200 ms`."""
    shown, unit = number(value), unit.strip()
    if not shown or not unit:
        return shown
    sign = _MONEY.get(unit.lower(), unit)
    if sign in _PREFIX:
        return sign + shown
    if unit.lower() in ("x", "×"):
        return shown + "×"
    return f"{shown}\u00a0{unit}"


def figure(result: Result) -> str:
    """`50 % → 70 %`, `up to 30 %`, `<30 ms`, `400+ models`."""
    if result.before is not None and result.after is not None:
        return f"{amount(result.before, result.unit)} → {amount(result.after, result.unit)}"
    value = next((v for v in (result.value, result.after, result.before) if v is not None), None)
    shown, sign = amount(value, result.unit), result.qualifier.strip()
    if sign == "+":
        plain = number(value)
        return shown.replace(plain, plain + "+", 1) if plain else shown
    if sign in ("<", ">", "<=", ">=", "~", "≈"):
        return sign.replace("<=", "≤").replace(">=", "≥").replace("~", "≈") + shown
    return f"{sign} {shown}".strip()


def words(name: str) -> str:
    """`deflection_rate` and `llm-cost` as `deflection rate`, `LLM cost`."""
    plain = re.sub(r"[_\-]+", " ", name).strip()
    return " ".join(w.upper() if w in _ACRONYMS else w for w in plain.split())


def of_result(result: Result, passages: Mapping[Evidence, int]) -> Mark:
    label = words(result.metric)
    label = "" if label.lower() == result.unit.strip().lower() else label
    about = [p for p in (result.note, result.period, f"says {result.said_by}" if result.said_by else "") if p]
    return Mark(figure(result), result.status, result.metric, words(result.metric), ", ".join(about),
                _numbers(result.evidence, passages))  # fmt: skip


def of_claim(claim: Claim, label: str, passages: Mapping[Evidence, int]) -> Mark:
    return Mark(label, claim.status, claim.value, passages=_numbers(claim.evidence, passages))


def _numbers(evidence: Iterable[Evidence], passages: Mapping[Evidence, int]) -> list[int]:
    return sorted({passages[e] for e in evidence if e in passages})


def numbered(case: CaseStudy) -> dict[Evidence, int]:
    """The case's passages that may be shown, numbered from 1 in the order of the texts."""
    order = {source.id: place for place, source in enumerate(case.sources)}
    found = {e for _, claim in case.claims() for e in claim.evidence if e.quote}
    ranked = sorted(found, key=lambda e: (order.get(e.source, len(order)), e.start, -e.end))
    return {evidence: place for place, evidence in enumerate(ranked, 1)}


def passages(case: CaseStudy, numbers: Mapping[Evidence, int], texts: Mapping[str, str],
             title: Callable[[str, str], str]) -> list[Passage]:  # fmt: skip
    """Every passage with its surroundings. `texts` are those of the sources that are here, by source id; `title(field,
    value)` gives the label of a tag."""
    rests: dict[Evidence, list[tuple[str, str]]] = {e: [] for e in numbers}
    for field, claim in case.claims():
        said = figure(claim) + " " + words(claim.metric) if isinstance(claim, Result) else title(field, claim.value)
        for evidence in claim.evidence:
            if evidence in rests:
                rests[evidence].append((said, claim.status))
    return [_passage(case, e, n, texts.get(e.source, ""), rests[e]) for e, n in numbers.items()]


def disputes(case: CaseStudy, numbers: Mapping[Evidence, int], case_of: Callable[[str], CaseStudy]) -> list[Dispute]:
    """Every figure of the case that a passage contradicts, with both; a pair that contradicts each other stands once.
    `case_of(id)` gives the other cases."""
    found, told = [], set[tuple[Evidence, ...]]()
    for result in (*case.results, *case.scale):
        if result.against is None:
            continue
        own = [e for e in result.evidence if e.quote]
        others = [o for o in result.against.passages if (o.evidence, *own[:1]) not in told]
        told.update((own[0], o.evidence) for o in others if own and not o.case)
        if not others:
            continue
        here = [_side(case, figure(result), e, numbers) for e in own if all(e != o.evidence for o in others)]
        there = []
        for other in others:
            whose = case_of(other.case) if other.case else case
            inside = numbered(whose) if other.case else numbers
            value = other.says.partition(": ")[2] or other.says
            there.append(_side(whose, value, other.evidence, inside, f"/casebook/{whose.id}" if other.case else ""))
        found.append(Dispute(words(result.metric), here or [Side(figure(result), "", "")], there))
    return found


def _side(case: CaseStudy, says: str, evidence: Evidence, numbers: Mapping[Evidence, int], page: str = "") -> Side:
    source = case.source(evidence.source)
    there = evidence in numbers and source is not None and source.document
    href = f"{page}#p-{numbers[evidence]}" if there else page
    name = f"{case.organisation}: {source_name(source)}" if page else source_name(source)
    return Side(says, evidence.quote, name, source.url if source else "", href)


class Cards:
    """Passages of several cases on one page, numbered as they come."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self._numbers: dict[tuple[str, Evidence], int] = {}
        self._inside: dict[str, dict[Evidence, int]] = {}

    def add(self, case: CaseStudy, claim: Claim | Result) -> list[int]:
        """The numbers of what a claim rests on; each card leads into its case's text."""
        return [self._add(case, evidence, claim.status) for evidence in claim.evidence if evidence.quote]

    def _add(self, case: CaseStudy, evidence: Evidence, status: str) -> int:
        number = self._numbers.setdefault((case.id, evidence), len(self.passages) + 1)
        if number > len(self.passages):
            inside = self._inside.setdefault(case.id, numbered(case))
            source = case.source(evidence.source)
            href = f"/casebook/{case.id}#p-{inside[evidence]}" if source and source.document else ""
            name, url = source_name(source), source.url if source else ""
            self.passages.append(Passage(number, name, url, "", evidence.quote, "", status, href=href))
        return number


def _passage(case: CaseStudy, evidence: Evidence, place: int, text: str, rests: Sequence[tuple[str, str]]) -> Passage:
    source = case.source(evidence.source)
    here = text[evidence.start : evidence.end] == evidence.quote
    before, after = _around(text, evidence) if here else ("", "")
    status = max((s for _, s in rests), key=_gravity, default="unsupported")
    claims = list(dict.fromkeys(said for said, _ in rests))
    name, url = source_name(source), source.url if source else ""
    href = f"#p-{place}" if here else ""
    return Passage(place, name, url, before, evidence.quote, after, status, claims, href)


def _gravity(status: str) -> int:
    return list(STATUSES).index(status)


def _around(text: str, evidence: Evidence) -> tuple[str, str]:
    """What stands before and after in the same paragraph, cut at words."""
    before = text[max(0, evidence.start - AROUND) : evidence.start].rpartition("\n")[2]
    after = text[evidence.end : evidence.end + AROUND].partition("\n")[0]
    if len(before) == AROUND:
        before = "… " + before.partition(" ")[2]
    if len(after) == AROUND:
        after = after.rpartition(" ")[0] + " …"
    return before, after


def source_name(source: Source | None) -> str:
    if source is None:
        return "a source that is not named"
    host = re.sub(r"^\w+://(www\.)?|/.*$", "", source.url)
    return source.title or host or source.id


def told(source: Source, text: str, numbers: Mapping[Evidence, int]) -> Told:
    """A source's text in paragraphs of pieces, with its passages marked; passages may overlap."""
    spans = [
        (e.start, e.end, n) for e, n in numbers.items() if e.source == source.id and 0 <= e.start < e.end <= len(text)
    ]
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if m[0].strip()]
    starts, begun, paragraphs = [start for start, _ in lines], set[int](), []
    near: list[list[tuple[int, int, int]]] = [[] for _ in lines]
    for span in spans:
        first = max(0, bisect_right(starts, span[0]) - 1)
        for place in range(first, bisect_right(starts, span[1] - 1)):
            near[place].append(span)
    for (start, end), inside in zip(lines, near, strict=True):
        paragraphs.append(_pieces(text, start, end, inside, begun))
    return Told(source.id, source_name(source), paragraphs)


def _pieces(text: str, start: int, end: int, spans: list[tuple[int, int, int]], begun: set[int]) -> list[Piece]:
    cuts = sorted({start, end, *(min(max(c, start), end) for s in spans for c in s[:2])})
    pieces = []
    for left, right in itertools.pairwise(cuts):
        held = sorted(n for a, b, n in spans if a <= left and right <= b)
        begins = [n for n in held if n not in begun]
        begun.update(begins)
        pieces.append(Piece(text[left:right], held, begins))
    return pieces


class Line(msgspec.Struct):
    """A case as a line of a list. `snippet` is a passage in pieces (text, whether it was asked for); `techniques` are
    (label, address of the search for it), `more` how many are left out."""

    id: str
    href: str
    organisation: str
    system: str
    year: int
    stage: str
    what: str
    industries: list[str] = []
    figures: list[Mark] = []
    snippet: list[tuple[str, bool]] = []
    techniques: list[tuple[str, str]] = []
    more: int = 0
