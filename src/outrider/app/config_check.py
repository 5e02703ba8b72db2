"""Rules that reach over several keys: names that must exist, combinations that are refused."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from outrider.app import (
    config_alarms,
    config_approvals,
    config_buckets,
    config_evaluation,
    config_guardrails,
    config_knowledge,
    config_tools,
)
from outrider.app.config_decode import Problems, suggest
from outrider.app.config_limits import BudgetRule
from outrider.app.config_rates import RateLimit, problems_of
from outrider.app.config_routing import STRATEGIES, grounding_problems
from outrider.app.config_routing import problems_of as routing_problems
from outrider.app.config_structs import Otlp, Provider, Settings
from outrider.app.config_values import REFERENCE, Secret
from outrider.base import plugins
from outrider.base.errors import ConfigError
from outrider.limits.keys import UNIDENTIFIED
from outrider.providers.presets import presets

EMBEDDED = "embedded"
_CREDENTIAL_HEADERS = {"authorization", "api-key", "x-api-key", "proxy-authorization", "cookie"}
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check(settings: Settings, problems: Problems) -> None:
    """Add to `problems` what is wrong across keys."""
    for name, provider in settings.providers.items():
        _provider(name, provider, problems)
    for name in settings.routes:
        _route(name, settings, problems)
    for name, limit in settings.rates.items():
        _rate(name, limit, settings.projects, problems)
    for project in settings.shares:
        if project not in settings.projects:
            problems.at(("shares", project), f"unknown project {project!r}{suggest(project, settings.projects)}")
    for name, rule in settings.budgets.items():
        _budget(name, rule, settings.projects, problems)
    for path, message in config_alarms.problems_of(settings.alarms):
        problems.at(("alarms", *path), message)
    if settings.knowledge.max_upload > max(settings.server.max_body, config_knowledge.Knowledge().max_upload):
        most = f"{settings.server.max_body:,} bytes"
        text = f"is more than `server.max_body` ({most}), which every request is held to: raise that, too"
        problems.at(("knowledge", "max_upload"), text)
    for path, message in config_knowledge.problems_of(settings.knowledge, settings.projects):
        problems.at(("knowledge", *path), message)
    for path, message in config_approvals.problems_of(settings.policy.approvals):
        problems.at(("policy", "approvals", *path), message)
    _names(settings, problems)
    _reads(settings, problems)
    for path, message in config_tools.problems_of(settings.tools):
        problems.at(("tools", *path), message)
    for path, message in config_guardrails.problems_of(settings.guardrails):
        problems.at(("guardrails", *path), message)
    for path, message in config_evaluation.problems_of(settings.evaluation, settings.projects, settings.budgets):
        problems.at(("evaluation", *path), message)
    model = settings.casebook.model
    if model and model not in settings.routes and model.partition("/")[0] not in settings.providers:
        problems.at(("casebook", "model"), f"unknown route {model!r}{suggest(model, settings.routes)}")
    _otlp(settings.otlp, problems)
    if not settings.auth and not is_loopback(settings.server.host):
        problems.at(("auth",), _open_door(settings.server.host))
    if not settings.projects:
        problems.at(("projects",), "at least one project is needed, such as [default]")
    for index, project in enumerate(settings.projects):
        if not project or len(project) > 64 or not project.isprintable():
            problems.at(("projects", str(index)), "a project's name has 1 to 64 printable characters")
        if project == UNIDENTIFIED:
            words = "this name is kept for requests that nobody claims; choose another"
            problems.at(("projects", str(index)), words)


def _names(settings: Settings, problems: Problems) -> None:
    """Files that policy names; the system would refuse them where they are opened."""
    identity = settings.policy.identity
    for path, name in (("rules", settings.policy.rules), ("identity.keys", identity.keys if identity else "")):
        if "\0" in (name or ""):
            problems.at(("policy", *path.split(".")), config_tools.NUL)


def _reads(settings: Settings, problems: Problems) -> None:
    """The model that reads users' words."""
    model, path = settings.policy.grants.model, ("policy", "grants", "model")
    if model in settings.routes:
        if settings.routes[model].knowledge is not None:
            problems.at(path, f"the route {model!r} answers with documents, which others may have written")
    elif model and model.partition("/")[0] not in (*settings.providers, EMBEDDED):
        problems.at(path, f"unknown route {model!r}{suggest(model, settings.routes)}")


def check_host(settings: Settings) -> None:
    """The same rule for a host that was given as an option. Raises ConfigError."""
    if not settings.auth and not is_loopback(settings.server.host):
        raise ConfigError(f"auth: {_open_door(settings.server.host)}")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def deployments(settings: Settings) -> list[str]:
    """Every `provider/model` that the settings name; providers without a list add none."""
    found = [f"{name}/{model}" for name, p in settings.providers.items() for model in p.models]
    if settings.embedded.enabled:
        found += [f"{EMBEDDED}/{settings.embedded.chat}", f"{EMBEDDED}/{settings.embedded.embed}"]
    return found


def _open_door(host: str) -> str:
    return f"`off` is refused while server.host is {host!r}: anyone could call in; use 127.0.0.1 or auth: on"


