"""What of the tools a caller sees: which, under what names and words, with which arguments and fields of results.

A mask only takes away: a tool that it does not speak of stays the very same object, in its place, so that the bytes of
a tool list and with them prompt caches survive. What is not in a view cannot be called through it either.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from outrider.base.errors import RequestError
from outrider.policy.identity import Who
from outrider.tools import paths
from outrider.tools.paths import GONE
from outrider.tools.ports import Tool

CALL_TOOL = "call_tool"
_WORDS = {"unit": "text or list of text"}
Names = Annotated[tuple[str, ...], Meta(extra=_WORDS)]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A state of the session. Everything that is said must hold."""

    tainted: Annotated[bool | None, Meta(description="Whether it has read what others wrote; null: either.")] = None
    private: Annotated[bool | None, Meta(description="Whether it has read what is private; null: either.")] = None
    after: Annotated[Names, Meta(description="One of these tools was called, with `*`.")] = ()
    before: Annotated[Names, Meta(description="None of these tools was called, with `*`.")] = ()

    def holds(self, seen: "Seen") -> bool:
        if self.tainted is not None and self.tainted != seen.tainted:
            return False
        if self.private is not None and self.private != seen.private:
            return False
        if self.after and not seen.has_called(self.after):
            return False
        return not (self.before and seen.has_called(self.before))


class Seen(msgspec.Struct, frozen=True):
    """What masks look at in a session: its labels, and the tools that were called in it."""

    tainted: bool = False
    private: bool = False
    called: frozenset[str] = frozenset()

    def has_called(self, patterns: Sequence[str]) -> bool:
        return any(matches(tool, patterns) for tool in self.called)


class ToolMask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of one tool."""

    name: Annotated[str, Meta(description="Its name here; its own if empty.")] = ""
    description: Annotated[str | None, Meta(description="What it is said to do; its own words if null.")] = None
    fixed: Annotated[
        dict[str, Any], Meta(description="Arguments that you set (`options.sender`): not shown, not to be passed.")
    ] = {}
    defaults: Annotated[
        dict[str, Any], Meta(description="Arguments that are set where the model leaves them out.")
    ] = {}
    hide: Annotated[Names, Meta(description="Arguments that are not shown and not to be passed.")] = ()
    keep: Annotated[Names, Meta(description="Fields of the result that stay (`items[].id`). Empty: all.")] = ()
    drop: Annotated[Names, Meta(description="Fields of the result that are left out.")] = ()
    when: Annotated[When, Meta(description="It is there only while this holds.")] = When()


class MaskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What some callers see. Where several fit a caller, each takes away from what the others leave."""

    agents: Annotated[Names, Meta(description="Agents that it is for, with `*`. Empty: all.")] = ()
    users: Annotated[Names, Meta(description="Users that it is for, with `*`. Empty: all.")] = ()
    sessions: Annotated[Names, Meta(description="Sessions (tasks) that it is for, with `*`. Empty: all.")] = ()
    projects: Annotated[Names, Meta(description="Projects that it is for. Empty: all.")] = ()
    on_request: Annotated[bool, Meta(description="Only for who calls `/mcp/NAME`, and then for everybody.")] = False
    when: Annotated[When, Meta(description="It holds only in this state of a session.")] = When()
    only: Annotated[Names, Meta(description="Tools that stay, with `*`. Empty: all.")] = ()
    without: Annotated[Names, Meta(description="Tools that are left out, with `*`.")] = ()
    tools: Annotated[dict[str, ToolMask], Meta(description="Changes to single tools, by name.")] = {}

    def fits(self, name: str, who: Who, seen: Seen, asked: str = "") -> bool:
        """Whether it holds for a caller; `asked` is the mask that the URL names."""
        if self.on_request and asked != name:
            return False
        given = ((self.agents, who.agent), (self.users, who.user), (self.sessions, who.session))
        chosen = all(not p or matches(one, p) for p, one in (*given, (self.projects, who.project)))
        return chosen and self.when.holds(seen)


