"""Questions over the corpus: answered from the cases' texts with citations that were checked, or refused.

What is written as `field:value` narrows the cases, and so does an organisation that the question names: what one
company did is no answer about another. Everything else of the question ranks.
"""

from collections.abc import Callable, Sequence

import msgspec

from outrider.casebook.direct import Statement, embedder, statements
from outrider.casebook.facets import Catalogue
from outrider.casebook.facts import kinds
from outrider.casebook.find import Finder
from outrider.casebook.language import Asked, Term, canonical, parse
from outrider.casebook.records import CaseStudy, Evidence
from outrider.casebook.understand import organisations
from outrider.knowledge.answer import Answer, Citation, Sentence, answer_from
from outrider.knowledge.answer.asking import tokens_of
from outrider.knowledge.ports import Model
from outrider.knowledge.records import Found, Query

PASSAGES = 8
LOOKED_AT = 30
"""Passages among which figures and sentences are looked for."""


class Cited(msgspec.Struct, frozen=True):
    """A passage that a sentence rests on: exactly `[start:end]` of the case's text."""

    number: int
    case: str
    organisation: str
    title: str
    quote: str
    start: int
    end: int
    url: str = ""


class Said(msgspec.Struct, frozen=True):
    """A sentence of the answer: `text[start:end]`. `flaws` are words that its passages do not have."""

    text: str
    start: int
    end: int
    citations: list[Cited]
    flaws: list[str] = []


class CaseAnswer(msgspec.Struct, frozen=True):
    """An answer from the Casebook. `abstained`: it is a refusal, `why` says what is missing. `cases` are those that
    were looked at, the best first; `narrowed` is the part of the query that narrowed them. `cost`: nano-dollars."""

    question: str
    text: str
    abstained: bool
    why: str
    sentences: list[Said]
    cases: list[str]
    confidence: float
    written: str
    narrowed: str = ""
    cost: int = 0


class Answered(CaseAnswer, frozen=True, kw_only=True):
    """The same with the passages that were looked at."""

    found: Found


def ask(
    finder: Finder,
    question: str,
    *,
    model: Model | None = None,
    strategy: str = "",
    stream: Callable[[Said], object] | None = None,
) -> Answered:
    """Answer `question`; with `model`, it writes and each of its sentences is held to the passages. `stream` gets every
    sentence as soon as it is known. Raises RequestError for a question that cannot be asked."""
    catalogue = finder.catalogue()
    asked = parse(question, catalogue.vocabulary)
    words, scope = scoped(catalogue, asked, question)
    found = retrieve(finder, words, scope, model=model, strategy=strategy, limit=PASSAGES if model else LOOKED_AT)
    ranked = ranked_cases(catalogue, found)
    embed = embedder(finder.cases)
    if model is None and embed is not None:
        worded = any(map(str.isalnum, words))  # by meaning, something is near to "?", too
        said = statements(finder.cases, words, ranked, found.hits, embed) if worded else []
        return _directly(finder, question, said, ranked, scope, found, stream)
    places = _Places(finder, catalogue)

    def told(sentence: Sentence) -> object:
        return stream(places.said(sentence)) if stream else None

    cases = finder.cases
    tokens = tokens_of(cases.library, cases.collection) if embed else None
    made: Answer = answer_from(words, found, tokens, model=model, stream=told if stream else None)
    return Answered(
        question=question,
        text=made.text,
        abstained=made.abstained,
        why=made.why,
        sentences=[places.said(s) for s in made.sentences],
        cases=ranked,
        confidence=round(made.confidence, 4),
        written=made.written,
        narrowed=canonical(Asked(terms=scope)),
        cost=made.cost,
        found=found,
    )


