"""Samples of Inspect: `input`, `target`, `choices`, as JSON lines, a JSON list or CSV
(https://inspect.aisi.org.uk/datasets.html)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from outrider.base.errors import RequestError
from outrider.evals.importers import Options
from outrider.evals.importers._rows import case, rows, tool_call, value_of
from outrider.evals.records import Case

WHAT = "Inspect samples: `input`, `target`, `choices`, `metadata`"
_STRUCTURED = ("choices", "metadata", "files")
_WORLD = ("sandbox", "files", "setup")


def fits(path: Path, first: dict[str, Any]) -> bool:
    return "input" in first and bool(first.keys() & {"target", "choices", "sandbox", "metadata"})


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    worlds = chosen = 0
    for where, raw in rows(path):
        row = {name: value_of(value) if name in _STRUCTURED else value for name, value in raw.items()}
        if not row.get("input"):
            raise RequestError(f"{where}: a sample needs `input`", param="input")
        told = row.get("metadata")
        context: dict[str, Any] = dict(told) if isinstance(told, Mapping) else {}
        context |= {name: row[name] for name in _WORLD if row.get(name)}
        worlds += bool(context.keys() & set(_WORLD))
        given, target = row["input"], row.get("target")
        if path.suffix == ".csv":
            given = value_of(given) if str(given).startswith("[{") else given
            target = value_of(target) if str(target).startswith("[") else target
        if isinstance(given, list):
            given = [_message(one, where) for one in given]
        choices = row.get("choices")
        if isinstance(choices, list) and choices:
            chosen += 1
            context["choices"] = choices
            given = _with_choices(given, choices, where)
        yield case(where, id=row.get("id"), input=given, expected=target, context=context)
    if worlds:
        notes.append(f"{worlds} need a sandbox or files: they are in the context, and nothing is set up from them")
    if chosen:
        notes.append(f"{chosen} have choices: they were written behind the question as A) B) C)")


def _with_choices(given: Any, choices: list[Any], where: str) -> Any:
    if len(choices) > len(ascii_uppercase):
        raise RequestError(f"{where}: there are more than {len(ascii_uppercase)} choices", param="choices")
    written = "\n".join(f"{letter}) {choice}" for letter, choice in zip(ascii_uppercase, choices, strict=False))
    if isinstance(given, str):
        return f"{given}\n\n{written}"
    return [*given[:-1], {**given[-1], "content": f"{given[-1].get('content') or ''}\n\n{written}"}]


def _message(one: Any, where: str) -> dict[str, Any]:
    if not isinstance(one, Mapping) or not isinstance(one.get("role"), str):
        raise RequestError(f"{where}: each message has `role` and `content`", param="input")
    made: dict[str, Any] = {"role": one["role"], "content": one.get("content")}
    calls = [call for call in one.get("tool_calls") or () if isinstance(call, Mapping)]
    if calls:
        made["tool_calls"] = [
            tool_call(str(call.get("id") or f"call_{at}"), str(call.get("function", "")), call.get("arguments"))
            for at, call in enumerate(calls)
        ]
    if isinstance(one.get("tool_call_id"), str):
        made["tool_call_id"] = one["tool_call_id"]
    return made
