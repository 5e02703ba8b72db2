"""From YAML text to frozen structs, with every mistake reported at once as `file:line: key: message`.

The reader walks PyYAML's nodes (they know their lines) guided by the types of the structs, so there is one
description of the settings: the structs. It builds no Python object from a tag and follows no reference but
`${env:NAME}`.
"""

import contextlib
import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

import yaml
from msgspec import inspect

from outrider.app import config_values as values
from outrider.base import units, yaml_text
from outrider.base.errors import ConfigError
from outrider.limits import bucket, terms

T = TypeVar("T")
MAX_TEXT = 1_000_000
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?|\.\d{1,9}")
_ANYTHING = inspect.AnyType()
_PLAIN_TAG = re.compile(r"tag:yaml\.org,2002:(?!python)").match
_TRUE, _FALSE = {"true", "on", "yes"}, {"false", "off", "no"}
_UNITS: dict[str, Callable[[str], float | int | str]] = {
    "duration": units.duration,
    "size": units.size,
    "dollars": values.dollars,
    "money": values.as_written(partial(terms.amount, "usd")),
    "count": values.as_written(partial(terms.amount, "calls")),
    "rate": values.as_written(bucket.rate),
    "window": values.as_written(terms.window),
    "time zone": values.as_written(terms.zone),
    "part": values.as_written(terms.share),
    "factor": values.as_written(terms.slope),
}


class _Bad(Exception):
    """This node has been reported; its parent leaves it out and goes on."""


class Problems:
    """Collects what is wrong with one file, and remembers on which line each key stands."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: list[tuple[int, str]] = []
        self.lines: dict[tuple[str, ...], int] = {}
        self.references: dict[tuple[str, ...], str] = {}
        """Plain texts in which the environment stands for a part: as the file writes them."""
        self._paths: list[tuple[str, ...]] = []

    def add(self, line: int, path: tuple[str, ...], message: str) -> None:
        self._paths.append(path)
        where = ".".join(path)
        self.found.append((line, f"{where}: {message}" if where else message))

    def at(self, path: tuple[str, ...], message: str) -> None:
        """Report a problem of the value at `path`; the line is that of the nearest key that the file has.

        Left out when something at or below `path` was reported already: this would only be its consequence.
        """
        if any(p[: len(path)] == path for p in self._paths):
            return
        known = path
        while known and known not in self.lines:
            known = known[:-1]
        self.add(self.lines.get(known, 1), path, message)

    def raise_if_any(self) -> None:
        if self.found:
            lines = sorted(set(self.found))
            raise ConfigError("\n".join(f"{self.name}:{line}: {message}" for line, message in lines))


def suggest(name: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?`, or the list of what exists, or nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f", did you mean {near[0]!r}?"
    return f"; there are: {', '.join(names)}" if 0 < len(names) <= 12 else ""


class _Loader(yaml.SafeLoader):
    """Knows JSON's way to write a character as two escapes. Half of one could be written nowhere again."""

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node: yaml.ScalarNode = super().compose_scalar_node(anchor)
        try:
            node.value = node.value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            problem = "an escape stands for half of a character; write the character itself"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None
        return node


def parse(text: str, name: str) -> yaml.Node | None:
    """The document's root node, None if it is empty. Raises ConfigError for text that is not YAML."""
    if len(text) > MAX_TEXT:
        raise ConfigError(f"{name}:1: the file has more than {MAX_TEXT:,} characters; is it the right one?")
    try:
        yaml_text.refuse_too_much(text)
        node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part) or "it is not YAML"
        raise ConfigError(f"{name}:{mark.line + 1 if mark else 1}: {what}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(
            f"{name}:{line}: the character U+{_code(error.character):04X} is not allowed in YAML"
        ) from None
    except (RecursionError, yaml.YAMLError, ValueError) as error:
        raise ConfigError(
            f"{name}:1: it cannot be read as YAML ({type(error).__name__}); is it nested too deeply?"
        ) from None
    return node


def _code(character: object) -> int:
    """PyYAML reports a character as text, as bytes or as its number."""
    return character if isinstance(character, int) else ord(str(character)[:1] or "\0")


