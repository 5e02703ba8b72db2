"""From provider settings to things that can be called: presets applied, credentials placed, pools opened."""

import ssl
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit

import msgspec

from outrider.app import config_buckets, config_reach
from outrider.app.settings import Provider, Settings
from outrider.app.settings import Route as RouteRule
from outrider.base import env, plugins
from outrider.base.errors import ConfigError, UpstreamError
from outrider.base.ports import BreakerRules, Bucket, Deployment, Transport, WireRequest
from outrider.gateway.signed import SigningTransport
from outrider.gateway.structured import Rules
from outrider.gateway.table import ProviderEntry, Route, RouteTable
from outrider.gateway.upstream import HttpPool, Origin
from outrider.limits import terms
from outrider.providers.presets import Preset

Headers = list[tuple[bytes, bytes]]
LISTED_MOST = 5000
LIST_LIMIT = 16 << 20


class Reach:
    """Transports by provider, kept over reloads: an unchanged provider keeps its connections."""

    def __init__(self) -> None:
        self._transports: dict[str, tuple[object, Transport]] = {}
        self._buckets: dict[str, tuple[object, Bucket | None]] = {}
        self._tls: ssl.SSLContext | None = None
        self.listed: dict[str, list[str]] = {}

    def table(self, settings: Settings, embedded: Transport | None) -> RouteTable:
        """The route table of `settings`. Must run on the event loop. Raises ConfigError."""
        entries: dict[str, ProviderEntry] = {}
        if embedded is not None:
            entries["embedded"] = _embedded(settings, embedded)
        for name, provider in settings.providers.items():
            entries[name] = self._entry(name, provider)
        routes = {name: _route(name, rule, entries) for name, rule in settings.routes.items()}
        if "default" not in routes and entries:
            routes["default"] = _default(entries)
        return RouteTable(routes, entries)

    def _entry(self, name: str, provider: Provider) -> ProviderEntry:
        base, headers, chosen = config_reach.reach(name, provider)
        if not base:
            raise ConfigError(f"provider {name!r} needs a `base_url`: its preset has none")
        prefix = urlsplit(base).path.rstrip("/")
        kept = self._transports.get(name)
        if kept is None or kept[0] != base:
            pool, signer = self._pool(base), config_reach.signer(name, provider, base, chosen)
            kept = self._transports[name] = (base, pool if signer is None else SigningTransport(pool, signer))
        wire = _wire_headers(name, headers)
        template = Deployment(
            name=name,
            provider=name,
            model="",
            dialect=config_reach.language(provider, chosen),
            transport=kept[1],
            paths={k: prefix + path for k, path in config_reach.endpoints(name, provider, chosen).items()},
            headers=wire,
            stream_usage=chosen.stream_usage if chosen else True,
            prices={model: price.price() for model, price in provider.prices.items()},
            price_list=provider.preset or name,
            prefill=chosen.prefill if chosen else "",
            forms=chosen.forms if chosen else Preset().forms,
            knows=frozenset(chosen.knows if chosen else ()),
            limit=chosen.limit if chosen else "",
            tiers=_tiers(chosen, provider),
            breaker=provider.breaker.rules(),
            runs_on=provider.when_left == "runs_on",
            batch_models=provider.batch_models,
            bucket=self._bucket(name, provider, base, chosen, wire),
        )
        known = list(provider.models) or self.listed.get(name, [])
        facts = {model: said.facts() for model, said in provider.facts.items()}
        return ProviderEntry(template, Route(name, ()), known, open=not known, facts=facts)

    def _bucket(
        self, name: str, provider: Provider, base: str, chosen: Preset | None, headers: Headers
    ) -> Bucket | None:
        urls = provider.batch_bucket_url, provider.batch_jobs_url
        said = base, headers, provider.region, provider.batch_bucket, provider.batch_role, urls
        kept = self._buckets.get(name)
        if kept is None or kept[0] != said:
            kept = said, config_buckets.bucket_of(name, provider, base, chosen, headers, self._pool)
            self._buckets[name] = kept
        return kept[1]

    def _pool(self, base: str) -> HttpPool:
        if self._tls is None and base.startswith("https:"):
            self._tls = ssl.create_default_context()
        return HttpPool(Origin(base, env.proxy_for(base)), tls=self._tls)

    async def list_models(self, name: str, entry: ProviderEntry) -> list[str]:
        """The model ids that the provider itself lists. Raises UpstreamError."""
        template = entry.template
        response = await template.transport.send(WireRequest("GET", template.paths["models"], template.headers))
        body = await response.read(LIST_LIMIT)
        if response.status != 200:
            raise UpstreamError(
                f"{name} answered HTTP {response.status} to a request for its models", status=response.status
            )
        read = getattr(plugins.load("outrider.providers", template.dialect), "models", _listed)
        try:
            found = self.listed[name] = read(body)[:LISTED_MOST]
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UpstreamError(f"{name} did not list its models as JSON") from None
        return list(found)

    async def close(self) -> None:
        for _, transport in self._transports.values():
            await transport.close()
        for _, bucket in self._buckets.values():
            for at in (bucket.objects, bucket.jobs) if bucket is not None else ():
                if at is not None:
                    await at.close()


