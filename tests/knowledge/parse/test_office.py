"""Word, PowerPoint, Excel: every word and cell, in order, with structure."""

import datetime
import io
import re
import zipfile

import docx
import openpyxl
import pptx
import pytest
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from outrider.base.errors import Unreadable
from outrider.knowledge.parse import sheet, zipped
from tests.knowledge.parse import made


def test_a_document() -> None:
    parsed = made.read("a.docx", made.docx())
    assert made.recall(parsed) == 1
    assert made.cells(parsed) == 1
    assert made.headings(parsed) == [made.TITLE, *(heading for heading, _ in made.SECTIONS)]
    assert [b.kind for b in parsed.blocks][-2:] == ["table", "list"]
    assert parsed.title == made.TITLE


def test_what_word_hides_in_corners() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Head of every page"
    document.sections[0].footer.paragraphs[0].text = "Foot of every page"
    outer = document.add_table(1, 2)
    outer.cell(0, 0).text = "outer"
    inner = outer.cell(0, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "inner one", "inner two"
    paragraph = document.add_paragraph("Before ")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for xml in (
        f"<w:ins {space}><w:r><w:t>inserted </w:t></w:r></w:ins>",
        f"<w:del {space}><w:r><w:delText>deleted</w:delText></w:r></w:del>",
        f"<w:hyperlink {space}><w:r><w:t>linked</w:t></w:r></w:hyperlink>",
        f"<w:r {space}><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></w:r>",
    ):
        paragraph._p.append(docx.oxml.parser.parse_xml(xml))
    text = made.read("a.docx", made.saved(document)).text
    assert "deleted" not in text
    for words in (
        "Head of every",
        "Foot of every",
        "outer",
        "inner one",
        "inner two",
        "Before inserted linked",
        "in a box",
    ):
        assert words in text


def test_slides() -> None:
    parsed = made.read("a.pptx", made.pptx())
    assert made.recall(parsed) == 1
    assert made.cells(parsed) == 1
    assert made.headings(parsed) == [made.TITLE, *(heading for heading, _ in made.SECTIONS), "Figures"]
    assert {b.page for b in parsed.blocks} == {1, 2, 3, 4, 5}


def test_charts_and_groups_of_slides() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    figures = CategoryChartData()
    figures.categories = ["2023", "2024"]
    figures.add_series("Deflection", (21.5, 58))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(5), Inches(3), figures)
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.text = "In a group"
    text = made.read("a.pptx", made.saved(show)).text
    assert "| 2024 | 58 |" in text
    assert "In a group" in text


@pytest.mark.parametrize("kind", [XL_CHART_TYPE.THREE_D_COLUMN, XL_CHART_TYPE.THREE_D_PIE, XL_CHART_TYPE.AREA_STACKED])
def test_a_chart_of_any_kind_gives_its_figures(kind: XL_CHART_TYPE) -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    figures = CategoryChartData()
    figures.categories = ["2023", "2024"]
    figures.add_series("Deflection", (21.5, 58))
    plain = {XL_CHART_TYPE.THREE_D_COLUMN: XL_CHART_TYPE.COLUMN_CLUSTERED, XL_CHART_TYPE.THREE_D_PIE: XL_CHART_TYPE.PIE}
    frame = slide.shapes.add_chart(plain.get(kind, kind), 0, 0, Inches(5), Inches(3), figures)
    body, part = made.saved(show), str(frame.chart.part.partname).lstrip("/")
    for flat in (b"bar", b"pie"):
        body = replaced(body, part, b"c:" + flat + b"Chart>", b"c:" + flat + b"3DChart>")
    text = made.read("a.pptx", body if kind in plain else made.saved(show)).text
    assert "|  | Deflection |" in text
    assert "| 2023 | 21.5 |\n| 2024 | 58 |" in text


def test_points_of_a_chart_have_both_numbers() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    points = XyChartData()
    points.add_series("Load").add_data_point(3, 0.25)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, 0, Inches(5), Inches(3), points)
    assert "| 3 | 0.25 |" in made.read("a.pptx", made.saved(show)).text


def test_notes_of_a_speaker_wherever_they_stand() -> None:
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    notes = slide.notes_slide
    for shape in list(notes.placeholders):
        shape._element.getparent().remove(shape._element)
    notes.shapes._spTree.append(slide.shapes.add_textbox(0, 0, Inches(2), Inches(1))._element)
    notes.shapes[0].text_frame.text = "Said, not shown"
    parsed = made.read("a.pptx", made.saved(show))
    assert [parsed.text[b.start : b.end] for b in parsed.blocks if b.kind == "speech"] == ["Said, not shown"]


_MAIN = b"application/vnd.openxmlformats-officedocument."


@pytest.mark.parametrize(
    ("name", "known", "is_"),
    [
        ("a.docm", _MAIN + b"wordprocessingml.document.main", b"application/vnd.ms-word.document.macroEnabled.main"),
        ("a.dotx", _MAIN + b"wordprocessingml.document.main", _MAIN + b"wordprocessingml.template.main"),
        (
            "a.dotm",
            _MAIN + b"wordprocessingml.document.main",
            b"application/vnd.ms-word.template.macroEnabledTemplate.main",
        ),
        ("a.ppsx", _MAIN + b"presentationml.presentation.main", _MAIN + b"presentationml.slideshow.main"),
        ("a.potx", _MAIN + b"presentationml.presentation.main", _MAIN + b"presentationml.template.main"),
        (
            "a.ppsm",
            _MAIN + b"presentationml.presentation.main",
            b"application/vnd.ms-powerpoint.slideshow.macroEnabled.main",
        ),
    ],
)
def test_templates_shows_and_files_with_macros(name: str, known: bytes, is_: bytes) -> None:
    body = made.docx() if name.startswith("a.do") else made.pptx()
    parsed = made.read(name, replaced(body, "[Content_Types].xml", known, is_))
    assert made.recall(parsed) == 1


