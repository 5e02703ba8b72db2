"""One call of a model out of the journal: a run that came in any language, or a step of one that was imported."""

from collections.abc import Iterator
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import ConfigError, RequestError
from outrider.base.usage import Price
from outrider.dialects.responses.marks import run_of
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.read import get_body, get_run, list_steps
from outrider.replay import deciding
from outrider.replay.answers import Answer
from outrider.replay.deciding import Fact
from outrider.replay.tongues import CHAT, TONGUES, Tongue, bare
from outrider.store import Store

IMPORTED = "otlp"
"""The source of runs that came by OTLP or from a file: their calls are steps."""
MOST_STEPS = 20_000
"""Steps of an imported run that are looked at."""
LONGEST_CHAIN = 200
"""Responses that follow on each other by `previous_response_id`."""
_PAGE = 1_000
_fields = msgspec.json.Decoder(dict[str, Any]).decode


class Retrieved(msgspec.Struct, frozen=True):
    """What was found for a call: in which collection, for which question, as documents were at `as_of` (ns)."""

    collection: str
    query: str
    as_of: int


class Turn(msgspec.Struct, frozen=True):
    """One call of a model. `body` is the request as it came (`own` decoded) in `tongue` at `path`, `fields` the same as
    chat; `answer` what the caller got, whose bytes are `said` (None: nothing that can be read). `request` and
    `response` are the stored bodies, `cost` nano-dollars. `retrieved`: passages were found for it. `prices` are those
    that were applied, by deployment, `withheld` the calls that policy took out of the answer."""

    run: str
    at: int
    model: str
    body: bytes
    fields: dict[str, Any]
    answer: Answer | None
    status: str
    cost: int
    seconds: float
    retrieved: Retrieved | None = None
    tongue: Tongue = TONGUES[CHAT]
    own: dict[str, Any] = {}
    path: str = "/v1/chat/completions"
    said: bytes | None = None
    request: BlobRef | None = None
    response: BlobRef | None = None
    prices: dict[str, Price] = {}
    withheld: list[Fact] = []

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.fields["messages"]
        return found


def of_run(store: Store, run: RunRecorded) -> Turn:
    """The call that a run is. Raises ConfigError where there is nothing that can be sent."""
    named = f"run {ids.text(run.id)}"
    tongue = TONGUES.get(run.name)
    if tongue is None or run.request is None:
        raise ConfigError(f"{named} ({run.name}) is no chat call with its request: there is nothing to replay")
    body = get_body(store, run.project, run.request.sha256)
    if body is None:
        raise ConfigError(f"the request body of {named} is no longer there (pruned, or dropped)")
    own, fields = _asked(tongue, body, named)
    fields = {**fields, "messages": _whole(store, run, tongue, own, fields["messages"])}
    said = get_body(store, run.project, run.response.sha256) if run.response is not None else None
    steps = list_steps(store, run.id, limit=100)
    array = said is not None and said.lstrip()[:1] == b"["
    return Turn(
        ids.text(run.id), run.at, run.model, body, fields, _answer(tongue, said), run.status, run.cost,
        run.duration / 1e9, next(_retrieved(steps), None), tongue, own,
        tongue.path(run.model, stream=run.stream, array=array), said, run.request, run.response,
        {str(one.attrs.get("deployment") or one.name): one.price for one in steps if one.price is not None},
        deciding.of_steps(steps),
    )  # fmt: skip


def of_steps(store: Store, run: RunRecorded) -> Iterator[Turn]:
    """The calls of models in an imported run, in the order in which they began; steps that have no messages are passed
    over. They are asked in chat."""
    tongue = TONGUES[CHAT]
    for step in steps_of(store, run):
        if step.kind != "model" or step.request is None:
            continue
        body = get_body(store, run.project, step.request.sha256)
        try:
            own, fields = _asked(tongue, body or b"", "a step")
        except ConfigError:
            continue
        said = get_body(store, run.project, step.response.sha256) if step.response is not None else None
        yield Turn(
            ids.text(run.id), run.at + step.start, str(fields.get("model") or ""), body or b"", fields,
            _answer(tongue, said), step.status, step.cost, step.duration / 1e9, None, tongue, own, said=said,
            request=step.request, response=step.response,
        )  # fmt: skip


def steps_of(store: Store, run: RunRecorded) -> list[Step]:
    """The steps of an imported run by the time when they began."""
    found: list[Step] = []
    while len(found) < MOST_STEPS and (page := list_steps(store, run.id, offset=len(found), limit=_PAGE)):
        found += page
    return sorted(found, key=lambda step: step.start)


def _asked(tongue: Tongue, body: bytes, named: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        own = _fields(body)
    except (msgspec.DecodeError, RecursionError):
        raise ConfigError(f"the request of {named} was not valid JSON; there is nothing to send") from None
    try:
        fields = tongue.chat(own)
    except RequestError as error:
        raise ConfigError(f"the request of {named} cannot be understood: {error.message}") from None
    messages = fields.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise ConfigError(f"the request of {named} has no messages; there is nothing to send")
    return own, fields


def _answer(tongue: Tongue, body: bytes | None) -> Answer | None:
    try:
        return None if body is None else tongue.read(body)
    except RequestError:
        return None


def _whole(
    store: Store, run: RunRecorded, tongue: Tongue, own: dict[str, Any], messages: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The whole conversation of a request that may go on from another one: of instructions only its own."""
    if not own.get("previous_response_id"):
        return messages
    told = len(messages) - len(tongue.chat(_untold(own))["messages"])
    return [*messages[:told], *_before(store, run, own), *messages[told:]]


def _untold(own: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in own.items() if name != "instructions"}


def _before(store: Store, run: RunRecorded, own: dict[str, Any]) -> list[dict[str, Any]]:
    """What was said before a response that goes on from another one by its id. Raises ConfigError if that is gone."""
    said: list[list[dict[str, Any]]] = []
    while previous := own.get("previous_response_id"):
        digits = run_of(str(previous))
        found = get_run(store, bytes.fromhex(digits)) if digits is not None else None
        if found is None or found.project != run.project or found.request is None or found.response is None:
            raise ConfigError(
                f"the response {str(previous)[:80]!r} that run {ids.text(run.id)} goes on from is not here"
            )
        asked = get_body(store, run.project, found.request.sha256)
        answer = get_body(store, run.project, found.response.sha256)
        tongue = TONGUES["responses"]
        if asked is None or answer is None or len(said) >= LONGEST_CHAIN:
            raise ConfigError(f"the conversation before run {ids.text(run.id)} is no longer there, or is too long")
        own, _ = _asked(tongue, asked, f"run {ids.text(found.id)}")
        read = _answer(tongue, answer)
        said.insert(0, [*tongue.chat(_untold(own))["messages"], *([read.message] if read is not None else [])])
    return [one for part in said for one in part]


def _retrieved(steps: list[Step]) -> Iterator[Retrieved]:
    for step in steps:
        if step.kind == "retrieval":
            as_of = step.attrs.get("as_of")
            yield Retrieved(step.name, str(step.attrs.get("query") or ""), as_of if isinstance(as_of, int) else 0)


def follows(earlier: list[dict[str, Any]], later: list[dict[str, Any]]) -> bool:
    """Whether a conversation is another one gone on, with an answer between."""
    size = len(earlier)
    if len(later) <= size or later[size].get("role") != "assistant":
        return False
    if later[:size] == earlier:
        return True
    return bare(later[:1]) == bare(earlier[:1]) and bare(later[:size]) == bare(earlier)
