"""LiteLLM's groups of deployments, with the router's settings, as routes."""

from collections.abc import Iterator, Mapping, Sequence
from math import gcd
from typing import Any

from outrider.app.migrate.draft import Draft, RouteDraft, plain, seconds
from outrider.app.migrate.litellm_models import Entry
from outrider.app.migrate.notes import Notes, Section, one_line

STRATEGIES = {
    "simple-shuffle": "balance",
    "least-busy": "least_busy",
    "latency-based-routing": "least_latency",
    "usage-based-routing": "balance",
    "usage-based-routing-v2": "balance",
    "cost-based-routing": "cheapest",
}
_WEIGHED = ("balance", "least_busy")
_HEAVIEST, _MOST_RETRIES = 1000, 10
USUAL_TIMEOUT = 600.0
"""Seconds that LiteLLM's router waits for an answer if nobody says anything."""
_CLASSES = ("TimeoutErrorRetries", "RateLimitErrorRetries", "InternalServerErrorRetries")


class Routes:
    """Makes routes of the entries that could be read. `common` are settings of all routes."""

    def __init__(self, draft: Draft, notes: Notes, router: Section, settings: Section, common: dict[str, Any]) -> None:
        self._draft, self._notes, self._router, self._settings = draft, notes, router, settings
        self._common = common
        self._made: dict[str, RouteDraft] = {}
        self._ids: dict[str, str] = {}

    def make(self, entries: Sequence[Entry]) -> None:
        """Write the routes into the draft. What callers see of a route is its group's `model_name`."""
        strategy, by_tag = self._strategy(), bool(self._router.flag("enable_tag_filtering"))
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(entry.group, []).append(entry)
            if entry.id:
                self._ids[entry.id] = entry.target
        shared = self._timing()
        for name, group in groups.items():
            self._made[name] = self._route(name, group, strategy, by_tag, shared)
        self._aliases()
        self._fallbacks()
        for name, made in self._made.items():
            self._draft.routes[name] = self._written(made)

    # -- one route ----------------------------------------------------------------------------------------------------

    def _route(
        self, name: str, group: Sequence[Entry], strategy: str, by_tag: bool, shared: Mapping[str, Any]
    ) -> RouteDraft:
        made = RouteDraft(name, group[0].mode, settings={**shared, **self._own_timing(name, group)})
        first = min((e.order for e in group if e.order), default=None)
        later = [e for e in group if e.spare or (first is not None and (e.order or first) > first)]
        weights = _weights([e for e in group if e not in later])
        for entry, weight in weights:
            made.weights[entry.target] = made.weights.get(entry.target, 0) + weight
        for entry in sorted(later, key=lambda e: e.order or 0):
            if entry.target not in (*made.weights, *made.spare):
                made.spare.append(entry.target)
        if any(e.drops for e in group):
            made.settings["lossy"] = "allow"
        if by_tag and any(e.tagged for e in group):
            made.settings["strategy"] = "by_tag"
        elif len(made.weights) > 1:
            made.settings["strategy"] = strategy
        return made

    def _written(self, made: RouteDraft) -> dict[str, Any]:
        """A route as the file has it."""
        strategy = made.settings.pop("strategy", "fallback")
        names = [*made.weights, *made.spare]
        found: dict[str, Any] = {"deployments": names}
        if strategy != "fallback":
            found["strategy"] = strategy
        if strategy in _WEIGHED:
            scaled = _scaled(made.weights)
            weights = {n: w for n, w in scaled.items() if w != 1} | dict.fromkeys(made.spare, 0)
            if weights:
                found["weights"] = weights
        elif made.spare and strategy != "fallback":
            text = f"fallbacks of routes with strategy {strategy} are chosen like the route's own deployments"
            self._notes.add("differs", "router_settings.routing_strategy", text, made.name)
        return found | made.settings | self._common

    # -- settings of the router ---------------------------------------------------------------------------------------

    def _strategy(self) -> str:
        theirs = self._router.text("routing_strategy") or "simple-shuffle"
        ours = STRATEGIES.get(theirs)
        if ours is None:
            text = f"the strategy {theirs} is not here; `balance` was written: see docs/guides/routing.md"
            self._router.say("differs", "routing_strategy", text)
        elif theirs.startswith("usage-based"):
            text = "`balance` draws by weight, and seldom a deployment that is near its limit"
            self._router.say("differs", "routing_strategy", text)
        return ours or "balance"

    def _timing(self) -> dict[str, Any]:
        """Times and retries that hold for every route."""
        asked = self._settings.number("request_timeout")
        timeout = self._router.number("timeout") or asked
        stream = self._router.number("stream_timeout")
        retries = self._settings.number("num_retries")
        retries = self._router.number("num_retries") or retries
        policy = self._router.section("retry_policy")
        if list(policy):
            counts = [policy.number(name) or 0 for name in _CLASSES]
            retries = max([*counts, retries or 0])
            text = "retries do not differ by kind of failure; the largest number was taken"
            self._router.say("differs", "retry_policy", text)
        return _times(timeout or USUAL_TIMEOUT, stream) | _retries(retries)

    def _own_timing(self, name: str, group: Sequence[Entry]) -> dict[str, Any]:
        """Times and retries that entries of the group have of their own: the longest counts."""
        timeouts = [e.timeout for e in group if e.timeout]
        streams = [e.stream_timeout for e in group if e.stream_timeout]
        if len(set(timeouts)) > 1:
            text = "a route has one timeout: the longest of its deployments was taken"
            self._notes.add("differs", "model_list[].litellm_params.timeout", text, name)
        found = _times(max(timeouts), None) if timeouts else {}
        if streams:
            found["stall_timeout"] = seconds(max(0.1, max(streams)))
        return found | _retries(max((e.retries or 0 for e in group), default=0))

    # -- other names, and other groups --------------------------------------------------------------------------------

    def _aliases(self) -> None:
        section = self._router.section("model_group_alias")
        for alias in section:
            value = section.take(alias)
            target = str(value.get("model") or "") if isinstance(value, dict) else str(value)
            found, name = self._made.get(target), one_line(alias)
            if found is None or not name:
                section.left(alias, f"there is no route {target!r} that it could stand for")
            elif name not in self._made:
                self._made[name] = RouteDraft(
                    name, found.mode, dict(found.weights), list(found.spare), dict(found.settings)
                )

    def _fallbacks(self) -> None:
        """Deployments of the fallback groups come behind the route's own."""
        own = {name: list(made.weights) + made.spare for name, made in self._made.items()}
        for key in ("fallbacks", "context_window_fallbacks"):
            for group, targets, section in self._listed(key):
                for name in [*self._made] if group == "*" else [group]:
                    if name in self._made:
                        self._add(self._made[name], targets, own, key, section)
                    else:
                        section.left(key, f"there is no route {name!r}")
        for section in (self._router, self._settings):
            targets = section.entries("default_fallbacks")
            for made in self._made.values():
                fitting = [t for t in targets if str(t) not in self._made or self._made[str(t)].mode == made.mode]
                self._add(made, fitting, own, "default_fallbacks", section)

    def _listed(self, key: str) -> Iterator[tuple[str, list[object], Section]]:
        """`[{group: [targets]}]` of the router, else of the module's settings."""
        listed = [(section, section.entries(key)) for section in (self._router, self._settings)]
        section, entries = next((found for found in listed if found[1]), listed[0])
        for entry in entries:
            for group, targets in entry.items() if isinstance(entry, dict) else ():
                yield str(group), targets if isinstance(targets, list) else [targets], section

    def _add(
        self, made: RouteDraft, targets: Sequence[object], own: Mapping[str, list[str]], key: str, section: Section
    ) -> None:
        for target in targets:
            name = str(target.get("model", "")) if isinstance(target, dict) else str(target)
            if isinstance(target, dict):
                section.say("differs", key, "a fallback gets the same request; messages of its own are not kept")
            found = own.get(name) or self._single(name)
            if not found:
                section.left(key, f"there is no route {name!r}")
            made.spare += [d for d in found if d not in made.weights and d not in made.spare]

    def _single(self, name: str) -> list[str]:
        """A deployment by its id, or as `provider/model` of a provider that serves any."""
        if name in self._ids:
            return [self._ids[name]]
        provider, slash, model = name.partition("/")
        known = self._draft.providers.get(provider)
        return [name] if slash and model and known and (known.open or model in known.models) else []