def _directly(
    finder: Finder,
    question: str,
    said: Sequence[Statement],
    ranked: list[str],
    scope: tuple[Term, ...],
    found: Found,
    stream: Callable[[Said], object] | None,
) -> Answered:
    """The answer that statements of cases make; a refusal if there are none."""
    text, sentences = "", list[Said]()
    numbers: dict[tuple[str, str, int, int], int] = {}  # a passage that several sentences rest on has one
    for one in said:
        case = finder.cases.get(one.case)
        places = [(case.id, e.source, e.start, e.end) for e in one.evidence]
        counted = [numbers.setdefault(place, len(numbers) + 1) for place in places]
        cited = [_quoted(case, e, number) for e, number in zip(one.evidence, counted, strict=True)]
        start = len(text)
        sentences.append(Said(one.text, start, start + len(one.text), cited))
        text += f"{one.text}{''.join(f' [{c.number}]' for c in cited)} "
    if not said:
        text = f"The Casebook does not answer this: {_why(question)}."
        sentences = [Said(text, 0, len(text), [])]
    for sentence in sentences:
        if stream:
            stream(sentence)
    return Answered(
        question=question,
        text=text.strip(),
        abstained=not said,
        why="" if said else _why(question),
        sentences=sentences,
        cases=ranked,
        confidence=round(said[0].chance, 4) if said else 0.0,
        written="extractive" if said else "refusal",
        narrowed=canonical(Asked(terms=scope)),
        found=found,
    )


def _why(question: str) -> str:
    return "no case that was found " + ("reports such a figure" if kinds(question) else "says this")


def _quoted(case: CaseStudy, evidence: Evidence, number: int) -> Cited:
    source = case.source(evidence.source)
    url = source.url if source and source.url else next((s.url for s in case.sources if s.url), "")
    return Cited(number, case.id, case.organisation, case.title, evidence.quote, evidence.start, evidence.end, url)


def scoped(catalogue: Catalogue, asked: Asked, question: str) -> tuple[str, tuple[Term, ...]]:
    """The words that are searched for, and what narrows the cases."""
    words = " ".join((asked.text, *asked.phrases)) if asked.terms else question
    scope = asked.terms
    if not asked.term("org") and (named := organisations(question, catalogue.vocabulary)):
        scope = (*scope, Term("org", named, understood=True))
    return words.strip() or question, scope


def retrieve(
    finder: Finder,
    words: str,
    scope: tuple[Term, ...],
    *,
    model: Model | None = None,
    strategy: str = "",
    limit: int = PASSAGES,
) -> Found:
    """The passages that an answer is made from."""
    catalogue = finder.catalogue()
    mask = catalogue.mask(scope)
    documents = None
    if mask != catalogue.everything:
        documents = [d for n in catalogue.numbers(mask) for d in catalogue.entries[n].documents]
    query = Query(words, limit=limit, strategy=strategy, documents=documents)
    return finder.cases.library.search(finder.cases.collection, query, model)


def ranked_cases(catalogue: Catalogue, found: Found) -> list[str]:
    """The cases of what was found, the best first."""
    numbers = (catalogue.by_document.get(h.document.id) for h in found.hits)
    return list(dict.fromkeys(catalogue.entries[n].id for n in numbers if n is not None))


class _Places:
    """Citations of documents as citations of cases."""

    def __init__(self, finder: Finder, catalogue: Catalogue) -> None:
        self._finder, self._catalogue = finder, catalogue

    def said(self, sentence: Sentence) -> Said:
        cited = [self._cited(c) for c in sentence.citations]
        return Said(sentence.text, sentence.start, sentence.end, cited, list(sentence.flaws))

    def _cited(self, citation: Citation) -> Cited:
        number = self._catalogue.by_document.get(citation.document)
        case = self._finder.cases.get(self._catalogue.entries[number].id) if number is not None else None
        sources = case.sources if case else ()
        url = next((s.url for s in sources if s.document == citation.document and s.url), "")
        url = url or next((s.url for s in sources if s.url), "")
        return Cited(
            citation.number,
            case.id if case else "",
            case.organisation if case else "",
            case.title if case else citation.title,
            citation.quote,
            citation.start,
            citation.end,
            url,
        )
