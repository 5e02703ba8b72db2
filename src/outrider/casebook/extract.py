"""What a text itself says of a case, without a model: tags of the vocabulary, names, year, stage, sentences about
failures and lessons, each with the passages that say so. Figures are in `figures`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import cast

import msgspec

from outrider.casebook.book import OWN
from outrider.casebook.entries import Entry, source_type
from outrider.casebook.evidence import around, cite, find, name_pattern, supported, text_hash
from outrider.casebook.figures import results_of
from outrider.casebook.matching import Matcher, Span
from outrider.casebook.records import FRONT_MATTER, TEXT, CaseStudy, Claim, Evidence, Source, SourceType, Stage
from outrider.casebook.vocabulary import Kind, Terms, terms

Found = dict[tuple[str, str], list[Span]]
ENOUGH: dict[Kind, int] = {"techniques": 3, "tools": 2, "industries": 2, "applications": 2, "stages": 1}
"""How often a text must speak of something that its head (title and summary) does not name."""
MOST: dict[Kind, int] = {"techniques": 12, "tools": 12, "industries": 2, "applications": 3, "stages": 1}
"""Tags that are taken from the text alone, the most frequent first."""
_LONGEST_SENTENCE = 400
_UNSURE = re.compile(
    r"^#|\b(if|before|until|when(ever)?|once|should|must|would|could|(?-i:may)|might|cannot|can|will|plans?|planned|planning"
    r"|how|needs? to|ready|challenges?|organi[sz]ations|companies|enterprises|many|most|other teams|teams (that|who)"
    r"|example|best practices?|importance|unclear|whether|unlike|rather than|beyond|suggest(s|ing)?|appears?|seems?"
    r"|never|not|\w+n['’]t|only|wanted|frameworks?|stages"
    r"|from (an? )?(poc|pilot|prototypes?|proof[- ]of[- ]concept)"
    r"|(models?|agents|llms|systems|applications|code|those|what) (that )?(is|are) (deployed )?(in|to) production)\b",
    re.IGNORECASE,
)
"""What makes a sentence none that states the stage of what was built."""
_EARLIER = re.compile(
    r"\b(began|begins?|start(ed|ing|s)?|initially|first|evolved|quickly|features?|gpt|discovered|co-pilot)\b",
    re.IGNORECASE,
)
"""What makes it one about how it began."""
_SENTENCES = {
    "failures": r"\b(failed to|failures? (was|were|occurred|included)|did not work|didn['’]t work|went wrong|broke down"
    r"|abandoned|rolled back|backfired|struggled (with|to)|outages?\b|hallucinations? (were|led|caused)|fell short)",
    "lessons": r"\b(lessons? (learned|is|was|here)|key (takeaway|lesson|insight)s?|learned that|learnt that)\b",
}


class Extracted(msgspec.Struct, omit_defaults=True):
    """A case as the text gives it, its text, and what is to be reported: declared tool tags by whether the text
    supports them, other declared tags without support, what was mended, what a model said and the text does not, why no
    model read it (though one should) and what it cost (nano-dollars)."""

    case: CaseStudy
    text: str
    tools_supported: tuple[str, ...] = ()
    tools_unsupported: tuple[str, ...] = ()
    tags_unsupported: tuple[str, ...] = ()
    tags_unknown: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    unread: str = ""
    cost: int = 0


@lru_cache(maxsize=2)
def matcher(whole: bool) -> Matcher[tuple[str, str]]:
    """The patterns that are looked for in a whole text, or in its head alone."""
    kinds: tuple[Kind, ...] = ("techniques", "tools", "stages") if whole else ("industries", "applications")
    patterns: dict[tuple[str, str], str] = {
        (kind, w.id): w.pattern for kind in kinds for w in terms().of(kind) if w.pattern
    }
    if whole:
        patterns |= {("sentences", field): pattern for field, pattern in _SENTENCES.items()}
    return Matcher(patterns)


def extracted(entry: Entry, *, origin: str, id_: str = "", organisation: str = "") -> Extracted:
    """The case of an entry. `organisation` is the canonical name where it is known."""
    text, known = entry.text, terms()
    found = found_in(text, len(entry.head))
    declared = declared_tags(entry, known)
    tags = {
        kind: claims(kind, text, len(entry.head), found, declared.get(kind, ())) for kind in MOST if kind != "stages"
    }
    kind_of_source = entry.kind or source_type(entry.url, entry.organisation)
    facts = facts_of(entry, text, found)
    case = CaseStudy(
        id=id_ or entry.item,
        title=entry.title,
        organisation=organisation or entry.organisation,
        system=entry.system,
        aliases=(entry.organisation,) if organisation and organisation != entry.organisation else (),
        year=entry.year,
        stage=cast(Stage, facts["stage"].value if "stage" in facts else ""),
        what_it_does=first_sentences(entry.summary or entry.body),
        summary=entry.summary,
        industries=tags["industries"],
        applications=tags["applications"],
        techniques=tags["techniques"],
        tools=tags["tools"],
        results=results_of(text, OWN, said_by=organisation or entry.organisation, vendor=kind_of_source == "vendor"),
        failures=sentences(text, found.get(("sentences", "failures"), ())),
        lessons=sentences(text, found.get(("sentences", "lessons"), ())),
        facts=facts,
        sources=sources_of(entry, text, kind_of_source),
        origin=origin,
    )
    return _report(case, text, entry, found, known)


def found_in(text: str, head: int) -> Found:
    """Where the vocabulary's patterns match: some in the whole text, some in its first `head` characters."""
    whole: Found = matcher(True).spans(text)
    whole.update(matcher(False).spans(text[:head]))
    return whole


