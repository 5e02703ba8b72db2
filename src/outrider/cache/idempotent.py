"""Idempotency keys: one execution for all requests with a key, the same answer for each, in every worker.

The first request claims the key; others wait for its answer: in the same worker for a `Seat`, in other workers by
looking at the row. An execution that failed frees the key, and those who waited for it get its failure.
"""

import asyncio
import logging
from collections.abc import Coroutine
from functools import partial
from typing import Any, NamedTuple

from outrider.base import clock
from outrider.base.errors import OutriderError, RequestError, StoreUnavailable
from outrider.cache.claims import CLAIMED, DONE, FAILED, Claims, Kept, Key, Place, Row
from outrider.cache.orphans import Orphans

FIRST_PAUSE, LONGEST_PAUSE = 0.01, 0.25
"""Seconds between two looks at a row that another worker holds."""

log = logging.getLogger("outrider.idempotency")


class Seat:
    """Those of one worker who want the answer for a key. `land` gives it: None means that the key is free again."""

    __slots__ = ("digest", "key", "waiting")

    def __init__(self, key: Key, digest: bytes) -> None:
        self.key, self.digest = key, digest
        self.waiting: set[asyncio.Future[Kept | None]] = set()

    async def wait(self, until: int) -> Kept | None:
        """What was landed. Raises TimeoutError at `until` (monotonic ns), and what `fail` was given."""
        future: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        self.waiting.add(future)
        try:
            async with asyncio.timeout(max(0.0, (until - clock.mono_ns()) / 1e9)):
                return await future
        finally:
            self.waiting.discard(future)

    def land(self, kept: Kept | None) -> None:
        for future in self.waiting:
            if not future.done():
                future.set_result(kept)

    def fail(self, error: OutriderError) -> None:
        for future in self.waiting:
            if not future.done():
                future.set_exception(error)
                future.exception()  # whoever waits may be gone; an unread error is not worth a warning


class Claim(NamedTuple):
    """The right and the duty to execute. Ends with `Once.finish` or `Once.release`."""

    run: bytes
    seat: Seat


