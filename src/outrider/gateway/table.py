"""The route table: which names callers may put into `model`, and what serves them. Swapped whole on reload."""

import difflib
from collections.abc import Mapping, Sequence
from urllib.parse import quote

import msgspec

from outrider.base.errors import RequestError
from outrider.base.grounding import GroundRule
from outrider.base.ports import Deployment, Facts
from outrider.gateway.answer_checks import CascadeRule
from outrider.gateway.hedge import HedgeRule
from outrider.gateway.structured import Rules
from outrider.limits.kept import Kept

PASS_THROUGH_MOST = 1000
LONGEST_NAME = 200
UNKNOWN = Facts()


class Route(msgspec.Struct, frozen=True):
    """A callable name. `strategy` is a module of `outrider.routing`; times are seconds.

    `timeout` bounds the whole call, `try_timeout` one attempt (of a stream: until its first byte), `stall_timeout` the
    silence within a stream. `cache_ttl` None: no response cache. `weights` and `up_to` (tokens of the largest prompt)
    are by the deployments' names; with `sticky` a session stays with its deployment. `structured` None: answers are not
    held to `response_format`. `lossy`: what a deployment cannot be told is left out without the caller's saying so.
    `knowledge`: its answers rest on documents. `kept`: budgets hold already what its calls may take.
    """

    name: str
    deployments: Sequence[Deployment]
    strategy: str = "fallback"
    retries: int = 2
    timeout: float = 600.0
    try_timeout: float = 120.0
    stall_timeout: float = 120.0
    cache_ttl: float | None = None
    why: str = ""
    weights: Mapping[str, float] = {}
    up_to: Mapping[str, int] = {}
    sticky: bool = False
    structured: Rules | None = Rules()
    hedge: HedgeRule | None = None
    cascade: CascadeRule | None = None
    lossy: bool = False
    knowledge: GroundRule | None = None
    kept: Kept | None = None


class ProviderEntry(msgspec.Struct):
    """A provider whose models are reached as `provider/model` even when no list names them.

    `open` while its models are not known: then it gets every name that nobody else has. `facts` are what the
    configuration says of its models.
    """

    template: Deployment
    route: Route
    models: Sequence[str] = ()
    open: bool = False
    facts: Mapping[str, Facts] = {}

    def deployment(self, model: str) -> Deployment:
        in_path = quote(model, safe="")  # a caller may choose the name: it stays one segment
        paths = {k: v.replace("{model}", in_path) for k, v in self.template.paths.items()}
        name = f"{self.template.name}/{model}"
        facts = self.facts.get(model, UNKNOWN)
        return msgspec.structs.replace(self.template, name=name, model=model, paths=paths, facts=facts)


class RouteTable:
    """Routes by name. A name is, in this order: a configured route, a known model, or `provider/model`."""

    def __init__(self, routes: Mapping[str, Route], providers: Mapping[str, ProviderEntry]) -> None:
        self.providers = providers
        self._routes = dict(routes)
        self._direct: dict[str, Route] = {}
        for provider in providers:
            self.learn(provider, providers[provider].models)

    def learn(self, provider: str, models: Sequence[str]) -> None:
        """The models that a provider says it has. A configured route of the same name wins, then the first provider."""
        entry = self.providers[provider]
        entry.models, entry.open = models, entry.open and not models
        for model in models:
            self._routes.setdefault(model, self._through(entry, model, f"model of provider {provider!r}"))

    def _through(self, entry: ProviderEntry, model: str, why: str) -> Route:
        return msgspec.structs.replace(entry.route, name=model, deployments=(entry.deployment(model),), why=why)

    def names(self) -> list[str]:
        """Every name that can be listed, sorted."""
        return sorted(self._routes)

    def items(self) -> list[tuple[str, Route]]:
        return sorted(self._routes.items())

    def resolve(self, model: str) -> Route:
        """The route behind `model`. Raises RequestError 404 with the three nearest names."""
        route = self._routes.get(model) or self._direct.get(model)
        if route is not None:
            return route
        passed = self._passed(model)
        if passed is None:
            raise self._unknown(model)
        if len(self._direct) >= PASS_THROUGH_MOST:
            self._direct.clear()
        self._direct[model] = passed
        return passed

    def _passed(self, model: str) -> Route | None:
        """A name that no list has, passed to the provider that it names or to one whose models are not known."""
        if len(model) > LONGEST_NAME or not model.isprintable():
            return None
        provider, slash, name = model.partition("/")
        entry = self.providers.get(provider)
        if slash and name and entry is not None:
            return self._through(entry, name, f"{name!r} passed to provider {provider!r}")
        for provider, entry in self.providers.items():
            if entry.open:
                return self._through(
                    entry, model, f"{model!r} passed to provider {provider!r}, which has not listed its models"
                )
        return None

    def _unknown(self, model: str) -> RequestError:
        near = difflib.get_close_matches(model, self._routes, n=3, cutoff=0.0) if self._routes else []
        hint = (
            f" Nearest names: {', '.join(repr(n) for n in near)}."
            if near
            else " No model is configured: run `outrider doctor`."
        )
        return RequestError(
            f"The model {model[:200]!r} does not exist here.{hint}", status=404, code="model_not_found", param="model"
        )
