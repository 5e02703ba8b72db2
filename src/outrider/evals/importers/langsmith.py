"""Examples that LangSmith exports: `inputs`, `outputs`, `metadata`, as JSON lines or a JSON list
(https://docs.langchain.com/langsmith/example-data-format)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from outrider.base.errors import RequestError
from outrider.evals.importers import Options
from outrider.evals.importers._rows import asked, case, rows, tool_call
from outrider.evals.records import Case

WHAT = "examples of a LangSmith dataset: `inputs` and `outputs`"
_ASKED = ("messages", "question", "input", "query", "prompt", "text")
_ROLES = {"human": "user", "ai": "assistant", "AIMessage": "assistant", "HumanMessage": "user", "chat": "user"}


def fits(path: Path, first: dict[str, Any]) -> bool:
    return isinstance(first.get("inputs"), Mapping)


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    several = 0
    for where, row in rows(path):
        inputs, outputs = row.get("inputs"), row.get("outputs")
        if not isinstance(inputs, Mapping):
            raise RequestError(f"{where}: an example needs `inputs`, an object", param="inputs")
        name = asked(inputs, options.field, _ASKED, where)
        told = row.get("metadata")
        metadata: dict[str, Any] = dict(told) if isinstance(told, Mapping) else {}
        split = row.get("split") or metadata.pop("dataset_split", "")
        first = str(split[0]) if isinstance(split, list) and split else split if isinstance(split, str) else ""
        expected = _expected(outputs)
        several += isinstance(expected, Mapping)
        rest = {key: value for key, value in inputs.items() if key != name}
        if row.get("source_run_id"):
            rest["source_run"] = row["source_run_id"]
        yield case(
            where, id=row.get("id"), input=messages(inputs[name]), expected=expected, split=first,
            context={**metadata, **rest},
        )  # fmt: skip
    if several:
        notes.append(f"{several} with several outputs: score them with the evaluator `fields`")


def _expected(outputs: Any) -> Any:
    if not isinstance(outputs, Mapping):
        return outputs
    if len(outputs) == 1:
        (value,) = outputs.values()
        return _said(value)
    return dict(outputs)


def _said(value: Any) -> Any:
    """An answer: the text of a message, or of the last one of a list."""
    last = value[-1] if isinstance(value, list) and value and isinstance(value[-1], Mapping) else value
    if isinstance(last, Mapping) and isinstance(last.get("content"), str) and ("role" in last or "type" in last):
        return last["content"]
    return value


def messages(given: Any) -> Any:
    """Messages as chat completions have them, also from LangChain's (`type`: human, ai, tool); others stay."""
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        return given
    return [_message(one) for one in given]


def _message(one: Mapping[str, Any]) -> dict[str, Any]:
    told: Mapping[str, Any] = one["data"] if isinstance(one.get("data"), Mapping) else one
    kind = one.get("role") or told.get("role") or one.get("type") or ""
    role = _ROLES.get(str(kind), str(kind))
    if not role:
        return dict(one)
    made: dict[str, Any] = {"role": role, "content": told.get("content")}
    calls = [call for call in told.get("tool_calls") or () if isinstance(call, Mapping)]
    if calls:
        made["tool_calls"] = [dict(call) if "function" in call else _call(call, at) for at, call in enumerate(calls)]
    if isinstance(told.get("tool_call_id"), str):
        made["tool_call_id"] = told["tool_call_id"]
    return made


def _call(call: Mapping[str, Any], at: int) -> dict[str, Any]:
    return tool_call(str(call.get("id") or f"call_{at}"), str(call.get("name", "")), call.get("args"))
