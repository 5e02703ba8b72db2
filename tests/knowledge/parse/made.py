"""Documents with known words, headings and tables, made with the formats' own libraries."""

import csv
import io
import re
from email.message import EmailMessage
from html import escape

from reportlab.lib import colors
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from outrider.knowledge.parse import parse
from outrider.knowledge.records import Fetched, Parsed

TABLE = [
    ["Measure", "Before", "After", "Unit"],
    ["Handling time", "14.5", "6.2", "minutes"],
    ["Deflection", "21", "58", "%"],
    ["Cost per call", "4.10", "1.85", "€"],
    ["Größe & Umfang", "1,200", "48,000", "documents"],
]
SECTIONS = [
    (
        "Why the desk was slow",
        [
            "Agents looked for answers in four systems. Each search took minutes, and half of them found an outdated "
            "page that nobody had removed.",
            "Customers waited; the queue grew by 12 % each month of 2023.",
        ],
    ),
    (
        "What was built",
        [
            "A retriever over 48,000 documents feeds a model that drafts the reply. An agent reads, corrects and sends "
            "it: nothing leaves the house unread.",
            "Permissions are checked at query time, so a draft never quotes what its reader may not see.",
        ],
    ),
    (
        "What it changed",
        [
            "Deflection rose while complaints fell. The naïve first version had failed on invoices, whose tables were "
            "cut in half; rows now keep their header."
        ],
    ),
]
ITEMS = ["measure before you tune", "keep a person in the loop", "delete what is old"]
TITLE = "A help desk that reads first"


def read(name: str, body: bytes, media: str = "") -> Parsed:
    parsed = parse(Fetched(name, name.rpartition("/")[2], media, body))
    at = 0
    for block in parsed.blocks:
        assert at <= block.start < block.end <= len(parsed.text)
        assert not parsed.text[at : block.start].strip()
        at = block.end
    assert not parsed.text[at:].strip()
    return parsed


def words() -> list[str]:
    """All words of the document's running text."""
    parts = [TITLE, *ITEMS]
    for heading, paragraphs in SECTIONS:
        parts += [heading, *paragraphs]
    return re.findall(r"\w+", " ".join(parts))


def recall(parsed: Parsed) -> float:
    """Share of the words that are there, in order of the text at hand."""
    found = re.findall(r"\w+", parsed.text)
    left: dict[str, int] = {}
    for word in found:
        left[word] = left.get(word, 0) + 1
    hit = 0
    for word in words():
        if left.get(word, 0):
            left[word] -= 1
            hit += 1
    return hit / len(words())


def cells(parsed: Parsed) -> float:
    """Share of the table's cells that stand in the right row of a table."""
    text = "\n".join(parsed.text[b.start : b.end] for b in parsed.blocks if b.kind == "table")
    rows = [re.split(r"\s*\|\s*", row.strip("| ")) for row in text.split("\n")]
    hit = sum(any(all(c in row for c in (want[0], cell)) for row in rows) for want in TABLE for cell in want)
    return hit / sum(map(len, TABLE))


def headings(parsed: Parsed) -> list[str]:
    return [parsed.text[b.start : b.end] for b in parsed.blocks if b.kind == "heading"]


def html(around: str = "") -> bytes:
    rows = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in TABLE)
    body = "".join(f"<h2>{h}</h2>" + "".join(f"<p>{escape(p)}</p>" for p in ps) for h, ps in SECTIONS)
    items = "".join(f"<li>{i}</li>" for i in ITEMS)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{TITLE}</title></head><body>{around}<article>"
        f"<h1>{TITLE}</h1>{body}<table>{rows}</table><ul>{items}</ul></article></body></html>"
    ).encode()


def docx() -> bytes:
    import docx as library

    document = library.Document()
    document.add_heading(TITLE, 0)
    for heading, paragraphs in SECTIONS:
        document.add_heading(heading, 1)
        for text in paragraphs:
            document.add_paragraph(text)
    table = document.add_table(rows=0, cols=4)
    for row in TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    for item in ITEMS:
        document.add_paragraph(item, style="List Bullet")
    return saved(document)


def pptx() -> bytes:
    import pptx as library
    from pptx.util import Inches

    show = library.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[0])
    slide.shapes.title.text = TITLE
    for heading, paragraphs in SECTIONS:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text_frame.text = "\n".join(paragraphs)
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "Figures"
    table = slide.shapes.add_table(len(TABLE), 4, Inches(1), Inches(2), Inches(8), Inches(3)).table
    for r, row in enumerate(TABLE):
        for c, text in enumerate(row):
            table.cell(r, c).text = text
    slide.notes_slide.notes_text_frame.text = "\n".join(ITEMS)
    return saved(show)


def xlsx(rows: list[list[object]] | None = None) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows if rows is not None else TABLE:
        book.active.append(row)
    return saved(book)


def saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def pdf(ruled: bool = True, pages: int = 1, **settings: object) -> bytes:
    styles = getSampleStyleSheet()
    story: list[object] = [Paragraph(TITLE, styles["Title"])]
    for number in range(pages):
        for heading, paragraphs in SECTIONS:
            story.append(Paragraph(heading, styles["Heading2"]))
            for text in paragraphs:
                story += [Paragraph(text, styles["BodyText"]), Spacer(1, 8)]
        story.append(Table(TABLE, style=[("GRID", (0, 0), (-1, -1), 0.5, colors.black)] if ruled else []))
        story += [Spacer(1, 12), *(Paragraph(f"• {item}", styles["BodyText"]) for item in ITEMS)]
        if number < pages - 1:
            story.append(PageBreak())

    def margins(canvas: object, document: object) -> None:
        canvas.setFont("Helvetica", 8)  # type: ignore[attr-defined]
        canvas.drawString(72, 20, f"Confidential, page {document.page}")  # type: ignore[attr-defined]

    out = io.BytesIO()
    SimpleDocTemplate(out, **settings).build(story, onFirstPage=margins, onLaterPages=margins)
    return out.getvalue()


def table_csv(delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(TABLE)
    return out.getvalue().encode()


def eml() -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = TITLE, "Ann Löw <ann@example.com>", "bob@example.com"
    message["Date"] = "Tue, 05 Mar 2024 10:00:00 +0100"
    message.set_content("\n\n".join(f"{h}\n\n" + "\n\n".join(ps) for h, ps in SECTIONS) + "\n\n" + "\n".join(ITEMS))
    message.add_alternative(html().decode(), subtype="html")
    message.add_attachment(pdf(), maintype="application", subtype="pdf", filename="Größe.pdf")
    return message.as_bytes()
