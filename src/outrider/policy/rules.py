"""Rules in Cedar: permit, forbid, and ask (a forbid with the annotation `@ask`). `@shadow` rules only observe."""

import unicodedata
from collections.abc import Mapping
from importlib import resources
from typing import Any, Literal

import msgspec

from outrider.base.errors import ConfigError

_MOST_RULED = 5_000
Verdict = Literal["allow", "ask", "deny"]
Context = Mapping[str, Any]


class Rule(msgspec.Struct, frozen=True):
    """A rule by its `@id`. `ask` is the reason that a person is shown ("": it forbids outright), `shadow` whether it
    only observes."""

    id: str
    forbids: bool
    ask: str = ""
    shadow: bool = False


class Ruling(msgspec.Struct, frozen=True):
    """What the rules say. `because` are the rules that decided (none: nothing permits it), `shadow` what the verdict
    would be if the shadow rules were in force ("": there are none)."""

    verdict: Verdict
    because: tuple[Rule, ...] = ()
    shadow: Verdict | Literal[""] = ""


class Rules:
    """A set of rules, parsed once. Thread-safe."""

    def __init__(self, text: str) -> None:
        """Raises ConfigError for what is no Cedar, naming what it found."""
        import cedarpy

        self.text = text
        self._cedar = cedarpy
        self._entities = cedarpy.Entities.from_json_str("[]")
        self._rules = _described(text)
        self._all = self._parsed(text)
        self._enforced = self._parsed(text, without_shadow=True)
        self._permits = self._parsed(text, without_shadow=True, without_forbids=True)
        self._has_shadow = any(rule.shadow for rule in self._rules.values())
        self._reads = _read(text)
        self._ruled: dict[tuple[str, str, str], Ruling] = {}

    @property
    def rules(self) -> list[Rule]:
        return list(self._rules.values())

    def decide(self, principal: str, resource: str, context: Context) -> Ruling:
        """`principal` is the agent, `resource` the tool, both by name. Rules know nothing but what they are asked, so
        what they said of the same is remembered: the same is what they read of it."""
        reads = context if self._reads is None else {name: context[name] for name in self._reads if name in context}
        key = (principal, resource, repr(reads))
        known = self._ruled.get(key)
        if known is None:
            if len(self._ruled) >= _MOST_RULED:
                self._ruled.clear()
            known = self._ruled[key] = self._decided(principal, resource, context)
        return known

    def _decided(self, principal: str, resource: str, context: Context) -> Ruling:
        request = {
            "principal": f'Agent::"{_quoted(principal)}"',
            "action": 'Action::"call"',
            "resource": f'Tool::"{_quoted(resource)}"',
            "context": dict(context),
        }
        verdict, because = self._ask(self._enforced, request)
        shadow: Verdict | Literal[""] = ""
        if self._has_shadow:
            shadow, _ = self._ask(self._all, request)
        return Ruling(verdict, because, shadow)

    def _ask(self, policies: Any, request: dict[str, Any]) -> tuple[Verdict, tuple[Rule, ...]]:
        found = self._cedar.is_authorized(request, policies, self._entities)
        if found.diagnostics.errors:  # a rule that could not be evaluated is not a rule that permits
            return "deny", tuple(Rule(str(error)[:200], True) for error in found.diagnostics.errors)
        because = tuple(self._rules[one] for one in sorted(found.diagnostics.reasons))
        if found.allowed:
            return "allow", because
        if not because or not all(rule.ask for rule in because):
            return "deny", because
        permitted = self._cedar.is_authorized(request, self._permits, self._entities)
        if not permitted.allowed or permitted.diagnostics.errors:  # nobody can approve what nothing permits
            return "deny", ()
        return "ask", because

    def _parsed(self, text: str, *, without_shadow: bool = False, without_forbids: bool = False) -> Any:
        said = msgspec.json.decode(self._cedar.policies_to_json_str(text))
        policies = said["staticPolicies"]
        if without_shadow:
            policies = {k: v for k, v in policies.items() if not self._rules[k].shadow}
        if without_forbids:
            policies = {k: v for k, v in policies.items() if not self._rules[k].forbids}
        return self._cedar.PolicySet.from_json_str(msgspec.json.encode({**said, "staticPolicies": policies}).decode())


def _described(text: str) -> dict[str, Rule]:
    """The rules of a text by the names that Cedar gives them."""
    import cedarpy

    try:
        policies = msgspec.json.decode(cedarpy.policies_to_json_str(text))["staticPolicies"]
    except ValueError as error:
        raise ConfigError(f"the rules are not valid Cedar: {error}") from None
    found = {}
    for name, policy in policies.items():
        notes = policy.get("annotations") or {}
        forbids = policy["effect"] == "forbid"
        ask = (notes.get("ask") or notes.get("id") or "a rule asks") if "ask" in notes else ""
        if ask and not forbids:
            raise ConfigError(f"the rule {notes.get('id') or name!r} permits and asks: put @ask on a forbid")
        found[name] = Rule(notes.get("id") or name, forbids, ask, "shadow" in notes)
    return found


def _read(text: str) -> frozenset[str] | None:
    """The parts of the context that the rules of a text read; None where they may read all of it."""
    import cedarpy

    found: set[str] = set()
    pending: list[Any] = [msgspec.json.decode(cedarpy.policies_to_json_str(text))["staticPolicies"]]
    while pending:
        part = pending.pop()
        if isinstance(part, list):
            pending += part
        elif isinstance(part, dict):
            if part.get("Var") == "context":
                return None
            for name, inner in part.items():
                if (
                    name in (".", "has")
                    and inner.get("left") == {"Var": "context"}
                    and isinstance(inner.get("attr"), str)
                ):
                    found.add(inner["attr"])
                else:
                    pending.append(inner)
    return frozenset(found)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "'": "\\'"}


def _quoted(name: str) -> str:
    """A name between Cedar's quotes, as Cedar itself would write it: it takes no other spelling."""
    if name.isascii() and name.isprintable() and not any(char in name for char in _ESCAPES):
        return name
    said = [_ESCAPES.get(char) or (char if char.isprintable() else f"\\u{{{ord(char):x}}}") for char in name]
    if name and unicodedata.category(name[0]) in ("Mn", "Me"):  # it has nothing to stand on
        said[0] = f"\\u{{{ord(name[0]):x}}}"
    return "".join(said)


def default_text() -> str:
    """The rules that hold where nobody wrote others."""
    return resources.files("outrider.policy").joinpath("default.cedar").read_text()
