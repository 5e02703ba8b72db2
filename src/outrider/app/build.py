"""The only place that wires: settings and a home folder become one worker."""

import asyncio
import contextlib
import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from outrider.app import endpoints, paths
from outrider.app.casebook import CasebookHandle
from outrider.app.experiments import Experimenting
from outrider.app.guardrails import GuardrailHandle
from outrider.app.knowledge import Knowledge, found_for
from outrider.app.limiting import Limiting
from outrider.app.online import Onlooking
from outrider.app.oversight import oversight
from outrider.app.policy import PolicyHandle
from outrider.app.reach import Reach
from outrider.app.settings import Settings, changed, load
from outrider.app.stores import StoreHandle
from outrider.app.surfaces import Surfaces
from outrider.app.taken import Taken
from outrider.app.tools import ToolsHandle
from outrider.base import clock, env, plugins
from outrider.base.errors import OutriderError, StoreUnavailable, UpstreamError
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.cache.exact import ExactCache
from outrider.console.sessions import SignIns
from outrider.gateway import trial
from outrider.gateway.admission import Admission
from outrider.gateway.attempts import Attempts
from outrider.gateway.batches.background import Background
from outrider.gateway.batches.runner import Runner
from outrider.gateway.checks import CheckRule, Checks
from outrider.gateway.choice import facts_of
from outrider.gateway.control.reader import Reader
from outrider.gateway.corridor import Corridor
from outrider.gateway.door import Door
from outrider.gateway.front import Front
from outrider.gateway.identify import Gate, Headers
from outrider.gateway.metrics import Metrics
from outrider.gateway.patience import Watch
from outrider.gateway.purse import Purse
from outrider.gateway.surface.shelf import Shelf
from outrider.gateway.table import RouteTable
from outrider.journal import read, spool
from outrider.journal.append import Journal
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.knowledge.answer.ground import LibraryGrounds
from outrider.limits import holds
from outrider.limits.board import Board
from outrider.limits.kept import Reserves
from outrider.limits.keys import Identity, KeptKeys, KeyRing, KnownKey, known
from outrider.limits.vitals import Vitals
from outrider.providers import prices

if TYPE_CHECKING:
    from outrider.providers.embedded.transport import EmbeddedTransport

log = logging.getLogger("outrider")

WATCH_SECONDS = 1.0
LIST_AGAIN_SECONDS = 600.0


