"""The only place that wires: settings and a home folder become one worker."""

import asyncio
import contextlib
import logging
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from outrider import api, console
from outrider.api.deps import ApiDeps
from outrider.app import endpoints, paths
from outrider.app.limiting import Limiting
from outrider.app.reach import Reach
from outrider.app.settings import Settings, changed, load
from outrider.app.stores import StoreHandle
from outrider.base import env, plugins
from outrider.base.errors import OutriderError, StoreUnavailable, UpstreamError
from outrider.base.ports import Deployment
from outrider.base.session import COOKIE, CSRF_HEADER
from outrider.base.usage import Price
from outrider.cache.exact import ExactCache
from outrider.console.deps import ConsoleDeps
from outrider.console.sessions import SignIns
from outrider.gateway import trial
from outrider.gateway.admission import Admission
from outrider.gateway.attempts import Attempts
from outrider.gateway.batches import http as batch_pages
from outrider.gateway.batches import message_batches
from outrider.gateway.batches.runner import Runner
from outrider.gateway.checks import CheckRule, Checks
from outrider.gateway.choice import facts_of
from outrider.gateway.corridor import Corridor
from outrider.gateway.door import Door
from outrider.gateway.front import Front
from outrider.gateway.identify import Gate, Headers
from outrider.gateway.metrics import Metrics
from outrider.gateway.patience import Watch
from outrider.gateway.purse import Purse
from outrider.gateway.surface import count_tokens, errors, gemini_quiet, http, stored_responses, traces
from outrider.gateway.surface.shelf import Shelf
from outrider.gateway.table import RouteTable
from outrider.journal import read, spool
from outrider.journal.append import Journal
from outrider.journal.events import KeyCreated, KeyRevoked
from outrider.limits import holds
from outrider.limits.access import Budgets
from outrider.limits.board import Board
from outrider.limits.conditions import Deployments
from outrider.limits.key_access import Keys
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
        self.stopping = False
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
        run = paths.run(home)
        run.mkdir(parents=True, exist_ok=True)
        self.metrics = Metrics(run, str(os.getpid()))
        anonymous = None if settings.auth else Identity(settings.projects[0], "")
        self.vitals = Vitals(Board(run))
        purse = Purse(self.limits.ledger, price_of, lambda d: facts_of(d, self.vitals.of(d)))
        self.corridor = Corridor(
            gate=Gate(self.keys, anonymous=anonymous, session=self._session),
            table=self._table(settings),
            journal=self.journal,
            metrics=self.metrics,
            cache=ExactCache(),
            admission=Admission(self.limits.shedder, self.limits.rates),
            attempts=Attempts(Watch(), price_of, self.vitals, purse, self.limits.lanes),
            once=self.limits.once,
        )
        self.shelf = Shelf(self.store.get, paths.spool(home))
        self.front = Front(
            endpoints.hot(self.corridor, self.shelf),
            max_body=settings.server.max_body,
            read_timeout=settings.server.header_timeout,
            on_refusal=self.corridor.refusals.at_edge,
            turns_away=Door(self.limits.shedder, self.corridor.refusals.at_edge).turns_away,
            named=endpoints.named(self.corridor),
            larger=endpoints.LARGER,
        )
        self.batches = Runner(
            leases=self.limits.leases.get,
            find=self.front.find,
            keys=self.keys,
            anonymous=anonymous,
            busy=lambda: self.limits.shedder.refuses("batch"),
            holder=f"{spool.identity(paths.spool(home))}/{self.limits.holder}",
            alive=partial(holds.alive, paths.holds(home)),
            rules=settings.batches.rules(settings.server.max_body),
            resolve=lambda model: self.corridor.table.resolve(model),
            price_of=price_of,
            covered=lambda subject: bool(self.limits.ledger.rules.covering(subject)),
            record=self.journal.append,
        )
        self.app = self._application()
        self._tasks: list[asyncio.Task[None]] = []
        self._listing: dict[str, asyncio.Task[None]] = {}

    # -- life ---------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Read keys, ask providers for their models (for a second at most), begin to watch for changes."""
        await self._read_keys()
        await self.limits.start()
        await self.batches.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                for tried in self._keep_listing():
                    await tried.wait()
        checks = Checks(self.vitals, self._check_rules)
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(checks.run())]
        if self.embedded is not None and not self.settings.providers:
            self._tasks.append(asyncio.create_task(_warm(self.embedded)))
        self._tasks.append(asyncio.create_task(asyncio.to_thread(prices.warm)))
        for package in ("outrider.routing", "outrider.providers"):  # found now, not by the first request
            await asyncio.to_thread(plugins.names, package)
        trial.dialect("openai")

    async def stop(self) -> None:
        """After the last answer: write what is queued, close what is open."""
        await self.batches.stop()
        tasks = [*self._tasks, *self._listing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.reach.close()
        if self.embedded is not None:
            await self.embedded.close()
        await self.limits.stop()
        self.journal.close()
        await asyncio.to_thread(self.metrics.leave_snapshot)
        await asyncio.to_thread(self.vitals.board.close)
        await asyncio.to_thread(self.store.close)

    async def _watch(self) -> None:
        """Once a second: keys that came or went, counters for the other workers, a changed configuration."""
        self._config_mark = changed(self.config, None) if self.config is not None else None
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for look in (
                self._read_keys,
                self.limits.look,
                partial(asyncio.to_thread, self.vitals.board.look_around),
                partial(asyncio.to_thread, self.metrics.leave_snapshot),
                self._look_at_config,
            ):
                try:
                    await look()
                except OSError as error:
                    log.warning("the once-a-second look-around was not complete: %s", error)
                except Exception:  # the edge of the watch: without it no key would end any more
                    log.exception("the once-a-second look-around was not complete")

    async def _look_at_config(self) -> None:
        if self.config is not None:
            mark = changed(self.config, self._config_mark)
            if mark != self._config_mark:
                self._config_mark = mark
                await self._reload(self.config)

    async def _reload(self, config: Path) -> None:
        """Take over a changed file, or keep the present settings and say why. Running requests are not touched."""
        try:
            settings = await asyncio.to_thread(load, config)
            self.corridor.table = self._table(settings)
        except OutriderError as error:
            log.error("the changed configuration is not used, the present one stays:\n%s", error.message)
            return
        self.settings = settings
        self.limits.use(settings)
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

    # -- the quiet surface --------------------------------------------------------------------------------------

    def _application(self) -> Starlette:
        anonymous = "" if self.settings.auth else self.settings.projects[0]
        shared: dict[str, Any] = {
            "store": self.store.get,
            "sessions": self.sign_ins,
            "check_key": self.check_key,
            "routes": lambda: self.corridor.table.names(),
            "keys": Keys(self.store.get, self.record_key),
            "anonymous": anonymous,
            "budgets": Budgets(
                self.store.get, self.limits.leases.get, self.limits.record, lambda: self.settings.projects
            ),
            "deployments": Deployments(self.vitals.board, self.store.get),
        }
        return Starlette(
            routes=[
                *gemini_quiet.routes(self.corridor),
                *http.routes(self.corridor, self._ready),
                *count_tokens.routes(self.corridor),
                *batch_pages.routes(self.batches, partial(http.identify, self.corridor)),
                *message_batches.routes(self.batches, partial(http.identify, self.corridor)),
                *stored_responses.routes(partial(http.identify, self.corridor), self.shelf, self.journal),
                *traces.routes(self.corridor),
                *api.routes(ApiDeps(**shared)),
                *console.routes(ConsoleDeps(**shared, stopping=lambda: self.stopping)),
            ],
            exception_handlers={**console.error_answers(), 404: _not_found, 405: _wrong_method, OutriderError: _error},
        )

    async def _ready(self) -> dict[str, Any]:
        """Ready while the journal takes records; the store may be away and is reported."""
        try:
            await self.store.ask(read.newest_seq)
            store = "ok"
        except StoreUnavailable as error:
            store = error.message
        return {"ready": not self.stopping, "store": store, "models": len(self.corridor.table.names())}


def price_of(deployment: Deployment, at: int, size: int) -> Price | None:
    """The price of a deployment at a time, for a request of `size` input tokens."""
    return prices.price(deployment.price_list, deployment.model, at, deployment.prices, size)


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


FOR_MACHINES = ("/v1", "/api", "/health", "/metrics")
_page = console.error_answers()[500]  # says any error on a page in the console's design


def _for_machines(request: Request) -> bool:
    return ("/" + request.url.path.lstrip("/")).startswith(FOR_MACHINES)


async def _not_found(request: Request, error: Exception) -> Response:
    """404 in the shape of whoever is asked: JSON for machines, a page for people."""
    if not _for_machines(request):
        return await _page(request, error)
    body = errors.error_body(f"nothing is served at {request.url.path}", "invalid_request_error", "not_found")
    return Response(body, 404, media_type="application/json")


async def _wrong_method(request: Request, error: Exception) -> Response:
    if not _for_machines(request):
        return await _page(request, error)
    allow = (getattr(error, "headers", None) or {}).get("Allow", "")
    words = f"{request.url.path} does not take {request.method}" + (f"; it takes {allow}" if allow else "")
    body = errors.error_body(words, "invalid_request_error", "method_not_allowed")
    return Response(body, 405, {"allow": allow} if allow else None, media_type="application/json")


async def _error(request: Request, error: Exception) -> Response:
    assert isinstance(error, OutriderError)
    if not _for_machines(request):
        return await _page(request, error)
    status, headers, body = errors.answer(error)
    return Response(body, status, headers={k.decode(): v.decode("latin-1") for k, v in headers})