def decode(node: yaml.Node | None, type_: type[T], env: Mapping[str, str], problems: Problems) -> T | None:
    """A `type_` from the node, defaults if it is empty. What is wrong goes to `problems` and is left out."""
    if node is None or _is_null(node):
        return type_()
    try:
        made: T = _Reader(env, problems).read(node, inspect.type_info(type_), ())
    except _Bad:
        return None
    return made


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null") and node.style is None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if _is_null(node) else repr(node.value[:40])


class _Reader:
    def __init__(self, env: Mapping[str, str], problems: Problems) -> None:
        self.env, self.problems = env, problems

    def bad(self, node: yaml.Node, path: tuple[str, ...], message: str) -> _Bad:
        self.problems.add(_line(node), path, message)
        return _Bad()

    def read(self, node: yaml.Node, type_: inspect.Type, path: tuple[str, ...], unit: str = "") -> Any:
        if _PLAIN_TAG(node.tag) is None:
            raise self.bad(node, path, f"tags such as {node.tag[:40]} are not read; leave the tag out")
        match type_:
            case inspect.Metadata(type=inner, extra=extra):
                return self.read(node, inner, path, (extra or {}).get("unit", unit))
            case inspect.UnionType(types=options):
                if _is_null(node) and any(isinstance(o, inspect.NoneType) for o in options):
                    return None
                wanted = next(o for o in options if not isinstance(o, inspect.NoneType))
                return self.read(node, wanted, path, unit)
            case inspect.StructType():
                if unit == values.NAMED and isinstance(node, yaml.ScalarNode) and not _is_null(node):
                    first = type_.fields[0]
                    return type_.cls(**{first.name: self.read(node, first.type, path)})
                return self.struct(node, type_, path)
            case inspect.DictType(value_type=value_type):
                return self.mapping(node, value_type, path)
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                if unit == values.ONE_OR_MORE and isinstance(node, yaml.ScalarNode) and not _is_null(node):
                    return (self.read(node, item, path),)
                made = self.sequence(node, item, path)
                return tuple(made) if isinstance(type_, inspect.VarTupleType) else made
            case inspect.AnyType():
                return self.anything(node, path)
            case _:
                return self.scalar(node, type_, path, unit)

    def pairs(self, node: yaml.Node, path: tuple[str, ...]) -> list[tuple[str, yaml.Node]]:
        """The entries of a mapping; reports keys that are not text or occur twice."""
        if not isinstance(node, yaml.MappingNode):
            raise self.bad(node, path, f"expected a mapping (key: value), not {_kind(node)}")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or _is_null(key) or key.tag.endswith(":merge"):
                self.problems.add(_line(key), path, "a key must be plain text; merges (<<) are not read")
            elif key.value in found:
                first = self.problems.lines.get((*path, key.value), 0)
                self.problems.add(_line(key), (*path, key.value), f"the key is there twice (first on line {first})")
            else:
                found[key.value] = value
                self.problems.lines[*path, key.value] = _line(key)
        return list(found.items())

    def struct(self, node: yaml.Node, type_: inspect.StructType, path: tuple[str, ...]) -> Any:
        fields = {f.encode_name: f for f in type_.fields}
        made: dict[str, Any] = {}
        wrong = False
        for name, value in self.pairs(node, path):
            field = fields.get(name)
            if field is None:
                self.problems.add(
                    self.problems.lines[*path, name], (*path, name), f"unknown key{suggest(name, fields)}"
                )
                continue
            try:
                made[field.name] = self.read(value, field.type, (*path, name))
            except _Bad:
                wrong = True
        missing = [f.encode_name for f in type_.fields if f.required and f.name not in made]
        if missing and not wrong:
            raise self.bad(node, path, f"{missing[0]!r} is missing")
        if wrong and missing:
            raise _Bad
        return type_.cls(**made)

    def mapping(self, node: yaml.Node, value_type: inspect.Type, path: tuple[str, ...]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in self.pairs(node, path):
            try:
                made[name] = self.read(value, value_type, (*path, name))
            except _Bad:
                continue
        return made

    def sequence(self, node: yaml.Node, item: inspect.Type, path: tuple[str, ...]) -> list[Any]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.bad(node, path, f"expected a list ([a, b]), not {_kind(node)}")
        made = []
        for index, value in enumerate(node.value):
            place = (*path, str(index))
            self.problems.lines[place] = _line(value)
            try:
                made.append(self.read(value, item, place))
            except _Bad:
                continue
        return made

    def anything(self, node: yaml.Node, path: tuple[str, ...]) -> Any:
        """What JSON can say too; texts are kept as they are, without references."""
        if isinstance(node, yaml.MappingNode):
            return {name: self.read(value, _ANYTHING, (*path, name)) for name, value in self.pairs(node, path)}
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, _ANYTHING, (*path, str(at))) for at, item in enumerate(node.value)]
        text, kind = str(node.value), node.tag.rpartition(":")[2]
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() in _TRUE
        if kind in ("int", "float"):
            with contextlib.suppress(ValueError):
                return int(text) if kind == "int" else float(text) if math.isfinite(float(text)) else text
        return text

    def scalar(self, node: yaml.Node, type_: inspect.Type, path: tuple[str, ...], unit: str) -> Any:
        wanted = "a value" if isinstance(type_, inspect.CustomType) else _expected(type_, unit)
        if not isinstance(node, yaml.ScalarNode) or _is_null(node):
            raise self.bad(node, path, f"expected {wanted}, not {_kind(node)}")
        text, missing = values.resolve(node.value, self.env)
        for name in missing:
            raise self.bad(
                node,
                path,
                f"the environment variable {name!r} is not set; export it or change this reference",
            )
        if isinstance(type_, inspect.CustomType):
            return values.Secret(text, node.value)
        if text != node.value and isinstance(type_, inspect.StrType):
            self.problems.references[path] = node.value
        try:
            return self.number(text, unit, type_) if unit else self.plain(text, type_)
        except ValueError as error:
            # The text may hold a resolved secret: what the file says is shown, never what it stands for.
            message = (
                str(error) if text == node.value else f"expected {wanted}; {node.value!r} stands for something else"
            )
            raise self.bad(node, path, message) from None

    def number(self, text: str, unit: str, type_: inspect.Type) -> float | int | str:
        made = _UNITS[unit](text)
        low = getattr(type_, "ge", None)
        if low is not None and not isinstance(made, str) and made < low:
            show = {"duration": units.show_duration, "size": units.show_size}.get(unit, str)
            raise ValueError(f"must be at least {show(low)}")
        return made

    def plain(self, text: str, type_: inspect.Type) -> Any:
        match type_:
            case inspect.BoolType() if text.lower() in _TRUE | _FALSE:
                return text.lower() in _TRUE
            case inspect.IntType(ge=low, le=high) if _INT.fullmatch(text):
                if (low is not None and int(text) < low) or (high is not None and int(text) > high):
                    raise ValueError(f"must be {_range(low, high)}, not {text}")
                return int(text)
            case inspect.FloatType(ge=least, le=most) if _NUMBER.fullmatch(text):
                if (least is not None and float(text) < least) or (most is not None and float(text) > most):
                    raise ValueError(f"must be from {least} to {most}, not {text}")
                return float(text)
            case inspect.LiteralType(values=allowed):
                if text in allowed:
                    return text
                raise ValueError(f"unknown value {text[:40]!r}{suggest(text, [str(a) for a in allowed])}")
            case inspect.StrType(min_length=shortest):
                if len(text) < (shortest or 0):
                    raise ValueError("must not be empty")
                return text
        raise ValueError(f"expected {_expected(type_, '')}, not {text[:40]!r}")


def _range(low: int | None, high: int | None) -> str:
    return f"at least {low}" if high is None else f"at most {high}" if low is None else f"from {low} to {high}"


def _expected(type_: inspect.Type, unit: str) -> str:
    if unit:
        return {
            "duration": "a duration such as 30s",
            "size": "a size such as 64MB",
            "dollars": "dollars such as 0.15",
            "money": "dollars such as 50",
            "count": "a number such as 5000 or 1.5M",
            "rate": "a rate such as 600/min",
            "part": "a part such as 80%",
            "factor": "a number such as 10",
        }.get(unit, f"a {unit}")
    names: dict[type, str] = {
        inspect.BoolType: "on or off",
        inspect.IntType: "a whole number",
        inspect.FloatType: "a number such as 0.5",
        inspect.LiteralType: "one of the known words",
        inspect.StrType: "text",
    }
    return names[type(type_)]
