"""How much of files of other people's is read, on folders that you bring.

    python benchmarks/parsing.py --articles ARTICLES/ --files FOLDER … [--most 400]

ARTICLES has `html/ID.html.gz` and `ground-truth.json` (`{ID: {"articleBody": …}}`), as the public article extraction
benchmark lays it out; its measure is used: runs of four words, F1 of the mean precision and the mean recall. Of the
files (any kinds, folders are walked) each is read, and whatever is raised but `Unreadable` is a crash. Of Office files
the words and cells are compared with those that stand in the file's XML, of PDF with what pdfminer finds in the
first pages. Prints each target and whether it is reached.
"""

import argparse
import gzip
import io
import json
import logging
import random
import re
import statistics
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from outrider.base.errors import Unreadable
from outrider.knowledge.fetch import fetch
from outrider.knowledge.parse import parse
from outrider.knowledge.parse.zipped import usual
from outrider.knowledge.records import Fetched

TOKEN = re.compile(r"\w+")
RUN = 4
PAGES = 5
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
GONE = ("Fallback", "del", "moveFrom", "fld")
"""What is not shown (another program's form, what was deleted) or counted (numbers of pages)."""


def words(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text.lower()))


def share(gold: Counter[str], text: str, apart: bool) -> float:
    """How much of the words is in the text. Not `apart`: readers of PDF differ in where words end, so one that stands
    within another, or over two, is there."""
    there = gold & words(text)
    bare = "" if apart else "".join(TOKEN.findall(text.lower()))
    within = sum(count for word, count in (gold - there).items() if not apart and word in bare)
    return (there.total() + within) / gold.total()


# -- articles ---------------------------------------------------------------------------------------------------------


def runs(text: str) -> Counter[tuple[str, ...]]:
    tokens = TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[n : n + RUN]) for n in range(max(1, len(tokens) - RUN + 1)))


