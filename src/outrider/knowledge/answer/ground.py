"""Knowledge for the gateway: `base.grounding.Grounds` over a library."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.base.errors import RequestError
from outrider.base.grounding import Ground, GroundAsked, GroundRule, Note, Said
from outrider.knowledge.answer import written
from outrider.knowledge.answer.again import again
from outrider.knowledge.answer.asking import refused, tokens_of
from outrider.knowledge.answer.confidence import Judged, judge
from outrider.knowledge.answer.evidence import Weighed, weigh, whole
from outrider.knowledge.answer.extractive import chosen, composed
from outrider.knowledge.answer.finding import find
from outrider.knowledge.answer.question import in_context, understand
from outrider.knowledge.answer.records import Citation
from outrider.knowledge.records import Found, Hit, Query
from outrider.knowledge.sentences import sentences, settled
from outrider.knowledge.verify import check, occurs

if TYPE_CHECKING:
    from outrider.knowledge.library import Library

LONGEST_QUESTION = 4000
"""Characters of a user's message that are searched with: its end, where the question usually is."""


class LibraryGrounds:
    """`library` gives the library; it may open it, and is called in a thread. `recorded` gives what a run of a project
    found (None: nothing that is still there)."""

    def __init__(
        self, library: "Callable[[], Library]", recorded: Callable[[str, str], bytes | None] | None = None
    ) -> None:  # fmt: skip
        self._library, self._recorded = library, recorded

    def ground(self, asked: GroundAsked) -> Ground:
        """Find and weigh. Raises RequestError for a collection that is not there."""
        library, rule = self._library(), asked.rule
        last, searched = in_context(asked.turns)
        last, searched = last[-LONGEST_QUESTION:], searched[-LONGEST_QUESTION:]
        collection = library.collection(asked.project, rule.collection)
        question = understand(searched)
        query = Query(
            searched, limit=rule.limit, strategy=rule.strategy, principals=asked.principals, as_of=asked.at
        )  # fmt: skip
        if asked.recorded:
            told = self._recorded(asked.project, asked.recorded) if self._recorded is not None else None
            asked, found = again(library, collection, asked, question, told)
            weighed = weigh(question, found.hits, tokens_of(library, collection), found.notes.get("named"))
            return LibraryGround(rule, asked, found, weighed, judge(weighed))
        try:
            found = find(library, collection, query, question)
        except RequestError as error:
            if error.param in ("query", "limit"):  # of the route or of the conversation, not a field of the request
                error.param = "messages"
            raise
        weighed = weigh(question, found.hits, tokens_of(library, collection), found.notes.get("named"))
        return LibraryGround(rule, asked, found, weighed, judge(weighed))


class LibraryGround:
    """One call's evidence: see `base.grounding.Ground`."""

    def __init__(
        self, rule: GroundRule, asked: GroundAsked, found: Found, weighed: Weighed, judged: Judged
    ) -> None:  # fmt: skip
        self._rule, self._asked, self._found, self._weighed, self._judged = rule, asked, found, weighed, judged
        self.refusal = "" if judged.answers else refused(judged.why)
        self.cost = found.cost

    @property
    def facts(self) -> Mapping[str, Any]:
        found = self._found
        said: dict[str, Any] = {
            "query": self._weighed.question.text[:500],
            "strategy": found.strategy,
            "candidates": found.candidates,
            "kept": len(found.hits),
            "best": round(found.hits[0].score, 4) if found.hits else 0.0,
            "confidence": round(self._judged.chance, 3),
            "as_of": self._asked.at,
        }
        if self.refusal:
            said["why"] = self._judged.why
        if found.words_only:
            said["words_only"] = found.words_only
        return said

    @cached_property
    def record(self) -> bytes:
        """Everything that was found, in order, with what its scores are made of."""
        return msgspec.json.encode(
            {
                "query": self._weighed.question.text,
                "collection": self._rule.collection,
                "strategy": self._found.strategy,
                "asked": self._found.asked,
                "as_of": self._asked.at,
                "principals": sorted(self._asked.principals),
                "features": self._judged.features,
                "why": self._judged.why if self.refusal else "",
                "named": self._found.notes.get("named") or {},
                "kept": [_recorded(hit) for hit in self._found.hits],
            }
        )

    @cached_property
    def key(self) -> bytes:
        rule = msgspec.json.encode(self._rule)
        chunks = "".join(f" {h.document.id}/{h.document.number}/{h.chunk.id}" for h in self._found.hits)
        return hashlib.sha256(rule + chunks.encode() + self.refusal.encode()).digest()

    def told(self) -> tuple[str, str]:
        return written.INSTRUCTIONS, written.passages(self._found.hits)

    def extract(self) -> Iterator[Said]:
        text, said, _ = composed(self._weighed, chosen(self._weighed))
        ends = [*(s.start for s in said[1:]), len(text)]
        at = 0
        for sentence, end in zip(said, ends, strict=True):
            end = end if end == len(text) else _line_before(text, sentence.end, end)
            notes = [_note(c, sentence.start - at, sentence.end - at) for c in sentence.citations]
            yield Said(text[at:end], notes)
            at = end

    def settled(self, text: str) -> int:
        return settled(text)

    def cut(self, text: str) -> Iterator[str]:
        at = 0
        for _, end in sentences(text):
            yield text[at:end]
            at = end
        if at < len(text):
            yield text[at:]

    def check(self, sentence: str) -> Said:
        bare = sentence.strip()
        if not bare:
            return Said(sentence)
        lead = sentence[: len(sentence) - len(sentence.lstrip())]
        one = written.checked(bare, self._weighed.question, self._found.hits)
        text = written.said(one, self._rule.unsupported)
        if not text:
            return Said("", (), one.flaws)
        notes = [_note(c, len(lead), len(lead) + len(one.text)) for c in one.citations] if not one.flaws else []
        return Said(lead + text, notes, one.flaws)

    def flaws(self, text: str) -> Sequence[str]:
        there = [whole(hit) for hit in self._found.hits]
        wrong = [f.text for f in check(text, there, known=self._weighed.question.text) if f.kind != "name"]
        return [w for w in wrong if not any(occurs(w, t) for t in there)]  # a form's numbers have their units elsewhere


def _line_before(text: str, start: int, end: int) -> int:
    """Where the next sentence's part begins: a line's lead belongs to the sentence that it leads."""
    at = text.find("\n", start, end)
    if at >= 0:
        return at
    return start + len(text[start:end].rstrip())


def _note(cited: Citation, start: int, end: int) -> Note:
    return Note(
        start, end, cited.number, cited.url, cited.title, cited.quote, cited.document, (cited.start, cited.end)
    )  # fmt: skip


def _recorded(hit: Hit) -> dict[str, Any]:
    chunk, document = hit.chunk, hit.document
    return {
        "document": document.id,
        "version": document.number,
        "source": document.source,
        "title": document.title,
        "trust": document.trust,
        "start": chunk.start,
        "end": chunk.end,
        "score": hit.score,
        "parts": hit.parts,
        "text": chunk.text,
    }
