"""One batch, from its input file to its output: checked, executed line by line, written down.

Everything here can be stopped at any moment and begun again by another process: lines that are done are in the store,
and a line that was under way is asked for again with the same idempotency key, so it has no second answer.
"""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Callable, Collection
from hashlib import blake2b

from outrider.base import clock
from outrider.base.errors import JournalFull, RequestError
from outrider.gateway.batches import lines, results
from outrider.gateway.batches.asking import Asked, Asking, Shop
from outrider.gateway.batches.files import File, Writer
from outrider.gateway.batches.forward import UNDER_WAY, Forward, Lent
from outrider.gateway.batches.queue import Entry, Queue
from outrider.gateway.batches.reading import Reader
from outrider.gateway.batches.recorder import Recorder
from outrider.gateway.batches.rows import Batch, Done, Fault, Status
from outrider.gateway.batches.ways import ways
from outrider.journal.events import BatchEnded

MOST_LINES = 50_000
MOST_FAULTS = 50
MOST_MODELS = 50
"""Models of which lines may go to a provider; those of others are executed here."""
GRACE = 60.0
"""Seconds that lines under way have to end, once the batch is cancelled or its time is over."""
STOP_GRACE = 3.0
"""The same when this process stops: what is cut off is executed again by the next one."""
LONGEST_WAIT = 60.0
"""Seconds that a response in the background, which somebody waits for, is left for its next try: a budget that has room
tomorrow refuses it now."""
LOOK = 1.0
"""Seconds after which it is looked whether the time is over, though nothing happened."""

log = logging.getLogger("outrider.batches")


