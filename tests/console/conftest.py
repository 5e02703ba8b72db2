"""A console over a real SQLite store that a real journal and indexer filled."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outrider import console
from outrider.app import config_record
from outrider.base import clock, ids
from outrider.base.budget import Budget
from outrider.base.usage import Price, Usage
from outrider.casebook.book import Casebook
from outrider.console.deps import ConsoleDeps
from outrider.console.sessions import SignIns
from outrider.evals.desk import Desk
from outrider.journal.append import Bodies, Journal, blob
from outrider.journal.events import BudgetSet, Charge, Event, KeyCreated, KeyRevoked, RunRecorded, Step
from outrider.journal.index import Indexer
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Model
from outrider.knowledge.records import Block, Parsed
from outrider.limits import windows
from outrider.limits.access import Budgets
from outrider.limits.board import Board
from outrider.limits.changes import Change
from outrider.limits.conditions import Deployments
from outrider.limits.key_access import Keys
from outrider.limits.keys import Identity, KeyRing, KnownKey, new_key
from outrider.limits.vitals import Vitals
from outrider.store import Store, open_knowledge, open_leases, open_store
from tests.console import agents, cases
from tests.console.house import CHROMIUM, QUIET, WIDE, House, Visit, Watch
from tests.gateway.batches.kept import Kept

REQUEST = b'{"model": "support", "messages": [{"role": "user", "content": "Is it open on <Sunday>?"}]}'
ANSWER = (
    b'{"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes & no."}}]}'
)

MODELS = ("support", "openai/gpt-4o-mini")


def parsed(text: str) -> Parsed:
    """A text whose first line is its heading."""
    head = text.index("\n")
    blocks = [Block("heading", 0, head, level=1), Block("text", head + 2, len(text))]
    return Parsed(text, blocks, title=text[2:head], media="text/markdown")


class Shelves:
    """Collections in a store under `home`, with no process that works on jobs."""

    max_upload = 50_000

    def __init__(self, home: Path, record: Callable[..., None]) -> None:
        self.woken, self._record = 0, record
        self._library = Library(open_knowledge(f"sqlite:///{home / 'outrider.sqlite3'}"), home)

    def library(self) -> Library:
        return self._library

    def jobs(self) -> Jobs:
        return Jobs(lambda: self._library.store)

    def wake(self) -> None:
        self.woken += 1

    def record(self, event: Event, bodies: Bodies = ()) -> None:
        self._record(event, bodies)


class World:
    """A store with its journal, two projects, and an app that serves the console of both."""

    def __init__(self, home: Path) -> None:
        self.home, self.journal = home, Journal(home / "spool")
        self.store: Store = open_store(f"sqlite:///{home / 'outrider.sqlite3'}")
        self.indexer, self.away = Indexer(home / "spool", self.store), False
        self.sign_ins = SignIns(home)
        self.ring = KeyRing(self._find)
        self.key, self.public = self.new_key("default", "first")
        self.other_key, self.other_public = self.new_key("other", "theirs")
        self.leases = open_leases(f"sqlite:///{home / 'outrider.sqlite3'}")
        self.projects = ["default", "other"]
        self.budgets = Budgets(self.open, lambda: self.leases, self.change_budget, lambda: self.projects)
        self.vitals = Vitals(Board())
        self.deployments = Deployments(self.vitals.board, self.open, self.journal.append_now)
        self.keys = Keys(self.open, self.change_key)
        self.office = agents.office(lambda: self.leases, self.record)
        self.casebook: Casebook | None = None
        self.knowing: Shelves | None = None
        self.desk: Desk | None = None
        self.kept = Kept(self.store, self.leases)
        self.writer: Callable[[Identity, str, str], Model] | None = None
        self.looks = -1  # questions of a live stream until it is told to stop

    async def _find(self, public: str) -> KnownKey | None:
        return None

    def new_key(self, project: str, name: str, *may: str, team: str = "") -> tuple[str, str]:
        text, event = new_key(project, name, may=may, team=team)
        self.ring.follow(event)
        self.record(event, project=project)
        return text, event.public

    def record(self, event: Event, bodies: tuple[bytes, ...] = (), project: str = "default") -> None:
        self.journal.append_now(event, [(blob(b), b) for b in bodies], project)
        self.indexer.drain()

    def record_with(self, event: Event, bodies: Bodies) -> None:
        self.journal.append_now(event, bodies, getattr(event, "project", ""))
        self.indexer.drain()

    def run(self, request: bytes = REQUEST, response: bytes = ANSWER, kept: bool = True, **more: object) -> RunRecorded:
        """Record one run like the gateway's; with `kept` False its bodies were dropped."""
        usage, price = Usage(40, 9), Price(150_000_000, 600_000_000, source="list@2026-11-20")
        fields: dict[str, object] = {
            "id": ids.new_id(), "project": "default", "at": clock.now_ns(), "name": "chat.completions",
            "duration": 812_000_000, "http_status": 200, "model": "support", "route": "support", "key": self.public,
            "deployment": "openai/gpt-4o-mini", "usage": usage, "cost": price.cost(usage), "ttft": 90_000_000,
            "queue": 3_000_000, "overhead": 400_000, "request": blob(request), "response": blob(response),
            "preview": "Is it open on <Sunday>?",
            "steps": [
                Step(1, "cache", "exact", duration=100_000, attrs={"result": "miss"}),
                Step(2, "model", "openai/gpt-4o-mini", start=200_000, duration=800_000_000, usage=usage, price=price),
            ],
        }  # fmt: skip
        run = RunRecorded(**(fields | more))  # type: ignore[arg-type]
        self.record(run, (request, response) if kept else (), run.project)
        return run

    def open(self) -> Store:
        if self.away:
            from outrider.base.errors import StoreUnavailable

            raise StoreUnavailable("the database does not answer; is it running?")
        return self.store

    async def check_key(self, full_key: str) -> Identity | None:
        return self.ring.check(full_key)

    async def change_key(self, change: KeyCreated | KeyRevoked) -> None:
        self.ring.follow(change)
        self.record(change, project=getattr(change, "project", ""))

    async def change_budget(self, change: Change) -> None:
        self.record(change)

    def set_budget(self, budget: Budget, origin: str = "api", at: int = 0) -> None:
        self.record(BudgetSet(budget, at or clock.now_ns(), "ann", "pilot", origin))

    def spend(self, budget: Budget, value: str, amount: int, project: str = "default") -> None:
        """Record a run that was charged so much."""
        now = clock.now_ns()
        start, bucket = windows.start(budget.window, budget.zone, now), windows.bucket(budget.window, now)
        self.run(kept=False, project=project, charges=[Charge(budget.id, value, start, bucket, amount)], holder="h1")

    def stopping(self) -> bool:
        """True after `looks` questions; never when that is negative."""
        self.looks -= 1
        return self.looks == -1

    def app(self, anonymous: str = "", models: Sequence[str] = MODELS) -> Starlette:
        deps = ConsoleDeps(
            store=self.open,
            sessions=self.sign_ins,
            check_key=self.check_key,
            routes=lambda: models,
            keys=self.keys,
            anonymous=anonymous,
            stopping=self.stopping,
            budgets=self.budgets,
            deployments=self.deployments,
            office=self.office,
            knowledge=self.knowing,
            experiments=self.desk,
            record=self.record_with,
            batches=self.kept.desk,
            writer=self.writer,
            config_lines=config_record.lines,
            casebook=self.casebook and (lambda: self.casebook),  # type: ignore[arg-type,return-value]
        )
        return Starlette(routes=console.routes(deps), exception_handlers=dict(console.error_answers()))

    def client(self, *, signed_in: bool = True, base: str = "http://127.0.0.1:8720", anonymous: str = "",
               models: Sequence[str] = MODELS, key: str = "", operator: bool = False) -> TestClient:  # fmt: skip
        client = TestClient(self.app(anonymous, models), base_url=base, follow_redirects=False)
        if signed_in:
            who = Identity("default", key or self.public, operator=operator)
            client.cookies.set("outrider_session", self.sign_ins.open(who))
        return client


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.journal.close()
    world.leases.close()
    world.store.close()
    if world.knowing is not None:
        world.knowing.library().store.close()
    if world.casebook is not None:
        world.casebook.store.close()
        world.casebook.library.store.close()


@pytest.fixture
def book(world: World) -> Casebook:
    """A Casebook of invented cases, which the world's console serves."""
    world.casebook = cases.casebook(world.home, world.record_with)
    return world.casebook


@pytest.fixture
def shelves(world: World) -> Shelves:
    """Collections that the world's console serves."""
    world.knowing = Shelves(world.home, world.record_with)
    return world.knowing


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", *QUIET.split()]  # the sandbox refuses root, whom CI often is
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, house: House) -> Iterator[Visit]:
    """`visit(project=…, **options)`: a page of a new context, signed in by a link unless `link` is False. The module
    has a `house`.

    At the end nothing may have gone wrong in any of them, but for what matches `allow`.
    """
    opened: list[tuple[BrowserContext, Watch, str]] = []

    def visit(*, link: bool = True, key: str = "", project: str = "default", allow: str = "$^", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": WIDE, "base_url": house.url} | options)
        context.set_default_timeout(15_000)
        opened.append((context, Watch(context), allow))
        page = context.new_page()
        if link:
            page.goto(house.link(key, project))
        return page

    yield visit
    for context, watch, allow in opened:
        context.close()
        assert [text for text in watch.trouble if not re.search(allow, text)] == []