def _weights(group: Sequence[Entry]) -> list[tuple[Entry, float]]:
    """LiteLLM's weights: as given, else by requests a minute, else by tokens a minute, else equal."""
    for key in ("weight", "rpm", "tpm"):
        values = [getattr(entry, key) for entry in group]
        if any(values):
            least = min(v for v in values if v)
            return [(entry, value or least) for entry, value in zip(group, values, strict=True)]
    return [(entry, 1.0) for entry in group]


def _scaled(weights: Mapping[str, float]) -> dict[str, int | float]:
    """Whole numbers in the same proportion, as far as 1 to 1000 can say it."""
    least, most = min(weights.values(), default=1.0), max(weights.values(), default=1.0)
    if least == most:
        return dict.fromkeys(weights, 1)
    unit = (
        1.0 if most <= _HEAVIEST and all(w == int(w) for w in weights.values()) else max(most / _HEAVIEST, least / 10)
    )
    whole = {name: max(1, min(_HEAVIEST, round(w / unit))) for name, w in weights.items()}
    common = gcd(*whole.values())
    return {name: w // common for name, w in whole.items()}


def _times(timeout: float, stream: float | None) -> dict[str, Any]:
    """LiteLLM's timeout is for a try; ours for all of them together gets the same, so that nobody waits longer."""
    text = seconds(max(0.1, timeout))
    found: dict[str, Any] = {"timeout": text, "try_timeout": text}
    if stream:
        found["stall_timeout"] = seconds(max(0.1, stream))
    return found


def _retries(number: float | None) -> dict[str, Any]:
    return {"retries": int(min(_MOST_RETRIES, plain(number)))} if number else {}
