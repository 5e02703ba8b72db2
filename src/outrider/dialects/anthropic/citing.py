"""Citations: beside the text block that they support here, beside the whole text with a range in chat."""

from collections.abc import Iterable
from typing import Any

from outrider.dialects.anthropic import FORMAT, carried
from outrider.dialects.pivot import Fields

_WEB = "web_search_result_location"


def annotation(citation: Fields, start: int, end: int) -> Fields:
    """Chat's annotation for a citation of the text from `start` to `end`."""
    said = {**citation, "start_index": start, "end_index": end}
    if citation.get("type") != _WEB:
        return {"type": "citation", "citation": {"format": FORMAT, **said}}
    index = said.pop("encrypted_index", None)
    if (ours := carried.unwrap(index)) is not None:
        return {"type": "url_citation", "url_citation": {**ours, "start_index": start, "end_index": end}}
    del said["type"]
    if index is not None:
        said["encrypted_index"] = index
    return {"type": "url_citation", "url_citation": said}


def citation(annotation: Fields) -> Fields | None:
    """The citation for an annotation; None if this language has no such kind.

    An address that another provider cited becomes a web search's result, with all that it said in the place where a
    provider of this language keeps what only it can read.
    """
    if isinstance(said := annotation.get("citation"), dict):
        if said.get("format") != FORMAT:
            return None
        return {name: value for name, value in said.items() if name not in ("format", "start_index", "end_index")}
    said = annotation.get("url_citation")
    if not isinstance(said, dict) or not isinstance(said.get("url"), str):
        return None
    rest = {name: value for name, value in said.items() if name not in ("start_index", "end_index")}
    index = rest.get("encrypted_index")
    return {
        "type": _WEB,
        "url": said["url"],
        "title": said.get("title"),
        "cited_text": said.get("cited_text") or "",
        "encrypted_index": index if isinstance(index, str) else carried.wrap(rest),
    }


def cited(text: str, annotations: Any, *, foreign: bool) -> list[Fields]:
    """`text` as blocks, cut so that each has the citations of its own range. `foreign`: also those of others."""
    ranges: dict[tuple[int, int], list[Fields]] = {}
    for one in annotations if isinstance(annotations, list) else ():
        said = (one.get("citation") or one.get("url_citation")) if isinstance(one, dict) else None
        made = citation(one) if isinstance(said, dict) else None
        if said is None or made is None or (not foreign and carried.unwrap(made.get("encrypted_index")) is not None):
            continue
        start, end = said.get("start_index"), said.get("end_index")
        if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
            start, end = 0, len(text)
        ranges.setdefault((start, end), []).append(made)
    return list(_cut(text, ranges)) if ranges else [{"type": "text", "text": text}]


def _cut(text: str, ranges: dict[tuple[int, int], list[Fields]]) -> Iterable[Fields]:
    """Ranges that overlap what went before begin where it ended; one that is wholly within goes to that block."""
    at = 0
    last: Fields | None = None
    for (start, end), citations in sorted(ranges.items(), key=lambda one: one[0]):
        if end <= at and last is not None:
            last["citations"] += citations
            continue
        start = max(start, at)
        if start > at:
            yield {"type": "text", "text": text[at:start]}
        last = {"type": "text", "text": text[start:end], "citations": citations}
        yield last
        at = end
    if at < len(text):
        yield {"type": "text", "text": text[at:]}
