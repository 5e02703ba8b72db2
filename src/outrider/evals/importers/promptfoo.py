"""Tests of promptfoo: a configuration, its tests alone (YAML, JSON, JSON lines), or CSV with `__expected`
(https://www.promptfoo.dev/docs/configuration/test-cases)."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from outrider.base.errors import RequestError
from outrider.evals.importers import Options
from outrider.evals.importers._rows import asked, case, document, rows, value_of
from outrider.evals.records import Case

WHAT = "promptfoo tests: `vars` and `assert`, with the prompt of their configuration"
MOST = 10_000
"""Cases that lists of values may multiply to."""
_ASKED = ("question", "query", "input", "prompt", "message", "text")
_EXPECTED = {
    "equals": "exact", "contains": "contains", "icontains": "contains", "contains-all": "contains",
    "icontains-all": "contains", "contains-any": "contains", "icontains-any": "contains", "regex": "regex",
    "similar": "similar", "levenshtein": "distance", "factuality": "a judge", "answer-relevance": "a judge",
}  # fmt: skip
"""Assertions whose value is what a case expects, and what holds an answer against it here."""
_SAID = re.compile(r"(?s)(not-)?([a-z][a-z-]*)(?:\((-?[\d.]+)\))?:(.*)")
_OLD = {"fn": "javascript", "eval": "javascript", "grade": "llm-rubric"}
_template = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def fits(path: Path, first: dict[str, Any]) -> bool:
    return bool(first.keys() & {"vars", "assert", "tests", "prompts"}) or any(
        str(name).startswith("__expected") for name in first
    )


def read(path: Path, options: Options, notes: list[str]) -> Iterator[Case]:
    whole = document(path) if path.suffix.lower() in (".yaml", ".yml", ".json") else {}
    config: Mapping[str, Any] = whole if isinstance(whole, Mapping) else {}
    prompt = _prompt(config, path, options)
    shared = config.get("defaultTest")
    default: Mapping[str, Any] = shared if isinstance(shared, Mapping) else {}
    kinds: Counter[str] = Counter()
    for where, test in _tests(path, config):
        yield from _cases(where, test, default, prompt, options, kinds)
    for kind, count in kinds.items():
        plain = kind.removeprefix("not-")
        with_ = _EXPECTED.get(kind) or ("json_schema" if plain == "is-json" else "")
        does = f"score them with {with_}" if with_ else "kept in `context.assert`, and nothing is scored by it"
        notes.append(f"{kind} ({count}): {does}")


def _tests(path: Path, config: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    tests = config.get("tests")
    if isinstance(tests, str):
        named = tests.removeprefix("file://")
        if "://" in named or not (path.parent / named).is_file():
            raise RequestError(f"{path.name}: `tests` is {tests!r}, which is no file beside it", param="tests")
        path = path.parent / named
    elif config and not isinstance(tests, list) and "vars" not in config:
        raise RequestError(f"{path.name}: there are no `tests`", param="tests")
    for where, row in rows(path):
        yield where, _from_columns(row) if path.suffix.lower() == ".csv" else row


def _from_columns(row: Mapping[str, str]) -> dict[str, Any]:
    """A test from a line of CSV: columns that begin with `__` are about it, the others are its variables."""
    said = [value for name, value in row.items() if re.fullmatch(r"__expected\d*", name) and value]
    return {
        "vars": {name: value for name, value in row.items() if not name.startswith("__")},
        "assert": [_assertion(one) for one in said],
        "description": row.get("__description", ""),
        "metadata": {
            name.removeprefix("__metadata:"): value for name, value in row.items() if name.startswith("__metadata:")
        },
    }


def _assertion(said: str) -> dict[str, Any]:
    match = _SAID.fullmatch(said)
    if match is None:
        return {"type": "equals", "value": said}
    negated, kind, threshold, value = match.groups()
    kind = _OLD.get(kind, kind)
    several = kind.endswith(("-any", "-all"))
    made: dict[str, Any] = {
        "type": (negated or "") + kind,
        "value": [one.strip() for one in value.split(",")] if several else value.strip(),
    }
    return {**made, "threshold": float(threshold)} if threshold else made


def _cases(
    where: str, test: Mapping[str, Any], default: Mapping[str, Any], prompt: Any, options: Options, kinds: Counter[str]
) -> Iterator[Case]:
    own = test.get("vars", {})
    if not isinstance(own, Mapping):
        raise RequestError(f"{where}: `vars` must be an object here, not {own!r}", param="vars")
    shared = default.get("vars")
    values = {**(shared if isinstance(shared, Mapping) else {}), **own}
    for name, value in values.items():
        if isinstance(value, str) and value.startswith("file://"):
            raise RequestError(f"{where}: `{name}` is the file {value!r}; write its text into the test", param="vars")
    held = [one for one in (*_list(default.get("assert")), *_list(test.get("assert"))) if isinstance(one, Mapping)]
    for one in held:
        kinds[str(one.get("type", ""))] += 1
    expected, about = _expected(held)
    metadata = test.get("metadata")
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    combined = list(itertools.islice(itertools.product(*lists.values()), MOST + 1))
    if len(combined) > MOST:
        raise RequestError(f"{where}: the lists of `vars` make more than {MOST} cases", param="vars")
    for chosen in combined:
        filled = {**values, **dict(zip(lists, chosen, strict=True))}
        context = {**(metadata if isinstance(metadata, Mapping) else {}), **filled, **about}
        if held:
            context["assert"] = held
        if test.get("description"):
            context["description"] = test["description"]
        yield case(where, input=_input(prompt, filled, options, where), expected=expected, context=context)


def _expected(held: list[Mapping[str, Any]]) -> tuple[Any, dict[str, Any]]:
    """What the first assertion with a value of that kind expects, and what others say about the case."""
    about: dict[str, Any] = {}
    found: Any = None
    for one in held:
        kind, value = str(one.get("type", "")), one.get("value")
        if kind == "is-json" and value:
            about["schema"] = value_of(value)
        elif kind == "llm-rubric":
            about.setdefault("rubric", value)
        elif kind in _EXPECTED and found is None:
            found = value
    return found, about


def _prompt(config: Mapping[str, Any], path: Path, options: Options) -> Any:
    """The one prompt of a configuration, a text or messages; None where a variable is what is asked."""
    prompts = _list(config.get("prompts"))
    if options.field or not prompts:
        return None
    if len(prompts) > 1:
        raise RequestError(
            f"{path.name} has {len(prompts)} prompts, which are variants here: say with --field which variable is "
            "asked, and write the prompts into the suite",
            param="field",
        )
    said = prompts[0].get("raw", prompts[0].get("id")) if isinstance(prompts[0], Mapping) else prompts[0]
    if isinstance(said, str) and said.startswith("file://"):
        file = path.parent / said.removeprefix("file://")
        if file.suffix not in (".txt", ".md", ".json") or not file.is_file():
            raise RequestError(f"{path.name}: the prompt {said!r} is no text or JSON file beside it", param="prompts")
        said = file.read_text("utf-8")
    if not isinstance(said, str):
        raise RequestError(f"{path.name}: the prompt is not a text", param="prompts")
    try:
        chat = json.loads(said) if said.lstrip().startswith("[") else said
    except ValueError:
        return said
    return chat


def _input(prompt: Any, values: Mapping[str, Any], options: Options, where: str) -> Any:
    if prompt is None:
        return values[asked(values, options.field, _ASKED, where)]
    try:
        return _filled(prompt, values)
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise RequestError(f"{where}: the prompt cannot be filled: {error}", param="prompts") from None


def _filled(prompt: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(prompt, str):
        return _template.from_string(prompt).render(values)
    if isinstance(prompt, list):
        return [_filled(one, values) for one in prompt]
    return {name: _filled(value, values) for name, value in prompt.items()} if isinstance(prompt, Mapping) else prompt


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
