"""Questions with judged documents: a folder as BEIR lays it out, or lines of `text` and `relevant`
(https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outrider.evals.importers import Options
from outrider.evals.importers._rows import case
from outrider.evals.records import Case
from outrider.knowledge.evaluate import questions

WHAT = "a BEIR folder (queries.jsonl, qrels/), or lines of `text` and `relevant`"


def fits(path: Path, first: dict[str, Any]) -> bool:
    return (path / "queries.jsonl").is_file() or ("relevant" in first and bool(first.keys() & {"text", "question"}))


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    split = options.split or "test"
    found = questions.read(path, split)
    notes.append("what is relevant is in `context.relevant`: score it with the evaluator `retrieval`")
    for one in found:
        context = {"relevant": one.judged}
        where = f"{path.name}/queries.jsonl#{one.id}" if path.is_dir() else f"{path.name}#{one.id}"
        yield case(where, id=one.id, input=one.text, context=context, split=options.split, tags=_tags(one.kind))


def _tags(kind: str) -> tuple[str, ...]:
    return (kind,) if kind else ()
