"""Answers without a model that writes: the reported figure, or the sentence, that is nearest to what was asked; none if
none is near enough, or if the case does not say what the question takes for granted.

What speaks for an answer is weighed by `casebook/weighing.py`; whether anything is said, from all that was weighed.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from outrider.casebook import coverage, facts, premises, weighing
from outrider.casebook.bundled import SOURCE_SAYS
from outrider.casebook.find import Cases
from outrider.casebook.present import figure
from outrider.casebook.records import CaseStudy, Evidence, Result
from outrider.casebook.vocabulary import terms
from outrider.knowledge import reader
from outrider.knowledge.answer.asking import both_of
from outrider.knowledge.answer.evidence import Both
from outrider.knowledge.records import Hit, Query
from outrider.knowledge.sentences import sentences
from outrider.knowledge.verify import occurs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Embed = Callable[[Sequence[str]], Vectors]
    Read = Callable[[Vectors, Sequence[Vectors], Sequence[float]], Vectors]

CASES = 3
"""Cases that are looked at, the best first."""
PASSAGES = 36
"""Passages of theirs whose sentences are looked at."""
READ, UNREAD = 16, -4.0
"""Of a case, so many sentences that are nearest to the question are read with it; what the others count as."""
_SHORT = 25
_ITEM = re.compile(r"[-*•] +")
_MOST = 60
_LONG = 40
_BESIDE_FIGURE, _BESIDE_SENTENCE = 0.7, 0.9
"""What is this much worse than the best of the same case is said beside it."""


class Statement(msgspec.Struct, frozen=True):
    """Something that a case says, with the passages that it is taken from. `chance` (0 to 1): how surely the question
    is answered."""

    case: str
    text: str
    evidence: tuple[Evidence, ...]
    score: float
    chance: float = 0.0


def embedder(cases: Cases) -> "Embed | None":
    """What makes vectors of texts, if there is an embedder and it made vectors of the Casebook already."""
    if not cases.library.shelf(cases.collection, Query("vectors", limit=1)).has_vectors():
        return None
    model = cases.collection.settings.embeddings.get(cases.collection.settings.embedding)
    embedders = cases.library.embedders
    if model is None or embedders is None:
        return None
    name = model.model
    return lambda texts: embedders.queries(name, texts)


def statements(
    cases: Cases, question: str, ranked: Sequence[str], hits: Sequence[Hit], embed: "Embed"
) -> list[Statement]:
    """What answers `question`, among the cases of `ranked` (the best first) and the passages that were found; empty:
    nothing does."""
    wanted = bool(facts.kinds(question))
    if not wanted and premises.wants_time(question):
        return []
    every = list(candidates(cases, question, ranked, hits, embed))
    if not every:
        return []
    form = facts.form(question)
    scores = [weighing.score(c.features, c.asked, c.said, form) for c in every]
    sure = _surely(every, scores, question, form)
    if sure < 0:
        return []
    chance = 1 / (1 + math.exp(-sure))
    weighed = [msgspec.structs.replace(c.statement, score=s, chance=chance) for c, s in zip(every, scores, strict=True)]
    if wanted:
        return _best(weighed, _BESIDE_FIGURE, 2)
    return _best(weighed, _BESIDE_SENTENCE, 3)


class Candidate(msgspec.Struct, frozen=True):
    """What may be said, and what speaks for it: `features` are in the order of `weighing.FEATURES`, `asked` and `said`
    are the vectors of the question without names and of what may be said, `reads` the two texts that the reader read
    together."""

    statement: Statement
    features: tuple[float, ...]
    asked: "NDArray[np.float32]"
    said: "NDArray[np.float32]"
    reads: tuple[str, str]
    result: Result | None = None


def candidates(
    cases: Cases,
    question: str,
    ranked: Sequence[str],
    hits: Sequence[Hit],
    embed: "Embed",
    read: "Read" = reader.scores,
) -> Iterator[Candidate]:
    """Every figure, and every sentence, of the cases that say what the question takes for granted. `read` says which
    sentences answer it, as `knowledge.reader.scores` does."""
    looked_at = [cases.get(id_) for id_ in ranked[:CASES]]
    documents = [document for case in looked_at for document in documents_of(case)]
    if documents:
        near = cases.library.search(cases.collection, Query(question, limit=PASSAGES, documents=documents))
        hits = [*near.hits, *hits]
    reads = _Reads(embed, both_of(cases.library, cases.collection), read)
    for rank, case in enumerate(looked_at):
        if not premises.missing(question, whole(cases, case)):
            yield from _of(case, rank, question, hits, reads)


def _surely(every: Sequence[Candidate], scores: Sequence[float], question: str, form: Sequence[float]) -> float:
    """The log-odds that the question is answered, above what is enough."""
    import numpy as np

    known = weighing.of_question(
        np.array(scores),
        np.array([c.features for c in every]),
        np.array([weighing.told(c.asked, c.said) for c in every]),
        np.array([weighing.number(c.asked, form) for c in every]),
        np.array([c.asked @ c.said for c in every], np.float64),
        len(coverage.words(question)),
    )
    return weighing.enough(known)


def _best(found: Sequence[Statement], beside: float, most: int) -> list[Statement]:
    """The best statement, with those of the same case that are nearly as good."""
    order = sorted(found, key=lambda s: -s.score)
    said, best = list[Statement](), order[0]
    for one in order:
        near = one.case == best.case and one.score >= best.score - beside
        if near and not any(_words_of(one) in _words_of(s) or _words_of(s) in _words_of(one) for s in said):
            said.append(one)
    return said[:most]


def _words_of(one: Statement) -> str:
    """What is said, without who says it and without what introduces it: a summary may say the lesson once more."""
    return one.text.partition(": ")[2].removeprefix("Takeaway: ")


def documents_of(case: CaseStudy) -> dict[str, str]:
    """The documents that tell a case, with the source that each is: its own first."""
    own = {case.document: ""} if case.document else {}
    return own | {s.document: s.id for s in case.sources if s.document}


def whole(cases: Cases, case: CaseStudy) -> str:
    """All that a case says, in each of its texts."""
    texts = [text for source in documents_of(case).values() if (text := cases.text(case, source))]
    return "\n".join((case.title, case.organisation, *case.aliases, case.system, *(texts or [case.summary])))


def _of(case: CaseStudy, rank: int, question: str, hits: Sequence[Hit], reads: "_Reads") -> Iterator[Candidate]:
    """Figures and sentences of one case."""
    results = [r for r in (*case.results, *case.scale) if r.shown]
    spans = list(islice(_spans(case, hits, results), _MOST))
    if not results and not spans:
        return
    stated = [facts.stated(r) for r in results]
    quoted = [f"{one} {' '.join(e.quote for e in r.evidence[:1])}" for one, r in zip(stated, results, strict=True)]
    found = [text for *_, text in spans]
    plain, texts, said = bare(question, case), [*stated, *found], [*quoted, *found]
    about = (plain, facts.focus(question), head(case), premises.nameless(plain))
    (asked, counted, whose, kind, *every), tokens = reads.vectors([*about, *stated, *said])
    rest = [*every[: len(stated)], *every[2 * len(stated) :]]
    words = coverage.asked(plain, list(premises.names(question)))
    *covered, (_, known) = coverage.nearly(words, [*said, " ".join((head(case), *said))], reads.embed)
    read = reads.scores(tokens[:1], tokens[len(about) + len(stated) :], [float(vector @ asked) for vector in rest])
    wanted, wants_name = facts.kinds(question), premises.wants_name(question, named=_is_named(question, case))
    for number, (text, vector, (share, least)) in enumerate(zip(texts, rest, covered, strict=True)):
        near = (float(vector @ asked), float(vector @ counted), float(whose @ asked), float(rank), share, least, known)
        long = min(len(text.split()), _LONG) / _LONG
        if number < len(results):
            result = results[number]
            how = (float(facts.fits(result, wanted)), facts.moves(question, result), facts.was(question, result))
            features = (*near, 0.0, 1.0, *how, long, read[number])
            evidence = _cited(case, result.evidence)
            statement = Statement(case.id, f"{_who(case)}: {_said(result, evidence)}", evidence, 0.0)
            yield Candidate(statement, features, kind, vector, (plain, said[number]), result)
        else:
            lacks = (wants_name and not _tells_a_name(text, question, case)) or premises.lacks_kind(question, text)
            features = (*near, float(lacks), 0.0, 0.0, 0.0, 0.0, long, read[number])
            source, start, _ = spans[number - len(results)]
            passage = Evidence(source, start, start + len(text), "", text)
            statement = Statement(case.id, f"{_who(case)}: {text}", _cited(case, (passage,)), 0.0)
            yield Candidate(statement, features, kind, vector, (plain, text))


class _Reads(NamedTuple):
    """Makes vectors, and reads a question with sentences. `both` is None where nothing gives vectors of tokens."""

    embed: "Embed"
    both: Both | None
    read: "Read"

    def vectors(self, texts: Sequence[str]) -> "tuple[Vectors, list[Vectors]]":
        """Of texts and of the tokens of each; none of tokens where nothing gives them."""
        return self.both(texts) if self.both else (self.embed(texts), [])

    def scores(self, asked: "Sequence[Vectors]", said: "Sequence[Vectors]", near: Sequence[float]) -> list[float]:
        if not asked:
            return [0.0] * len(near)
        first = sorted(range(len(near)), key=lambda at: -near[at])[:READ]
        found = [UNREAD] * len(near)
        scores = self.read(asked[0], [said[at] for at in first], [near[at] for at in first])
        for at, score in zip(first, scores, strict=True):
            found[at] = float(score)
        return found


def _spans(case: CaseStudy, hits: Sequence[Hit], results: Sequence[Result]) -> Iterator[tuple[str, int, str]]:
    """Sentences and items of lists of the case's texts that were found, each once, with their source and where they
    begin; no headings, and no items that list `results`, or what the case is filed under."""
    sources, seen = documents_of(case), set[tuple[str, int]]()
    told = [e for result in results for e in result.evidence]
    for hit in hits:
        source = sources.get(hit.document.id)
        if source is None or hit.chunk.kind == "heading" or (source, hit.chunk.start) in seen:
            continue
        seen.add((source, hit.chunk.start))
        for start, end in sentences(hit.chunk.text):
            item = _ITEM.match(hit.chunk.text, start, end)
            start, at = (item.end() if item else start), hit.chunk.start
            if end - start <= _SHORT or hit.chunk.text.startswith("#", start):
                continue
            if item and (
                SOURCE_SAYS in hit.chunk.headings
                or any(e.source == source and e.start < at + end and at + start < e.end for e in told)
            ):
                continue
            yield source, at + start, hit.chunk.text[start:end]


def bare(question: str, case: CaseStudy) -> str:
    """The question without the names that only say which case is meant."""
    for name in sorted((case.organisation, *case.aliases), key=len, reverse=True):
        if name:
            question = re.sub(rf"\b{re.escape(name)}(?:['’]s)?(?!\w)", " ", question)
    return " ".join(question.split())


def _is_named(question: str, case: CaseStudy) -> bool:
    """Whether the question says that it is about this case."""
    own = " ".join((case.organisation, case.system, case.title, *case.aliases))
    return any(occurs(name, own) for name in premises.names(question))


_CAPITALS = """
AI API APIs CI CPU CPUs FAQ FAQs GPU GPUs HTML HTTP HTTPS ID IDs IT JSON KPI KPIs LLM LLMs ML NLP OCR PDF PDFs PII QA
RAG REST RL SDK SLA SQL SRE SSE UI URL URLs UX XML YAML
"""
_COMMON = frozenset(_CAPITALS.split())
"""Capitals that name nothing of anybody's."""