class Edit(msgspec.Struct, frozen=True):
    """What is done to a call of a masked tool and to its result. Paths are those of `tools.paths`."""

    fixed: tuple[tuple[paths.Path, Any], ...] = ()
    defaults: tuple[tuple[paths.Path, Any], ...] = ()
    closed: tuple[paths.Path, ...] = ()
    keep: tuple[tuple[paths.Path, ...], ...] = ()
    drop: tuple[paths.Path, ...] = ()


class Offered(msgspec.Struct, frozen=True):
    """A tool as a caller sees it (`shown`), and what it is (`tool`). Policy, limits and records speak of `tool`."""

    shown: Tool
    tool: Tool
    edit: Edit = Edit()

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the upstream gets. Raises RequestError for an argument that is not the model's to pass, in any
        spelling of its name."""
        edit = self.edit
        for path in edit.closed:
            if (found := _passed(given, path)) is not None:
                raise RequestError(
                    f"{self.shown.name} takes no argument {found!r} here; leave it out",
                    code="argument_not_allowed",
                    param=found,
                )
        if edit.closed:
            self._refuse_unknown(given)
        made = dict(given)
        for path, value in edit.defaults:
            if paths.get(made, path) is GONE:
                made = paths.put(made, path, value)
        for path, value in edit.fixed:
            made = paths.put(made, path, value)
        return made

    def _refuse_unknown(self, given: Mapping[str, Any]) -> None:
        """Where arguments are hidden, only those that are shown may come."""
        known = self.shown.input_schema.get("properties", {})
        for name in given:
            if name not in known:
                there = ", ".join(known) or "none"
                raise RequestError(
                    f"{self.shown.name} has no argument {name[:100]!r}; there are: {there}",
                    code="argument_not_allowed",
                    param=name[:100],
                )

    def result(self, value: Any) -> Any:
        """The fields of a JSON result that stay. `GONE`: none."""
        for kept in self.edit.keep:
            value = paths.only(value, kept)
            if value is GONE:
                return value
        return paths.without(value, self.edit.drop) if self.edit.drop else value

    @property
    def cuts(self) -> bool:
        """Whether fields of results are taken away."""
        return bool(self.edit.keep or self.edit.drop)

    def opened(self, given: Mapping[str, Any]) -> "Opened":
        """The real call. Raises RequestError as `arguments` does."""
        made = self.arguments(given)
        put = [(p, v) for p, v in self.edit.defaults if paths.get(given, p) is GONE]
        return Opened(self, made, tuple(value for _, value in (*self.edit.fixed, *put)))


class Opened(msgspec.Struct, frozen=True):
    """What a call to an offered tool means: the real arguments of the real tool. `put` are the values among them that
    the operator's mask has set: they are the operator's words, and not made up by the model."""

    offered: Offered
    arguments: Mapping[str, Any]
    put: tuple[Any, ...] = ()

    def words(self) -> str:
        """`put` as a text."""
        return "\n".join(v if isinstance(v, str) else msgspec.json.encode(v).decode() for v in self.put)


class View:
    """The tools of one caller at one moment, in the order of the catalogue. `listed` are those that a tool list shows:
    all of them, or (where they are many) a few and the search for the others."""

    def __init__(
        self, offered: Sequence[Offered], left_out: Sequence[str] = (), listed: Sequence[Tool] | None = None
    ) -> None:
        self.offered, self.left_out = offered, left_out
        self.listed = [one.shown for one in offered] if listed is None else list(listed)
        self._by_name = {one.shown.name: one for one in offered}

    def find(self, name: str) -> Offered | None:
        """By the very name that is shown, and no other."""
        return self._by_name.get(name)

    def open(self, name: str, arguments: Mapping[str, Any]) -> Opened:
        """The real call behind a call. `call_tool` is the call to the tool that it names. Raises RequestError for what
        is not in this view, in the same words whether or not it exists elsewhere."""
        if name == CALL_TOOL and any(tool.name == CALL_TOOL for tool in self.listed):
            name, arguments = _inner(arguments)
        found = self.find(name)
        if found is None:
            raise RequestError(
                f"no tool {name[:100]!r} is there for you", status=404, code="unknown_tool", param="name"
            )
        return found.opened(arguments)


def _inner(arguments: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Name and arguments of the tool that `call_tool` is to call."""
    name, inner = arguments.get("name"), arguments.get("arguments", {})
    if not isinstance(name, str) or not isinstance(inner, Mapping):
        raise RequestError(f"{CALL_TOOL} takes `name`, a text, and `arguments`, an object", code="invalid_arguments")
    return name, inner


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def view(
    tools: Sequence[Tool],
    masks: Mapping[str, MaskRule],
    who: Who,
    seen: Seen,
    asked: str = "",
    *,
    reserved: Sequence[str] = (),
) -> View:
    """What a caller sees of `tools`. A tool that a mask cannot be applied to (no such argument, a name that is taken,
    also by `reserved`) is left out, and `left_out` says why."""
    fitting = [mask for name, mask in masks.items() if mask.fits(name, who, seen, asked)]
    offered, left_out = [], []
    for tool in tools:
        one: Offered | None = Offered(tool, tool)
        try:
            for mask in fitting:
                one = _under(mask, one, seen) if one is not None else None
        except ValueError as error:
            one = None
            left_out.append(f"{tool.name}: {error}")
        if one is not None:
            offered.append(one)
    taken = {one.shown.name for one in offered if one.shown.name == one.tool.name} | set(reserved)
    kept: list[Offered] = []
    for one in offered:
        renamed = one.shown.name != one.tool.name
        if renamed and (one.shown.name in taken or one.shown.name in {t.name for t in tools}):
            left_out.append(f"{one.tool.name}: there is another tool named {one.shown.name!r}")
            continue
        taken.add(one.shown.name)
        kept.append(one)
    return View(kept, left_out)


