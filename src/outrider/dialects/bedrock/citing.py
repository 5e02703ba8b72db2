"""Citations: beside the text that they support here, with a range of the whole text in chat.

Those of documents and of search results are Claude's and have their counterparts in Anthropic's own language; in chat
they have that form, so that its callers know them. Others are carried as Converse says them.
"""

from typing import Any

from outrider.dialects import Fields
from outrider.dialects.bedrock.families import CLAUDE_FORMAT, OWN_FORMAT

_DOCUMENT = {"documentIndex": "document_index"}
_PLACES = {
    "documentChar": ("char_location", {**_DOCUMENT, "start": "start_char_index", "end": "end_char_index"}),
    "documentPage": ("page_location", {**_DOCUMENT, "start": "start_page_number", "end": "end_page_number"}),
    "documentChunk": ("content_block_location", {**_DOCUMENT, "start": "start_block_index", "end": "end_block_index"}),
    "searchResultLocation": (
        "search_result_location",
        {"searchResultIndex": "search_result_index", "start": "start_block_index", "end": "end_block_index"},
    ),
}
_BACK = {kind: (place, names) for place, (kind, names) in _PLACES.items()}
_SEARCH = "search_result_location"


def annotation(citation: Fields, start: int, end: int) -> Fields:
    """Chat's annotation for a citation of the text from `start` to `end`."""
    span = {"start_index": start, "end_index": end}
    location = citation.get("location") or {}
    place = next(iter(location), "")
    if place == "web" and location[place].get("url"):
        web = location[place]
        title = citation.get("title") or web.get("domain") or ""
        return {"type": "url_citation", "url_citation": {"url": web["url"], "title": title, **span}}
    if place not in _PLACES:
        return {"type": "citation", "citation": {"format": OWN_FORMAT, **citation, **span}}
    kind, names = _PLACES[place]
    said: Fields = {
        "type": kind,
        "cited_text": "".join(one.get("text") or "" for one in citation.get("sourceContent") or ()),
    }
    said |= {names[name]: value for name, value in location[place].items() if name in names}
    if kind == _SEARCH:
        said |= {"source": citation.get("source") or "", "title": citation.get("title")}
    else:
        said["document_title"] = citation.get("title")
        if citation.get("source"):
            said["source"] = citation["source"]
    return {"type": "citation", "citation": {"format": CLAUDE_FORMAT, **said, **span}}


def citation(annotation: Fields) -> Fields | None:
    """Converse's citation for an annotation; None for what it has no form for, which is no part of what was said."""
    said = annotation.get("citation")
    if not isinstance(said, dict):
        return None
    if said.get("format") == OWN_FORMAT:
        return {name: value for name, value in said.items() if name not in ("format", "start_index", "end_index")}
    if said.get("format") != CLAUDE_FORMAT or said.get("type") not in _BACK:
        return None
    place, names = _BACK[said["type"]]
    told: Fields = {}
    title = said.get("title") if said["type"] == _SEARCH else said.get("document_title")
    if title:
        told["title"] = title
    if said.get("source"):
        told["source"] = said["source"]
    if said.get("cited_text"):
        told["sourceContent"] = [{"text": said["cited_text"]}]
    told["location"] = {place: {ours: said[theirs] for ours, theirs in names.items() if said.get(theirs) is not None}}
    return told


def cited(text: str, annotations: Any) -> list[Fields]:
    """The text in pieces, those that had sources with them; one piece if none had."""
    spans: dict[tuple[int, int], list[Fields]] = {}
    for one in annotations if isinstance(annotations, list) else ():
        source = citation(one) if isinstance(one, dict) else None
        if source is None:
            continue
        start, end = one["citation"].get("start_index"), one["citation"].get("end_index")
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text):
            spans.setdefault((start, end), []).append(source)
    out: list[Fields] = []
    at = 0
    for (start, end), sources in sorted(spans.items(), key=lambda span: span[0]):
        if start < at:
            continue
        if text[at:start]:
            out.append({"text": text[at:start]})
        out.append({"citationsContent": {"content": [{"text": text[start:end]}], "citations": sources}})
        at = end
    if text[at:]:
        out.append({"text": text[at:]})
    return out