class Worker:
    """One process's share of Outrider: what answers requests, and what keeps it up to date."""

    def __init__(self, settings: Settings, home: Path, config: Path | None, *, store_url: str = "") -> None:
        self.settings, self.home, self.config = settings, home, config
        self.stopping, self._stays_until = False, 0
        rules = settings.journal
        self.journal = Journal(paths.spool(home), durability=rules.durability, max_size=rules.spool_max)
        url = store_url or env.database_url(home)
        self.store = StoreHandle(url)
        self.limits = Limiting(settings, home, url, self.store, self.journal)
        self.keys = KeyRing(self._find_key)
        self._kept_keys = KeptKeys(paths.keys(home))
        self._store_away = False
        self._keys_mark: tuple[int, int, int] | None = None
        self.sign_ins = SignIns(home)
        self.reach = Reach()
        self.embedded = _embedded(settings, home)
        self.policy = PolicyHandle(settings, config, self.limits.leases.get, self.journal)
        self.taken = Taken(home, self.journal, config)
        self.guardrails = GuardrailHandle(settings, home, self.limits.leases.get)
        self.knowledge = Knowledge(settings, home, url, self.journal, transport=self.embedded)
        self.casebook = CasebookHandle(self.knowledge, url)
        self.experiments = Experimenting(settings, home, config, url)
        self.online = Onlooking(settings, home, config, url)
        run = paths.run(home)
        run.mkdir(parents=True, exist_ok=True)
        self.metrics = Metrics(run, str(os.getpid()))
        anonymous = None if settings.auth else Identity(settings.projects[0], "")
        self.vitals = Vitals(Board(run))
        self._price_of = prices.Quotes().of
        self.corridor = self._corridor(settings, anonymous)
        self.policy.reader = self._reader()
        self.behind = Background(lambda: self.batches, self.corridor.gate, lambda: self.stopping)
        self.shelf = Shelf(self.store.get, paths.spool(home), self.behind.run)
        self.front = Front(
            endpoints.hot(self.corridor, self.shelf, self.behind),
            max_body=settings.server.max_body,
            read_timeout=settings.server.header_timeout,
            on_refusal=self.corridor.refusals.at_edge,
            turns_away=Door(self.limits.shedder, self.corridor.refusals.at_edge).turns_away,
            named=endpoints.named(self.corridor),
            larger=endpoints.LARGER,
        )
        self.batches = self._batches(settings, home, anonymous)
        told = (settings, home, config, self.policy, self.limits, self.journal, self.corridor.gate.full, self.embedded)
        self.tools = ToolsHandle(*told, rules=self.guardrails.rules)
        self.app = Surfaces(self)
        self._tasks: list[asyncio.Task[None]] = []
        self._listing: dict[str, asyncio.Task[None]] = {}

    def _corridor(self, settings: Settings, anonymous: Identity | None) -> Corridor:
        purse = Purse(self.limits.ledger, self._price_of, lambda d: facts_of(d, self.vitals.of(d)))
        return Corridor(
            gate=Gate(self.keys, anonymous=anonymous, session=self._session),
            table=self._table(settings),
            journal=self.journal,
            metrics=self.metrics,
            cache=ExactCache(),
            admission=Admission(self.limits.shedder, self.limits.rates),
            attempts=Attempts(Watch(), self._price_of, self.vitals, purse, self.limits.lanes),
            once=self.limits.once,
            grounds=LibraryGrounds(self.knowledge.library, partial(found_for, self.store.get)),
            oversight=oversight(self.policy, self.limits.leases.get, lambda: self.tools.catalog.known()),
            guards=self.guardrails.guards,
        )

    def _reader(self) -> Reader:
        corridor = self.corridor
        return Reader(
            self.policy.desk,
            corridor.chat,
            lambda model: corridor.table.resolve(model),
            self.keys.identity,
            lambda: self.settings.policy.grants.terms(),
        )

    def _batches(self, settings: Settings, home: Path, anonymous: Identity | None) -> Runner:
        return Runner(
            leases=self.limits.leases.get,
            find=self.front.find,
            keys=self.keys,
            anonymous=anonymous,
            busy=lambda: self.limits.shedder.refuses("batch"),
            holder=f"{spool.identity(paths.spool(home))}/{self.limits.holder}",
            alive=partial(holds.alive, paths.holds(home)),
            rules=settings.batches.rules(settings.server.max_body),
            resolve=lambda model: self.corridor.table.resolve(model),
            price_of=self._price_of,
            reserves=Reserves(lambda: self.limits.ledger.rules, self.limits.leases.get, self.store.get),
            record=self.journal.append,
            overseen=lambda: self.settings.policy.proposed_calls == "enforce",
            guarded=lambda: bool(self.guardrails.guards.rules()),
            leaving=lambda: self.stopping,
        )

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self, *, apart: bool = False) -> None:
        """Read keys, ask providers for their models (for a second at most), begin to watch for changes. `apart`: it
        answers beside the installation's own workers, and leaves its work and its configuration file to them."""
        self.knowledge.begin(asyncio.get_running_loop())
        self.experiments.begin(asyncio.get_running_loop())
        await self.taken.over(self.settings, self.policy, "replay" if apart else "start")
        await self._read_keys()
        await self.limits.start()
        if apart:
            self.policy.reader = None  # a replay is granted what was read then
        else:
            await self.batches.start()
        self.tools.begin(lambda: self.stopping)
        self.metrics.beside.append(self.tools.metrics)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                for tried in self._keep_listing():
                    await tried.wait()
        checks = Checks(self.vitals, self._check_rules)
        lasting = [] if apart else [checks.run(), self.casebook.warm_later(), self.policy.approving.run()]
        lasting += [] if apart else [self.app.warm_later(), self.online.run()]
        lasting.append(self._watch(apart=apart))
        self._tasks = [asyncio.create_task(one) for one in lasting]
        if self.embedded is not None and not self.settings.providers:
            self._tasks.append(asyncio.create_task(_warm(self.embedded)))
        self._tasks.append(asyncio.create_task(asyncio.to_thread(prices.warm)))
        for task in self._tasks:
            task.add_done_callback(_tell_end)
        for package in ("outrider.routing", "outrider.providers"):  # found now, not by the first request
            await asyncio.to_thread(plugins.names, package)
        trial.dialect("openai")

    def leave(self) -> None:
        """It is to end: when what is answered is over, within `server.drain_timeout`. The second time: at once."""
        patience = 0 if self.stopping else self.settings.server.drain_timeout
        self.stopping, self._stays_until = True, clock.mono_ns() + int(patience * 1e9)

    async def stop(self) -> None:
        """After the last answer: write what is queued, close what is open."""
        if self.policy.reader is not None:
            await self.policy.reader.stop()
        await self.batches.finish(lambda: (self._stays_until - clock.mono_ns()) / 1e9)
        await self.experiments.stop()
        await self.tools.stop()
        await self.batches.stop()
        tasks = [*self._tasks, *self._listing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.online.stop()
        await self.reach.close()
        if self.embedded is not None:
            await self.embedded.close()
        await self.limits.stop()
        self.journal.close()
        await asyncio.to_thread(self.metrics.leave_snapshot)
        await asyncio.to_thread(self.vitals.board.close)
        await asyncio.to_thread(self.store.close)
        await asyncio.to_thread(self.casebook.close)
        await asyncio.to_thread(self.knowledge.close)

    async def _watch(self, *, apart: bool) -> None:
        """Once a second: keys that came or went, counters for the other workers, a changed configuration. `apart`: of
        that only what is paid for, which is today's."""
        self._config_mark = changed(self.config, None) if self.config is not None else None
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for look in (
                self._read_keys,
                self.limits.look,
                partial(asyncio.to_thread, self.vitals.board.look_around),
                partial(asyncio.to_thread, self.metrics.leave_snapshot),
                partial(self._look_at_config, apart=apart),
                self.taken.look,
            ):
                try:
                    await look()
                except OSError as error:
                    log.warning("the once-a-second look-around was not complete: %s", error)
                except Exception:  # the edge of the watch: without it no key would end any more
                    log.exception("the once-a-second look-around was not complete")

    async def _look_at_config(self, *, apart: bool) -> None:
        if self.config is not None:
            mark = changed(self.config, self._config_mark)
            if mark != self._config_mark:
                self._config_mark = mark
                await self._reload(self.config, apart=apart)

    async def _reload(self, config: Path, *, apart: bool) -> None:
        """Take over a changed file, or keep the present settings and say why. Running requests are not touched. `apart`
        takes over its budgets alone."""
        try:
            settings = await asyncio.to_thread(load, config)
            if apart:
                return self.limits.use(msgspec.structs.replace(self.settings, budgets=settings.budgets))
            self.corridor.table = self._table(settings)
        except OutriderError as error:
            log.error("the changed configuration is not used, the present one stays:\n%s", error.message)
            return
        self.settings = settings
        self.limits.use(settings)
        self.knowledge.use(settings)
        self.policy.use(settings)
        self.guardrails.use(settings)
        self.tools.use(settings)
        self.online.use(settings)
        await self.taken.over(settings, self.policy)
        log.info("configuration reloaded from %s", config)
        self._keep_listing()

    def _table(self, settings: Settings) -> RouteTable:
        """Where calls go by these settings; configured deployments are listed before anybody calls them."""
        table = self.reach.table(settings, self.embedded)
        for name in settings.routes:
            self.vitals.know(table.resolve(name).deployments)
        return table

    def _check_rules(self) -> dict[str, CheckRule]:
        providers = self.settings.providers.items()
        return {name: CheckRule(p.check.every, p.check.ask == "completion") for name, p in providers if p.check}

    def _keep_listing(self) -> list[asyncio.Event]:
        """One task for each provider whose models are not known; the events come with their first answers."""
        first_answers = []
        for name, entry in self.corridor.table.providers.items():
            present = self._listing.get(name)
            if entry.open and (present is None or present.done()):
                tried = asyncio.Event()
                first_answers.append(tried)
                self._listing[name] = asyncio.create_task(self._list_models(name, tried))
        return first_answers

    async def _list_models(self, name: str, tried: asyncio.Event) -> None:
        """Learn what a provider offers; again every ten minutes, sooner while it does not answer."""
        pause = 2.0
        while (entry := self.corridor.table.providers.get(name)) is not None:
            try:
                async with asyncio.timeout(30):
                    models = await self.reach.list_models(name, entry)
                self.corridor.table.learn(name, models)
                pause = LIST_AGAIN_SECONDS
            except (UpstreamError, TimeoutError) as error:
                log.warning(
                    "the models of provider %r are not known yet (%s); every name is passed on to it", name, error
                )
                pause = min(pause * 2, LIST_AGAIN_SECONDS)
            tried.set()
            await asyncio.sleep(pause)

    # -- keys ---------------------------------------------------------------------------------------------------

    async def _read_keys(self) -> None:
        """Take over the store's keys; while it is away, those that were known last (also after a restart)."""
        try:
            mark = await self.store.ask(read.keys_mark)
            if mark == self._keys_mark:
                self._store_away = False
                return
            rows = await self.store.ask(read.list_keys)
        except StoreUnavailable as error:
            if not self._store_away:
                log.warning("keys are those known last: %s", error.message)
                self.keys.load(await asyncio.to_thread(self._kept_keys.read))
            self._store_away = True
            return
        self._store_away = False
        self._keys_mark = mark
        keys = [known(row) for row in rows]
        self.keys.load(keys)
        await asyncio.to_thread(self._kept_keys.write, keys)

    async def _find_key(self, public: str) -> KnownKey | None:
        row = await self.store.ask(lambda store: read.find_key(store, public))
        return known(row) if row is not None else None

    async def record_key(self, change: KeyCreated | KeyRevoked) -> None:
        """Write it to the journal and follow it; other workers do within a second."""
        await self.journal.append(change, (), change.project if isinstance(change, KeyCreated) else "")
        self.keys.follow(change)

    async def check_key(self, full_key: str) -> Identity | None:
        return self.keys.check(full_key) or await self.keys.look_up(full_key)

    def _session(self, headers: Headers) -> Identity | None:
        """The identity behind the console's cookie, for the playground: same origin, with the CSRF header."""
        for part in headers.get(b"cookie", b"").split(b";"):
            name, _, value = part.strip().partition(b"=")
            if name == COOKIE.encode():
                session = self.sign_ins.verify(value.decode("latin-1"))
                given = headers.get(CSRF_HEADER.encode(), b"").decode("latin-1")
                if session is not None and given == session.csrf and not self.keys.is_revoked(session.key):
                    who = self.keys.identity(session.key) or Identity(session.project, session.key)
                    return msgspec.structs.replace(who, operator=session.operator)
        return None

    async def ready(self) -> dict[str, Any]:
        """Ready while the journal takes records; the store may be away and is reported."""
        try:
            await self.store.ask(read.newest_seq)
            store = "ok"
        except StoreUnavailable as error:
            store = error.message
        return {"ready": not self.stopping, "store": store, "models": len(self.corridor.table.names())}


def _tell_end(task: "asyncio.Task[None]") -> None:
    """What runs beside the requests and ends by a fault would not be missed by anybody for long."""
    if not task.cancelled() and (error := task.exception()) is not None:
        name = getattr(task.get_coro(), "__qualname__", "a part of this worker")
        log.error("%s has ended by a fault, and begins with the next start", name, exc_info=error)


async def _warm(embedded: "EmbeddedTransport") -> None:
    """Where the embedded model is all there is, it is loaded before the first request asks for it."""
    try:
        await embedded.warm()
    except OutriderError as error:
        log.warning("the embedded model is not ready: %s", error.message)


def _embedded(settings: Settings, home: Path) -> "EmbeddedTransport | None":
    if not settings.embedded.enabled:
        return None
    from outrider.providers.embedded.transport import EmbeddedTransport

    rules = settings.embedded
    return EmbeddedTransport(
        env.models_dir(home), chat=rules.chat, embed=rules.embed, threads=rules.threads, slots=rules.slots
    )