def _under(mask: MaskRule, one: Offered, seen: Seen) -> Offered | None:
    """A tool under one more mask. None: it is not there. Raises ValueError."""
    name = one.tool.name
    if (mask.only and not matches(name, mask.only)) or matches(name, mask.without):
        return None
    rule = mask.tools.get(name)
    if rule is None:
        return one
    if not rule.when.holds(seen):
        return None
    return Offered(_shown(one.shown, rule), one.tool, _joined(one.edit, rule))


def _joined(edit: Edit, rule: ToolMask) -> Edit:
    fixed = tuple((paths.parsed(name), value) for name, value in rule.fixed.items())
    already = {path for path, _ in edit.fixed}
    defaults = tuple((paths.parsed(name), value) for name, value in rule.defaults.items())
    hidden = tuple(paths.parsed(name) for name in rule.hide)
    keep = (tuple(paths.parsed(name) for name in rule.keep),) if rule.keep else ()
    return Edit(
        (*edit.fixed, *(one for one in fixed if one[0] not in already)),
        (*edit.defaults, *(one for one in defaults if one[0] not in edit.closed)),
        (*edit.closed, *(path for path, _ in fixed), *hidden),
        (*edit.keep, *keep),
        (*edit.drop, *(paths.parsed(name) for name in rule.drop)),
    )


def _shown(tool: Tool, rule: ToolMask) -> Tool:
    """The tool as it is listed under a rule. Raises ValueError where an argument is not there."""
    schema = tool.input_schema
    set_ = {**rule.defaults, **rule.fixed}
    for name in (*rule.fixed, *rule.hide):
        schema = _hidden(schema, paths.parsed(name), name, is_set=name in set_)
    for name, value in rule.defaults.items():
        if name not in (*rule.fixed, *rule.hide):
            schema = _defaulted(schema, paths.parsed(name), name, value)
    if rule.fixed or rule.hide:
        schema = {**schema, "additionalProperties": False}
    cuts = bool(rule.keep or rule.drop)
    return msgspec.structs.replace(
        tool,
        name=rule.name or tool.name,
        title=tool.title if not rule.name else "",
        description=tool.description if rule.description is None else rule.description,
        input_schema=schema,
        output_schema=None if cuts else tool.output_schema,
    )


