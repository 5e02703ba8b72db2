"""Settings of a past moment, such that they can be answered by today: what was decided then, reached as it is today.

Of then are routes, policy with its rules, guardrails, masks and labels of tools, and which models are embedded. Of
today are addresses and credentials (a provider or tool server of then is the one of that name today), money, and what
the installation is: its projects, its documents, its journal. Nobody is told anything, and no rate is limited.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import yaml

from outrider.app import config_check
from outrider.app.config_alarms import Alarms
from outrider.app.config_decode import Problems, decode
from outrider.app.config_evaluation import Evaluation
from outrider.app.config_policy import Policy
from outrider.app.config_record import HIDDEN, RULES, Record
from outrider.app.config_schema import show
from outrider.app.config_structs import Otlp, Provider, Referring, Settings, referring
from outrider.app.config_tools import Tools
from outrider.base.errors import ConfigError
from outrider.base.usage import Price

OF_THEN = ("providers", "embedded", "routes", "policy", "tools", "guardrails")
REACHED: Mapping[str, Any] = {"api_key": None, "headers": {}, "base_url": None, "region": "", "project": ""}
FOUND: Mapping[str, Any] = {
    "env": {}, "headers": {}, "auth": {}, "oauth": None,
    "url": "", "command": [], "openapi": "", "python": "", "cwd": "",
}  # fmt: skip
"""Fields of a provider and of a tool server that are today's, and say nothing of then."""
_UNKNOWN = "unknown key"
_replace = msgspec.structs.replace


class Past(msgspec.Struct, frozen=True):
    """Settings of then for today. `gone`: why routes cannot be asked any more; a name with `/` at its end stands for
    all models of a provider. `rules` is the Cedar text, `notes` what could not be taken over. `prices` are those that
    were configured then, by deployment; `lists` says of each provider under which name the price list knows it."""

    settings: Settings
    rules: str | None
    gone: Mapping[str, str]
    notes: tuple[str, ...] = ()
    prices: Mapping[str, Price] = {}
    lists: Mapping[str, str] = {}


def past(record: Record, today: Settings, env: Mapping[str, str]) -> Past:
    """Raises ConfigError, with every reason, where what was configured then means nothing today."""
    problems = Problems("the configuration of then")
    said = {name: _reached(name, record.settings.get(name)) for name in OF_THEN if record.settings.get(name)}
    unknown: list[str] = []
    said = _told(said, show(today), "", unknown)
    then = decode(_node(said), Settings, env, problems)
    notes = [
        f"{_path(message)} means nothing to this Outrider and is left out"
        for _, message in problems.found if _UNKNOWN in message
    ]  # fmt: skip
    problems.found = [one for one in problems.found if _UNKNOWN not in one[1]]
    notes += [
        f"{path} of then is not on record (a secret), and today has none: a mark stands there" for path in unknown
    ]
    problems.raise_if_any()
    if then is None:
        raise ConfigError("the configuration of then cannot be read")
    gone = dict(_gone(then, today))
    notes += [
        f"the tool server {name!r} is not configured today; its tools are not there"
        for name in then.tools.servers if name not in today.tools.servers
    ]  # fmt: skip
    made = _replace(
        today,
        providers={n: _provider(one, today.providers[n]) for n, one in then.providers.items() if n in today.providers},
        embedded=_replace(
            today.embedded, enabled=then.embedded.enabled, chat=then.embedded.chat, embed=then.embedded.embed
        ),
        routes={name: route for name, route in then.routes.items() if name not in gone},
        policy=_policy(then.policy, today.policy),
        tools=_tools(then.tools, today.tools),
        guardrails=then.guardrails,
        casebook=_replace(today.casebook, enabled=False, model=""),
        rates={}, shares={}, alarms=Alarms(), otlp=Otlp(), evaluation=Evaluation(),
    )  # fmt: skip
    config_check.check(made, problems)
    problems.raise_if_any()
    if RULES not in record.files:
        notes.append("the Cedar text of then is not on record; the rules are today's")
    made = referring(made, _references(made, today, then, problems.references))
    prices = {f"{n}/{model}": one.price() for n, p in then.providers.items() for model, one in p.prices.items()}
    lists = {name: one.preset or name for name, one in then.providers.items()}
    return Past(made, record.files.get(RULES), gone, tuple(notes), prices, lists)


def _reached(name: str, said: Any) -> Any:
    """A section without what is today's anyway: a variable that is not set any more must not stand in the way."""
    if name == "providers":
        return {key: {**one, **REACHED} for key, one in said.items()}
    if name == "tools":
        return {**said, "servers": {key: {**one, **FOUND} for key, one in said.get("servers", {}).items()}}
    if name == "policy":
        approvals = {**(said.get("approvals") or {}), "notify": [], "secret": None, "slack": None}
        identity = {**said["identity"], "secret": None} if said.get("identity") else None
        return {**said, "approvals": approvals, "identity": identity}
    return said


