"""XML of any kind: the words of its elements. Entities are not resolved and nothing is fetched."""

from typing import Any

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.draft import Draft, line
from outrider.knowledge.records import Fetched, Parsed

_TITLES = ("title", "name", "headline")


def tree(body: bytes) -> Any:
    """The root element. Raises `Unreadable`."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True, load_dtd=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise Unreadable(f"It is not XML: {line(str(fault))[:200]}.") from None
    if root is None:
        raise Unreadable("It is not XML: no element in it can be made out.")
    return root


def parse(fetched: Fetched) -> Parsed:
    root = tree(fetched.body)
    draft = Draft()
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name = element.tag.rpartition("}")[2].lower()
        text = line(element.text or "")
        draft.add("heading" if name in _TITLES else "text", text, level=2 if name in _TITLES else 0, apart="\n")
        draft.add("text", line(element.tail or ""), apart="\n")
    title = next((b for b in draft.blocks if b.kind == "heading"), None)
    parsed = draft.parsed(media="application/xml")
    parsed.title = parsed.text[title.start : title.end] if title else ""
    return parsed
