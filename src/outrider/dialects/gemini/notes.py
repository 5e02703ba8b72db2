"""What stands beside an answer's text: sources and citations, log-probabilities. In both directions."""

from typing import Any

from outrider.dialects import Fields
from outrider.dialects.gemini.names import FORMAT

_KEPT = ("groundingMetadata", "urlContextMetadata", "citationMetadata")


def to_chat(candidate: Fields, text: str, message: Fields, choice: Fields) -> None:
    """A candidate's sources as the message's `annotations`, and as they are as the choice's `provider_metadata`. Gemini
    counts bytes, chat characters: `text` is what they count."""
    kept = {name: candidate[name] for name in _KEPT if candidate.get(name)}
    if not kept:
        return
    choice["provider_metadata"] = {"format": FORMAT, **kept}
    notes = [*_grounded(kept.get("groundingMetadata") or {}, text), *_cited(kept.get("citationMetadata") or {}, text)]
    if notes:
        message["annotations"] = notes


def _grounded(grounding: Fields, text: str) -> list[Fields]:
    chunks = grounding.get("groundingChunks") or []
    notes = []
    for support in grounding.get("groundingSupports") or ():
        segment = support.get("segment") or {}
        start, end = _characters(text, segment.get("startIndex") or 0), _characters(text, segment.get("endIndex") or 0)
        for at in support.get("groundingChunkIndices") or ():
            if 0 <= at < len(chunks):
                notes.append(_note(chunks[at], start, end))
    if not notes:
        notes = [_note(chunk, 0, 0) for chunk in chunks]
    return notes


def _note(chunk: Fields, start: int, end: int) -> Fields:
    source = chunk.get("web") or chunk.get("retrievedContext") or chunk.get("maps") or {}
    url = {"url": source.get("uri") or "", "title": source.get("title") or "", "start_index": start, "end_index": end}
    return {"type": "url_citation", "url_citation": url}


def _cited(said: Fields, text: str) -> list[Fields]:
    """Also as `citationSources`, the name of an older API."""
    notes: list[Fields] = []
    for one in said.get("citations") or said.get("citationSources") or ():
        start, end = _characters(text, one.get("startIndex") or 0), _characters(text, one.get("endIndex") or 0)
        if one.get("uri"):
            url = {"url": one["uri"], "title": one.get("title") or "", "start_index": start, "end_index": end}
            notes.append({"type": "url_citation", "url_citation": url})
        else:
            notes.append({"type": "citation", "citation": {"format": FORMAT, **one}})
    return notes


def _characters(text: str, bytes_: int) -> int:
    """Characters in the first so many bytes of `text`."""
    return bytes_ if text.isascii() else len(text.encode()[:bytes_].decode(errors="ignore"))


def _bytes(text: str, characters: int) -> int:
    return characters if text.isascii() else len(text[:characters].encode())


def from_chat(notes: list[Fields], metadata: Fields, text: str, candidate: Fields) -> None:
    """Annotations as a candidate's grounding: as it was said (`metadata`), where Gemini said it."""
    if metadata.get("format") == FORMAT:
        candidate.update({name: metadata[name] for name in _KEPT if name in metadata})
        return
    chunks: list[Fields] = []
    places: dict[str, int] = {}
    supports: list[Fields] = []
    for note in notes:
        url = note.get("url_citation") or {}
        if note.get("type") != "url_citation" or not url.get("url"):
            continue
        at = places.get(url["url"])
        if at is None:
            at = places[url["url"]] = len(chunks)
            chunks.append({"web": {"uri": url["url"], "title": url.get("title") or ""}})
        start, end = url.get("start_index") or 0, url.get("end_index") or 0
        if end > start:
            segment = {"startIndex": _bytes(text, start), "endIndex": _bytes(text, end), "text": text[start:end]}
            supports.append({"segment": segment, "groundingChunkIndices": [at]})
    if chunks:
        candidate["groundingMetadata"] = {"groundingChunks": chunks}
        if supports:
            candidate["groundingMetadata"]["groundingSupports"] = supports


def odds_to_chat(said: Fields) -> Fields:
    """`logprobsResult` as a choice's `logprobs`."""
    tops: list[Any] = said.get("topCandidates") or []
    content = []
    for at, chosen in enumerate(said.get("chosenCandidates") or ()):
        top = (tops[at].get("candidates") or []) if at < len(tops) else []
        content.append({**_token(chosen), "top_logprobs": [_token(one) for one in top]})
    return {"content": content, "refusal": None}


def _token(said: Fields) -> Fields:
    token = said.get("token") or ""
    return {"token": token, "logprob": said.get("logProbability") or 0.0, "bytes": list(token.encode())}


def odds_from_chat(said: Fields, candidate: Fields) -> None:
    content = said.get("content") or []
    if not content:
        return
    chosen = [_candidate(one) for one in content]
    tops = [
        {"candidates": [_candidate(top) for top in one["top_logprobs"]]} for one in content if one.get("top_logprobs")
    ]
    candidate["avgLogprobs"] = sum(one.get("logprob") or 0.0 for one in content) / len(content)
    candidate["logprobsResult"] = {"chosenCandidates": chosen}
    if tops:
        candidate["logprobsResult"]["topCandidates"] = tops


def _candidate(said: Fields) -> Fields:
    return {"token": said.get("token") or "", "logProbability": said.get("logprob") or 0.0}
