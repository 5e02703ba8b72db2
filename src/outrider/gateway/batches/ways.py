"""Where lines of a batch can be sent, to be worked on for less money by a provider itself: by the model they name."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import msgspec

from outrider.base import clock
from outrider.base.budget import Amount, Subject
from outrider.base.errors import RequestError
from outrider.base.ports import Deployment
from outrider.base.usage import Price
from outrider.gateway.batches.asking import Shop, headers_of
from outrider.gateway.batches.lines import Line
from outrider.gateway.batches.provider_api import BatchApi
from outrider.gateway.batches.rows import Batch
from outrider.gateway.batches.theirs_anthropic import AnthropicBatches
from outrider.gateway.batches.theirs_bedrock import BedrockBatches
from outrider.gateway.batches.theirs_gemini import GeminiBatches
from outrider.gateway.batches.theirs_mistral import MistralBatches
from outrider.gateway.batches.theirs_openai import ENDPOINTS, OpenAIBatches
from outrider.gateway.batches.theirs_vertex import VertexBatches
from outrider.gateway.batches.wording import Worded, endpoint_of, worded
from outrider.gateway.identify import name_in, tags_in
from outrider.gateway.searching import fees
from outrider.gateway.table import Route
from outrider.limits.kept import Share
from outrider.limits.keys import Identity
from outrider.limits.worst import FRAME, worst
from outrider.providers.facts import facts
from outrider.providers.presets import preset

WHOLE_DAY_NS = 23 * 3_600_000_000_000
"""A provider takes up to a day: batches that have less time are worked on here."""
FORM_TOLD = 64
"""Tokens that a provider may add to a line beyond its bytes."""


class Way(NamedTuple):
    """Where lines of one model can be sent, what part of the usual price is paid there, and for input from its cache.
    They count for `subject`; `open`: lines may be sent, not only brought home; fewer than `least` are not taken."""

    route: Route
    at: Deployment
    api: BatchApi
    factor: Decimal
    cached: Decimal
    subject: Subject = Subject("")
    open: bool = True
    least: int = 0

    def price(self, usual: Price) -> Price:
        """The provider's for batches."""
        half = usual.scaled(self.factor, "for batches")
        if self.cached == self.factor:
            return half
        there = usual.scaled(self.cached, "")
        return msgspec.structs.replace(half, cached=there.input if there.cached is None else there.cached)

    def wire(self, line: Line, headers: Mapping[bytes, bytes]) -> Worded | None:
        """A line as the provider would hear it alone; None: it is executed here."""
        model = self.at.batch_models.get(self.at.model, self.at.model)
        there = msgspec.structs.replace(self.at, model=model)
        return worded(self.route, there, line.url, bytes(line.body), headers)

    def shares(self, shop: Shop) -> tuple[Share, ...] | None:
        """The accounts of budgets that cover what is sent now. None: nothing can be held of one of them."""
        return () if shop.reserves is None else shop.reserves.shares(self.subject, clock.now_ns())

    def pays(self, shop: Shop, said: Worded) -> bool:
        """Whether what is held for a part is of all the accounts that cover this line of it: a line may name a user of
        its own."""
        if shop.reserves is None or self.subject.user or not said.user:
            return True
        now, alone = clock.now_ns(), msgspec.structs.replace(self.subject, user=said.user)
        return shop.reserves.shares(alone, now) == shop.reserves.shares(self.subject, now)

    def worst(self, shop: Shop, line: Line, said: Worded) -> Amount:
        """The most that a line may take there."""
        size = max(len(said.wire.body), len(line.body)) + FORM_TOLD
        usual = shop.price_of(self.at, clock.now_ns(), size + FRAME) if shop.price_of is not None else None
        price, known = None if usual is None else self.price(usual), facts(self.at)
        if endpoint_of(line.url) != "chat":
            return worst(size, 0, 1, price, 0, known.context)
        most = worst(size, said.most, said.choices, price, known.max_output, known.context)
        searched = 0 if price is None else fees(said.wire.body, price.search, said.choices, self.at.dialect)
        return msgspec.structs.replace(most, money=most.money + searched)


def api_of(at: Deployment, endpoint: str) -> BatchApi | None:
    """The batch API of a deployment for an endpoint, if we speak it."""
    known = preset(at.price_list)
    if (at.dialect, endpoint) in ENDPOINTS:
        return (MistralBatches if known is not None and known.batch_api == "mistral" else OpenAIBatches)(at, endpoint)
    if endpoint != "chat":
        return None
    if known is not None and known.batch_bucket:
        return (
            None if at.bucket is None else (BedrockBatches if at.dialect == "bedrock" else VertexBatches)(at, at.bucket)
        )
    if at.dialect == "anthropic":
        return AnthropicBatches(at)
    return GeminiBatches(at) if at.dialect == "gemini" else None


def ways(shop: Shop, batch: Batch) -> dict[str, Way]:
    """By model, where its lines can be sent, and where some have been sent: those come home, whatever changed."""
    try:
        who = shop.owner(batch)
    except RequestError:
        return {}
    if who is None:
        return {}
    about = batch.about
    sent = {part.model or about.model: part.at for part in about.parts if part.state in ("sending", "open")}
    may = shop.forward and batch.expires - batch.created >= WHOLE_DAY_NS and not shop.guarded()
    if endpoint_of(batch.made.endpoint) == "chat" and shop.overseen():
        may = False  # it would come home unread and unjudged
    models = dict.fromkeys([*(about.models or [about.model]), *sent])
    wanted = [model for model in models if model and (may or model in sent)]
    found = {model: _way(shop, batch, who, model, may, sent.get(model, "")) for model in wanted}
    return {model: way for model, way in found.items() if way is not None and (way.open or model in sent)}


def _way(shop: Shop, batch: Batch, who: Identity, model: str, may: bool, provider: str) -> Way | None:
    """Where a model's lines go, or have gone: to this provider. Not where an answer of ours would be no provider's
    alone: knowledge, several deployments, a cache."""
    endpoint = endpoint_of(batch.made.endpoint)
    if not (shop.resolve and shop.price_of and endpoint):
        return None
    try:
        route = shop.resolve(model)
    except RequestError:
        return None
    if not route.deployments:
        return None
    at = next((one for one in route.deployments if one.provider == provider or not provider), None)
    if at is None:
        return None
    api, known = api_of(at, endpoint), preset(at.price_list)
    if api is None or known is None or not known.batch or endpoint not in at.paths:
        return None
    alone = len(route.deployments) == 1 and route.cache_ttl is None and route.cascade is None
    alone = alone and route.knowledge is None and (not known.batch_named or at.model in at.batch_models)
    alone = alone and batch.total >= known.batch_least
    priced = shop.price_of(at, clock.now_ns(), 0) is not None
    factors = Decimal(known.batch), Decimal(known.batch_cached or known.batch)
    way = Way(route, at, api, *factors, subject_of(batch, who, route), may and alone and priced, known.batch_least)
    return way._replace(open=way.open and way.shares(shop) is not None)


def subject_of(batch: Batch, who: Identity, route: Route) -> Subject:
    """Whom a batch's lines count for."""
    headers = dict(headers_of(batch))
    user, session = name_in(headers.get(b"x-outrider-user", b"")), name_in(headers.get(b"x-outrider-session", b""))
    tags = tuple(tags_in(headers[b"x-outrider-tags"]))
    return Subject(who.project, who.key, user, who.team, session, tags, route.name)
