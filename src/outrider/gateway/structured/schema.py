"""A caller's JSON Schema as something that answers are checked against.

A schema comes from outside and is run on the event loop (the validator holds the interpreter lock, so a thread would
not help): its size, its depth, its patterns and how far its references multiply are bounded before it is compiled.
Nothing is fetched. Formats (`date-time`, `email`, …) are not checked, as the specification has it.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import jiter
import jsonschema_rs
import msgspec

from outrider.base.errors import RequestError

LARGEST = 128 << 10
DEEPEST = 64
MOST_PATTERNS, MOST_BACKTRACKING = 100, 20
"""Patterns of a schema; with one among them that cannot be matched in linear time, which take long to compile."""
WIDEST = 20_000
"""Subschemas, every reference replaced by what it points to (a recursive one once)."""
MOST_WORK = 4_000_000
"""Subschemas that look at the same value, times the values of an answer: under a second at the very worst."""
MOST_LISTED = 5_000
"""Pairs of subschema and value up to which the reasons of a misfit are looked for."""
FLAWS = 5

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
_SAME = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
_WITHIN = (
    "items", "prefixItems", "additionalItems", "contains", "additionalProperties", "propertyNames", "unevaluatedItems",
    "unevaluatedProperties", "contentSchema",
)  # fmt: skip
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_OPENS = {"object": "{", "array": "["}
_MASK = "the value"
_LINEAR = jsonschema_rs.RegexOptions(size_limit=1 << 18, dfa_size_limit=1 << 20)
_BACKTRACKING = jsonschema_rs.FancyRegexOptions(backtrack_limit=1000, size_limit=1 << 20, dfa_size_limit=1 << 20)


class Flaw(msgspec.Struct, frozen=True):
    """Where and how a value misfits. `path` is like `items[2].name`, "" for the whole; `keyword` the schema's that
    it breaks; `message` says more, without the value itself (names of properties may be in it).
    """

    path: str
    keyword: str
    message: str

    def __str__(self) -> str:
        return f"{self.path or 'the whole answer'} ({self.keyword or 'misfit'})"


class Schema:
    """A compiled schema. `opens` are the brackets that an answer may begin with, "" if it may begin with none."""

    def __init__(self, source: Any, param: str) -> None:
        """Raises RequestError 400 naming the place in the schema."""
        self._source = source
        self._targets = _Targets(source)
        extent = _Extent(self._targets, param)
        self.width, self.fan = extent.of(source)
        self._validator = _compiled(source, param, _BACKTRACKING if extent.patterns <= MOST_BACKTRACKING else _LINEAR)
        self.opens = self._brackets(source)

    def _brackets(self, node: Any) -> str:
        for _ in range(DEEPEST):
            if not isinstance(node, dict):
                break
            kinds = node.get("type")
            if kinds:
                found = {_OPENS.get(kind, "") for kind in _several(kinds)}
                return "" if "" in found else "".join(sorted(found))
            node = next((target for _, target in self._targets.of(node)), None)
        return ""

    def fits(self, value: Any, text: str) -> bool:
        """Whether `value`, written as `text`, is valid. Too much to be checked within bounds: it is not."""
        values = 1 + text.count(",") + text.count("[") + text.count("{") + len(text) // 100
        return self.fan * values <= MOST_WORK and bool(self._validator.is_valid(value))

    def flaws(self, value: Any) -> list[Flaw]:
        """The first reasons why `value` does not fit; one without a place if finding them would take too long."""
        if self._work(value) > MOST_LISTED:
            return [Flaw("", "", "does not fit the schema")]
        found = []
        for error in self._validator.iter_errors(value):
            found.append(_flaw(error))
            if len(found) == FLAWS:
                break
        return found

    def _work(self, value: Any) -> int:
        """Pairs of subschema and value that a complete check looks at, as far as it matters. The validator gathers
        every error of every branch, which for a recursive schema may be exponentially many."""
        pairs = [(self._source, value)]
        count = 0
        while pairs and count <= MOST_LISTED:
            schema, part = pairs.pop()
            count += 1
            if isinstance(schema, dict):
                pairs += [(inner, part) for inner in self._same(schema)]
                pairs += _inner(schema, part)
        return count

    def _same(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        """The subschemas that look at the same value."""
        for name in _SAME:
            yield from _several(schema.get(name, ()))
        for name in ("dependentSchemas", "dependencies"):
            inner = schema.get(name)
            yield from inner.values() if isinstance(inner, dict) else ()
        yield from (target for _, target in self._targets.of(schema))


def _inner(schema: Mapping[str, Any], value: Any) -> list[tuple[Any, Any]]:
    """Subschemas with the parts of `value` that they look at."""
    if isinstance(value, dict):
        own = schema.get("properties", {})
        pairs = [(own[name], part) for name, part in value.items() if name in own]
        wide = [*schema.get("patternProperties", {}).values()]
        wide += [schema[n] for n in ("additionalProperties", "unevaluatedProperties", "propertyNames") if n in schema]
        return pairs + [(inner, part) for inner in wide for part in value.values()]
    if isinstance(value, list):
        names = ("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
        wide = [inner for n in names for inner in _several(schema.get(n, ()))]
        return [(inner, part) for inner in wide for part in value]
    return []


def parse(text: str) -> Any:
    """The value of strict JSON. Raises ValueError."""
    return jiter.from_json(text.encode(), allow_inf_nan=False)


def _several(inner: Any) -> Sequence[Any]:
    return inner if isinstance(inner, list | tuple) else (inner,)


class _Targets:
    """What the references of a schema point to."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._named: dict[str, Any] = {}
        level = [root]
        for _ in range(DEEPEST):
            for node in level:
                if isinstance(node, dict):
                    self._note(node)
            level = [child for node in level for child in children(node)]

    def _note(self, node: Mapping[str, Any]) -> None:
        for name, mark in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", ""), ("id", "")):
            if isinstance(value := node.get(name), str):
                self._named[mark + value] = node

    def of(self, node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Each reference of `node` with its target; None: there is none."""
        for name in _REFERENCES:
            if isinstance(reference := node.get(name), str):
                yield reference, self._resolve(reference)

    def _resolve(self, reference: str) -> Any:
        if reference in self._named:
            return self._named[reference]
        if reference != "#" and not reference.startswith("#/"):
            return None
        node: Any = self._root
        for part in unquote(reference[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and name in node:
                node = node[name]
            elif isinstance(node, list) and name.isascii() and name.isdigit() and int(name) < len(node):
                node = node[int(name)]
            else:
                return None
        return node


def children(node: Any) -> list[Any]:
    """The subschemas that stand directly in a schema."""
    if not isinstance(node, dict):
        return []
    found = [inner for name in (*_SAME, *_WITHIN) if name in node for inner in _several(node[name])]
    return found + [i for name in _MAPS if isinstance(node.get(name), dict) for i in node[name].values()]


class _Extent:
    """How far a schema reaches when its references are followed, and what else in it may take long.

    Its *width* is all its subschemas, its *fan* (at most) those that can look at the same value.
    """

    def __init__(self, targets: _Targets, param: str) -> None:
        self._targets, self._param = targets, param
        self._known: dict[int, tuple[int, int]] = {}
        self.patterns = 0

    def of(self, root: Any) -> tuple[int, int]:
        """Raises RequestError for a reference that leads nowhere, and for more than is allowed."""
        extent = self._of(root, 0)
        if self.patterns > MOST_PATTERNS:
            raise invalid(self._param, f"it has {self.patterns} patterns; at most {MOST_PATTERNS} are checked")
        return extent

    def _of(self, node: Any, depth: int) -> tuple[int, int]:
        if not isinstance(node, dict):
            return 1, 1
        if id(node) in self._known:
            return self._known[id(node)]
        if depth > 2 * DEEPEST:
            raise invalid(self._param, f"its references lead more than {2 * DEEPEST} deep")
        self._known[id(node)] = 1, 1  # a recursive reference: the validator remembers what it has seen
        extent = self._known[id(node)] = self._sum(node, depth + 1)
        return extent

    def _sum(self, node: Mapping[str, Any], depth: int) -> tuple[int, int]:
        width = fan = 1 + self._composed(node)
        deepest = 0
        for same, child in self._all(node):
            wide, fanned = self._of(child, depth)
            width += wide
            if same:
                fan += fanned
            else:
                deepest = max(deepest, fanned)
            if width > WIDEST:
                raise invalid(
                    self._param, f"it comes to more than {WIDEST} subschemas when its references are followed"
                )
        return width, fan + deepest

    def _all(self, node: Mapping[str, Any]) -> Iterator[tuple[bool, Any]]:
        """The subschemas with whether they look at the value itself (or, like patterns, each at any part of it)."""
        for reference, target in self._targets.of(node):
            if target is None:
                raise invalid(
                    self._param,
                    f"it refers to {reference[:200]!r}, which is not in it; nothing is fetched from elsewhere",
                )
            yield True, target
        for name, inner in node.items():
            if name in _MAPS and isinstance(inner, dict):
                yield from ((name not in ("properties", "$defs", "definitions"), i) for i in inner.values())
            elif name in _SAME or name in _WITHIN:
                yield from ((name not in ("items", "prefixItems"), i) for i in _several(inner))

    def _composed(self, node: Mapping[str, Any]) -> int:
        """Comparisons with composed values, which are not hashed; patterns are counted beside."""
        patterns = node.get("patternProperties")
        self.patterns += isinstance(node.get("pattern"), str) + len(patterns if isinstance(patterns, dict) else ())
        options = node.get("enum")
        return sum(isinstance(o, dict | list) for o in options) if isinstance(options, list) else 0


def read(source: bytes, param: str) -> Schema:
    """The schema of JSON text. Raises RequestError 400 naming the place in it."""
    if len(source) > LARGEST:
        raise invalid(param, f"it has {len(source)} bytes; at most {LARGEST} are allowed")
    decoded = msgspec.json.decode(source)
    if _depth(decoded) > DEEPEST:
        raise invalid(param, f"it is nested more than {DEEPEST} deep")
    return Schema(decoded, param)


def _depth(source: Any) -> int:
    """How many objects and lists lie inside each other. Without recursion, since it guards what recurses."""
    depth, level = 0, [source]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            part
            for node in level
            for part in (node.values() if isinstance(node, dict) else node)
            if isinstance(part, dict | list)
        ]
    return depth


def _compiled(source: Any, param: str, otherwise: Any) -> Any:
    """Raises RequestError 400. Patterns are matched in linear time; those with look-around or back-references, which
    cannot be, `otherwise`: with few steps, so that one that takes more does not match."""
    try:
        return _validator(source, _LINEAR, _MASK)
    except ValueError as error:
        unknown = "Unknown meta-schema" in str(error)
    if unknown and "$schema" in source:
        return _compiled({name: inner for name, inner in source.items() if name != "$schema"}, param, otherwise)
    with contextlib.suppress(ValueError):
        return _validator(source, otherwise, _MASK)
    try:
        return _validator(source, otherwise, None)  # again, for words about what is wrong: its owner may see it
    except jsonschema_rs.ValidationError as error:
        flaw = _flaw(error)
        raise invalid(f"{param}.{flaw.path}" if flaw.path else param, flaw.message) from None


def _validator(source: Any, patterns: Any, mask: str | None) -> Any:
    return jsonschema_rs.validator_for(
        source, mask=mask, validate_formats=False, offline=True, pattern_options=patterns
    )


def invalid(param: str, why: str) -> RequestError:
    """The 400 for a schema that is none, or too much."""
    return RequestError(
        f"Invalid schema for 'response_format' at '{param}': {why[:500]}.", code="invalid_json_schema", param=param
    )


def _flaw(error: jsonschema_rs.ValidationError) -> Flaw:
    message = error.message
    if error.kind.name in ("anyOf", "oneOf"):
        branches = [b for b in error.kind.as_dict().get("context", ()) if b]
        nearest = min(branches, key=len, default=None)
        if nearest:
            inner = _flaw(nearest[0])
            message = (
                f"fits none of the {len(branches)} variants; for one of them, {inner.path or 'it'}: {inner.message}"
            )
    return Flaw(path_of(error.instance_path), error.kind.name, message[:300])


def path_of(steps: Sequence[str | int]) -> str:
    """`["items", 2, "name"]` as `items[2].name`."""
    path = ""
    for step in steps[:DEEPEST]:
        path += f"[{step}]" if isinstance(step, int) else f".{step[:100]}"
    return path.removeprefix(".")
