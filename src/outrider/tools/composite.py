"""Composite tools: one call that makes several, in order. Each of them passes policy, limits and records by itself.

Arguments of a step are JSON in which a text that is a reference as a whole stands for a value: `$input.to` (an argument
of the composite), `$found` or `$found.items.0.id` (the result of the step with that name). Nothing is computed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outrider.base.errors import RequestError
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.tools.ports import Tool

_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)((?:\.[^.$\s]+)*)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
INPUT = "input"
MOST_STEPS = 20
_WORST = ("none", "internal", "external", "credentials", "destructive", "money")
"""Effects, the gravest last."""


class CallStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call of a composite tool."""

    tool: Annotated[str, Meta(min_length=1, description="Tool that is called, by its name.")]
    name: Annotated[
        str, Meta(description="What later steps call its result; the step's number (`step1`) if empty.")
    ] = ""
    arguments: Annotated[
        dict[str, Any], Meta(description="Its arguments: values, `$input.NAME`, or `$STEP.FIELD` of an earlier result.")
    ] = {}


class Composite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that calls several others, one after the other."""

    description: Annotated[str, Meta(min_length=1, description="What the model is told that it does.")]
    steps: Annotated[tuple[CallStep, ...], Meta(description="The calls, in order.")]
    arguments: Annotated[
        dict[str, Any], Meta(description="Its arguments by name, each with its JSON Schema, such as `{type: string}`.")
    ] = {}
    optional: Annotated[
        tuple[str, ...], Meta(description="Arguments that may be left out; steps leave them out, too.")
    ] = ()
    result: Annotated[Any, Meta(description="What it answers, with references; the last step's result if null.")] = None

    def problems(self) -> Iterator[str]:
        """What is wrong with it."""
        if not self.steps or len(self.steps) > MOST_STEPS:
            yield f"a composite tool has 1 to {MOST_STEPS} steps"
        known = {INPUT}
        for number, step in enumerate(self.steps, 1):
            name = step.name or f"step{number}"
            if not _NAME.fullmatch(name) or name in known:
                yield f"step {number}: {name!r} is no name of its own; use letters, digits and _, each name once"
            for reference in references(step.arguments):
                yield from _wrong(reference, known, self.arguments, f"step {number}")
            known.add(name)
        for reference in references(self.result):
            yield from _wrong(reference, known, self.arguments, "result")
        for name in self.optional:
            if name not in self.arguments:
                yield f"optional: there is no argument {name!r}"

    def tool(self, name: str, parts: Mapping[str, Tool], declared: Mapping[str, Declaration]) -> Tool:
        """It as callers see it. `parts` are the tools of its steps, `declared` their labels."""
        required = [one for one in self.arguments if one not in self.optional]
        schema = {"type": "object", "properties": self.arguments, "required": required, "additionalProperties": False}
        labels = [declared.get(step.tool, UNDECLARED) for step in self.steps]
        used = [parts[step.tool] for step in self.steps if step.tool in parts]
        return Tool(
            name=name,
            own=name,
            description=self.description,
            input_schema=schema,
            declaration=derived(labels),
            idempotent=len(used) == len(self.steps) and all(tool.idempotent for tool in used),
        )


def derived(labels: Sequence[Declaration]) -> Declaration:
    """The labels of a composite: as untrusted and as private as any part. Its effects are those of its calls, which are
    judged one by one, so it has none of its own; `gravest` says what they come to."""
    untrusted = any(one.trust == "untrusted" or "untrusted" in one.fields.values() for one in labels)
    return Declaration(
        trust="untrusted" if untrusted or not labels else "trusted",
        privacy="public" if labels and all(one.privacy == "public" for one in labels) else "private",
        does="none",
        steers={},
        idempotent=bool(labels) and all(one.idempotent for one in labels),
    )


def gravest(labels: Sequence[Declaration]) -> str:
    """The worst effect among the parts."""
    return max((one.does for one in labels), key=_WORST.index, default="external")


def references(value: Any) -> Iterator[tuple[str, list[str]]]:
    """Every reference in a JSON value: its first name and the way from there."""
    if isinstance(value, str):
        found = _REFERENCE.fullmatch(value)
        if found is not None:
            yield found[1], found[2].split(".")[1:]
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from references(part)


def _wrong(
    reference: tuple[str, list[str]], known: set[str], arguments: Mapping[str, Any], where: str
) -> Iterator[str]:
    name, way = reference
    if name not in known:
        yield f"{where}: ${name} is no earlier step; write $input.NAME or the name of a step before it"
    elif name == INPUT and way and way[0] not in arguments:
        yield f"{where}: $input.{way[0]} is no argument of it"


class _Left(Exception):
    """An optional argument that was not passed."""


def filled(value: Any, known: Mapping[str, Any], optional: Sequence[str] = ()) -> Any:
    """`value` with references replaced. A member whose value is an optional argument that was not passed is left out.
    Raises RequestError for a reference into a result that has no such field."""
    try:
        return _filled(value, known, optional)
    except _Left:
        return None


def _filled(value: Any, known: Mapping[str, Any], optional: Sequence[str]) -> Any:
    if isinstance(value, str):
        found = _REFERENCE.fullmatch(value)
        return value if found is None or found[1] not in known else _looked_up(found[0], known, optional)
    if isinstance(value, Mapping):
        made = {}
        for key, part in value.items():
            try:
                made[key] = _filled(part, known, optional)
            except _Left:
                continue
        return made
    if isinstance(value, list | tuple):
        several = []
        for part in value:
            try:
                several.append(_filled(part, known, optional))
            except _Left:
                continue
        return several
    return value


def _looked_up(reference: str, known: Mapping[str, Any], optional: Sequence[str]) -> Any:
    name, *way = reference[1:].split(".")
    at = known[name]
    for part in way:
        if isinstance(at, Mapping) and part in at:
            at = at[part]
        elif isinstance(at, list | tuple) and part.isdecimal() and int(part) < len(at):
            at = at[int(part)]
        elif name == INPUT and part in optional:
            raise _Left
        else:
            raise RequestError(
                f"the result of {name!r} has no {part!r} ({reference}); the tools before it answered something else",
                code="no_such_field",
            )
    return at
