"""Which deployments a call is sent to, in which order, and why. Memory only; a few microseconds.

The route's strategy orders the deployments that can take the call; here is what holds for every strategy: those that
cannot (too long a prompt, images for a model that is blind) are left out unless none would be left; a session may stick
to its deployment; those whose breaker is open, or whose provider has no room now, come last.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import log
from typing import Any, cast

from msgspec import structs

from outrider.base import clock, plugins
from outrider.base.choice import Ask, Candidate, Strategy
from outrider.base.errors import RequestError
from outrider.base.ports import Deployment, Facts
from outrider.gateway.booking import PriceOf
from outrider.gateway.call import Call
from outrider.gateway.table import Route
from outrider.limits.vitals import Vital, Vitals
from outrider.providers import facts as known_facts

KINDS = {
    "image_url": "image", "image": "image", "input_audio": "audio", "audio_url": "audio", "video_url": "video",
    "file": "file", "document": "file", "document_url": "file",
}  # fmt: skip
TOKENS_OF_AN_IMAGE = 1000
LONGEST_WAIT = 3600
ANY = 2**62


def candidates_for(call: Call, vitals: Vitals, price_of: PriceOf) -> list[Candidate]:
    """The deployments for a call, best first; of the first one `why` says what spoke for it."""
    route = call.route
    assert route is not None
    if len(route.deployments) == 1:
        if call.endpoint not in route.deployments[0].paths:
            raise _not_offered(route, call.endpoint)
        return [_candidate(route, route.deployments[0], vitals, 0, clock.mono_ns())]
    if any(call.endpoint not in deployment.paths for deployment in route.deployments):
        offering = [deployment for deployment in route.deployments if call.endpoint in deployment.paths]
        if not offering:
            raise _not_offered(route, call.endpoint)
        route = structs.replace(route, deployments=offering)
    return choose(route, ask_of(call), vitals, price_of, call.at)


def _not_offered(route: Route, endpoint: str) -> RequestError:
    return RequestError(
        f"{route.name!r} cannot be asked for {endpoint}: no deployment of it offers that; choose another model",
        code="endpoint_not_supported",
        param="model",
    )


def choose(route: Route, ask: Ask, vitals: Vitals, price_of: PriceOf | None = None, at: int = 0) -> list[Candidate]:
    """The route's deployments for this call, in the order in which they should be tried.

    `at` is the moment for prices, in nanoseconds since the epoch.
    """
    now = clock.mono_ns()
    strategy = cast(Strategy, plugins.load("outrider.routing", route.strategy))
    need = ask.tokens + (ask.max_output or 0)
    able, unfit, some_open = [], [], False
    for deployment in route.deployments:
        candidate = _candidate(route, deployment, vitals, need, now)
        why_not = _cannot(ask, candidate.facts)
        if why_not:
            candidate.why = why_not
            unfit.append(candidate)
        else:
            some_open = some_open or candidate.open
            able.append(candidate)
    if not able:
        return _none_fits(unfit)
    if strategy.needs_price and price_of is not None:
        for candidate in able:
            candidate.price = price_of(candidate.deployment, at, ask.tokens)
    if route.sticky and ask.affinity:
        ordered: Sequence[Candidate] = _sticky(ask.affinity, able)
    else:
        ordered = strategy.arrange(ask, able)
    if not ordered:
        return []
    ordered[0].why = f"{route.strategy}: {ordered[0].why}" if ordered[0].why else route.strategy
    return _open_last(ordered) if some_open else list(ordered)


def _candidate(route: Route, deployment: Deployment, vitals: Vitals, tokens: int, now: int) -> Candidate:
    vital = vitals.of(deployment)
    name = deployment.name
    weight = route.weights.get(name, 1.0) if route.weights else 1.0
    up_to = route.up_to.get(name, 0) if route.up_to else 0
    made = Candidate(deployment, vital, weight, up_to, facts_of(deployment, vital))
    if vital.free(tokens):
        return made
    if not vital.breaker.ready(now):
        made.open, made.until = True, vital.breaker.until
        return made
    made.headroom, fits_at = vital.learned.room(now, tokens)
    resting = max(vital.learned.resting(), fits_at)
    if resting > now:
        made.open = made.resting = True
        made.until = resting
    return made


def facts_of(deployment: Deployment, vital: Vital) -> Facts:
    """What the model can do, looked up once for each deployment and kept with its vital."""
    whole = known_facts.complete()
    if vital.facts_said is deployment.facts and vital.facts_of == deployment.name and vital.facts_whole is whole:
        return vital.facts
    vital.facts = known_facts.facts(deployment)
    vital.facts_of, vital.facts_said, vital.facts_whole = deployment.name, deployment.facts, whole
    return vital.facts


def _cannot(ask: Ask, facts: Facts) -> str:
    """Why a model cannot take the call, "" if it can or nobody knows."""
    if ask.kinds and facts.sees is not None and not ask.kinds <= facts.sees:
        return f"it takes no {', '.join(sorted(ask.kinds - facts.sees))}"
    if ask.tools and facts.tools is False:
        return "it has no tools"
    if ask.json_schema and facts.json_schema is False:
        return "it knows no JSON schema"
    output = ask.max_output or 0
    if ask.tokens + output > (facts.context or ANY):
        return f"about {ask.tokens} tokens and {output} of answer are more than its context of {facts.context}"
    if output > (facts.max_output or ANY):
        return f"its answers have at most {facts.max_output} tokens, not {output}"
    return ""


def _none_fits(unfit: list[Candidate]) -> list[Candidate]:
    """Nobody seems able. What is known may be wrong and the provider says it best: ask, those with most room first."""
    unfit.sort(key=lambda c: (c.open, -(c.facts.context or 0)))
    if unfit:
        unfit[0].why = f"none seems to fit: {unfit[0].why}"
    return unfit


def _sticky(affinity: str, candidates: list[Candidate]) -> list[Candidate]:
    """The same order for the same session, and an even one over sessions, whoever computes it: weighted rendezvous
    hashing (Thaler and Ravishankar, 1998; weights after Schindelhauer and Schomaker, 2005).
    """
    scored = []
    for position, candidate in enumerate(candidates):
        key = f"{affinity}\0{candidate.deployment.name}".encode()
        drawn = (int.from_bytes(blake2b(key, digest_size=8).digest()) + 1) / (2**64 + 2)
        scored.append((log(drawn) / max(1e-9, candidate.weight), position))
    scored.sort(reverse=True)
    ordered = [candidates[position] for _, position in scored]
    ordered[0].why = "the session stays here"
    return ordered


def _open_last(ordered: Sequence[Candidate]) -> list[Candidate]:
    """Ready ones first; then those that rest, the soonest first; then those whose breaker is open."""
    ready = [c for c in ordered if not c.open]
    others = sorted((c for c in ordered if c.open), key=lambda c: (not c.resting, c.until))
    result = ready + others
    best = ordered[0]
    if result[0] is not best:
        result[0].why = f"{best.deployment.name} is {'resting' if best.resting else 'left alone'} ({best.why})"
    return result


def none_available(route: Route, candidates: Sequence[Candidate], now: int) -> RequestError:
    """The refusal when no candidate let the call in: 503, when to try again, and what is wrong with each."""
    soonest = min((c.until for c in candidates), default=now)
    seconds = max(1, min(LONGEST_WAIT, -(-(soonest - now) // 1_000_000_000)))
    reasons = "; ".join(f"{c.deployment.name}: {_trouble(c)}" for c in candidates[:5]) or "it has no deployment"
    return RequestError(
        f"No deployment of {route.name!r} can be called now ({reasons}). Try again in {seconds} s.",
        status=503,
        code="no_deployment_available",
        kind="server_error",
        headers=(("retry-after", str(seconds)),),
    )


def _trouble(candidate: Candidate) -> str:
    vital = candidate.signs
    assert isinstance(vital, Vital)
    return "waits out a limit of its provider" if candidate.resting else vital.breaker.cause or "busy with a probe"


# -- what the call needs ----------------------------------------------------------------------------------------------


def ask_of(call: Call) -> Ask:
    """What a parsed call needs."""
    request: Any = call.request
    affinity = call.session
    if call.endpoint != "chat":
        return Ask(len(call.body) // 4, tags=call.tags, project=call.identity.project, affinity=affinity)
    kinds, tokens = _content(request.messages, len(call.body))
    form = request.response_format
    return Ask(
        tokens,
        request.output_limit,
        kinds,
        bool(request.tools),
        form is not None and form.type == "json_schema",
        call.stream,
        call.tags,
        call.identity.project,
        request.prompt_cache_key or affinity,
    )


_NONE: frozenset[str] = frozenset()


def _content(messages: Sequence[Any], size: int) -> tuple[frozenset[str], int]:
    """Kinds of content beside text, and the tokens of it all: four bytes each, but for what is not text."""
    kinds: set[str] = set()
    text = images = 0
    for message in messages:
        if message.content.__class__ is list:
            for part in message.content:
                kind = KINDS.get(part.type)
                if kind is None:
                    text += len(part.text or "")
                else:
                    kinds.add(kind)
                    images += 1
        elif kinds and message.content:
            text += len(message.content)
    if not kinds:
        return _NONE, size // 4
    return frozenset(kinds), text // 4 + images * TOKENS_OF_AN_IMAGE
