"""Rows of a file, each with its place: JSON lines, a JSON or YAML list, CSV; and what importers share of chats."""

import ast
import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from outrider.base import yaml_text
from outrider.base.errors import RequestError
from outrider.evals import cases
from outrider.evals.records import Case, digest

LARGEST = 512 << 20
"""Bytes of a file that has to be read as a whole."""
Row = dict[str, Any]


def first(path: Path) -> Row:
    """The first row of a file, {} if it has none that can be read."""
    try:
        return next(rows(path), ("", {}))[1]
    except (RequestError, OSError):
        return {}


def rows(path: Path) -> Iterator[tuple[str, Row]]:
    """(place, row) of every row. Raises RequestError that names file and line."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        yield from _csv(path)
    elif suffix in (".yaml", ".yml"):
        yield from _listed(path, _yaml(path))
    elif suffix == ".json":
        yield from _json(path)
    else:
        yield from _lines(path)


def document(path: Path) -> Any:
    """A YAML or JSON file as a whole, with the lines of its parts left out. Raises RequestError."""
    return _plain(_yaml(path))


def _lines(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            where = f"{path.name}:{number}"
            if len(line) > cases.LARGEST_LINE:
                raise RequestError(f"{where}: the line is longer than {cases.LARGEST_LINE} bytes", param="dataset")
            if line.strip():
                try:
                    yield where, _object(json.loads(line), where)
                except (ValueError, RecursionError) as error:
                    raise RequestError(f"{where}: not a JSON object: {error}", param="dataset") from None


def _json(path: Path) -> Iterator[tuple[str, Row]]:
    """A list of objects, or an object that has one; each with the line where it begins."""
    text, decoder, at = _text(path), json.JSONDecoder(), 0
    at, line, seen = _space(text, 0), 1, 0
    if text[at : at + 1] != "[":
        yield from _listed(path, _yaml(path))
        return
    at = _space(text, at + 1)
    while text[at : at + 1] not in ("]", ""):
        line, seen = line + text.count("\n", seen, at), at
        where = f"{path.name}:{line}"
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise RequestError(f"{where}: not JSON: {error}", param="dataset") from None
        yield where, _object(value, where)
        at = _space(text, at)
        if text[at : at + 1] == ",":
            at = _space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise RequestError(f"{where}: the list goes on with {text[at : at + 20]!r}", param="dataset")


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n\ufeff":
        at += 1
    return at


def _csv(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        began = 1
        try:
            names = reader.fieldnames or ()
            twice = next((name for at, name in enumerate(names) if name and name in names[:at]), None)
            if twice is not None:
                raise RequestError(f"{path.name}:1: two columns are called {twice[:60]!r}", param="dataset")
            for row in reader:
                where, began = f"{path.name}:{began + 1}", reader.line_num
                if None in row or None in row.values():
                    raise RequestError(f"{where}: the line has not as many columns as the first one", param="dataset")
                yield where, dict(row)
        except (csv.Error, UnicodeDecodeError) as error:
            raise RequestError(f"{path.name}:{reader.line_num}: not CSV: {error}", param="dataset") from None


def _yaml(path: Path) -> yaml.Node | None:
    try:
        return yaml_text.compose(_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise RequestError(f"{path.name}{line}: {getattr(error, 'problem', error)}", param="dataset") from None


def _listed(path: Path, tree: yaml.Node | None) -> Iterator[tuple[str, Row]]:
    """The rows of a list, or of the list that an object has under a usual name."""
    if isinstance(tree, yaml.MappingNode):
        under = {key.value: value for key, value in tree.value if isinstance(key, yaml.ScalarNode)}
        lists = [under.get(name) for name in ("tests", "examples", "samples", "data")]
        tree = next((one for one in lists if isinstance(one, yaml.SequenceNode)), tree)
    for node in tree.value if isinstance(tree, yaml.SequenceNode) else [tree] if tree is not None else []:
        where = f"{path.name}:{node.start_mark.line + 1}"
        yield where, _object(_plain(node), where)


def _plain(node: yaml.Node | None) -> Any:
    if node is None:
        return None
    try:
        return yaml_text.values(node)
    except (yaml.YAMLError, ValueError) as error:
        raise RequestError(f"line {node.start_mark.line + 1}: {error}", param="dataset") from None


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise RequestError(f"{path.name} is larger than {LARGEST >> 20} MiB; give it as JSON lines", param="dataset")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestError(f"{path.name} is not UTF-8", param="dataset") from None


def _object(value: Any, where: str) -> Row:
    if not isinstance(value, dict):
        raise RequestError(f"{where}: each row is an object, not {type(value).__name__}", param="dataset")
    return value


def value_of(cell: Any) -> Any:
    """What a CSV cell says: JSON, a Python literal, or the text itself."""
    if not isinstance(cell, str) or cell[:1] not in "[{\"'" or not cell:
        return cell
    for read in (json.loads, ast.literal_eval):
        try:
            return read(cell)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return cell


def tool_call(id_: str, name: str, arguments: Any) -> dict[str, Any]:
    """A tool call as chat completions have it."""
    said = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": said}}


def asked(given: Mapping[str, Any], field: str, usual: Sequence[str], where: str) -> str:
    """The name of the value that is asked: the one that was said, the only text, or one with a usual name."""
    if field:
        if field not in given:
            raise RequestError(
                f"{where}: there is no {field!r}; there are: {', '.join(map(str, given))}", param="field"
            )
        return field
    texts = [name for name, value in given.items() if isinstance(value, str)]
    named = [name for name in usual if name in given]
    if len(given) == 1 and texts:
        return texts[0]
    if not named and len(texts) == 1:
        return texts[0]
    if not named:
        raise RequestError(
            f"{where}: which of these is asked? {', '.join(map(str, given)) or 'there is none'}; say it with --field",
            param="field",
        )
    return named[0]


def case(where: str, **fields: Any) -> Case:
    """A case from its fields; without `id` it is known by what it asks and expects. Raises RequestError."""
    kept = {name: value for name, value in fields.items() if value not in (None, "", {}, [], ())}
    kept.setdefault("input", fields.get("input"))
    if not isinstance(kept.get("id"), str | int):
        kept["id"] = digest([kept["input"], kept.get("expected"), kept.get("context")])[:12]
    return cases.made(kept, where)