def _provider(name: str, provider: Provider, problems: Problems) -> None:
    path = ("providers", name)
    if name == EMBEDDED:
        problems.at(path, "this name belongs to the embedded models; choose another")
    if not name or "/" in name or not name.isprintable() or " " in name:
        problems.at(path, "a provider's name has no slash and no space")
    known = presets()
    if provider.preset and provider.preset not in known:
        problems.at((*path, "preset"), f"unknown preset {provider.preset!r}{suggest(provider.preset, known)}")
    preset = known.get(provider.preset or name)
    if not provider.base_url and not (preset and preset.base_url):
        variable = (preset and preset.base_url_env) or "MY_BASE_URL"
        problems.at(path, f"base_url is missing; add it, such as base_url: ${{env:{variable}}}, or a preset")
    if provider.base_url:
        _url((*path, "base_url"), provider.base_url, problems)
    if provider.api_key is not None and not REFERENCE.search(provider.api_key.reference):
        problems.at((*path, "api_key"), "a secret does not belong in this file; write ${env:NAME} and export NAME")
    _headers((*path, "headers"), provider.headers, problems)
    for field, message in config_buckets.problems_of(provider, preset):
        problems.at((*path, field), message)
    for field in ("batch_bucket_url", "batch_jobs_url"):
        if url := getattr(provider, field):
            _url((*path, field), url, problems)
    for model in provider.facts:
        if provider.models and model not in provider.models:
            words = f"provider {name!r} has no model {model!r}{suggest(model, provider.models)}"
            problems.at((*path, "facts", model), words)
    for model in provider.limits.models if provider.limits is not None else ():
        if provider.models and model not in provider.models:
            words = f"provider {name!r} has no model {model!r}{suggest(model, provider.models)}"
            problems.at((*path, "limits", "models", model), words)


def _route(name: str, settings: Settings, problems: Problems) -> None:
    route, path = settings.routes[name], ("routes", name)
    if not name or not name.isprintable():
        problems.at(path, "a route needs a name of printable characters")
    if not route.deployments:
        problems.at((*path, "deployments"), "at least one deployment is needed, such as [embedded/smollm2-135m]")
    strategies = plugins.names(STRATEGIES)
    if route.strategy not in strategies:
        problems.at((*path, "strategy"), f"unknown strategy {route.strategy!r}{suggest(route.strategy, strategies)}")
    for index, deployment in enumerate(route.deployments):
        message = _unknown(deployment, settings, problems)
        if message:
            problems.at((*path, "deployments", str(index)), message)
    for keys, message in routing_problems(route):
        problems.at((*path, *keys), message)
    if route.knowledge is not None:
        for keys, message in grounding_problems(route.knowledge, settings.knowledge.collections):
            problems.at((*path, "knowledge", *keys), message)
    if route.try_timeout > route.timeout:
        problems.at((*path, "try_timeout"), "is longer than the route's timeout; make it shorter or raise timeout")


def _unknown(deployment: str, settings: Settings, problems: Problems) -> str:
    """What is wrong with the name of a deployment, empty if nothing is."""
    provider, slash, model = deployment.partition("/")
    if not slash or not model:
        return f"expected provider/model, not {deployment!r}{suggest(deployment, deployments(settings))}"
    if provider == EMBEDDED:
        if not settings.embedded.enabled:
            return f"{deployment!r} needs embedded.enabled: true"
        models = (settings.embedded.chat, settings.embedded.embed)
        return "" if model in models else f"the embedded models do not include {model!r}{suggest(model, models)}"
    if provider not in settings.providers:
        if ("providers", provider) in problems.lines:
            return ""  # It is there but wrong, and that has been said.
        return f"unknown provider {provider!r}{suggest(provider, [*settings.providers, EMBEDDED])}"
    listed = settings.providers[provider].models
    return (
        f"provider {provider!r} has no model {model!r}{suggest(model, listed)}"
        if listed and model not in listed
        else ""
    )


def _rate(name: str, limit: RateLimit, projects: tuple[str, ...], problems: Problems) -> None:
    path = ("rates", name)
    for key, message in problems_of(name, limit):
        problems.at((*path, key) if key else path, message)
    for project in limit.match.project:
        if project not in projects:
            words = f"unknown project {project!r}{suggest(project, projects)}"
            problems.at((*path, "match", "project"), words)


def _budget(name: str, rule: BudgetRule, projects: tuple[str, ...], problems: Problems) -> None:
    path = ("budgets", name)
    for key, message in rule.terms().read(name)[1]:
        problems.at(path if key == "name" else (*path, *key.split(".")), message)
    for project in rule.match.project:
        if project not in projects:
            words = f"unknown project {project!r}{suggest(project, projects)}"
            problems.at((*path, "match", "project"), words)


def _otlp(otlp: Otlp, problems: Problems) -> None:
    if otlp.endpoint:
        _url(("otlp", "endpoint"), otlp.endpoint, problems)
    _headers(("otlp", "headers"), otlp.headers, problems)


def _url(path: tuple[str, ...], url: str, problems: Problems) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        problems.at(path, "expected a URL that begins with http:// or https:// and names a host")
    elif parts.username or parts.password:
        problems.at(path, "a URL must not carry a password; use headers with ${env:NAME}")


def _headers(path: tuple[str, ...], headers: dict[str, Secret], problems: Problems) -> None:
    for name, value in _bad_headers(headers):
        problems.at((*path, name), value)


def _bad_headers(headers: dict[str, Secret]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        text = value.reveal()
        if not name or not set(name) <= _TOKEN:
            yield name, "is not a header name: letters, digits and - only"
        elif not text.isascii() or not text.isprintable():
            yield name, "a header's value is one line of plain ASCII text"
        elif name.lower() in _CREDENTIAL_HEADERS and not REFERENCE.search(value.reference):
            yield name, "a secret does not belong in this file; write ${env:NAME} and export NAME"
