"""A tree of HTML (or of what trafilatura makes of it), or any XML, written as blocks."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from outrider.knowledge.parse.draft import Draft, line

Tree = Any
"""An lxml element."""

DEEPEST = 300
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_LISTS = ("ul", "ol", "dl", "list", "menu")
_BREAKS = ("br", "lb")
_INLINE = frozenset(
    re.findall(
        r"\w+",
        """a ref b strong i em u s sub sup span small big code tt kbd var samp mark abbr cite q time font hi del ins
        label img graphic wbr bdi bdo ruby rt rp dfn acronym nobr br lb meter progress picture source""",
    )
)
_CAPTIONS = ("figcaption", "caption")


def walk(draft: Draft, element: Tree, absolute: Callable[[str], str] = str) -> None:
    """Write all of `element`: blocks as they are, text between them as paragraphs."""
    draft.links += [absolute(e.get("href") or e.get("target") or "") for e in element.iter("a", "ref")]
    _container(draft, element, 0)


def text_of(element: Tree | None) -> str:
    return "" if element is None else line("".join(element.itertext()))


def _container(draft: Draft, element: Tree, depth: int) -> None:
    held = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str):
            held.append(child.tail or "")
        elif _is_inline(child):
            held += [*_inline(child), child.tail or ""]
        else:
            _paragraph(draft, held)
            _block(draft, child, depth + 1)
            held = [child.tail or ""]
    _paragraph(draft, held)


def _is_inline(element: Tree) -> bool:
    if element.tag not in _INLINE or (element.tag == "code" and "\n" in "".join(element.itertext()).strip()):
        return False
    return all(_is_inline(child) for child in element if isinstance(child.tag, str)) if len(element) else True


def _inline(element: Tree) -> Iterator[str]:
    if element.tag in _BREAKS:
        yield "\x00"
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _inline(child)
        yield child.tail or ""


def _paragraph(draft: Draft, held: list[str], apart: str = "\n\n") -> None:
    text = "\n".join(line(part) for part in "".join(held).split("\x00"))
    draft.add("text", re.sub(r"\n{2,}", "\n", text).strip(), apart=apart)


def _block(draft: Draft, element: Tree, depth: int) -> None:
    tag = element.tag
    if depth > DEEPEST:
        draft.add("text", text_of(element))
    elif level := _level(element):
        draft.add("heading", text_of(element), level=level)
    elif tag in _LISTS:
        draft.add("list", "\n".join(_items(element, 0)))
    elif tag == "table":
        _table(draft, element, depth)
    elif tag in ("pre", "code"):
        draft.add("code", "".join(element.itertext()).expandtabs(4))
    elif tag in _CAPTIONS:
        draft.add("caption", text_of(element))
    else:
        _container(draft, element, depth)


def _level(element: Tree) -> int:
    if element.tag == "head":
        return _HEADINGS.get(element.get("rend", "h2"), 2)
    return _HEADINGS.get(element.tag, 0)


def _items(element: Tree, indent: int) -> Iterator[str]:
    """One line for each item, indented as it is nested."""
    if indent > 20:
        yield "  " * indent + text_of(element)
        return
    for number, child in enumerate(element, 1):
        if not isinstance(child.tag, str):
            continue
        if child.tag in _LISTS:
            yield from _items(child, indent + 1)
            continue
        own, inner = _own_text(child)
        mark = f"{number}." if element.tag == "ol" or element.get("rend") == "ol" else "-"
        if own:
            yield "  " * indent + f"{mark} {own}"
        for nested in inner:
            yield from _items(nested, indent + 1)


def _own_text(item: Tree) -> tuple[str, list[Tree]]:
    """An item's text without the lists in it, and those lists."""
    inner: list[Tree] = []
    texts: list[str] = []

    def gather(element: Tree) -> None:
        texts.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str) and child.tag in _LISTS:
                inner.append(child)
            elif isinstance(child.tag, str):
                texts.append("" if child.tag in _INLINE else " ")
                gather(child)
                texts.append("" if child.tag in _INLINE and child.tag not in _BREAKS else " ")
            texts.append(child.tail or "")

    gather(item)
    return line("".join(texts)), inner


def _table(draft: Draft, table: Tree, depth: int) -> None:
    """Its rows; a table that only lays out a page (with tables or one column of blocks in it) is walked instead."""
    rows = [row for row in table.iter("tr", "row") if _nearest_table(row) is table]
    cells = [[cell for cell in row if cell.tag in ("td", "th", "cell")] for row in rows]
    if not any(cells) or next((t for t in table.iter("table") if t is not table), None) is not None:
        _container(draft, table, depth)
        return
    if max(map(len, cells)) == 1:
        for row in cells:
            for cell in row:
                _container(draft, cell, depth + 1)
        return
    for caption in table.iter("caption"):
        draft.add("caption", text_of(caption))
    draft.table([[text_of(cell) for cell in row] for row in cells])


def _nearest_table(row: Tree) -> Tree:
    return next(row.iterancestors("table"), None)
