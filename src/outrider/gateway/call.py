"""`Call`: one request on its way through the corridor. Stages read it and add to it; nothing else is shared."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.base import clock, ids
from outrider.base.budget import Subject
from outrider.base.grounding import Ground
from outrider.base.ports import Deployment
from outrider.base.usage import Price, Usage
from outrider.cache.idempotent import Claim
from outrider.gateway import aliases
from outrider.gateway.continuation import Continuation, Sent
from outrider.gateway.patience import Patience
from outrider.gateway.server import Exchange
from outrider.gateway.structured import Wanted
from outrider.gateway.table import Route
from outrider.gateway.voice import Voice
from outrider.journal.events import BlobRef, Step
from outrider.journal.events.step import Status
from outrider.limits.account import Account
from outrider.limits.fair import Priority
from outrider.limits.hold import Hold
from outrider.limits.kept import KeptHold
from outrider.limits.keys import Identity
from outrider.limits.rates import Pass


class Call:
    """Times are nanoseconds; `t0` is monotonic, `at` wall clock. `waited` is time spent waiting for providers."""

    __slots__ = (
        "accepted", "accounts", "agent", "answer_headers", "asked", "at", "blocks", "body", "broken", "cache", "claim",
        "committed", "continuation", "control", "controls", "cost", "deadline", "deployment", "endpoint", "error",
        "evidence", "exchange", "finish", "gathering", "ground", "grounded", "guarded", "headers", "held", "hold",
        "http_status", "id",
        "identity", "instruct", "lost", "max_output", "message", "model", "outgoing", "parent_span", "passed",
        "patience", "price", "priority", "queue", "request", "response", "route", "samples", "session", "started",
        "status", "steps", "stream", "subject", "t0", "tags", "task", "text", "trace", "ttft", "usage", "user",
        "voice", "waited", "want", "wants_usage", "why",
    )  # fmt: skip

    def __init__(self, exchange: Exchange, endpoint: str, task: "asyncio.Task[Any]") -> None:
        self.exchange, self.endpoint, self.task = exchange, endpoint, task
        self.t0, self.at, self.id = clock.mono_ns(), clock.now_ns(), ids.new_id()
        self.headers: Mapping[bytes, bytes] = aliases.apply(dict(exchange.headers))
        self.body: bytes = bytes(exchange.body) if isinstance(exchange.body, bytearray) else exchange.body
        self.outgoing: bytes = self.body  # what is sent on: the body, as stages may have changed it
        self.identity: Identity = NOBODY
        self.user = self.agent = self.session = ""
        self.tags: list[str] = []
        self.trace, self.parent_span = b"", 0
        self.request: Any = None  # the parsed request: gateway.surface
        self.asked = False  # some deployment was asked
        self.gathering = False  # a stream is kept back until it is known to be good
        self.max_output: int | None = None  # tokens of each choice that the caller allows, or a budget
        self.accepted = False  # counted by the door
        self.priority: Priority = "interactive"
        self.passed: Pass | None = None  # what it took of its rates
        self.subject: Subject | None = None
        self.accounts: tuple[Account, ...] = ()  # of the budgets that cover it
        self.hold: Hold | KeptHold | None = None  # what it holds on them
        self.want: Wanted | None = None  # the form that its answer must have
        self.control: Any = None  # what the policy knows of it: gateway.control
        self.ground: Ground | None = None  # what its answer rests on, of a route with knowledge
        self.grounded: dict[str, Any] = {}  # what the step that found it says
        self.evidence: list[tuple[BlobRef, bytes]] = []  # bodies of steps
        self.samples = 1  # answers asked for, where one is wanted: they are compared
        self.model = ""
        self.stream = self.wants_usage = False
        self.guarded: Any = None  # its guardrails: gateway.guarded
        self.controls: Any = None  # cache controls of this request
        self.route: Route | None = None
        self.deadline = 0  # monotonic: when the whole call must be over
        self.why = ""
        self.steps: list[Step] = []
        self.deployment: Deployment | None = None
        self.cache = ""
        self.claim: Claim | None = None  # of the request's idempotency key: ended before the last byte leaves
        self.usage: Usage | None = None
        self.price: Price | None = None
        self.cost = 0
        self.waited = self.queue = self.ttft = 0
        self.started = False  # the head of a streamed answer has left
        self.broken: Sent | None = None  # what the client has of a stream that broke
        self.continuation: Continuation | None = None  # how the present attempt goes on with it
        self.instruct = False  # the deployment refused to go on by prefill
        self.patience: Patience | None = None  # the present attempt's deadline; a stream moves it
        self.held = b""  # the block with the end mark: leaves when the record is written
        self.committed = False  # settled: the record is written or on its way
        self.blocks: list[bytes] = []  # what was or will be sent of a streamed answer
        self.voice: Voice | None = None  # of a caller that does not speak chat
        self.lost: Sequence[str] = ()  # what of the request the present deployment was not told
        self.response: bytes = b""
        self.answer_headers: Sequence[tuple[bytes, bytes]] = ()
        self.http_status = 200
        self.status: Status = "ok"
        self.error = self.message = ""
        self.finish = self.text = ""

    @property
    def heard(self) -> list[bytes]:
        """What was received of a streamed answer, as chat: see `gateway.voice` for when that is not what was sent."""
        return self.blocks if self.voice is None else self.voice.heard

    @property
    def choices(self) -> int:
        """Answers that a deployment gives at once."""
        return max(self.request.n or 1, self.samples) if self.endpoint == "chat" else 1

    def since(self) -> int:
        """Nanoseconds since the request was complete."""
        return clock.mono_ns() - self.t0

    def text_id(self) -> bytes:
        """The run id as callers see it."""
        return ids.text(self.id).encode()

    def header(self, name: bytes) -> str:
        value = self.headers.get(name)
        return value.decode("latin-1") if value else ""


NOBODY = Identity("", "")
