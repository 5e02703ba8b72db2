"""The answer made of sentences of the passages: nothing in it is anybody's but the documents'."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile

from outrider.knowledge.answer.evidence import Candidate, Weighed, content, stems
from outrider.knowledge.answer.records import Citation, Sentence
from outrider.knowledge.records import Hit
from outrider.knowledge.sentences import ROW, sentences

MOST = 3
"""Sentences of an answer; of one that lists, twice as many."""
LONGEST = 700
"""Characters of an answer after which no sentence is added."""
_NEAR_BEST = 0.82
_ALIKE = 0.6
_LEANS = re.compile(r"(?:It|They|This|These|That|Those|He|She|Its|Their|Such|The (?:system|team|company|solution))\b")
_LEAD = re.compile(r"^(?:[-*+•·]\s+|#{1,6}\s+|//+\s*|\d{1,3}[.)]\s+|>\s+)+")
_SIGNS = re.compile(r"\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_RULE = re.compile(r"\s*\|[\s:|-]+$")
"""The line between a table's head and its rows."""
_BAR = re.compile(r"(?<!\\)\|")
_LINK = re.compile(r"!?\[([^\]]+)\]\([^)\s]+\)")


def chosen(weighed: Weighed) -> list[Candidate]:
    """The sentences to answer with, in reading order: the best document's first."""
    ranked = weighed.candidates
    if not ranked:
        return []
    lists = "list" in weighed.question.wants
    taken: list[Candidate] = []
    length = 0
    for one in ranked:
        if one.score < _NEAR_BEST * ranked[0].score or len(taken) >= (2 * MOST if lists else MOST) or length > LONGEST:
            break
        if any(_alike(one, other) for other in taken):
            continue
        if not lists and not (_with(weighed, one, taken) and _asked_too(weighed, one, taken)):
            continue
        taken.append(one)
        length += len(one.text)
    order = list(dict.fromkeys(weighed.hits[c.at].document.id for c in taken))
    taken.sort(key=lambda c: (order.index(weighed.hits[c.at].document.id), _place(weighed.hits[c.at]) + c.start))
    return list(chain.from_iterable(_with_lead(weighed, one, taken) for one in taken))


def _with(weighed: Weighed, one: Candidate, taken: Sequence[Candidate]) -> bool:
    """An answer about one thing is of one document, unless another says it as well as the first."""
    if not taken:
        return True
    same = weighed.hits[one.at].document.id == weighed.hits[taken[0].at].document.id
    return same or (len(weighed.question.names) != 1 and one.score > 0.92 * taken[0].score)


def _asked_too(weighed: Weighed, one: Candidate, taken: Sequence[Candidate]) -> bool:
    """A row beside another one has as much of the question in it: of Hungary's rate, Poland's says nothing."""
    if not taken or not _is_row(one):
        return True
    asked = content(weighed.question.text)
    return all(asked & other.content <= one.content for other in taken if _is_row(other))


def _is_row(one: Candidate) -> bool:
    return one.text.startswith("|") or ROW.match(one.text) is not None


def _alike(one: Candidate, other: Candidate) -> bool:
    return len(one.content & other.content) >= _ALIKE * max(1, min(len(one.content), len(other.content)))


def _place(hit: Hit) -> int:
    return hit.chunk.start


def _with_lead(weighed: Weighed, one: Candidate, taken: Sequence[Candidate]) -> Iterator[Candidate]:
    """The sentence, after the one before it where it leans on that."""
    text = weighed.hits[one.at].chunk.text
    if _LEANS.match(one.text):
        before = [span for span in sentences(text) if span.end <= one.start]
        if before and not any(c.at == one.at and c.start == before[-1].start for c in taken):
            start, end = before[-1]
            if (
                end - start <= LONGEST // 2
                and not text[start:end].startswith(("#", "|", "```"))
                and one.start - end < 3
            ):
                said = text[start:end]
                yield Candidate(one.at, start, end, said, stems(said), content(said))
    yield one


def readable(text: str) -> str:
    """A sentence of a document as plain text: without signs of lists, emphasis and links, and the frame of a row."""
    bare = text.strip()
    if bare.startswith("|"):
        bare = bare.strip("| \t")
    return " ".join(_SIGNS.sub("", _LINK.sub(r"\1", _LEAD.sub("", bare))).split())


def with_columns(text: str, start: int, row: str) -> tuple[str, tuple[int, int]] | None:
    """A row of a table at `text[start:]` with the names of its columns, and where those stand; None where they are not
    in this passage."""
    if not row.startswith("|"):
        return None
    above = text[:start].rstrip(" ")
    lines = above.split("\n")[:-1]
    rows = list(takewhile(lambda line: line.lstrip().startswith("|"), reversed(lines)))
    if len(rows) < 2 or not _RULE.match(rows[-2]):
        return None
    heads, cells = _cells(rows[-1]), _cells(row)
    if len(cells) > len(heads):
        return None
    begin = sum(len(line) + 1 for line in lines[: len(lines) - len(rows)])
    told = " | ".join(f"{head}: {cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell)
    return told, (begin, begin + len(rows[-1]))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(row.strip().removeprefix("|").removesuffix("|"))]


def citation(hit: Hit, number: int, start: int, end: int) -> Citation:
    """The passage `hit.chunk.text[start:end]` as a citation."""
    chunk, document = hit.chunk, hit.document
    return Citation(
        number,
        document.id,
        document.number,
        chunk.id,
        document.source,
        _told(hit) or document.source,
        chunk.start + start,
        chunk.start + end,
        chunk.text[start:end],
        url_of(hit),
    )


def _told(hit: Hit) -> str:
    """What a passage is part of, for people: without the head of a table that it continues."""
    titles = (hit.document.title, *(one for one in hit.chunk.headings if not one.startswith("|")))
    return " — ".join(dict.fromkeys(title for title in titles if title))


def url_of(hit: Hit) -> str:
    """Where a person can read the document: its own address, or one that it names; else its place here."""
    document = hit.document
    for said in (document.source, document.meta.get("source_url"), document.meta.get("url"), document.meta.get("link")):
        if isinstance(said, str) and said.startswith(("https://", "http://")):
            return said
    return f"outrider://knowledge/{document.collection}/{document.id}"


def composed(weighed: Weighed, taken: Sequence[Candidate]) -> tuple[str, list[Sentence], list[Hit]]:
    """The answer's text with marks, its sentences, and its evidence: the cited passages first, in the order of their
    marks."""
    numbers: dict[int, int] = {}
    for one in taken:
        numbers.setdefault(one.at, len(numbers) + 1)
    hits = [weighed.hits[at] for at in numbers] + [h for at, h in enumerate(weighed.hits) if at not in numbers]
    lists = "list" in weighed.question.wants and len({weighed.hits[c.at].document.id for c in taken}) > 1
    text, said = "", []
    last = ""
    for one in taken:
        hit = weighed.hits[one.at]
        row = with_columns(hit.chunk.text, one.start, one.text)
        plain = readable(row[0] if row else one.text)
        if plain[-1:] not in ".!?:。":
            plain += "."
        if lists and hit.document.id != last:
            text += ("\n" if text else "") + f"- {hit.document.title}: " if hit.document.title else "- "
        elif text:
            text += " "
        last = hit.document.id
        start = len(text)
        text += plain
        spans = [(one.start, one.end), *([row[1]] if row else [])]
        cited = tuple(citation(hit, numbers[one.at], *span) for span in spans)
        said.append(Sentence(plain, start, len(text), cited))
        text += f" [{numbers[one.at]}]"
    return text, said, hits
