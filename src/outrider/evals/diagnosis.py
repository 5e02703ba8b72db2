"""Why an answer from documents is wrong: the first stage that failed, from what the run recorded. No model is asked.

`not indexed`: no document that may be read said it at that moment. `not retrieved`: a document says it, and the search
did not come near it. `not ranked`: the search found it, behind the passages that were taken. `not used`: it was among
them, and the answer does not say it. `contradicted`: it was among them, and the answer has figures or names that no
passage has. What cannot be known is `unknown`, with the reason. Searches that an agent's tools made count as the run's
own (`searched`); where a tool searches what is not kept here, what it did not return is `not retrieved`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.evals.evaluators.exact import plain, texts
from outrider.evals.evaluators.retrieval import grades
from outrider.evals.experiments import Done
from outrider.evals.records import Case
from outrider.evals.searched import Passage, Retrieved, Search, retrieved
from outrider.evals.suite import Suite
from outrider.knowledge import verify
from outrider.knowledge.answer.evidence import content
from outrider.knowledge.answer.finding import find
from outrider.knowledge.answer.question import understand
from outrider.knowledge.figures import figures
from outrider.knowledge.naming import names
from outrider.knowledge.records import Collection, Query
from outrider.store import Store

if TYPE_CHECKING:
    from outrider.knowledge.library import Library

Stage = Literal["right", "not indexed", "not retrieved", "not ranked", "not used", "contradicted", "unknown"]
STAGES: tuple[Stage, ...] = get_args(Stage)
DEEP = 200
"""Passages among which the evidence is looked for that was not taken."""
_IGNORED = ("case", "space", "marks")


class Diagnosis(msgspec.Struct):
    """Which stage failed on a case, and why, in words. `place` is that of the best passage with the evidence, from 1
    (0: there is none)."""

    case: str
    variant: str
    run: str
    stage: Stage
    why: str
    place: int = 0


class Evidence:
    """What a right answer to a case rests on: the sources that the case names (`context.relevant`), or whatever says
    what is expected. Raises RequestError where `expected` is no text."""

    def __init__(self, case: Case) -> None:
        self.sources = frozenset(grades(case.context.get("relevant")))
        self.texts = [] if case.expected is None else texts(case.expected)

    def __bool__(self) -> bool:
        return bool(self.sources or self.texts)

    def among(self, passages: Sequence[Passage]) -> int:
        """The place of the first passage with the evidence, from 1; 0 if there is none."""
        return next((at for at, one in enumerate(passages, 1) if self._in(one)), 0)

    def _in(self, passage: Passage) -> bool:
        if self.sources:
            alone = not passage.document and not passage.source  # a plain text names its source within
            named = alone and any(one in passage.text for one in self.sources)
            return named or bool(self.sources & {passage.document, passage.source})
        return any(says(f"{passage.title}\n{passage.text}", one) for one in self.texts)


def says(passage: str, expected: str) -> bool:
    """Whether a passage says what is expected: in the same words, or with the same figures and names and at least half
    of the words of content."""
    if plain(expected, _IGNORED) in plain(passage, _IGNORED):
        return True
    exact = bool(figures(expected) or names(expected))
    if not exact or verify.check(expected, [passage]):
        return False
    words = {one for one in content(expected) if one.isalpha()}  # figures are compared already
    return 2 * len(words & content(passage)) >= len(words)


class Shelves:
    """Looks up what a run did not record, as it was at the moment of the run. `library` is None where no knowledge is
    kept."""

    def __init__(self, library: "Callable[[], Library] | None", project: str) -> None:
        self._library, self._project = library, project

    def missed(self, found: Retrieved, wanted: Evidence) -> tuple[Stage, str, int]:
        """Why the evidence was not among the passages that were given: stage, words, place."""
        if place := wanted.among(found.beyond):
            return "not ranked", f"{found.tool} returned it, and it was cut off before it was given", place
        known = [one for one in found.searches if one.collection and one.query]
        if found.tool and not known:
            often = f"{len(found.searches)} searches" if len(found.searches) > 1 else "the search"
            return "not retrieved", f"{often} by {found.tool} did not return it; what it searches is not kept here", 0
        if self._library is None:
            return (
                "unknown",
                "the evidence was not among the passages, and no knowledge is kept here to look further",
                0,
            )
        try:
            return self._looked(self._library(), known, len(found.kept), wanted)
        except OutriderError as error:
            return "unknown", f"the search cannot be done again: {error.message}", 0

    def _looked(
        self, library: "Library", searches: Sequence[Search], taken: int, wanted: Evidence
    ) -> tuple[Stage, str, int]:
        """The same searches made again, and further."""
        where = [(library.collection(self._project, one.collection), one) for one in searches]
        places = (wanted.among(_searched(library, kept, one, DEEP, one.strategy)) for kept, one in where)
        if place := min((one for one in places if one), default=0):
            return "not ranked", f"it is passage {place}, and {taken} were taken", place
        told = [_indexed(library, kept, one, wanted) for kept, one in where]
        return *next((one for one in told if one[0] == "not retrieved"), told[0]), 0


def _searched(library: "Library", collection: Collection, asked: Search, limit: int, strategy: str) -> list[Passage]:
    query = Query(asked.query, limit=limit, strategy=strategy, principals=asked.principals, as_of=asked.as_of)
    hits = find(library, collection, query, understand(asked.query)).hits
    return [Passage(h.document.id, h.document.source, h.document.title, h.chunk.text) for h in hits]


def _indexed(library: "Library", collection: Collection, asked: Search, wanted: Evidence) -> tuple[Stage, str]:
    if wanted.sources:
        states = [_document(library, collection, asked, source) for source in sorted(wanted.sources)]
        if any(state == "" for state in states):
            return "not retrieved", f"it is in the collection, and not among the first {DEEP} passages"
        return "not indexed", states[0]
    for text in wanted.texts:
        if wanted.among(_searched(library, collection, msgspec.structs.replace(asked, query=text), DEEP, "keyword")):
            return "not retrieved", f"a passage says it, and is not among the first {DEEP} for the question"
    return "not indexed", "no passage was found that says what is expected"


def _document(library: "Library", collection: Collection, asked: Search, source: str) -> str:
    """Why a source could not be found at all; empty: it was there, for who asked."""
    for id_ in dict.fromkeys([*library.known_as(collection, source), source]):
        versions = library.versions(collection, id_)
        held = [one for one in versions if _holds(one.since, one.until, asked.as_of)]
        if held and {"*", *asked.principals} & set(held[-1].readers):
            return ""
        if held:
            return f"{source} was there, and whoever asked may not read it"
        if versions:
            return f"{source} was not in the collection at that moment; it is known at others"
    return f"{source} is not in the collection"


def _holds(since: int, until: int, moment: int) -> bool:
    return not moment or (since <= moment and (not until or until > moment))


def diagnose(case: Case, done: Done, found: Retrieved | None, shelves: Shelves, right: bool | None) -> Diagnosis:
    """One answer. `right` is what an evaluator says of it (None: nobody says, and it is right where it says what is
    expected)."""

    def made(stage: Stage, why: str, place: int = 0) -> Diagnosis:
        return Diagnosis(case.id, done.item.variant, done.outcome.run, stage, why, place)

    try:
        wanted = Evidence(case)
    except RequestError as error:
        return made("unknown", error.message)
    answer = done.outcome.text
    if right is None and wanted.texts:
        right = any(says(answer, one) for one in wanted.texts)
    if right:
        return made("right", "")
    if done.outcome.status == "error":
        return made("unknown", f"there is no answer: {done.outcome.error}")
    if not wanted:
        return made("unknown", "the case names neither what is expected nor relevant sources")
    if found is None:
        return made("unknown", "the run recorded no search whose passages are still there, nor did a tool find any")
    place = wanted.among(found.kept)
    if not place:
        return made(*shelves.missed(found, wanted))
    if right is None:
        return made("unknown", f"passage {place} has the evidence, and nobody says whether the answer is right", place)
    if found.why:
        return made("not used", f"passage {place} has the evidence, and the answer was refused: {found.why}", place)
    flaws = verify.check(
        answer, [f"{one.title}\n{one.text}" for one in found.kept], known="\n".join(one.query for one in found.searches)
    )
    if flaws:
        words = ", ".join(repr(one.text) for one in flaws[:3])
        return made("contradicted", f"passage {place} has the evidence, and no passage says {words}", place)
    return made("not used", f"passage {place} has the evidence, and the answer does not say it", place)


def examine(
    done: Iterable[Done], cases: dict[str, Case], store: Store, project: str, shelves: Shelves, score: str = ""
) -> Iterator[Diagnosis]:
    """All answers of an experiment, as they come; `cases` are by digest. `score` is the evaluator that says which are
    right (from a half on)."""
    for one in done:
        value = one.scores[score].value if score in one.scores else None
        right = None if value is None else value >= 0.5
        yield diagnose(cases[one.item.case_digest], one, retrieved(store, project, one.outcome), shelves, right)


def judge(suite: Suite, name: str = "") -> str:
    """The evaluator that says what is right: the one that is asked for, or the first that can ("": none). Raises
    RequestError for one that is not there, or says nothing of right and wrong."""
    better = {one.name: one.better == "higher" for one in suite.evaluators}
    if name and not better.get(name):
        known = ", ".join(one for one, fits in better.items() if fits)
        raise RequestError(
            f"{name[:80]!r} does not say which answers are right; these do: {known or 'none'}", param="score"
        )
    return name or next((one for one, fits in better.items() if fits), "")


def counts(found: Iterable[Diagnosis]) -> dict[str, dict[Stage, int]]:
    """How often each stage failed, by variant, in the order of stages."""
    seen: dict[str, Counter[Stage]] = {}
    for one in found:
        seen.setdefault(one.variant, Counter())[one.stage] += 1
    return {variant: {stage: often[stage] for stage in STAGES if often[stage]} for variant, often in seen.items()}