class _Listed(msgspec.Struct):
    id: str


class _Listing(msgspec.Struct):
    items: list[_Listed] = msgspec.field(name="data")


def _tiers(chosen: Preset | None, provider: Provider) -> dict[str, Decimal]:
    known = {tier: Decimal(part) for tier, part in chosen.tiers.items()} if chosen else {}
    return known | {tier: Decimal(str(terms.share(part))) for tier, part in provider.tiers.items()}


def _listed(body: bytes) -> list[str]:
    return [item.id for item in msgspec.json.decode(body, type=_Listing).items]


def _wire_headers(name: str, headers: Mapping[str, str]) -> Headers:
    """Header fields as bytes. Raises ConfigError, without the value, for what HTTP cannot carry."""
    wire = [(b"content-type", b"application/json"), (b"accept-encoding", b"identity"), (b"user-agent", b"outrider")]
    for field, value in headers.items():
        value = value.strip()
        if not field.isascii() or not value.isascii() or not (field + value).isprintable():
            raise ConfigError(
                f"provider {name!r}: the value for header {field!r} has characters that HTTP cannot carry"
            )
        wire.append((field.encode(), value.encode()))
    return wire


def _embedded(settings: Settings, transport: Transport) -> ProviderEntry:
    paths = {name: f"/v1{path}" for name, path in config_reach.USUAL.items()}
    template = Deployment(
        "embedded",
        "embedded",
        "",
        "openai",
        transport,
        paths,
        price_list="embedded",
        prefill="continue_final_message",
        breaker=BreakerRules(on=False),  # it does not recover by being left alone
    )
    route = Route("embedded", (), retries=0)
    return ProviderEntry(template, route, [settings.embedded.chat, settings.embedded.embed])


def _route(name: str, rule: RouteRule, entries: Mapping[str, ProviderEntry]) -> Route:
    deployments = []
    for target in rule.deployments:
        provider, _, model = target.partition("/")
        entry = entries.get(provider)
        if entry is None:
            raise ConfigError(
                f"route {name!r} names provider {provider!r}, which is not there (is `embedded.enabled` off?)"
            )
        deployments.append(entry.deployment(model))
    return Route(
        name,
        deployments,
        rule.strategy,
        rule.retries,
        rule.timeout,
        rule.try_timeout,
        rule.stall_timeout,
        rule.cache.ttl if rule.cache is not None else None,
        why=f"configured route {name!r}",
        weights={name: float(weight) for name, weight in rule.weights.items()},
        up_to={name: int(terms.amount("calls", tokens)) for name, tokens in rule.up_to.items()},
        sticky=rule.sticky is not None,
        hedge=rule.hedge.rule() if rule.hedge is not None else None,
        cascade=rule.cascade.rule() if rule.strategy == "cascade" else None,
        lossy=rule.lossy == "allow",
        knowledge=rule.knowledge.rule() if rule.knowledge is not None else None,
        structured=Rules(rule.structured.retries, rule.structured.repair) if rule.structured is not None else None,
    )


def _default(entries: Mapping[str, ProviderEntry]) -> Route:
    """`default`: the embedded chat model, else the first model of the first provider that names one."""
    for name, entry in entries.items():
        if entry.models:
            return msgspec.structs.replace(
                entry.route,
                name="default",
                deployments=(entry.deployment(entry.models[0]),),
                why=f"first model of {name!r}",
            )
    name, entry = next(iter(entries.items()))
    return msgspec.structs.replace(entry.route, name="default", deployments=(entry.deployment("default"),))
