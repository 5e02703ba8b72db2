"""Slides: each is a section with its title as heading; text, tables, charts and the speaker's notes in it."""

import io
from collections.abc import Iterator
from typing import Any

from outrider.knowledge.parse.draft import Draft, line
from outrider.knowledge.parse.zipped import check, usual
from outrider.knowledge.records import Fetched, Parsed

_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_PARAGRAPH = "{http://schemas.openxmlformats.org/drawingml/2006/main}p"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DEEPEST = 20


def parse(fetched: Fetched) -> Parsed:
    import pptx

    check(fetched.body)
    slides = pptx.Presentation(io.BytesIO(usual(fetched.body)))
    draft = Draft()
    for number, slide in enumerate(slides.slides, 1):
        _slide(draft, slide, number)
    said = slides.core_properties
    meta = {"author": said.author, "subject": said.subject, "slides": len(slides.slides)}
    first = next((b for b in draft.blocks if b.kind == "heading"), None)
    parsed = draft.parsed(
        title=said.title if said.title and said.title != "PowerPoint Presentation" else "",
        media="application/vnd.openxmlformats-officedocument.presentationml",
        meta={name: value for name, value in meta.items() if value},
    )
    parsed.title = parsed.title or (parsed.text[first.start : first.end] if first else "")
    return parsed


def _slide(draft: Draft, slide: Any, number: int) -> None:
    title = slide.shapes.title
    name = line(title.text_frame.text) if title is not None and title.has_text_frame else ""
    draft.add("heading", name or f"Slide {number}", level=2, page=number)
    for shape in _shapes(slide.shapes, 0):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        _shape(draft, shape, number)
    draft.add("speech", _notes(slide), page=number)
    draft.links += [r.target_ref for r in slide.part.rels.values() if r.is_external]


def _shapes(shapes: Any, depth: int) -> Iterator[Any]:
    """As they are read: from the top down, from left to right; groups opened."""
    placed = sorted(shapes, key=lambda s: (s.top or 0, s.left or 0)) if depth == 0 else list(shapes)
    for shape in placed:
        if hasattr(shape, "shapes") and depth < DEEPEST:
            yield from _shapes(shape.shapes, depth + 1)
        else:
            yield shape


def _shape(draft: Draft, shape: Any, number: int) -> None:
    if getattr(shape, "has_table", False):
        draft.table([[line(cell.text) for cell in row.cells] for row in shape.table.rows], page=number)
    elif getattr(shape, "has_chart", False):
        _chart(draft, shape.chart, number)
    elif shape.has_text_frame:
        _frame(draft, shape.text_frame, number)
    else:
        _drawing(draft, shape, number)


def _frame(draft: Draft, frame: Any, number: int) -> None:
    rows = [("  " * p.level, text) for p in frame.paragraphs if (text := line(p.text.replace("\v", "\n")))]
    if len(rows) > 1:
        draft.add("list", "\n".join(f"{indent}- {text}" for indent, text in rows), page=number)
    elif rows:
        draft.add("text", rows[0][1], page=number)


def _chart(draft: Draft, chart: Any, number: int) -> None:
    """Its figures, as a table for each plot. Their XML is read: python-pptx knows some kinds of plot, and not those in
    three dimensions."""
    if chart.has_title and chart.chart_title.has_text_frame:
        draft.add("caption", chart.chart_title.text_frame.text, page=number)
    for plot in chart.element.iterfind(f"{_C}chart/{_C}plotArea/*"):
        if series := plot.findall(f"{_C}ser"):
            draft.table(_figures(series), page=number)


def _figures(series: list[Any]) -> list[list[str]]:
    """A line for each category (or value of x), a column for each series."""
    names: dict[int, str] = {}
    columns: list[dict[int, str]] = []
    for one in series:
        names |= {n: name for n, name in _points(one, "cat", "xVal").items() if n not in names}
        columns.append({n: _value(value) for n, value in _points(one, "val", "yVal").items()})
    rows = sorted({*names, *(n for column in columns for n in column)})[:10_000]
    titles = [line("".join(v.text or "" for v in one.iterfind(f"{_C}tx//{_C}v"))) for one in series]
    return [["", *titles], *([names.get(n, str(n + 1)), *(c.get(n, "") for c in columns)] for n in rows)]


def _points(series: Any, *where: str) -> dict[int, str]:
    """What a series has at each place; of categories in several levels the lowest."""
    for name in where:
        if (found := series.find(f"{_C}{name}")) is not None:
            level = found.find(f".//{_C}lvl")
            points = (level if level is not None else found).iter(f"{_C}pt")
            return {int(p.get("idx", "0")): line(p.findtext(f"{_C}v") or "") for p in points}
    return {}


def _value(text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def _notes(slide: Any) -> str:
    """What the speaker has noted: where PowerPoint puts it, or in whatever else stands there."""
    if not slide.has_notes_slide:
        return ""
    notes = slide.notes_slide
    if notes.notes_text_frame is not None and notes.notes_text_frame.text.strip():
        return str(notes.notes_text_frame.text)
    shapes = [s for s in _shapes(notes.shapes, 0) if s.has_text_frame and not (s.is_placeholder and _frames(s))]
    return "\n".join(text for shape in shapes if (text := shape.text_frame.text.strip()))


def _frames(shape: Any) -> bool:
    """Whether a placeholder has what stands on every page: its number, the date, a header, a footer."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KINDS

    return shape.placeholder_format.type in (KINDS.SLIDE_NUMBER, KINDS.DATE, KINDS.HEADER, KINDS.FOOTER)


def _drawing(draft: Draft, shape: Any, number: int) -> None:
    """A diagram (SmartArt), whose words are in a part of its own; anything else has none."""
    for relation in shape.part.rels.values():
        if relation.is_external or not relation.reltype.endswith("/diagramData") or relation.rId not in _ids(shape):
            continue
        from pptx.oxml import parse_xml

        tree: Any = parse_xml(relation.target_part.blob)
        texts = ["".join(t.text or "" for t in p.iter(_TEXT)) for p in tree.iter(_PARAGRAPH)]
        draft.add("list", "\n".join(f"- {line(text)}" for text in texts if text.strip()), page=number)


def _ids(shape: Any) -> set[str]:
    return {value for element in shape._element.iter() for value in element.attrib.values() if value.startswith("rId")}