class Once:
    """The idempotency keys of one worker. `place` is its name as a holder with its journal's slot (`0`); `orphans`
    judges claims of the dead."""

    def __init__(self, claims: Claims, orphans: Orphans, place: Place) -> None:
        self._claims, self._orphans, self._place = claims, orphans, orphans.here(place)
        self._seats: dict[tuple[Key, bytes], Seat] = {}
        self._gone: dict[Key, bytes] = {}  # keys whose claim, by this run, was judged to be free
        self._tasks: set[asyncio.Task[None]] = set()
        self._used = False

    async def enter(self, key: Key, digest: bytes, run: bytes, *, deadline: int, longest: int) -> Claim | Kept:
        """The claim for `key`, or the answer that it has, awaited if need be until `deadline` (monotonic ns).

        `longest` is how long an execution may take (ns); after that its claim is void. Raises RequestError: 422 for a
        key that was used for another request (its digest differs), 409 when the wait is over, 503 when the lease
        store is away.
        """
        while True:
            seat = self._seats.get((key, digest))
            if seat is None:
                seat = self._seats[key, digest] = Seat(key, digest)
                row = await self._claim(seat, run, longest)
                if row is None:
                    return Claim(run, seat)
                if row.digest != digest or row.state == DONE:
                    return await self._already(seat, row)
                self._start(self._follow(seat, row))
            try:
                kept = await seat.wait(deadline)
            except TimeoutError:
                raise in_progress(key) from None
            if kept is not None:
                return kept

    async def finish(self, claim: Claim, kept: Kept, *, good: bool) -> None:
        """Write the answer down, durably, and give it to those who wait. While the lease store is away the journal has
        it, and is asked when the claim is void."""
        try:
            state = DONE if good else FAILED
            mine = await asyncio.to_thread(self._claims.finish, claim.seat.key, kept, clock.now_ns(), state)
            if not mine:
                log.warning("a claim was void before its run ended: another run has taken the idempotency key over")
        except StoreUnavailable as error:
            log.warning("an answer could not be kept for its idempotency key: %s", error.message)
        finally:
            self._end(claim.seat, kept)

    async def release(self, claim: Claim) -> None:
        """No answer will come: the next request with this key executes."""
        try:
            await asyncio.to_thread(self._claims.release, claim.seat.key, claim.run)
        except StoreUnavailable as error:
            log.warning("an idempotency key stays taken until its claim is void: %s", error.message)
        finally:
            self._end(claim.seat, None)

    async def close(self) -> None:
        """Give back what is still claimed. After the last answer."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self._used:
            return
        try:
            await asyncio.to_thread(self._claims.release_all, self._place.holder)
        except StoreUnavailable as error:
            log.warning("idempotency keys stay taken until their claims are void: %s", error.message)

    # -- claiming -------------------------------------------------------------------------------------------------

    async def _claim(self, seat: Seat, run: bytes, longest: int) -> Row | None:
        """Ask the store. Whoever is cancelled meanwhile gives back what it may have got."""
        self._used = True
        now = clock.now_ns()
        instead_of = self._gone.pop(seat.key, b"")
        ask = partial(
            self._claims.claim, seat.key, seat.digest, run, self._place, until=now + longest, now=now,
            instead_of=instead_of,
        )  # fmt: skip
        asking = asyncio.ensure_future(asyncio.to_thread(ask))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            self._start(self._undo(asking, Claim(run, seat)))
            raise
        except OutriderError as error:
            refused = unavailable(error)
            self._end(seat, refused)
            raise refused from None

    async def _undo(self, asking: "asyncio.Future[Row | None]", claim: Claim) -> None:
        try:
            taken = await asking is None
        except OutriderError:
            taken = False
        if taken:
            await self.release(claim)
        else:
            self._end(claim.seat, None)

    async def _already(self, seat: Seat, row: Row) -> Kept:
        """The answer of a key that has one, for everybody who came meanwhile too."""
        outcome: Kept | RequestError | None = None
        try:
            if row.digest != seat.digest:
                outcome = reused(seat.key)
            else:
                kept = row.kept() or await asyncio.to_thread(self._orphans.answer, row.run)
                outcome = lost(seat.key) if kept is None else kept
        except StoreUnavailable as error:
            outcome = unavailable(error)
        finally:
            self._end(seat, outcome)
        if isinstance(outcome, RequestError):
            raise outcome
        return outcome

    # -- following what another worker does -----------------------------------------------------------------------

    async def _follow(self, seat: Seat, row: Row | None) -> None:
        """Look at the row until it has an answer or is free, as long as somebody waits."""
        pause = FIRST_PAUSE
        outcome: Kept | RequestError | None = None
        try:
            while seat.waiting:
                found = await asyncio.to_thread(self._look, seat.key, row)
                if not isinstance(found, Row):
                    outcome = found
                    break
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 1.5)
                row = await asyncio.to_thread(self._claims.look, seat.key, clock.now_ns())
        except StoreUnavailable as error:
            outcome = unavailable(error)
        finally:
            self._end(seat, outcome)

    def _look(self, key: Key, row: Row | None) -> Row | Kept | None:
        """The answer in a row, None if the key is free (or somebody else's), or the row if one has to wait."""
        if row is None:
            return None
        if row.state != CLAIMED:
            return row.kept()  # too large: None, and whoever asks again finds it in the journal
        verdict = self._orphans.judge(row, clock.now_ns())
        if verdict == "wait":
            return row
        if verdict == "free":
            self._gone[key] = row.run
            return None
        self._claims.finish(key, verdict, clock.now_ns())
        return verdict

    def _end(self, seat: Seat, outcome: Kept | RequestError | None) -> None:
        """The seat is given up: those who wait get the outcome, or try again."""
        place = (seat.key, seat.digest)
        if self._seats.get(place) is seat:
            del self._seats[place]
        if isinstance(outcome, RequestError):
            seat.fail(outcome)
        else:
            seat.land(outcome)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def reused(key: Key) -> RequestError:
    return RequestError(
        f"the idempotency key {key.key!r} was used for a different request within 24 h: send the same body to the same "
        "path to get its answer, or use another key",
        status=422,
        code="idempotency_key_reused",
        param="idempotency-key",
    )


def in_progress(key: Key) -> RequestError:
    return RequestError(
        f"the request with the idempotency key {key.key!r} is still being executed: ask again with the same key",
        status=409,
        code="request_in_progress",
        param="idempotency-key",
        headers=(("retry-after", "2"),),
    )


def lost(key: Key) -> RequestError:
    return RequestError(
        f"the request with the idempotency key {key.key!r} was answered, but its answer was too large to keep and is "
        "not in the journal (any more, or not yet): ask again in a moment, or execute it again with another key",
        status=409,
        code="idempotent_answer_missing",
        param="idempotency-key",
        headers=(("retry-after", "5"),),
    )


def unavailable(error: OutriderError) -> RequestError:
    return RequestError(
        "idempotency keys cannot be checked now, so the request was not executed: ask again in a moment, or leave the "
        f"key out ({error.message})",
        status=503,
        code="idempotency_unavailable",
        kind="server_error",
        headers=(("retry-after", "5"),),
    )