def articles(folder: Path) -> tuple[float, float, float, list[float]]:
    """F1, precision and recall, and F1 page by page."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    pairs = []
    for name, page in truth.items():
        body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        try:
            text = parse(Fetched(page.get("url") or "page.html", "page.html", "text/html", body)).text
        except Unreadable:
            text = ""
        gold, found = runs(page.get("articleBody", "")), runs(text)
        both = (gold & found).total()
        pairs.append((both / found.total() if found else float(not gold), both / gold.total() if gold else 1.0))
    precision, recall = (statistics.mean(p[n] for p in pairs) for n in (0, 1))
    pages = [2 * p * r / (p + r) if p + r else 0.0 for p, r in pairs]
    return 2 * precision * recall / (precision + recall), precision, recall, pages


# -- Office files and PDF, from their own XML or by another reader ----------------------------------------------------


def parts(archive: zipfile.ZipFile, pattern: str) -> Iterator[Any]:
    import lxml.etree

    for name in archive.namelist():
        if re.fullmatch(pattern, name):
            yield lxml.etree.fromstring(archive.read(name))


def shown(element: Any, space: str) -> str:
    """The text of the paragraphs in an element that a reader of the file sees."""
    lines: dict[int, list[str]] = {}
    for run in element.iter(f"{space}t", f"{space}tab", f"{space}br"):
        above = list(run.iterancestors())
        if not any(isinstance(a.tag, str) and a.tag.rpartition("}")[2] in GONE for a in above):
            paragraph = next((id(a) for a in above if a.tag == f"{space}p"), 0)
            lines.setdefault(paragraph, []).append((run.text or "") if run.tag == f"{space}t" else " ")
    return "\n".join("".join(line) for line in lines.values())


def word_file(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    trees = list(parts(archive, r"word/(document\d*|footnotes|endnotes|header\d*|footer\d*)\.xml"))
    cells = [shown(cell, _W) for tree in trees for cell in tree.iter(f"{_W}tc")]
    return "\n".join(shown(tree, _W) for tree in trees), cells


def slides(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    trees = list(parts(archive, r"ppt/(slides/slide\d+|notesSlides/notesSlide\d+|diagrams/data\d+)\.xml"))
    cells = [shown(cell, _A) for tree in trees for cell in tree.iter(f"{_A}tc")]
    return "\n".join(shown(tree, _A) for tree in trees), cells


def workbook(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    """Texts alone: what a number looks like is a matter of its format."""
    strings = []
    for tree in parts(archive, r"xl/sharedStrings\.xml"):
        strings = ["".join(t.text or "" for t in one.iterfind(f"{_S}t")) or "".join(
            t.text or "" for t in one.iterfind(f"{_S}r/{_S}t")) for one in tree.iterfind(f"{_S}si")]  # fmt: skip
    cells = []
    for tree in parts(archive, r"xl/worksheets/sheet\d+\.xml"):
        for cell in tree.iter(f"{_S}c"):
            value = cell.findtext(f"{_S}v")
            if cell.get("t") == "s" and value and int(value) < len(strings):
                cells.append(strings[int(value)])
    return "\n".join(cells), cells


def pdf(body: bytes) -> tuple[str, list[str]]:
    from pdfminer.high_level import extract_text

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    text = unicodedata.normalize("NFKC", extract_text(io.BytesIO(body), maxpages=PAGES))
    return re.sub(r"\(cid:\d+\)", " ", text), []


OFFICE: dict[str, Callable[[zipfile.ZipFile], tuple[str, list[str]]]] = {
    "docx": word_file, "docm": word_file, "dotx": word_file, "pptx": slides, "ppsx": slides, "pptm": slides,
    "xlsx": workbook, "xlsm": workbook,
}  # fmt: skip


def compared(fetched: Fetched, ending: str, text: str) -> tuple[float, float] | None:
    """Share of words and of cells that are there; None where the other reader finds nothing or fails."""
    try:
        if ending == "pdf":
            gold, cells = pdf(fetched.body)
        else:
            with zipfile.ZipFile(io.BytesIO(usual(fetched.body))) as archive:
                gold, cells = OFFICE[ending](archive)
    except Exception:  # noqa: BLE001  the edge of other readers, which fail on files that were made to be difficult
        return None
    if not (counted := words(gold)):
        return None
    flat = " ".join(TOKEN.findall(text.lower()))
    told = [" ".join(TOKEN.findall(cell.lower())) for cell in cells]
    there = [cell in flat for cell in told if cell]
    return share(counted, text, ending != "pdf"), statistics.mean(there) if there else -1.0


def one(path: Path, rates: dict[str, list[tuple[float, float]]], outcome: Counter[str]) -> None:
    for got in fetch(str(path)):
        if not isinstance(got, Fetched):
            outcome["told why not"] += 1
            continue
        try:
            parsed = parse(got)
        except Unreadable:
            outcome["told why not"] += 1
            continue
        outcome["read"] += 1
        ending = got.name.rpartition(".")[2].lower()
        if (ending in OFFICE or ending == "pdf") and (rate := compared(got, ending, f"{parsed.title}\n{parsed.text}")):
            rates.setdefault(ending, []).append(rate)


def files(folders: list[Path], most: int) -> list[str]:
    """Lines about the files; the last say which targets are reached."""
    found = sorted(p for folder in folders for p in folder.rglob("*") if p.is_file())
    random.Random(1).shuffle(found)
    rates: dict[str, list[tuple[float, float]]] = {}
    outcome: Counter[str] = Counter()
    begun = time.process_time()
    for path in found[: most or None]:
        try:
            one(path, rates, outcome)
        except Exception as fault:  # noqa: BLE001  what is counted here
            outcome["crash"] += 1
            print(f"crash: {path}: {fault!r}"[:300], flush=True)
    lines = [f"{len(found[: most or None]):,} files: {dict(outcome)}, {time.process_time() - begun:.0f} s of CPU"]
    for ending, rows in sorted(rates.items()):
        heard, cells = [row[0] for row in rows], [row[1] for row in rows if row[1] >= 0]
        line = f"{ending}: {len(rows)} files, words {statistics.mean(heard):.3f}"
        lines.append(line + (f", cells {statistics.mean(cells):.3f} ({len(cells)} with tables)" if cells else ""))
        lines.append(told(statistics.mean(heard), 0.95, f"{ending}: word recall"))
        if cells:
            lines.append(told(statistics.mean(cells), 0.9, f"{ending}: table cells"))
    return [*lines, f"{'reached' if not outcome['crash'] else 'not reached':12} no crash on any file"]


def told(value: float, least: float, what: str) -> str:
    return f"{'reached' if value >= least else 'not reached':12} {what} {value:.3f} against {least}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=Path, help="web pages with their main text")
    parser.add_argument("--files", type=Path, nargs="*", default=[], help="folders of files of any kinds")
    parser.add_argument("--most", type=int, default=0, help="files at most, by chance; 0: all")
    asked = parser.parse_args()
    if asked.articles:
        score, precision, recall, pages = articles(asked.articles)
        print(f"{len(pages)} articles: F1 {score:.3f} (precision {precision:.3f}, recall {recall:.3f})")
        print(f"page by page: mean F1 {statistics.mean(pages):.3f}, median {statistics.median(pages):.3f}")
        print(told(score, 0.95, "main text of web articles F1"))
    if asked.files:
        print("\n".join(files(asked.files, asked.most)))


if __name__ == "__main__":
    main()
