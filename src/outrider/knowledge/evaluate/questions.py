"""Questions whose relevant documents are known: from a file of JSON lines, or a folder as BEIR lays it out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError

_TEXTS = ("text", "query", "question")
_JUDGED = ("relevant", "sources", "documents", "gold")


class Question(msgspec.Struct, omit_defaults=True):
    """What is asked, and the grade (> 0) of each document that answers it, by its source or its id. `kind` is what made
    it, where it was generated."""

    id: str
    text: str
    judged: dict[str, float]
    kind: str = ""


def read(path: Path, split: str = "test") -> list[Question]:
    """Questions of a `.jsonl` file, each with `text` and `relevant` (a list of sources, or grades by source), or of a
    folder with `queries.jsonl` and `qrels/<split>.tsv`. Raises RequestError naming the line that is wrong."""
    if not path.exists():
        raise RequestError(f"there is nothing at {str(path)!r}: give a .jsonl file or a BEIR folder", param="queries")
    found = _folder(path, split) if path.is_dir() else [_question(row, where) for where, row in _rows(path)]
    judged = [q for q in found if q.judged]
    if not judged:
        raise RequestError(
            f"{str(path)!r} has no question with a relevant document: each line needs `text` and `relevant`",
            param="queries",
        )
    return judged


def placed(questions: Sequence[Question], sources: Mapping[str, str]) -> tuple[list[Question], list[str]]:
    """The questions with each document named by its source (`sources`: ids by source), and the names of none. A name
    is also the end of one source alone: `handbook/refunds.md` of `/srv/handbook/refunds.md`."""
    ids, ends = set(sources.values()), dict[str, list[str]]()
    for source in sources:
        ends.setdefault(source.rpartition("/")[2], []).append(source)
    unknown = dict[str, None]()

    def place(name: str) -> str:
        if name in sources or name in ids:
            return name
        end = "/" + name.removeprefix("./").lstrip("/")
        found = [source for source in ends.get(end.rpartition("/")[2], ()) if source.endswith(end)]
        if len(found) != 1:
            unknown[name] = None
        return found[0] if len(found) == 1 else name

    named = [msgspec.structs.replace(q, judged={place(n): grade for n, grade in q.judged.items()}) for q in questions]
    return named, list(unknown)


def corpus(folder: Path) -> Iterator[tuple[str, str, str]]:
    """(source, title, text) of the documents of a BEIR folder."""
    for where, row in _rows(folder / "corpus.jsonl"):
        yield _text(row, ("_id", "id"), where), str(row.get("title") or ""), str(row.get("text") or "")


def write(questions: list[Question], path: Path) -> None:
    """The questions as `read` takes them."""
    lines = [{"id": q.id, "text": q.text, "relevant": q.judged, **({"kind": q.kind} if q.kind else {})}
             for q in questions]  # fmt: skip
    path.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines) + b"\n")


def _folder(folder: Path, split: str) -> list[Question]:
    grades: dict[str, dict[str, float]] = {}
    for question, document, grade in _qrels(_qrels_path(folder, split)):
        if grade > 0:
            grades.setdefault(question, {})[document] = grade
    found = []
    for where, row in _rows(folder / "queries.jsonl"):
        id_ = _text(row, ("_id", "id"), where)
        found.append(Question(id_, _text(row, _TEXTS, where), grades.get(id_, {})))
    return found


def _qrels_path(folder: Path, split: str) -> Path:
    for path in (folder / "qrels" / f"{split}.tsv", folder / f"{split}.tsv", folder / "qrels.tsv"):
        if path.is_file():
            return path
    there = ", ".join(sorted(p.stem for p in (folder / "qrels").glob("*.tsv"))) or "none"
    raise RequestError(f"{str(folder)!r} has no qrels/{split}.tsv; splits there: {there}", param="split")


def _qrels(path: Path) -> Iterator[tuple[str, str, float]]:
    """(question, document, grade), from lines of three columns, or of trec_eval's four."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        columns = re.split(r"\t|\s+", line.strip())
        if not columns[0] or (number == 1 and columns[0] in ("query-id", "query_id", "qid")):
            continue
        try:
            yield columns[0], columns[-2], float(columns[-1])
        except (ValueError, IndexError):
            raise RequestError(
                f"{path.name}:{number}: {line[:80]!r} is not `query-id corpus-id score`", param="qrels"
            ) from None


def _question(row: Mapping[str, Any], where: str) -> Question:
    judged = next((row[name] for name in _JUDGED if name in row), None)
    if isinstance(judged, str):
        judged = [judged]
    if isinstance(judged, list):
        judged = dict.fromkeys(map(str, judged), 1.0)
    grades = isinstance(judged, dict) and all(isinstance(g, int | float) for g in judged.values())
    if not grades:
        raise RequestError(f"{where}: `relevant` must be a list of sources, or grades by source", param="queries")
    assert isinstance(judged, dict)
    text = _text(row, _TEXTS, where)
    positive = {document: float(grade) for document, grade in judged.items() if grade > 0}
    return Question(str(row.get("id") or row.get("_id") or text), text, positive, str(row.get("kind") or ""))


def _text(row: Mapping[str, Any], names: tuple[str, ...], where: str) -> str:
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and str(value).strip():
            return str(value)
    raise RequestError(f"{where}: no `{names[0]}`; the line has: {', '.join(row)[:100] or 'nothing'}", param="queries")


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, object) of each line that is not empty."""
    if not path.is_file():
        raise RequestError(f"there is no {path.name} in {str(path.parent)!r}", param="queries")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield f"{path.name}:{number}", msgspec.json.decode(line, type=dict[str, Any])
            except msgspec.MsgspecError as error:
                raise RequestError(f"{path.name}:{number}: not a JSON object ({error})", param="queries") from None