def declared_tags(entry: Entry, known: Terms) -> dict[Kind, tuple[str, ...]]:
    """The set's own tags in our words."""
    declared: dict[Kind, list[str]] = {}
    for tag in entry.tags:
        for kind, word in meant(tag, known):
            declared.setdefault(kind, []).append(word)
    for industry in entry.industries:
        word = industry if known.find("industries", industry) else known.zenml.industries.get(industry, "")
        if word:
            declared.setdefault("industries", []).append(word)
    return {kind: tuple(dict.fromkeys(words)) for kind, words in declared.items()}


def meant(tag: str, known: Terms) -> list[tuple[Kind, str]]:
    """What a tag of another set is here."""
    if tag in known.zenml.tags:
        return [known.zenml.tags[tag]]
    kinds: tuple[Kind, ...] = ("techniques", "tools", "applications", "industries")
    return [(kind, tag) for kind in kinds if known.find(kind, tag)][:1]


def claims(kind: Kind, text: str, head: int, found: Found, declared: Sequence[str]) -> tuple[Claim, ...]:
    """Tags of one kind: those that are declared, with or without support, then those that the text speaks of."""
    made = []
    for word in declared:
        spans = found.get((kind, word)) or _searched(kind, word, text)
        made.append(supported(word, passages(text, spans), FRONT_MATTER))
    own = [
        (len(spans), word, spans)
        for (k, word), spans in found.items()
        if k == kind
        and word not in declared
        and ((spans[0][0] < head and kind in ("techniques", "tools")) or len(spans) >= ENOUGH[kind])
    ]
    own.sort(key=lambda one: (-one[0], one[1]))
    room = max(0, MOST[kind] - sum(c.status != "unsupported" for c in made))
    return (*made, *(supported(word, passages(text, spans), TEXT) for _, word, spans in own[:room]))


def _searched(kind: Kind, word: str, text: str) -> list[Span]:
    """Places of a declared word of the kinds that are not looked for in whole texts."""
    entry = terms().find(kind, word)
    if kind in ("techniques", "tools") or entry is None or entry.evidence is None:
        return []
    match = entry.evidence.search(text)
    return [match.span()] if match else []


