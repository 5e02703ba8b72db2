"""`/api/guardrails`: which there are, which rules are in force, and what they find in a text. Nothing is recorded."""

from typing import Any

import msgspec

from outrider.api.edge import Ask, Endpoint
from outrider.base.errors import ConfigError, RequestError
from outrider.guardrails import Context, Rule, Rules, inspect, load, names
from outrider.guardrails._contract import Act, Where
from outrider.guardrails._rules import options_of


class Listed(msgspec.Struct):
    """A guardrail. `at` are the texts that it is made for, `kinds` what its findings are called (empty: not fixed)."""

    name: str
    what: str
    at: list[str]
    kinds: list[str]


class GuardrailList(msgspec.Struct):
    """`rules` are the names of those in force."""

    guardrails: list[Listed]
    rules: list[str]


class NewCheck(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to look at, and where they would stand. With `check` one guardrail looks, with `options`; without it the
    rules of the configuration do. `instructions` is a system message, `private` what must not leave by a link."""

    texts: list[str]
    at: Where = "input"
    check: str = ""
    options: dict[str, Any] = {}
    threshold: float = 0.5
    route: str = ""
    agent: str = ""
    tool: str = ""
    argument: str = ""
    instructions: str = ""
    private: list[str] = []


class CheckFinding(msgspec.Struct):
    """`text[start:end]` of the text with this number. `hidden_in` names an encoding ("": none)."""

    text: int
    start: int
    end: int
    guardrail: str
    kind: str
    score: float
    act: Act
    rule: str
    hidden_in: str


class Checked(msgspec.Struct):
    """`act` is the strictest of all findings; `texts` are what would go on, `taints` whether it makes a session
    untrusted."""

    act: Act
    texts: list[str]
    taints: bool
    findings: list[CheckFinding]


def _list(ask: Ask) -> GuardrailList:
    found = [(name, load(name)) for name in names()]
    listed = [Listed(n, g.WHAT, list(g.STAGES), sorted(getattr(g, "KINDS", ()))) for n, g in found]
    return GuardrailList(listed, _rules(ask).names)


def _rules(ask: Ask) -> Rules:
    return ask.deps.guardrails() if ask.deps.guardrails is not None else Rules()


def _check(ask: Ask) -> Checked:
    asked: NewCheck = ask.body
    rules = _rules(ask)
    if asked.check:
        rule = Rule(asked.check, at=(asked.at,), do="redact", threshold=asked.threshold, options=asked.options)
        try:
            options_of(rule, "check")
        except ConfigError as error:
            raise RequestError(error.message, code="invalid_value", param="check") from None
        rules = Rules({asked.check: rule})
    context = Context(
        where=asked.at,
        project=ask.who.project,
        key=ask.who.key,
        route=asked.route,
        agent=asked.agent,
        tool=asked.tool,
        argument=asked.argument,
        instructions=(asked.instructions,) if asked.instructions else (),
        private=tuple(asked.private),
    )
    seen = inspect(asked.texts, context, rules)
    findings = [
        CheckFinding(
            *(one.text, one.finding.start, one.finding.end, one.guardrail, one.finding.kind, one.finding.score),
            *(one.act, one.rule, one.how),
        )
        for one in seen.found
    ]
    return Checked(seen.act, list(seen.texts), seen.taints, findings)


ENDPOINTS = [
    Endpoint("GET", "/api/guardrails", "Guardrails that there are, and the rules in force", GuardrailList, read=_list),
    Endpoint("POST", "/api/guardrails/check", "What guardrails find in texts", Checked, read=_check, takes=NewCheck),
]
