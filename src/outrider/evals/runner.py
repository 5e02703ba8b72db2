"""Working through an experiment: every waiting item is asked once, scored, and written down.

What is written is never asked again, after a stop or a crash. What was asked and not written is asked with the same
idempotency key, so the gateway gives the answer that it gave before and nothing is paid twice.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from outrider.base.errors import RequestError, StoreUnavailable
from outrider.evals import holders
from outrider.evals.beside import Baselines
from outrider.evals.evaluators import Ports
from outrider.evals.experiments import PORTION, Done, Experiment, Experiments, Item, Status
from outrider.evals.judging import kin
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.subjects import Opens, Subject
from outrider.evals.suite import Suite

log = logging.getLogger("outrider.evals")

WRITE_SECONDS = 0.2
"""How often answers are written down, at least."""
HOLD_SECONDS = 4.0
MOST_THREADS = 64
"""Scores that are made at once: judges wait for an answer, and what writes answers down must not wait for them."""
Told = Callable[[int, int, int], None]
"""Hears how many items there are, how many are done, and what they cost (nano-dollars)."""


class Runner:
    """One run through an experiment's waiting items. `cases` are by digest."""

    def __init__(
        self,
        experiments: Experiments,
        experiment: Experiment,
        suite: Suite,
        cases: Mapping[str, Case],
        opens: Opens,
        ports: Ports | None = None,
        told: Told = lambda items, done, cost: None,
    ) -> None:
        self._experiments, self.experiment, self._suite, self._cases = experiments, experiment, suite, cases
        self._opens, self._ports, self._told = opens, ports or Ports(), told
        self._subjects: dict[str, asyncio.Task[Subject]] = {}
        self._variants = {one.name: one for one in suite.variants}
        self._written: list[Done] = []
        self._dearest = self._spent = self._done = self._under_way = 0
        self._holder = holders.name()
        self._next, self._why = 0.0, ""
        self._judged = bool(kin.asked(suite))
        self._beside = Baselines(experiments, experiment, suite) if Baselines.needed(suite) else None
        self._threads = ThreadPoolExecutor(min(suite.concurrency, MOST_THREADS), "scores")

    async def run(self) -> Experiment:
        """Until nothing waits, the budget is used up, or somebody stops it. Raises RequestError 409 where another
        process works on it, and for a judge of the subject's own family."""
        id_ = self.experiment.id
        if self._judged:
            await asyncio.to_thread(kin.check, self._suite, self._ports.families)
        if not await asyncio.to_thread(self._experiments.claim, id_, self._holder):
            raise RequestError(f"another process works on {id_}", status=409, code="experiment_held")
        progress = await asyncio.to_thread(self._experiments.progress, id_)
        self._spent, self._done = progress.cost, progress.done
        keeping = asyncio.create_task(self._keep())
        try:
            await self._work()
        finally:
            keeping.cancel()
            await asyncio.shield(self._leave())
            self._threads.shutdown(wait=False)
        return await asyncio.to_thread(self._experiments.get, self.experiment.project, id_)

    async def _leave(self) -> None:
        await self._write()
        for opening in await asyncio.gather(*self._subjects.values(), return_exceptions=True):
            if not isinstance(opening, BaseException):
                await opening.close()
        left = await asyncio.to_thread(self._experiments.waiting, self.experiment.id, -1, 1)
        about = {"why": self._why or "it was interrupted"} if left else {}
        status: Status = "stopped" if left else "done"
        await asyncio.to_thread(self._experiments.end, self.experiment.id, self._holder, status, about)

    async def _keep(self) -> None:
        """Hold the experiment and write down what was answered, until somebody stops it."""
        held = time.monotonic()
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            try:
                await self._write()
                if time.monotonic() - held > HOLD_SECONDS:
                    held = time.monotonic()
                    if not await asyncio.to_thread(self._experiments.hold, self.experiment.id, self._holder):
                        self._why = "it was stopped"
                        return
            except StoreUnavailable as error:  # what was answered waits here, and nothing more is asked meanwhile
                log.warning("answers wait to be written down: %s", error.message)

    async def _write(self) -> None:
        written = list(self._written)
        if written:
            await asyncio.to_thread(self._experiments.record, self.experiment.id, written)
            del self._written[: len(written)]

    async def _work(self) -> None:
        """As many at once as the suite allows; a portion of items is in memory, whatever their number. What is
        under way when it is to end comes to its end."""
        room = asyncio.Semaphore(self._suite.concurrency)
        last = -1
        async with asyncio.TaskGroup() as group:
            while items := await asyncio.to_thread(self._experiments.waiting, self.experiment.id, last, PORTION):
                last = items[-1].place
                known = await self._known(items)
                for item in items:
                    await room.acquire()
                    answer = known.get(item.known_as)
                    await self._written_down()
                    if self._ends(answer):
                        return
                    if self._paid(answer):
                        self._under_way += 1
                    if answer is None:
                        await self._in_turn()
                    if self._beside is not None:
                        self._beside.expect(item)
                    task = group.create_task(self._one(item, answer))
                    task.add_done_callback(lambda _: room.release())

    async def _written_down(self) -> None:
        """Wait while more answers than a portion are in memory alone: the store is away."""
        while len(self._written) > PORTION and not self._why:  # noqa: ASYNC110 -- as the store, it is asked now and then
            await asyncio.sleep(WRITE_SECONDS)

    def _ends(self, known: Outcome | None) -> bool:
        """Whether nothing more is asked: somebody stopped it, or the budget would be passed. What is under way is taken
        to be as dear as the dearest so far."""
        budget = self._suite.budget
        if budget and self._paid(known) and self._spent + (self._under_way + 1) * self._dearest > budget:
            self._why = "the budget is used up"
        return bool(self._why)

    def _paid(self, known: Outcome | None) -> bool:
        """Whether an item costs anything: the answer, or a judge."""
        return known is None or self._judged

    async def _known(self, items: Sequence[Item]) -> dict[str, Outcome]:
        if not self._suite.reuse:
            return {}
        wanted = [item.known_as for item in items]
        return await asyncio.to_thread(self._experiments.earlier, self.experiment.project, wanted)

    async def _one(self, item: Item, known: Outcome | None) -> None:
        case = self._cases[item.case_digest]
        try:
            if known is not None:
                outcome = msgspec.structs.replace(known, cached=True, cost=0)
            else:
                outcome = await self._asked(item, case)
            beside = await self._beside.answer(item, outcome) if self._beside is not None else None
            ports = msgspec.structs.replace(self._ports, again=f"{self.experiment.id}-{item.place}", baseline=beside)
            scores = await asyncio.get_running_loop().run_in_executor(self._threads, self._scored, case, outcome, ports)
        finally:
            self._under_way -= self._paid(known)
        done = Done(item, outcome, scores)
        self._spent += done.cost
        self._dearest = max(self._dearest, done.cost)
        self._written.append(done)
        self._done += 1
        self._told(self.experiment.items, self._done, self._spent)

    async def _asked(self, item: Item, case: Case) -> Outcome:
        variant = self._variants[item.variant]
        opening = self._subjects.get(variant.name)
        if opening is None:  # in a thread, for an Outrider of then has to begin first; once for all who wait for it
            opening = asyncio.create_task(asyncio.to_thread(self._opens, variant))
            self._subjects[variant.name] = opening
        subject = await asyncio.shield(opening)
        return await subject.ask(case, variant, f"{self.experiment.id}-{item.place}")

    async def _in_turn(self) -> None:
        """No faster than the suite allows."""
        if self._suite.per_minute:
            now = time.monotonic()
            self._next = max(self._next, now) + 60 / self._suite.per_minute
            await asyncio.sleep(self._next - now - 60 / self._suite.per_minute)

    def _scored(self, case: Case, outcome: Outcome, ports: Ports) -> dict[str, Score]:
        return {one.name: one.score(case, outcome, ports) for one in self._suite.evaluators}