def passages(text: str, spans: Iterable[Span], most: int = 2) -> tuple[Evidence, ...]:
    """The sentences that hold these places, each once."""
    ends: dict[Span, None] = dict.fromkeys(around(text, *span) for span in spans)
    return tuple(cite(OWN, text, *span) for span in list(ends)[:most])


def facts_of(entry: Entry, text: str, found: Found) -> dict[str, Claim]:
    """The evidence of single fields."""
    facts = {}
    for field in ("organisation", "system"):
        if name := getattr(entry, field):
            facts[field] = supported(name, find(OWN, text, name_pattern(name), most=1), FRONT_MATTER)
    if entry.year:
        year = re.compile(rf"(?<!\d){entry.year}(?!\d)")
        facts["year"] = supported(str(entry.year), find(OWN, text, year, most=1), FRONT_MATTER)
    stage, places = stage_of(text, len(entry.head), found)
    if stage:
        facts["stage"] = supported(stage, passages(text, places, 1), TEXT)
    return facts


def stage_of(text: str, head: int, found: Found) -> tuple[Stage, list[Span]]:
    """The furthest stage that a sentence states of what was built, and where; "" where none does plainly: sentences
    about what others do, what is to come or what was asked for state nothing. That something is only a pilot or an idea
    must stand in the `head`, since texts tell of pilots that went before."""
    said = {}
    for stage in ("full", "limited", "pilot", "idea"):
        spans = found.get(("stages", stage), ())
        near = spans if stage in ("full", "limited") else [s for s in spans if s[0] < head]
        said[stage] = [s for s in near if _states(_sentence(text, s), stage)]
    stages: tuple[Stage, ...] = ("full", "limited", "pilot", "idea")
    best: Stage = next((s for s in stages if said[s]), "")
    return best, said[best] if best else []


def _states(sentence: str, stage: str) -> bool:
    return not (_UNSURE.search(sentence) or (stage != "full" and _EARLIER.search(sentence)))


def _sentence(text: str, span: Span) -> str:
    start, end = around(text, *span)
    return text[start:end]


def sentences(text: str, places: Iterable[Span]) -> tuple[Claim, ...]:
    """The sentences at these places: each is its own evidence."""
    made = []
    for passage in passages(text, places, 4):
        if len(passage.quote) <= _LONGEST_SENTENCE and not passage.quote.startswith("#"):
            made.append(Claim(passage.quote, "verified", (passage,), TEXT))
    return tuple(made)


def first_sentences(text: str, most: int = 300) -> str:
    """The first sentence, and further ones while there is room."""
    plain = " ".join(text.split())
    ends = [m.end() for m in re.finditer(r"[.!?](?=\s|$)", plain)]
    fitting = [end for end in ends if end <= most]
    if fitting:
        return plain[: fitting[-1]]
    return plain if len(plain) <= most else plain[:most].rsplit(" ", 1)[0] + "…"


def sources_of(entry: Entry, text: str, kind: SourceType) -> tuple[Source, ...]:
    """The text itself, and where the case was told first."""
    own = Source(
        OWN, "article" if entry.page else kind, entry.page or entry.url, entry.title, entry.retrieved, text_hash(text)
    )
    if not entry.page or not entry.url:
        return (own,)
    return (own, Source("origin", kind, entry.url))


def _report(case: CaseStudy, text: str, entry: Entry, found: Found, known: Terms) -> Extracted:
    tools: dict[bool, list[str]] = {True: [], False: []}
    unsupported, unknown = [], []
    claims_of = {
        (f, c.value): c for f in ("industries", "applications", "techniques", "tools") for c in getattr(case, f)
    }
    for tag in entry.tags:
        words = meant(tag, known)
        if not words:
            unknown.append(tag)
            continue
        kind, word = words[0]
        holds = claims_of[(kind, word)].status != "unsupported"
        if kind == "tools":
            tools[holds].append(tag)
        elif not holds:
            unsupported.append(tag)
    return Extracted(
        case, text, tuple(tools[True]), tuple(tools[False]), tuple(unsupported), tuple(unknown), entry.faults
    )
