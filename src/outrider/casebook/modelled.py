"""What a model reads in a text beyond patterns: figures, failures, lessons, tags. Each of its claims quotes the text
word for word; what is not in the text, or not in the vocabulary, or of another form than asked for, is refused.

Each has the model, the prompt's version, and the cost of the one call that all claims of an entry come from.
"""

import re
from typing import Any

import msgspec

from outrider.base.errors import OutriderError
from outrider.casebook.book import OWN
from outrider.casebook.entries import Entry
from outrider.casebook.evidence import cite
from outrider.casebook.extract import Extracted
from outrider.casebook.records import CaseStudy, Claim, Evidence, Made, Result
from outrider.casebook.vocabulary import terms
from outrider.knowledge.ports import Model

PROMPT = "1"
"""The prompt's version; recorded with each field."""
_MOST_CHARACTERS = 12_000
_ASKED = """You read a text about a language model in production. Answer with one JSON object and nothing else:
{"figures": [{"metric": "short_name", "value": 12, "unit": "%", "quote": "…"}],
 "failures": [{"quote": "…"}], "lessons": [{"quote": "…"}], "techniques": [{"id": "…", "quote": "…"}]}
Each quote is copied from the text word for word, at most 300 characters, and alone shows that the claim is true. Leave
out what the text does not say. Techniques are of this list only: TECHNIQUES.

The text:
"""
_SPACE = re.compile(r"\s+")


class _Quoted(msgspec.Struct):
    quote: str


class _Tagged(msgspec.Struct):
    id: str
    quote: str


class _Figure(msgspec.Struct):
    metric: str
    quote: str
    value: float | str
    unit: str = ""


class _Answer(msgspec.Struct):
    figures: list[_Figure] = []
    failures: list[_Quoted] = []
    lessons: list[_Quoted] = []
    techniques: list[_Tagged] = []


class Reader:
    """Reads entries with `model`; `name` is what it is called in the record."""

    def __init__(self, model: Model, name: str) -> None:
        self._model, self._name = model, name

    @property
    def rules(self) -> str:
        """Changes when entries are to be read again."""
        return f"{self._name}.{PROMPT}"

    def __call__(self, entry: Entry, made: Extracted) -> Extracted:
        """`made` with what the model adds. An answer of another form adds nothing, and is told in `dropped`; one that
        did not come is told in `unread`."""
        before = self._model.cost
        asked = _ASKED.replace("TECHNIQUES", ", ".join(word.id for word in terms().techniques))
        try:
            told = self._model.ask(asked + made.text[:_MOST_CHARACTERS], max_tokens=2_000)
        except OutriderError as fault:
            return msgspec.structs.replace(made, unread=fault.message[:200])
        made = msgspec.structs.replace(made, cost=self._model.cost - before)
        try:
            answer = msgspec.json.decode(_object(told), type=_Answer)
        except (msgspec.DecodeError, ValueError) as fault:
            return msgspec.structs.replace(made, dropped=(f"model: {str(fault)[:200]}",))
        return _added(made, answer, Made("model", self._name, PROMPT, made.cost))


def _object(told: str) -> str:
    """The JSON object in an answer that may have words or a fence around it."""
    start, end = told.find("{"), told.rfind("}")
    if start < 0 or end < start:
        raise ValueError("the answer has no JSON object")
    return told[start : end + 1]


def _added(made: Extracted, answer: _Answer, by: Made) -> Extracted:
    case, text, dropped = made.case, made.text, []
    fields: dict[str, Any] = {}
    for field in ("failures", "lessons"):
        found = []
        for one in getattr(answer, field):
            passage = located(text, one.quote)
            if passage is None:
                dropped.append(f"{field}: not in the text: {one.quote[:80]!r}")
            else:
                found.append(Claim(passage.quote, "verified", (passage,), by))
        fields[field] = _new(getattr(case, field), found)
    tags = []
    for tag in answer.techniques:
        passage, word = located(text, tag.quote), terms().find("techniques", tag.id)
        if word is None or passage is None or word.evidence is None or not word.evidence.search(passage.quote):
            dropped.append(f"techniques: {tag.id[:40]!r} is not in {tag.quote[:80]!r}")
        else:
            tags.append(Claim(tag.id, "verified", (passage,), by))
    fields["techniques"] = _new(case.techniques, tags)
    fields["results"] = (*case.results, *_figures(case, text, answer, by, dropped))
    return msgspec.structs.replace(made, case=msgspec.structs.replace(case, **fields), dropped=tuple(dropped))


def _new(there: tuple[Claim, ...], found: list[Claim]) -> tuple[Claim, ...]:
    """Claims with those that are new, or that had no support yet."""
    held = {c.value for c in there if c.status != "unsupported"}
    added = {c.value: c for c in found if c.value not in held}
    return (*(c for c in there if c.value not in added), *added.values())


def _figures(case: CaseStudy, text: str, answer: _Answer, by: Made, dropped: list[str]) -> list[Result]:
    taken = {(e.start, e.end) for r in case.results for e in r.evidence}
    found = []
    for figure in answer.figures:
        passage = located(text, figure.quote)
        digits = re.sub(r"[^\d.]", "", f"{figure.value:g}" if isinstance(figure.value, float) else figure.value)
        if passage is None or not digits or digits not in passage.quote.replace(",", ""):
            dropped.append(f"figures: {figure.metric[:40]} {figure.value} is not in {figure.quote[:80]!r}")
        elif not any(start <= passage.start < end for start, end in taken):
            vendor = any(s.type == "vendor" for s in case.sources)
            found.append(
                Result(
                    metric="_".join(re.findall(r"[a-z0-9]+", figure.metric.lower()))[:60],
                    value=figure.value,
                    unit=figure.unit,
                    said_by=case.organisation,
                    status="vendor-claim" if vendor else "verified",
                    evidence=(passage,),
                    made=by,
                )
            )
    return found


def located(text: str, quote: str) -> Evidence | None:
    """The passage of the text that a quote is, up to white space; None: it is not there."""
    words = _SPACE.split(quote.strip())
    if not any(words) or len(quote) > 1_000:
        return None
    match = re.search(r"\s+".join(re.escape(w) for w in words), text)
    return cite(OWN, text, *match.span()) if match else None