def _told(said: Any, today: Any, path: str, unknown: list[str]) -> Any:
    """What is said, with today's values for secrets, which are not on record. `unknown` gets the paths of those that
    today does not have."""
    if isinstance(said, Mapping):
        of = today if isinstance(today, Mapping) else {}
        return {name: _told(one, of.get(name), f"{path}.{name}".lstrip("."), unknown) for name, one in said.items()}
    if isinstance(said, list):
        here = today if isinstance(today, list) else []
        more = [*here, *[None] * len(said)]
        return [_told(one, more[at], f"{path}.{at}", unknown) for at, one in enumerate(said)]
    if not isinstance(said, str) or HIDDEN not in said:
        return said
    if isinstance(today, str):
        return today
    unknown.append(path)
    return said


def _gone(then: Settings, today: Settings) -> Iterator[tuple[str, str]]:
    """Routes and providers that cannot be asked any more, and why."""
    for name in then.providers:
        if name not in today.providers:
            yield f"{name}/", f"the provider {name!r} of then is not configured today"
    for name, route in then.routes.items():
        for target in route.deployments:
            provider, _, model = target.partition("/")
            here = today.providers.get(provider)
            if here is None and provider != config_check.EMBEDDED:
                yield name, f"the route {name!r} of then asks {target}, and no such provider is configured today"
            elif here is not None and here.models and model not in here.models:
                yield name, f"the route {name!r} of then asks {target}, which is not among the provider's models today"
    first = next(iter(then.providers), "")
    if "default" not in then.routes and not then.embedded.enabled and first not in today.providers:
        yield "default", f"the default route of then was a model of {first!r}, which is not configured today"


def _provider(then: Provider, today: Provider) -> Provider:
    """Today's, with the models that it had then and still may have."""
    models = tuple(one for one in then.models if not today.models or one in today.models) or today.models
    return _replace(today, models=models, facts=then.facts, limits=None, check=None, breaker=then.breaker)


def _policy(then: Policy, today: Policy) -> Policy:
    approvals = _replace(then.approvals, notify=(), secret=today.approvals.secret, slack=today.approvals.slack)
    identity = then.identity
    if identity is not None and today.identity is not None:
        identity = _replace(identity, keys=today.identity.keys, secret=today.identity.secret)
    return _replace(then, approvals=approvals, identity=identity)


def _tools(then: Tools, today: Tools) -> Tools:
    """What is said of tools is of then, where they are is of today."""
    servers = {
        name: _replace(
            today.servers[name],
            prefix=one.prefix, only=one.only, trusted=one.trusted, labels=one.labels, tools=one.tools,
        )
        for name, one in then.servers.items() if name in today.servers
    }  # fmt: skip
    return _replace(then, servers=servers, public_url=today.public_url, pin=today.pin)


def _references(
    made: Settings, today: Settings, then: Settings, of_then: Mapping[tuple[str, ...], str]
) -> dict[tuple[str, ...], str]:
    """Those whose value was taken over from where they stand: the record must not have the value itself."""
    of_today = today.references if isinstance(today, Referring) else {}
    found: dict[tuple[str, ...], str] = {}
    for references, settings in ((of_today, today), (of_then, then)):
        if references:
            here, there = show(made), show(settings)
            found |= {path: text for path, text in references.items() if _at(here, path) == _at(there, path)}
    return found


def _at(shown: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path; None where it leads nowhere. The file may write plainly what is a list or has fields."""
    for key in path:
        if isinstance(shown, Mapping):
            shown = shown.get(key)
        elif isinstance(shown, list):
            shown = shown[int(key)] if int(key) < len(shown) else None
    return shown


def _path(message: str) -> str:
    return message.partition(": ")[0]


def _node(value: Any) -> yaml.Node:
    """Plain values as the reader of the file knows them."""
    mark = yaml.Mark("", 0, 0, 0, None, 0)
    begin: dict[str, Any] = {"start_mark": mark, "end_mark": mark}
    tag = "tag:yaml.org,2002:"
    if isinstance(value, Mapping):
        pairs = [(_node(str(name)), _node(one)) for name, one in value.items()]
        return yaml.MappingNode(f"{tag}map", pairs, **begin)
    if isinstance(value, list):
        return yaml.SequenceNode(f"{tag}seq", [_node(one) for one in value], **begin)
    if value is None:
        return yaml.ScalarNode(f"{tag}null", "null", **begin)
    if isinstance(value, bool):
        return yaml.ScalarNode(f"{tag}bool", "true" if value else "false", **begin)
    if isinstance(value, int | float):
        kind = "int" if isinstance(value, int) else "float"
        text = str(value) if isinstance(value, int) else format(value, ".9f").rstrip("0").rstrip(".")
        return yaml.ScalarNode(f"{tag}{kind}", text, **begin)
    return yaml.ScalarNode(f"{tag}str", str(value), style='"', **begin)