@pytest.mark.parametrize("kind", ["docx", "pptx", "xlsx"])
def test_strict_office_files(kind: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(getattr(made, kind)())) as real, zipfile.ZipFile(out, "w") as archive:
        for entry in real.namelist():
            said = re.sub(
                rb"http://schemas\.openxmlformats\.org/(\w+ml|officeDocument)/2006/",
                rb"http://purl.oclc.org/ooxml/\1/",
                real.read(entry),
            )
            archive.writestr(entry, said)
    parsed = made.read(f"a.{kind}", out.getvalue())
    assert "Measure: Deflection | Before: 21 | After: 58" in parsed.text or made.cells(parsed) == 1
    assert kind == "xlsx" or made.recall(parsed) == 1


def test_a_workbook_whose_styles_are_broken_keeps_its_values() -> None:
    body = replaced(
        made.xlsx(), "xl/styles.xml", b"<cellXfs", b"<cellStyles><cellStyle xfId='0'/></cellStyles><cellXfs"
    )
    assert "Measure: Deflection | Before: 21" in made.read("a.xlsx", body).text


def replaced(body: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The package with these bytes of a part in the place of those."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as real, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in real.namelist():
            said = real.read(entry)
            archive.writestr(entry, said.replace(old, new) if entry == name else said)
    return out.getvalue()


def test_a_workbook_says_of_each_value_which_column_it_is_in() -> None:
    parsed = made.read("a.xlsx", made.xlsx())
    assert "Measure: Deflection | Before: 21 | After: 58 | Unit: %" in parsed.text
    assert parsed.blocks[-1].kind == "table"


def test_values_of_cells() -> None:
    day = datetime.datetime(2024, 3, 5)
    rows: list[list[object]] = [
        ["A report", None, None, None],
        ["when", "what", "so", "share"],
        [day, "x", True, 0.1 + 0.2],
        [day.replace(hour=9), None, False, 12],
    ]
    text = made.read("a.xlsx", made.xlsx(rows)).text
    assert "A report\n" in text
    assert "when: 2024-03-05 | what: x | so: yes | share: 0.3" in text
    assert "when: 2024-03-05 09:00:00 | so: no | share: 12" in text


def test_sheets_are_sections() -> None:
    book = openpyxl.Workbook()
    book.active.title = "First"
    book.active.append(["only one row"])
    book.create_sheet("Second").append([1, 2, 3])
    assert made.headings(made.read("a.xlsx", made.saved(book))) == ["First", "Second"]


def test_a_cell_at_the_end_of_the_sheet_costs_nothing() -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "start"
    book.active["A1048576"] = "end"
    assert "end" in made.read("a.xlsx", made.saved(book)).text


def test_more_cells_than_are_looked_at_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "CELLS", 5_000)
    with pytest.raises(Unreadable, match="5,000 cells"):
        made.read("a.xlsx", made.xlsx([[1, *[None] * 2_000, 2]] * 3))


def test_an_empty_workbook_is_told() -> None:
    with pytest.raises(Unreadable, match="nothing in its cells"):
        made.read("a.xlsx", made.xlsx([]))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separated_values(delimiter: str) -> None:
    parsed = made.read("a.csv", made.table_csv(delimiter))
    assert parsed.text.splitlines()[1] == "Measure: Deflection | Before: 21 | After: 58 | Unit: %"


def test_separated_values_of_every_kind() -> None:
    assert made.read("a.csv", b'a,b\n"x\ny","1, 2"\n').text == "a: x y | b: 1, 2"
    assert made.read("a.csv", b"1,2\n3,4\n").text == "| 1 | 2 |\n| 3 | 4 |"
    with pytest.raises(Unreadable, match="not CSV"):
        made.read("a.csv", b'a,b\n"' + b"x" * 200_000)


def bomb(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.docx())) as real, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in real.namelist():
            archive.writestr(entry, b" " * size if entry == name else real.read(entry))
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "MARKUP", 5_000_000)
    with pytest.raises(Unreadable, match="unpacks to"):
        made.read("a.docx", bomb("word/document.xml", 6_000_000))


def test_laughs_in_office_files_stay_entities() -> None:
    out = io.BytesIO()
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    with zipfile.ZipFile(io.BytesIO(made.docx())) as real, zipfile.ZipFile(out, "w") as archive:
        for entry in real.namelist():
            body = real.read(entry)
            if entry == "word/document.xml":
                body = body.replace(b"?>", b"?>" + laughs.encode(), 1).replace(b"Customers", b"&c;")
            archive.writestr(entry, body)
    assert "haha" not in made.read("a.docx", out.getvalue()).text


@pytest.mark.parametrize("password", [b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"])
def test_encrypted_and_old_files_are_told(password: bytes) -> None:
    with pytest.raises(Unreadable, match="encrypted"):
        made.read("a.docx", b"\xd0\xcf\x11\xe0" + password)
    with pytest.raises(Unreadable, match="before 2007"):
        made.read("a.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600)