class Work:
    """A batch that this process holds. `wake` after a flag was set: `cancelling`, `stopping`."""

    def __init__(self, batch: Batch, shop: Shop) -> None:
        self.batch, self._shop = batch, shop
        self.cancelling, self.stopping = batch.cancelling > 0, False
        self._changed, self._called = asyncio.Event(), asyncio.Event()
        self._done_lines: set[int] = set()
        self._recorder = Recorder(shop.batches, batch)
        self._flying: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None
        self._queue = Queue(shop.concurrency)
        self._forward: Forward | None = None

    def waits(self) -> str:
        """What its lines wait for at the moment, in words."""
        there = self._forward.waits if self._forward is not None else ""
        return "; ".join(filter(None, (there, self._queue.waits(clock.mono_ns()))))

    def wake(self) -> None:
        self._changed.set()
        self._called.set()

    async def run(self) -> bool:
        """Work until the batch is over (True) or this process stops (False). Raises Lost, StoreUnavailable."""
        try:
            file = await asyncio.to_thread(self._shop.files.find, self.batch.project, self.batch.input_file)
            if file is None:
                self.batch.about.faults = [Fault("file_not_found", "The input file is not there any more.")]
                return await self._finish(None)
            if self.batch.status == "validating" or not self.batch.about.started:
                if not await self._validate(file):
                    return False
                if not self.batch.about.started:
                    return await self._finish(None)
            if self.batch.status != "finalizing" and not await self._execute(file):
                return False
            return await self._finish(file)
        finally:
            await self._recorder.close()

    # -- checking -----------------------------------------------------------------------------------------------

    async def _validate(self, file: File) -> bool:
        """Look at every line before the first one costs anything. False: this process stops."""
        reader, about = Reader(self._shop.files, file, self._shop.longest), self.batch.about
        seen: set[bytes] = set()
        models: set[str] = set()
        faults: list[Fault] = []
        while found := await reader.next():
            await asyncio.to_thread(self._check, found, seen, models, faults)
            if self.stopping:
                return False
            if self.cancelling or len(faults) >= MOST_FAULTS or reader.count > MOST_LINES:
                break
        if reader.count > MOST_LINES:
            faults = [Fault("too_many_tasks", f"The file has more than {MOST_LINES} lines; divide it.")]
        elif not reader.count and not self.cancelling:
            faults = [Fault("empty_file", "The file has no line.")]
        about.faults = faults
        about.models = sorted(models)
        about.model = about.models[0] if len(models) == 1 else ""
        self.batch.total = 0 if faults else reader.count
        if not faults and not self.cancelling:
            about.started = clock.now_ns()
            await asyncio.to_thread(self._shop.batches.move, self.batch, "in_progress")
        return True

    def _check(
        self, found: list[tuple[lines.Place, bytes]], seen: set[bytes], models: set[str], faults: list[Fault]
    ) -> None:
        for place, raw in found:
            line = lines.check(place.number, raw, self.batch.made.endpoint, self._shop.longest)
            if isinstance(line, Fault):
                faults.append(line)
                continue
            name = blake2b(line.custom_id.encode(), digest_size=16).digest()
            if name in seen:
                text = f"The custom_id {line.custom_id[:100]!r} is in the file more than once."
                faults.append(Fault("duplicate_custom_id", text, place.number, "custom_id"))
            seen.add(name)
            if len(models) < MOST_MODELS:
                models.add(lines.model_of(line))
        del faults[MOST_FAULTS:]

    # -- executing ----------------------------------------------------------------------------------------------

    async def _execute(self, file: File) -> bool:
        """Every line that is not done yet. False: this process stops."""
        self._done_lines = await asyncio.to_thread(self._shop.batches.done, self.batch.id)
        asking = Asking(self._shop, self.batch)
        try:
            await self._send_out(file, asking)
            await self._walk(file, asking)
            await self._land(0.0 if self.cancelling and self.batch.kind == "background" else GRACE)
        finally:
            await self._land(0.0)
        if self._broken is not None:
            raise self._broken
        return not self.stopping

    async def _send_out(self, file: File, asking: Asking) -> None:
        """What providers do for less money, they do; lines of models that they do not have are executed meanwhile."""
        about, found = self.batch.about, ways(self._shop, self.batch)
        if not found and not any(part.held or part.state in ("sending", "open") for part in about.parts):
            return
        lent = Lent(self._over, self._stops, self._rest, self._keep)
        self._forward = Forward(self._shop, self.batch, asking, found, lent)
        going = asyncio.create_task(self._forward.run(file, self._done_lines))
        going.add_done_callback(self._is_back)
        try:
            there = {part.model or about.model for part in about.parts if part.state in UNDER_WAY} | found.keys()
            if not there >= set(about.models or [about.model]):
                await self._walk(file, asking, besides=there)
            await asyncio.wait((going,))
        finally:
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
            self._forward = None
        if self._broken is not None:
            raise self._broken

    def _stops(self) -> bool:
        """Whether this process leaves it to the next one, or to its own next try."""
        return self.stopping or self._broken is not None

    def _is_back(self, there: "asyncio.Task[None]") -> None:
        """What went wrong with a provider ends the rest, too."""
        error = there.exception() if not there.cancelled() else None
        if isinstance(error, RequestError):
            self.batch.about.faults = [Fault(error.code, error.message)]
        elif error is not None:
            self._broken = self._broken or error
        self._changed.set()

    async def _keep(self, number: int, line: lines.Line, asked: Asked) -> None:
        await self._recorder.put(self._done(number, line, asked))
        self._done_lines.add(number)

    async def _walk(self, file: File, asking: Asking, besides: Collection[str] = ()) -> None:
        """Start lines, as long as there are any and nothing speaks against it; none of the models `besides`."""
        reader = Reader(self._shop.files, file, self._shop.longest)
        while not self._over():
            entry = self._queue.next(clock.mono_ns())
            if entry is not None:
                await self._start(entry, reader, asking)
                continue
            if self._queue.wants_more() and (found := await reader.next()):
                for place, raw in found:
                    model = lines.model_of(lines.parse(raw))
                    if place.number not in self._done_lines and model not in besides:
                        self._queue.add(Entry(place, model))
                continue
            if reader.ended and not self._queue.waiting and not self._flying:
                return
            await self._something(min(LOOK, self._queue.pause(clock.mono_ns())))

    async def _start(self, entry: Entry, reader: Reader, asking: Asking) -> None:
        """Start one line as soon as this process has room for it."""
        slots = self._shop.slots
        self._queue.took(entry)
        try:
            raw = await reader.line(entry.place)
            while self._shop.busy() and not self._over():
                await self._something(LOOK)
            await slots.acquire()
        except BaseException:
            self._queue.back(entry)
            raise
        if self._over():
            slots.release()
            return self._queue.back(entry)
        task = asyncio.create_task(self._line(entry, raw, asking))
        self._flying.add(task)

        def landed(task: "asyncio.Task[None]") -> None:
            slots.release()
            self._flying.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                self._broken = self._broken or error
            self._changed.set()

        task.add_done_callback(landed)

    async def _line(self, entry: Entry, raw: bytes, asking: Asking) -> None:
        """One line: its result is written down, or it waits for another try."""
        line = lines.parse(raw)
        try:
            asked = await asking.ask(line)
        except RequestError as refused:  # no line of this batch can be executed any more
            self.batch.about.faults = [Fault(refused.code, refused.message)]
            return self._queue.back(entry)
        except BaseException:
            self._queue.back(entry)
            raise
        waited_for = self.batch.kind == "background"
        patient = asked.patient and not waited_for
        soon = not waited_for or (asked.pause or 0.0) <= LONGEST_WAIT
        if asked.again and soon and (patient or entry.failures + 1 < self._shop.tries):
            return self._queue.refused(entry, clock.mono_ns(), asked.pause, patient=patient, why=asked.why)
        self._queue.good(entry)
        await self._keep(entry.place.number, line, asked)

    def _done(self, number: int, line: lines.Line, asked: Asked) -> Done:
        batch = self.batch
        text = results.done(batch.kind, batch.id, line.custom_id, asked.status, asked.request_id, asked.body)
        good = asked.status == 200
        used = results.used(asked.body) if good else results.NOTHING
        return Done(number, good, text, used, asked.cost, run_id(asked.request_id))

    def _over(self) -> bool:
        """Whether no further line is started."""
        return bool(
            self.stopping
            or self.cancelling
            or self._broken is not None
            or self.batch.about.faults
            or clock.now_ns() >= self.batch.expires
        )

    async def _something(self, longest: float) -> None:
        """Wait until something changed, for so many seconds at most."""
        await _wait(self._changed, longest)

    async def _rest(self, longest: float) -> None:
        """The same, but no line that landed ends it."""
        await _wait(self._called, longest)

    async def _land(self, patience: float) -> None:
        """Wait for the lines under way; those that take longer are cut off, and recorded as that."""
        if self._flying and patience and self._broken is None:
            await asyncio.wait(self._flying, timeout=STOP_GRACE if self.stopping else patience)
        flying = list(self._flying)
        for task in flying:
            task.cancel()
        if flying:
            await asyncio.gather(*flying, return_exceptions=True)

    # -- the end ------------------------------------------------------------------------------------------------

    async def _finish(self, file: File | None) -> bool:
        """Make the files and end the batch."""
        batch, about = self.batch, self.batch.about
        if batch.status != "finalizing" and about.started:
            about.finalizing = about.finalizing or clock.now_ns()
            await asyncio.to_thread(self._shop.batches.move, batch, "finalizing")
        await asyncio.to_thread(self._write, file)
        await self._tell()
        while await asyncio.to_thread(self._shop.batches.forget_lines, batch.id):
            pass
        return True

    async def _tell(self) -> None:
        """The end goes into the journal too."""
        if self._shop.record is None:
            return
        batch = await asyncio.to_thread(self._shop.batches.get, self.batch.project, self.batch.kind, self.batch.id)
        event = BatchEnded(
            batch.id, batch.project, batch.ended, batch.status, batch.total, batch.completed, batch.failed,
            batch.about.output_file, batch.about.error_file,
        )  # fmt: skip
        try:
            await self._shop.record(event)
        except JournalFull as error:
            log.error("the end of %s is not in the journal: %s", batch.id, error.message)

    def _write(self, file: File | None) -> None:
        """Lines that are done go into the output and the error file, then all at once the batch is over."""
        batch, shop = self.batch, self._shop
        outputs = Outputs(self._new_file)
        missing = 0
        try:
            if file is not None and batch.about.started:
                done = len(shop.batches.done(batch.id))
                missing = batch.total - done
                why = self._why_missing()
                for good, text in self._texts(file, missing > 0, why):
                    outputs.add("output" if good or batch.kind == "anthropic" else "error", text)
            shop.batches.end(batch, self._status(missing), outputs.writers, missing)
        except BaseException:
            outputs.discard()
            raise

    def _texts(self, file: File, gaps: bool, why: results.Missing) -> results.Texts:
        """(good, text) of every line, in the order of the input."""
        done = self._shop.batches.lines(self.batch.id)
        if not gaps:
            yield from ((good, text) for _, good, text in done)
            return
        row = next(done, None)
        for place, raw in Reader(self._shop.files, file, self._shop.longest).all():
            if row is not None and row[0] == place.number:
                yield row[1], row[2]
                row = next(done, None)
            else:
                name = lines.parse(raw).custom_id
                yield False, results.missing(self.batch.kind, self.batch.id, name, why)

    def _new_file(self, kind: str) -> Writer:
        batch = self.batch
        keep = batch.made.keep or self._shop.keep
        purpose = "batch_output" if batch.kind == "openai" else "message_batch"
        expires = clock.now_ns() + keep * 1_000_000_000 if keep else 0
        return self._shop.files.begin(batch.project, batch.key, purpose, f"{batch.id}_{kind}.jsonl", expires)

    def _why_missing(self) -> results.Missing:
        if self.batch.about.faults:
            return "failed"
        return "cancelled" if self.cancelling else "expired"

    def _status(self, missing: int) -> Status:
        if self.batch.about.faults:
            return "failed"
        if self.cancelling:
            return "cancelled"
        return "expired" if missing else "completed"


async def _wait(event: asyncio.Event, longest: float) -> None:
    event.clear()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(longest):
            await event.wait()


def run_id(text: str) -> bytes:
    """A run's id as it is kept; b"" for what is none."""
    try:
        return uuid.UUID(text).bytes
    except ValueError:
        return b""


class Outputs:
    """The files of a batch, each begun with its first line."""

    def __init__(self, begin: Callable[[str], Writer]) -> None:
        self._begin = begin
        self.writers: dict[str, Writer | None] = {}

    def add(self, kind: str, text: bytes) -> None:
        writer = self.writers.get(kind)
        if writer is None:
            writer = self.writers[kind] = self._begin(kind)
        writer.add(text)

    def discard(self) -> None:
        for writer in self.writers.values():
            if writer is not None:
                writer.discard()