def _tells_a_name(text: str, question: str, case: CaseStudy) -> bool:
    """Whether a sentence has a name, or a tool that we know, that is neither asked about nor the case's own."""
    known = " ".join((question, case.organisation, case.system, case.title, *case.aliases))
    said = (name for name in premises.names(f"it {text[:1].lower()}{text[1:]}") if name not in _COMMON)
    if any(not occurs(name, known) for name in said):
        return True
    patterns = [tool.evidence for tool in terms().tools if tool.evidence]
    return any(p.search(text) and not p.search(known) for p in patterns)


def head(case: CaseStudy) -> str:
    return f"{case.title}. {case.what_it_does}"


def _who(case: CaseStudy) -> str:
    return case.organisation or case.title


_ASIDE = {"vendor-claim": " (claimed by the vendor)", "contradicted": " (another source says otherwise)"}


def _said(result: Result, evidence: Sequence[Evidence]) -> str:
    """The figure in the words of its passage."""
    words = " ".join(evidence[0].quote.split()).rstrip(".") if evidence else figure(result)
    return f"{words}{_ASIDE.get(result.status, '')}."


def _cited(case: CaseStudy, evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The passage, and the one that says whose it is."""
    kept = [e for e in evidence if e.quote][:1]
    whose = case.facts.get("organisation")
    return (*kept, *([e for e in whose.evidence if e.quote][:1] if whose else ()))
