"""A batch that providers work on themselves, for less money: sent in parts, asked about, brought home.

Every step is written down before it is taken, so that a process which takes over neither sends a part twice nor forgets
one. What a provider does not answer is executed here in the usual way.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from outrider.base import clock
from outrider.base.budget import Amount
from outrider.base.errors import RequestError, UpstreamError
from outrider.base.ports import WireRequest
from outrider.gateway.batches import lines
from outrider.gateway.batches.asking import Asked, Asking, Shop
from outrider.gateway.batches.files import File
from outrider.gateway.batches.home import Home, route_home
from outrider.gateway.batches.load import LEAST_LINES, NOTHING, Load, fitting, total
from outrider.gateway.batches.looking import Looks, insist
from outrider.gateway.batches.provider_api import Theirs, Unsure
from outrider.gateway.batches.reading import Reader
from outrider.gateway.batches.results import prompt
from outrider.gateway.batches.rows import Batch, Part
from outrider.gateway.batches.ways import Way, ways
from outrider.gateway.batches.wording import Worded
from outrider.limits.kept import Kept

T = TypeVar("T")

LOOK = 20.0
"""Seconds between questions how far a provider is."""
UNDER_WAY = ("sending", "open")
LAST_WAIT = 600.0
"""Seconds that a provider has to end what was cancelled: what it answered until then is paid for, and comes home."""
TRIES, PAUSE = 5, 2.0
INDEXING = 0.2
"""Seconds between looks whether what came home is indexed."""

log = logging.getLogger("outrider.batches")


class Lent(msgspec.Struct):
    """What the batch's work lends: `over` says whether nothing new may begin, `stopping` whether this process ends;
    `pause` waits so many seconds, or until something changed; `keep` writes a line down."""

    over: Callable[[], bool]
    stopping: Callable[[], bool]
    pause: Callable[[float], Awaitable[None]]
    keep: Callable[[int, lines.Line, Asked], Awaitable[None]]


class Forward:
    """One batch on its way to providers and back. `ways` are by the model that lines name."""

    def __init__(self, shop: Shop, batch: Batch, asking: Asking, ways: Mapping[str, Way], work: Lent) -> None:
        self._shop, self._batch, self._asking, self._ways, self._work = shop, batch, asking, ways, work
        self._shut = {model for model, way_ in ways.items() if not way_.open}  # nothing more is sent of these
        self._words: dict[str, str] = {}
        self._looks, self._settled = Looks(), False

    @property
    def waits(self) -> str:
        """How far the providers are, in words."""
        return "; ".join(self._words.values())

    async def run(self, file: File, done: set[int]) -> None:
        """Send what is not done, and bring home what comes back. Lines that are not done then, nobody has answered.
        Where budgets have no room for all of it at once, it goes bit by bit."""
        try:
            await self._settle_begun()
            more = True
            while more and not self._work.stopping():
                before, self._settled = len(self._parts), False
                more = await self._send(file, done) and len(self._parts) > before
                await self._wait(file, done)
                await self._free()
                more = more or (self._settled and not self._work.over())
        except RequestError:  # no line of the batch can be answered any more
            await self._abandon()
            raise

    async def _wait(self, file: File, done: set[int]) -> None:
        """Until nothing is under way at a provider, and of nothing it is unknown whether it is."""
        while there := [part for part in self._parts if part.state in UNDER_WAY]:
            if self._work.stopping():
                return
            if self._work.over():
                return await self._call_off(file, done, there)
            for part in there:
                if self._looks.is_due(self._tag(part), clock.mono_ns()):
                    await self._look(file, done, part)
            if any(part.state in UNDER_WAY for part in self._parts):
                await self._work.pause(LOOK)

    @property
    def _parts(self) -> list[Part]:
        return self._batch.about.parts

    def _model(self, part: Part) -> str:
        return part.model or self._batch.about.model

    def _way(self, part: Part) -> Way:
        """Raises UpstreamError if its provider is not configured at present."""
        if (way := self._ways.get(self._model(part))) is None:
            self._shop.owner(self._batch)  # raises RequestError when its key was revoked
            raise UpstreamError(f"{part.at}'s batches are not reached for {self._model(part)!r}", retryable=False)
        return way

    async def _write(self) -> None:
        """What is known of the parts, into the store."""
        await asyncio.to_thread(self._shop.batches.move, self._batch, "in_progress")

    async def _give_up(self, part: Part, why: str) -> None:
        """Its lines are executed here."""
        self._heard(part)
        part.state, part.why = "given_up", why[:300]
        await self._write()
        await self._tidy(part, None)

    async def _tidy(self, part: Part, theirs: Theirs | None) -> None:
        if (way := self._ways.get(self._model(part))) is not None:
            await self._try_to(partial(self._insist, partial(way.api.tidy, self._tag(part), part.file, theirs)))

    # -- there --------------------------------------------------------------------------------------------------

    async def _settle_begun(self) -> None:
        """A part that was about to be sent when its process ended: the provider knows whether it was."""
        for part in self._parts:
            if part.state == "sending":
                await self._settle(part)

    async def _settle(self, part: Part) -> None:
        """Whether a part was begun, as soon as its provider says so: its lines must not be asked here before."""
        try:
            theirs = await self._insist(partial(self._ask_for, part))
        except UpstreamError as error:
            self._shut.add(self._model(part))
            return self._missed(part, error)
        self._heard(part)
        self._settled = True
        if self._way(part).open:
            self._shut.discard(self._model(part))
        if theirs is None:
            return await self._give_up(part, "its provider does not know of it: it was not sent")
        part.state, part.theirs = "open", theirs.id
        await self._write()

    def _heard(self, part: Part) -> None:
        self._looks.good(self._tag(part))
        self._words.pop(self._model(part), None)

    def _missed(self, part: Part, error: UpstreamError) -> None:
        """It may be under way there, whether we hear of it or not. The key may be another one the next time."""
        self._words[self._model(part)] = self._looks.missed(self._tag(part), error, clock.mono_ns(), LOOK)
        self._ways = {**self._ways, **ways(self._shop, self._batch)}

    async def _ask_for(self, part: Part) -> Theirs | None:
        known = {one.theirs for one in self._parts if one.theirs}
        found = await self._way(part).api.find(self._tag(part), part.lines, part.sent, known)
        return self._looks.found(self._tag(part), found)

    async def _send(self, file: File, done: set[int]) -> bool:
        """Send all lines behind those of the last parts of their models. True: of some there is more, for which budgets
        have no room now."""
        sent = dict.fromkeys(self._ways, 0)
        for part in self._parts:
            sent[self._model(part)] = max(sent.get(self._model(part), 0), part.last)
        reader = Reader(self._shop.files, file, self._shop.longest)
        full: set[str] = set()
        loads = {model: Load(way.least) for model, way in self._ways.items()}
        while found := await reader.next():
            new = [(place, raw) for place, raw in found if place.number not in done]
            for place, model, said, most in await asyncio.to_thread(self._wires, new, sent, full | self._shut):
                if loads[model].is_full(said.wire) and not await self._send_load(model, loads[model], full):
                    continue
                if model not in full and model not in self._shut:
                    loads[model].add(place.number, said.wire, most)
        for model, load in loads.items():
            if load.lines:
                await self._send_load(model, load, full, last=True)
        return bool(full)

    def _wires(
        self, found: Sequence[tuple[lines.Place, bytes]], sent: Mapping[str, int], besides: Collection[str]
    ) -> list[tuple[lines.Place, str, Worded, Amount]]:
        """Lines as their providers would hear them alone, without those that are executed here."""
        told, held = [], self._shop.reserves is not None
        for place, raw in found:
            line = lines.parse(raw)
            model = lines.model_of(line)
            way = self._ways.get(model)
            if way is None or model in besides or place.number <= sent[model]:
                continue
            said = way.wire(line, self._asking.headers)
            if said is not None and way.pays(self._shop, said):
                told.append((place, model, said, way.worst(self._shop, line, said) if held else NOTHING))
        return told

    async def _send_load(self, model: str, load: Load, full: set[str], *, last: bool = False) -> bool:
        """False: nothing more of this model is sent now, since its provider does not take it, or not so few, the
        budgets have no room (then it is one of `full`), or nothing more is to be sent at all."""
        taken = load.take(last or model in full or model in self._shut)
        if model in full or model in self._shut or self._work.over() or len(taken) < self._ways[model].least:
            return False
        part = await self._held(model, taken)
        if part is None or part.lines < len(taken):
            full.add(model)
        if part is None:
            return False
        if await self._send_part(part, taken[: part.lines]):
            return model not in full
        self._shut.add(model)
        full.discard(model)
        return False

    async def _held(self, model: str, asked: Sequence[tuple[int, WireRequest, Amount]]) -> Part | None:
        """A part of the first of these lines, as many as budgets have room for; None: not for enough."""
        way, count = self._ways[model], len(asked)
        shares = way.shares(self._shop)  # as they are now: since other parts were sent, a window may have passed
        while shares is not None and count and not self._work.over():
            worst = total([most for _, _, most in asked[:count]])
            part = Part(asked[0][0], asked[count - 1][0], "sending", lines=count, sent=clock.now_ns(), model=model)
            part.at, part.factor, part.held = way.at.provider, str(way.factor), [one.of(worst) for one in shares]
            self._parts.append(part)
            await self._write()
            if not part.held or self._shop.reserves is None:
                return part
            rooms = await asyncio.to_thread(self._shop.reserves.hold, self._tag(part), part.held)
            if rooms is None:
                return part
            self._parts.remove(part)
            await self._write()
            fewer = fitting([most for _, _, most in asked[:count]], shares, rooms)
            if fewer < max(way.least, min(LEAST_LINES, len(asked) // 2)):
                break
            count = min(fewer, count - 1)
        return None

    async def _send_part(self, part: Part, asked: Sequence[tuple[int, WireRequest, Amount]]) -> bool:
        """False: the provider does not take it, or nobody knows."""
        tag, api = self._tag(part), self._way(part).api
        texts = [api.line(tag, number, wire) for number, wire, _ in asked]
        try:
            part.file = await self._insist(partial(api.upload, tag, texts))
            theirs = await self._insist(partial(self._create, part, texts))
            part.state, part.theirs = "open", theirs.id
        except UpstreamError as error:
            if part.tried and error.retryable:  # it may have been begun
                self._missed(part, error)
                return False
            log.warning("%s is worked on here: %s", self._batch.id, error.message)
            await self._give_up(part, error.message)
            return False
        await self._write()
        return True

    async def _create(self, part: Part, texts: Sequence[bytes]) -> Theirs:
        """Begin it once: where it is not certain whether a try before this one was heard, the provider is asked."""
        if part.tried:
            try:
                found = await self._ask_for(part)
            except UpstreamError as error:  # of any kind: that the question was refused says nothing
                raise Unsure(error.message) from None
            if found is not None:
                return found
            if self._work.over():
                raise Unsure("it is not known whether it was sent")
        part.tried = True
        return await self._way(part).api.create(self._tag(part), part.file, texts)

    def _tag(self, part: Part) -> str:
        return f"{self._batch.id}/{part.first}-{part.last}"

    # -- and back -----------------------------------------------------------------------------------------------

    async def _look(self, file: File, done: set[int], part: Part) -> None:
        if part.state == "sending":
            return await self._settle(part)
        try:
            way = self._way(part)
            theirs = await self._insist(partial(way.api.get, part.theirs))
            if theirs.over:
                await self._bring_home(file, done, part, theirs)
        except UpstreamError as error:
            if not self._looks.gone(self._tag(part), error):
                return self._missed(part, error)
            return await self._give_up(part, error.message)
        self._heard(part)
        if not theirs.over:
            answered = f", {theirs.done} of {theirs.total}" if theirs.total else ""
            self._words[self._model(part)] = f"{way.at.provider}'s own batch {theirs.id} ({theirs.status}{answered})"

    async def _bring_home(self, file: File, done: set[int], part: Part, theirs: Theirs) -> None:
        found = await self._insist(partial(self._way(part).api.answers, self._tag(part), theirs))
        answers = {line: (status, body) for line, status, body in found if part.first <= line <= part.last}
        reader = Reader(self._shop.files, file, self._shop.longest)
        coming: set[asyncio.Task[None]] = set()
        try:
            while read := await reader.next():
                for place, raw in read:
                    if place.number in answers and place.number not in done and not self._work.stopping():
                        await self._shop.slots.acquire()
                        answer = answers.pop(place.number)
                        task = asyncio.create_task(self._line(part, place.number, raw, *answer, done))
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
        await self._tidy(part, theirs)  # all that it answered is written down: after a crash nobody asks for it
        part.state = "home"
        part.why = f"{theirs.status}: {theirs.why}"[:300] if theirs.why else ""
        await self._write()

    async def _line(self, part: Part, number: int, raw: bytes, status: int, body: bytes, done: set[int]) -> None:
        """One line's answer goes the ordinary way; what that refuses for now waits."""
        line, way = lines.parse(raw), self._way(part)
        usual = self._shop.price_of(way.at, clock.now_ns(), prompt(body)) if self._shop.price_of else None
        if usual is None:
            return
        kept = Kept(self._tag(part), part.held) if part.held else None
        began = clock.mono_ns()
        why = f"{way.at.provider}'s own batch {part.theirs}, at {way.factor} of the price"
        while True:
            home = Home(status, body)
            route = route_home(way.route, way.at, home, way.price(usual), why, kept)
            asked = await self._asking.ask(line, route)
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
            if part.state == "sending":  # nobody has the time to wait for it
                await self._settle(part)
                part.why = "it is not known whether it was sent" if part.state == "sending" else part.why
            if part.theirs and self._model(part) in self._ways:
                await self._try_to(partial(self._way(part).api.cancel, part.theirs))
        open_ = [part for part in open_ if part.state == "open"]
        until = clock.mono_ns() + int(LAST_WAIT * 1e9)
        while open_ and clock.mono_ns() < until and not self._work.stopping():
            for part in open_:
                await self._look(file, done, part)
            open_ = [part for part in open_ if part.state == "open"]
            if open_:
                await self._work.pause(min(LOOK, 5.0))

    async def _abandon(self) -> None:
        """The provider is to end what is under way; its answers are not wanted any more."""
        for part in self._parts:
            if part.state in UNDER_WAY and self._model(part) in self._ways:
                if part.theirs:
                    await self._try_to(partial(self._way(part).api.cancel, part.theirs))
                await self._give_up(part, "the batch ended")
        await self._free()

    async def _free(self) -> None:
        """What budgets keep for parts that are over is free as soon as all that they took is known to be taken."""
        reserves = self._shop.reserves
        late = self._work.over() and not self._work.stopping()  # nobody waits any more for what has not ended
        for part in self._parts:
            if reserves is None or not part.held or (part.state in UNDER_WAY and not late):
                continue
            until = clock.mono_ns() + int(LAST_WAIT * 1e9)
            runs = await asyncio.to_thread(self._shop.batches.runs, self._batch.id, part.first, part.last)
            while not await asyncio.to_thread(reserves.indexed, runs) and clock.mono_ns() < until:
                if self._work.stopping():
                    return
                await self._work.pause(INDEXING)
            await asyncio.to_thread(reserves.free, self._tag(part))
            part.held = []
            await self._write()

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask, a few times if it may help. Raises UpstreamError."""
        return await insist(ask, self._work.pause, self._work.stopping, TRIES, PAUSE)

    async def _try_to(self, ask: Callable[[], Awaitable[None]]) -> None:
        """What is only tidy."""
        try:
            await ask()
        except UpstreamError as error:
            log.info("%s: %s", self._batch.id, error.message)
