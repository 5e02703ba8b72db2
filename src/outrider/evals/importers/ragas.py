"""Samples of Ragas, of one turn or several, by the names of its versions (JSON lines, a JSON list, CSV)
(https://docs.ragas.io/en/stable/concepts/components/eval_sample/)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from outrider.base.errors import RequestError
from outrider.evals.importers import Options
from outrider.evals.importers._rows import case, rows, value_of
from outrider.evals.importers.langsmith import messages
from outrider.evals.records import Case

WHAT = "Ragas samples: `user_input`, `reference`, `retrieved_contexts`"
_CONTEXT = ("reference_contexts", "rubrics", "rubric", "reference_topics", "persona_name", "query_style")


def fits(path: Path, first: dict[str, Any]) -> bool:
    return "user_input" in first or ("question" in first and bool(first.keys() & {"ground_truth", "ground_truths"}))


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    cut = 0
    for where, raw in rows(path):
        row = {name: value_of(value) for name, value in raw.items()}
        given = messages(row.get("user_input", row.get("question")))
        if isinstance(given, list):
            given, shorter = _until_asked(given, where)
            cut += shorter
        if not given:
            raise RequestError(f"{where}: a sample needs `user_input`", param="user_input")
        recorded: dict[str, Any] = {}
        if passages := row.get("retrieved_contexts", row.get("contexts")):
            recorded["retrieval"] = [{"passages": [{"text": str(one)} for one in passages]}]
        if answer := row.get("response", row.get("answer")):
            recorded["answer"] = {"text": answer}
        context = {name: row[name] for name in _CONTEXT if row.get(name)}
        yield case(where, input=given, expected=_expected(row), context=context, recorded=recorded)
    if cut:
        notes.append(f"{cut} conversations end with what the user said last: what came after it is to be done again")


def _expected(row: Mapping[str, Any]) -> Any:
    calls = row.get("reference_tool_calls")
    if isinstance(calls, list) and calls:
        return [{"tool": one.get("name"), "arguments": one.get("args")} for one in calls if isinstance(one, Mapping)]
    return row.get("reference", row.get("ground_truth", row.get("ground_truths")))


def _until_asked(said: list[Any], where: str) -> tuple[list[Any], bool]:
    """A conversation up to what the user said last, and whether that left something out."""
    last = max((at for at, one in enumerate(said) if isinstance(one, dict) and one.get("role") == "user"), default=-1)
    if last < 0:
        raise RequestError(f"{where}: nothing in `user_input` is the user's", param="user_input")
    return said[: last + 1], last + 1 < len(said)
