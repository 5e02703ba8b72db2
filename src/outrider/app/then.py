"""An Outrider of a past moment, beside the one of today: it answers a replay by the configuration that was in force.

It is a worker of its own on a loopback port, in a thread, as long as the replay lasts. It writes into the journal of
the installation and counts for its budgets, and does none of its work: no batches, alarms, scores of live traffic.
"""

import asyncio
import socket
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from outrider.app import config_files, config_record, config_then
from outrider.app.build import Worker
from outrider.app.settings import Settings
from outrider.app.worker import Server, event_loop, http_config
from outrider.base import clock, env
from outrider.base.errors import ConfigError
from outrider.base.usage import Price
from outrider.journal import config_query, spool
from outrider.journal.rows import ConfigurationRow
from outrider.policy.events import Granted
from outrider.policy.given import Sessions, given_by, granted_by
from outrider.policy.permissions import Stored
from outrider.policy.rules import Rules
from outrider.providers import prices
from outrider.store import Store

GRANTED_NS = 86_400 * 1_000_000_000
"""What a replay is granted ends by then: so long an answer is kept for its idempotency key."""
PATIENCE = 30.0


class Then(msgspec.Struct, frozen=True):
    """What held at a moment: the configuration that is on record (`row`), and what was given over the API."""

    row: ConfigurationRow
    past: config_then.Past
    given: dict[str, tuple[Stored, ...]]
    moment: int = 0
    granted: Sessions = {}

    def listed(self, deployment: str) -> Price | None:
        """What the price list says of the moment, for a provider that was configured then."""
        provider, _, model = deployment.partition("/")
        known_as = self.past.lists.get(provider, "")
        return prices.price(known_as, model, self.moment) if known_as else None

    def notes(self) -> list[str]:
        """What the replay is made of, in words."""
        of = f"{self.row.sha256.hex()[:12]}, in force since {clock.iso(self.row.at)}"
        return [f"routes, prompts, policy, guardrails and masks: those of then (configuration {of})", *self.past.notes]


def found(
    store: Store, spool_root: Path, today: Settings, moment: int, run: bytes = b"", *, config: Path | None = None
) -> Then | None:
    """What held at a moment, or for a run; None where nothing is on record of that time. Raises ConfigError where what
    was configured then cannot be used today."""
    row = config_query.configuration_of(store, run) if run else None
    house = spool.identity(spool_root)
    row = row or config_query.configuration_at(store, moment, house=house)
    row = row or config_query.configuration_at(store, moment)
    if row is None:
        return None
    text = config_query.configuration_text(store, row)
    if text is None:
        raise ConfigError(f"the text of the configuration of {clock.iso(row.at)} was given up when the spool was full")
    record = config_record.read(text)
    past = config_then.past(record, today, env.all_())
    files = config_files.digests(today, config.parent if config is not None else Path())
    past = msgspec.structs.replace(past, notes=(*past.notes, *config_files.changed(record.digests, files)))
    if past.rules is not None:
        Rules(past.rules)  # else the first call that needs them would say what is wrong
    return Then(row, past, given_by(store, moment), moment, granted_by(store, moment))


class Beside:
    """The running worker of then. `url` is where it answers."""

    def __init__(self, then: Then, home: Path, config: Path | None, store_url: str) -> None:
        self.then = then
        self._home, self._config, self._store_url = home, config, store_url
        self._sock = socket.create_server(("127.0.0.1", 0))
        self._sock.setblocking(False)
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self._ready = threading.Event()
        self._server: Server | None = None
        self._worker: Worker | None = None
        self._thread = ThreadPoolExecutor(1, "outrider-of-then")
        self._running = self._thread.submit(self._run)
        self._ready.wait(PATIENCE)
        if self._running.done():
            self.close()
            self._running.result()  # raises what kept it from starting

    @property
    def gone(self) -> Mapping[str, str]:
        """Why models of then cannot be asked any more."""
        return self.then.past.gone

    @property
    def notes(self) -> list[str]:
        return self.then.notes()

    @property
    def prices(self) -> Mapping[str, Price]:
        """Those that were configured then, by deployment."""
        return self.then.past.prices

    def listed(self, deployment: str) -> Price | None:
        return self.then.listed(deployment)

    def allow(self, project: str, session: str, replay: str) -> None:
        """Give the session `replay` what `session` was granted then, for as long as a replay may take: it is in the
        store of today, where others could go on in it. Blocking."""
        grants, now = self.then.granted.get((project, session), ()), clock.now_ns()
        if grants and self._worker is not None:
            sessions = self._worker.policy.control.sessions
            if all(one.until <= now for one, _ in sessions.get(project, replay).grants):  # else it goes on after a stop
                lasting = [msgspec.structs.replace(one, until=now + GRANTED_NS) for one in grants]
                sessions.add(project, replay, [Granted(one) for one in lasting])

    def close(self) -> None:
        """When what is under way is answered."""
        if self._server is not None:
            self._server.should_exit = True
        self._thread.shutdown()
        self._sock.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=event_loop()) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        past = self.then.past
        worker = self._worker = Worker(past.settings, self._home, self._config, store_url=self._store_url)
        if past.rules is not None:
            worker.policy.hold(past.rules)
        worker.policy.permissions.hold(self.then.given)
        self._server = Server(http_config(worker), worker.leave)
        try:
            await worker.start(apart=True)
            asyncio.get_running_loop().call_soon(self._ready.set)
            await self._server.serve(sockets=[self._sock])
        finally:
            await worker.stop()
