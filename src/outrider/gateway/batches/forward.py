"""A batch that its provider works on itself, for less money: sent in parts, asked about, brought home.

Every step is written down before it is taken, so that a process which takes over neither sends a part twice nor forgets
one. What a provider does not answer is executed here in the usual way.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

import msgspec

from outrider.base import clock
from outrider.base.budget import Subject
from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import Deployment
from outrider.gateway.batches import lines
from outrider.gateway.batches.asking import Asked, Asking, Shop
from outrider.gateway.batches.files import File
from outrider.gateway.batches.home import Home, route_home
from outrider.gateway.batches.provider_api import ProviderApi, Theirs, results
from outrider.gateway.batches.reading import Reader
from outrider.gateway.batches.results import used
from outrider.gateway.batches.rows import Batch, Part
from outrider.gateway.table import Route
from outrider.providers import openai
from outrider.providers.presets import preset

T = TypeVar("T")

ENDPOINTS = {"/v1/chat/completions": "chat", "/v1/embeddings": "embeddings"}
PART_LINES, PART_BYTES = 5_000, 8 << 20
"""What is sent at a time: it is in memory once, and its answers too."""
LOOK = 20.0
"""Seconds between questions how far a provider is."""
LAST_WAIT = 600.0
"""Seconds that a provider has to end what was cancelled: what it answered until then is paid for, and comes home."""
TRIES, PAUSE = 5, 2.0
WHOLE_DAY_NS = 23 * 3_600_000_000_000
"""A provider takes up to a day: batches that have less time are worked on here."""

log = logging.getLogger("outrider.batches")


class Way(NamedTuple):
    """Where a batch can be sent, and what part of the usual price is paid there."""

    route: Route
    at: Deployment
    factor: Decimal


class Lent(msgspec.Struct):
    """What the batch's work lends: `over` says whether nothing new may begin, `stopping` whether this process ends;
    `pause` waits so many seconds, or until something changed; `keep` writes a line down."""

    over: Callable[[], bool]
    stopping: Callable[[], bool]
    pause: Callable[[float], Awaitable[None]]
    keep: Callable[[int, lines.Line, Asked], Awaitable[None]]


def way(shop: Shop, batch: Batch) -> Way | None:
    """Where the whole batch can be sent; None: it is worked on here. A budget holds line by line, and a provider's
    batch cannot: so what a budget covers is not sent."""
    model, endpoint = batch.about.model, ENDPOINTS.get(batch.made.endpoint)
    if not (shop.forward and shop.resolve and shop.price_of and shop.covered and model and endpoint):
        return None
    if batch.expires - batch.created < WHOLE_DAY_NS:
        return None
    try:
        route = shop.resolve(model)
        who = shop.owner(batch)
    except RequestError:
        return None
    if who is None or len(route.deployments) != 1 or route.cascade is not None or route.cache_ttl is not None:
        return None
    at = route.deployments[0]
    known = preset(at.price_list)
    if at.dialect != "openai" or known is None or not known.batch or endpoint not in at.paths:
        return None
    headers = dict(batch.made.headers)
    tags = tuple(tag.strip() for tag in headers.get("x-outrider-tags", "").split(",") if tag.strip())
    session = headers.get("x-outrider-session", batch.id)
    subject = Subject(
        who.project, who.key, headers.get("x-outrider-user", ""), who.team, session, (*tags, batch.id), route.name
    )
    if shop.covered(subject) or shop.price_of(at, clock.now_ns(), 0) is None:
        return None
    return Way(route, at, Decimal(known.batch))


class Forward:
    """One batch on its way to a provider and back."""

    def __init__(self, shop: Shop, batch: Batch, asking: Asking, way_: Way, work: Lent) -> None:
        self._shop, self._batch, self._asking, self._way, self._work = shop, batch, asking, way_, work
        self._api = ProviderApi(way_.at)
        self.waits = ""

    async def run(self, file: File, done: set[int]) -> None:
        """Send what is not done, and bring home what comes back. Lines that are not done then, nobody has answered."""
        await self._settle_begun(file, done)
        await self._send(file, done)
        while open_ := [part for part in self._parts if part.state == "open"]:
            if self._work.stopping():
                return
            if self._work.over():
                return await self._call_off(file, done, open_)
            for part in open_:
                await self._look(file, done, part)
            if any(part.state == "open" for part in self._parts):
                await self._work.pause(LOOK)

    @property
    def _parts(self) -> list[Part]:
        return self._batch.about.parts

    async def _write(self) -> None:
        """What is known of the parts, into the store."""
        await asyncio.to_thread(self._shop.batches.move, self._batch, "in_progress")

    # -- there --------------------------------------------------------------------------------------------------

    async def _settle_begun(self, file: File, done: set[int]) -> None:
        """A part that was about to be sent when its process ended: the provider knows whether it was."""
        for part in self._parts:
            if part.state == "sending":
                theirs = await self._insist(partial(self._api.find, self._tag(part)))
                if theirs is not None:
                    part.state, part.theirs = "open", theirs.id
                else:
                    part.state, part.why = "given_up", "it was not sent when its process ended"
                await self._write()

    async def _send(self, file: File, done: set[int]) -> None:
        """Send all lines behind those of the last part."""
        sent = max((part.last for part in self._parts), default=0)
        reader = Reader(self._shop.files, file, self._shop.longest)
        texts: list[bytes] = []
        size = first = last = 0
        while found := await reader.next():
            for place, raw in found:
                if place.number <= sent or place.number in done:
                    continue
                text = self._text(place.number, raw)
                if texts and (len(texts) >= PART_LINES or size + len(text) > PART_BYTES):
                    if not await self._send_part(Part(first, last), texts):
                        return
                    texts, size = [], 0
                first = first if texts else place.number
                texts.append(text)
                size, last = size + len(text), place.number
        if texts:
            await self._send_part(Part(first, last), texts)

    def _text(self, number: int, raw: bytes) -> bytes:
        """The line as the provider gets it: its number for a name, the deployment's model."""
        line = lines.parse(raw)
        at, endpoint = self._way.at, ENDPOINTS[line.url]
        asked = openai.encode(at, endpoint, bytes(line.body), lines.model_of(line), stream=False, wants_usage=False)
        head = b'{"custom_id":"%d","method":"POST","url":"%b","body":' % (number, line.url.encode())
        return b"%b%b}\n" % (head, asked.body)

    async def _send_part(self, part: Part, texts: list[bytes]) -> bool:
        """False: the provider does not take it, or nothing more is to be sent."""
        if self._work.over():
            return False
        part.state = "sending"
        self._parts.append(part)
        await self._write()
        try:
            name = f"{self._tag(part)}.jsonl".replace("/", "-")
            part.file = await self._insist(partial(self._api.upload, name, b"".join(texts)))
            theirs = await self._insist(partial(self._create, part))
            part.state, part.theirs = "open", theirs.id
        except UpstreamError as error:
            log.warning("%s is worked on here: %s", self._batch.id, error.message)
            part.state, part.why = "given_up", error.message[:300]
        await self._write()
        return part.state == "open"

    async def _create(self, part: Part) -> Theirs:
        """Begin it once: where it is not certain whether a try before this one was heard, the provider is asked."""
        tag = self._tag(part)
        if part.tried:
            found = await self._api.find(tag)
            if found is not None:
                return found
        part.tried = True
        return await self._api.create(part.file, self._batch.made.endpoint, tag)

    def _tag(self, part: Part) -> str:
        return f"{self._batch.id}/{part.first}-{part.last}"

    # -- and back -----------------------------------------------------------------------------------------------

    async def _look(self, file: File, done: set[int], part: Part) -> None:
        try:
            theirs = await self._insist(partial(self._api.get, part.theirs))
        except UpstreamError as error:
            if error.retryable:  # it works on it, whether we hear of it or not
                self.waits = error.message
                return
            part.state, part.why = "given_up", error.message[:300]
            return await self._write()
        counts = theirs.request_counts
        answered = f", {counts.completed + counts.failed} of {counts.total}" if counts is not None else ""
        self.waits = f"{self._way.at.provider}'s own batch {theirs.id} ({theirs.status}{answered})"
        if not theirs.over:
            return
        try:
            await self._bring_home(file, done, part, theirs)
        except UpstreamError as error:
            if error.retryable:
                raise
            part.state, part.why = "given_up", error.message[:300]
            await self._write()

    async def _bring_home(self, file: File, done: set[int], part: Part, theirs: Theirs) -> None:
        answers: dict[int, tuple[int, bytes]] = {}
        for output in (theirs.output_file_id, theirs.error_file_id):
            if output:
                content = await self._insist(partial(self._api.content, output))
                answers |= {line: (status, body) for line, status, body in results(content)}
        reader = Reader(self._shop.files, file, self._shop.longest)
        coming: set[asyncio.Task[None]] = set()
        try:
            while found := await reader.next():
                for place, raw in found:
                    if place.number in answers and place.number not in done and not self._work.stopping():
                        await self._shop.slots.acquire()
                        answer = answers.pop(place.number)
                        task = asyncio.create_task(self._line(place.number, raw, *answer, theirs.id, done))
                        coming.add(task)
                        task.add_done_callback(lambda _: self._shop.slots.release())
                await asyncio.gather(*coming)
                coming.clear()
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)
        if self._work.stopping():
            return
        part.state = "home"
        part.why = "" if theirs.status == "completed" else f"{theirs.status}: {theirs.errors or ''}"[:300]
        await self._write()
        for name in (part.file, theirs.output_file_id, theirs.error_file_id):
            if name:
                await self._try_to(partial(self._api.delete, name))

    async def _line(self, number: int, raw: bytes, status: int, body: bytes, theirs: str, done: set[int]) -> None:
        """One line's answer goes the ordinary way; what that refuses for now waits."""
        line = lines.parse(raw)
        price = self._shop.price_of(self._way.at, clock.now_ns(), used(body).input) if self._shop.price_of else None
        if price is None:
            return
        price = price.scaled(self._way.factor, "for batches")
        began = clock.mono_ns()
        why = f"{self._way.at.provider}'s own batch {theirs}, at {self._way.factor} of the price"
        while True:
            home = Home(status, body)
            asked = await self._asking.ask(line, route_home(self._way.route, self._way.at, home, price, why))
            if not asked.again:
                await self._work.keep(number, line, asked)
                done.add(number)
                return
            if home.given or self._work.stopping():  # its provider could not answer it: it is executed here
                return
            if self._work.over() and clock.mono_ns() - began > LAST_WAIT * 1e9:
                return
            await self._work.pause(asked.pause if asked.pause is not None else PAUSE)

    async def _call_off(self, file: File, done: set[int], open_: list[Part]) -> None:
        """End what is under way at the provider, and bring home what is paid for."""
        for part in open_:
            await self._try_to(partial(self._api.cancel, part.theirs))
        until = clock.mono_ns() + int(LAST_WAIT * 1e9)
        while open_ and clock.mono_ns() < until and not self._work.stopping():
            for part in open_:
                await self._look(file, done, part)
            open_ = [part for part in open_ if part.state == "open"]
            if open_:
                await self._work.pause(min(LOOK, 5.0))

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, a few times if it may help. Raises UpstreamError."""
        for turn in range(TRIES):
            try:
                return await ask()
            except UpstreamError as error:
                if not error.retryable or turn == TRIES - 1 or self._work.stopping():
                    raise
            await self._work.pause(PAUSE * 2**turn)
        raise AssertionError("unreachable")

    async def _try_to(self, ask: Callable[[], Awaitable[None]]) -> None:
        """What is only tidy."""
        try:
            await ask()
        except UpstreamError as error:
            log.info("%s: %s", self._batch.id, error.message)
