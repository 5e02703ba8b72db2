"""Thoughts, both ways: reasoning items as `reasoning_details`, and what other languages think as reasoning items."""

from typing import Any

from outrider.dialects.pivot import Fields
from outrider.dialects.responses.marks import FORMAT, GEMINI, is_made_up, seal, split_id, unseal


def details(item: Fields, first: int, at: int) -> list[Fields]:
    """A provider's reasoning item as `reasoning_details`, counted from `first`; see `turns` for `at`."""
    of: Fields = {"format": FORMAT, "id": item.get("id")}
    if at:
        of["at"] = at
    out: list[Fields] = [
        {"type": "reasoning.summary", "summary": one.get("text") or "", **of} for one in item.get("summary") or ()
    ]
    out += [{"type": "reasoning.text", "text": one.get("text") or "", **of} for one in item.get("content") or ()]
    if item.get("encrypted_content"):
        out.append({"type": "reasoning.encrypted", "data": item["encrypted_content"], **of})
    for place, one in enumerate(out):
        one["index"] = first + place
    return out


def given_back(item: Fields) -> list[Fields]:
    """A caller's reasoning item as `reasoning_details`; entries without a `format` are plain text."""
    sealed = unseal(item.get("encrypted_content"))
    if sealed is not None:
        return sealed
    of: Fields = {"format": FORMAT}
    own = split_id(item.get("id") or "")[0]
    if own and not is_made_up(own):
        of["id"] = own
    out = [{"type": "reasoning.summary", "summary": s.get("text") or "", **of} for s in item.get("summary") or ()]
    told = [c.get("text") or "" for c in item.get("content") or ()]
    if item.get("encrypted_content"):
        out += [{"type": "reasoning.text", "text": text, **of} for text in told]
        out.append({"type": "reasoning.encrypted", "data": item["encrypted_content"], **of})
    else:
        out += [{"type": "reasoning.text", "text": text} for text in told]
    return out


def take_signature(message: Fields, id_: str, what: Fields) -> None:
    """Put the signature that was sealed for a picture back onto it: see `signed`."""
    listed = message.get("reasoning_details") or []
    for thought in listed:
        if thought.get("format") == GEMINI and thought.get("id") == id_:
            what["thought_signature"] = thought.get("data")
            listed.remove(thought)
            if not listed:
                del message["reasoning_details"]
            return


# -- for a caller -----------------------------------------------------------------------------------------------------


def thoughts_in(message: Fields) -> list[Fields]:
    """A message's `reasoning_details`; plain text as an entry without `format` if there is nothing else."""
    found: list[Fields] = list(message.get("reasoning_details") or ())
    text = message.get("reasoning_content")
    if text and not found:
        found = [{"type": "reasoning.text", "text": text}]
    return found


def signed(id_: Any, signature: str) -> Fields:
    """What Gemini wants back with a call, as a thought: a call has no place for it. Of a picture, `image_N`."""
    return {"type": "reasoning.encrypted", "data": signature, "format": GEMINI, "id": id_}


def reasoning_items(thoughts: list[Fields], *, summed: bool) -> list[Fields]:
    """Reasoning items: OpenAI's as they were, those of others sealed so that they come back as they are.

    `summed`: the caller asked for summaries, so plain thoughts are shown as one.
    """
    out: list[Fields] = []
    sealed: list[Fields] = []
    for thought in thoughts:
        if thought.get("format") != FORMAT:
            sealed.append(thought)
            continue
        if sealed:
            out.append(sealed_item(sealed, summed=summed))
            sealed = []
        id_ = split_id(thought.get("id") or "")[0]
        if not out or out[-1].get("id") != id_ or "encrypted_content" in out[-1]:
            out.append({"type": "reasoning", "id": id_, "summary": []})
        add_thought(out[-1], thought)
    return [*out, sealed_item(sealed, summed=summed)] if sealed else out


def placed(thoughts: list[tuple[int, Fields]], *, summed: bool) -> list[tuple[int, Fields]]:
    """As `reasoning_items`, each with its place."""
    places = sorted({at for at, _ in thoughts})
    here = {place: [thought for at, thought in thoughts if at == place] for place in places}
    return [(place, item) for place in places for item in reasoning_items(here[place], summed=summed)]


def add_thought(item: Fields, thought: Fields) -> None:
    kind = thought.get("type")
    if kind == "reasoning.summary":
        item["summary"].append({"type": "summary_text", "text": thought.get("summary") or ""})
    elif kind == "reasoning.text":
        item.setdefault("content", []).append({"type": "reasoning_text", "text": thought.get("text") or ""})
    elif kind == "reasoning.encrypted":
        item["encrypted_content"] = thought.get("data")


def sealed_item(thoughts: list[Fields], *, summed: bool) -> Fields:
    """One item for thoughts of another language: what of them is text is shown as a summary."""
    item: Fields = {"type": "reasoning", "summary": []}
    for thought in thoughts:
        text = thought.get("text") or thought.get("summary")
        if text and (summed or thought.get("format")):
            item["summary"].append({"type": "summary_text", "text": text})
        elif text:
            item.setdefault("content", []).append({"type": "reasoning_text", "text": text})
    item["encrypted_content"] = seal(thoughts)
    return item
