"""Which guardrail looks at which texts, and what its findings lead to: section `guardrails` of the configuration."""

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from outrider.base import plugins
from outrider.base.errors import ConfigError
from outrider.guardrails._contract import Act, Context, Guardrail, Where

Names = tuple[str, ...]
_PACKAGE, _WAY = "outrider.guardrails", "way"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One guardrail on the texts of some callers. Names may end in `*`; an empty list covers all."""

    check: Annotated[str, Meta(description="The guardrail: `outrider guardrails list` shows them.")]
    at: Annotated[
        tuple[Where, ...], Meta(description="Texts that are checked. Empty: all that the guardrail is made for.")
    ] = ()
    do: Annotated[
        Act,
        Meta(
            description="What a finding leads to. `ask` lets a person decide about a call at the tool URL, with "
            "`at: [tool_args]`; a call that a model proposes is refused, as by `block`."
        ),
    ] = "flag"
    kinds: Annotated[dict[str, Act], Meta(description="The same for single kinds of findings: `{email: allow}`.")] = {}
    threshold: Annotated[float, Meta(ge=0, le=1, description="Findings with a lower score are none.")] = 0.5
    placeholders: Annotated[
        bool,
        Meta(description="Redact reversibly: `<EMAIL_1>` for the model, the value again in the answer to the user."),
    ] = False
    routes: Annotated[Names, Meta(description="Models as callers name them.")] = ()
    projects: Annotated[Names, Meta(description="Projects.")] = ()
    keys: Annotated[Names, Meta(description="Keys, by their names.")] = ()
    agents: Annotated[Names, Meta(description="Agents.")] = ()
    tools: Annotated[Names, Meta(description="Tools, for their arguments and results.")] = ()
    options: Annotated[dict[str, Any], Meta(description="What the guardrail itself can be told.")] = {}

    def covers(self, context: Context) -> bool:
        """Whether it concerns this text."""
        at = self.at or load(self.check).STAGES
        return context.where in at and all(
            not names or _is_among(value, names)
            for names, value in (
                (self.routes, context.route),
                (self.projects, context.project),
                (self.keys, context.key),
                (self.agents, context.agent),
                (self.tools, context.tool),
            )
        )

    def act(self, kind: str) -> Act:
        """What a finding of this kind leads to."""
        return self.kinds.get(kind, self.do)


class Active(msgspec.Struct, frozen=True):
    """A rule with its guardrail and the context that it is asked in."""

    name: str
    rule: Rule
    guardrail: Guardrail
    context: Context


class Rules:
    """All rules of a configuration, by name. `arguments` names guardrails for single arguments of tools:
    `{run_sql.query: sql}`."""

    def __init__(self, rules: Mapping[str, Rule] | None = None, arguments: Mapping[str, str] | None = None) -> None:
        self._rules = dict(rules or {})
        self._arguments = dict(arguments or {})
        self._options = {name: options_of(rule, f"guardrails.rules.{name}") for name, rule in self._rules.items()}
        self._asking = [
            msgspec.structs.replace(rule, at=("tool_args",))
            for name, rule in self._rules.items()
            if _asks(rule, self._options[name])
        ]
        for argument, check in self._arguments.items():
            _known(check, f"guardrails.arguments.{argument}")

    def __bool__(self) -> bool:
        return bool(self._rules or self._arguments)

    @property
    def names(self) -> list[str]:
        """Of the rules, as they are written."""
        return [*self._rules, *self._arguments]

    @property
    def reversible(self) -> bool:
        """Whether any rule redacts reversibly."""
        return any(rule.placeholders for rule in self._rules.values())

    def concern(self, *wheres: Where) -> bool:
        """Whether any rule looks at such texts."""
        found = any(where in (rule.at or load(rule.check).STAGES) for rule in self._rules.values() for where in wheres)
        return found or ("tool_args" in wheres and bool(self._arguments))

    def waits(self, context: Context) -> bool:
        """Whether a rule asks others (a database) about the arguments of the tool, or of any where none is named."""
        if not self._asking:
            return False
        at = msgspec.structs.replace(context, where="tool_args")
        asking = self._asking if context.tool else [msgspec.structs.replace(one, tools=()) for one in self._asking]
        return any(rule.covers(at) for rule in asking)

    def covering(self, context: Context) -> list[Active]:
        """The rules for a text, in the order in which they are written."""
        found = [
            Active(name, rule, load(rule.check), msgspec.structs.replace(context, options=self._options[name]))
            for name, rule in self._rules.items()
            if rule.covers(context)
        ]
        if context.where == "tool_args" and self._arguments:
            found += self._for_argument(context)
        return found

    def _for_argument(self, context: Context) -> list[Active]:
        check = self._arguments.get(f"{context.tool}.{context.argument}")
        if check is None:
            return []
        rule = Rule(check, do="block")
        guardrail = load(check)
        return [Active(check, rule, guardrail, msgspec.structs.replace(context, options=guardrail.Options()))]


def names() -> list[str]:
    """All guardrails."""
    return [name for name in plugins.names(_PACKAGE) if name != _WAY]


def load(name: str) -> Guardrail:
    """A guardrail. Raises LookupError with the names that there are."""
    if name not in names():
        raise LookupError(f"there is no guardrail {name!r}; there are: {', '.join(names())}")
    return cast(Guardrail, plugins.load(_PACKAGE, name))


def options_of(rule: Rule, path: str) -> msgspec.Struct:
    """The rule's options in the guardrail's own struct. Raises ConfigError naming the field."""
    guardrail = _known(rule.check, f"{path}.check")
    kinds = getattr(guardrail, "KINDS", None)
    if kinds is not None and (odd := sorted(rule.kinds.keys() - set(kinds))):
        raise ConfigError(f"{path}.kinds: {rule.check} finds no {odd[0]!r}; it finds: {', '.join(sorted(kinds))}")
    if odd_place := [where for where in rule.at if where not in guardrail.STAGES]:
        made_for = ", ".join(guardrail.STAGES)
        raise ConfigError(f"{path}.at: {rule.check} does not check {odd_place[0]!r}; it checks: {made_for}")
    if "ask" in (rule.do, *rule.kinds.values()) and set(rule.at or guardrail.STAGES) != {"tool_args"}:
        raise ConfigError(
            f"{path}.do: `ask` lets a person decide about a call of a tool: write `at: [tool_args]` with it, and "
            "`block`, `redact` or `flag` for other texts"
        )
    try:
        return msgspec.convert(rule.options, guardrail.Options)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}.options: {error}") from None


def _known(check: str, path: str) -> Guardrail:
    try:
        return load(check)
    except LookupError as error:
        raise ConfigError(f"{path}: {error.args[0]}") from None


def _asks(rule: Rule, options: msgspec.Struct) -> bool:
    guardrail = load(rule.check)
    waits = getattr(guardrail, "waits", None)
    return waits is not None and "tool_args" in (rule.at or guardrail.STAGES) and bool(waits(options))


@functools.lru_cache(maxsize=4096)
def _is_among(value: str, names: Sequence[str]) -> bool:
    return any(value.startswith(one[:-1]) if one.endswith("*") else value == one for one in names)