def _hidden(schema: Mapping[str, Any], path: paths.Path, name: str, *, is_set: bool) -> dict[str, Any]:
    """A schema without an argument. Raises ValueError if it has none of that name, or needs it."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or path[0] not in properties:
        raise ValueError(f"it has no argument {name!r} that a mask could hide")
    required = list(schema.get("required") or ())
    if len(path) > 1:
        inner = properties[path[0]]
        if not isinstance(inner, Mapping):
            raise ValueError(f"it has no argument {name!r} that a mask could hide")
        made = {**_hidden(inner, path[1:], name, is_set=is_set), "additionalProperties": False}
        return {**schema, "properties": {**properties, path[0]: made}}
    if path[0] in required and not is_set:
        raise ValueError(f"it needs the argument {name!r}, which a mask hides: set it with `fixed`")
    left = {key: value for key, value in properties.items() if key != path[0]}
    found = {**schema, "properties": left}
    if "required" in schema:
        found["required"] = [one for one in required if one != path[0]]
    return found


def _defaulted(schema: Mapping[str, Any], path: paths.Path, name: str, value: Any) -> dict[str, Any]:
    """A schema that tells an argument's default and does not ask for it."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or not isinstance(properties.get(path[0]), Mapping):
        raise ValueError(f"it has no argument {name!r} that a mask could set")
    inner = properties[path[0]]
    made = {**inner, "default": value} if len(path) == 1 else _defaulted(inner, path[1:], name, value)
    found = {**schema, "properties": {**properties, path[0]: made}}
    if len(path) == 1 and "required" in schema:
        found["required"] = [one for one in schema["required"] if one != path[0]]
    return found


def _folded(name: str) -> str:
    """A name as careless programs compare it: without case, width, separators and invisible characters."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in plain if c.isalnum())


def _passed(given: Any, path: paths.Path) -> str | None:
    """The name under which an argument was passed that is closed; a dotted name is taken for its path."""
    wanted = [_folded(part) for part in path]

    def look(value: Any, at: int) -> str | None:
        if isinstance(value, list | tuple):
            return next((found for part in value if (found := look(part, at)) is not None), None)
        if not isinstance(value, Mapping):
            return None
        for key, part in value.items():
            name = _folded(str(key))
            if name == "".join(wanted[at:]):
                return str(key)[:100]
            if at + 1 < len(wanted) and name == wanted[at] and (found := look(part, at + 1)) is not None:
                return found
        return None

    return look(given, 0)


def problems_of(mask: MaskRule) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths below a mask, and what is wrong there."""
    for name, rule in mask.tools.items():
        for field in ("fixed", "defaults", "hide", "keep", "drop"):
            for one in getattr(rule, field):
                try:
                    path = paths.parsed(one)
                except ValueError as error:
                    yield ("tools", name, field), str(error)
                    continue
                if paths.EACH in path and field in ("fixed", "defaults", "hide"):
                    yield ("tools", name, field), f"{one!r}: elements of lists cannot be set or hidden"
        if both := sorted(set(rule.fixed) & set(rule.defaults)):
            yield ("tools", name, "defaults"), f"{both[0]!r} is fixed, too; a default would have no effect"
        if rule.name and not named_well(rule.name):
            yield ("tools", name, "name"), "a tool's name has 1 to 64 letters, digits, _ and -"


def named_well(name: str) -> bool:
    """Whether every model provider takes it as a tool's name."""
    return 0 < len(name) <= 64 and name.isascii() and all(c.isalnum() or c in "_-" for c in name)
