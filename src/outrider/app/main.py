"""The program: gives the command line what it may not import (settings, serving, the console's links) and runs it."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.base import env
from outrider.base.errors import ConfigError
from outrider.cli import root

if TYPE_CHECKING:  # for annotations only: `outrider --help` should not wait for them
    from outrider.app.evals import EvalsHandle
    from outrider.app.knowledge import Knowledge
    from outrider.app.migrate.sources import Migrated
    from outrider.app.online import OnlineHandle
    from outrider.app.policy import PolicyHandle
    from outrider.app.settings import Settings
    from outrider.app.then import Beside
    from outrider.casebook.book import Casebook
    from outrider.journal.append import Bodies, Journal
    from outrider.journal.events import Event
    from outrider.knowledge.ports import Model
    from outrider.policy.office import Office
    from outrider.store import Store
    from outrider.tools.desk import ToolDesk


class Installation:
    """One home folder and its configuration; see `cli.context.Outrider` for what each method promises."""

    def __init__(self, home: Path | None = None, config: Path | None = None) -> None:
        self.home = home.expanduser().absolute() if home else env.home()
        self.config = config or env.config_path()

    @property
    def database_url(self) -> str:
        return env.database_url(self.home)

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    @property
    def holds(self) -> Path:
        from outrider.app import paths

        return paths.holds(self.home)

    @property
    def models_dir(self) -> Path:
        return env.models_dir(self.home)

    def settings(self) -> "Settings":
        from outrider.app.settings import load

        return load(self.config)

    def show_settings(self) -> dict[str, object]:
        from outrider.app.config_schema import show

        return show(self.settings())

    def recorded(self) -> bytes:
        from outrider.app.config_files import digests
        from outrider.app.config_record import RULES, written
        from outrider.app.policy import rules_text

        settings = self.settings()
        folder = self.config.parent if self.config is not None else Path()
        return written(settings, {RULES: rules_text(settings, folder)}, digests(settings, folder))

    def record_lines(self, record: bytes) -> list[str]:
        from outrider.app.config_record import lines

        return lines(record)

    def providers(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        from outrider.app.config_reach import models_request

        return {name: models_request(name, provider) for name, provider in self.settings().providers.items()}

    def starter(self) -> str:
        from outrider.app.config_starter import starter

        return starter(env.all_())

    def migrated(self, path: Path) -> "Migrated":
        from outrider.app.migrate.sources import migrate

        return migrate(path)

    def schema(self) -> dict[str, object]:
        from outrider.app.config_schema import schema

        return schema()

    def open_store(self) -> "Store":
        from outrider.store import open_store

        self._make_home()
        return open_store(self.database_url)

    def open_leases(self) -> "Store":
        from outrider.store import open_leases

        self._make_home()
        return open_leases(self.database_url)

    @contextmanager
    def casebook(self) -> "Iterator[Casebook]":
        from outrider.casebook import bundled
        from outrider.casebook.book import Casebook
        from outrider.knowledge.embedders import Embedders, loader
        from outrider.knowledge.library import Library
        from outrider.store import open_casebook, open_knowledge

        self._make_home()
        with ExitStack() as opened:
            texts = opened.enter_context(closing(open_knowledge(self.database_url)))
            store = opened.enter_context(closing(open_casebook(self.database_url)))
            journals: list[Journal] = []

            def record(event: "Event", bodies: "Bodies") -> None:
                if not journals:
                    journals.append(opened.enter_context(closing(self.open_journal())))
                journals[0].append_now(event, bodies)

            book = Casebook(Library(texts, self.home, Embedders(loader(self.models_dir))), store, record)
            before = book.revision()
            if not book.all():
                bundled.put(book)
            try:
                yield book
            finally:
                if book.revision() != before:
                    self._embed_later(book)

    def _embed_later(self, book: "Casebook") -> None:
        """Passages that came in wait for their vectors: a running Outrider makes them, or the next one that starts."""
        from outrider.app import paths
        from outrider.knowledge import embed, waking
        from outrider.knowledge.jobs import Jobs

        jobs = Jobs(lambda: book.library.store)
        if self.settings().embedded.enabled and embed.request(book.library, jobs, book.collection) is not None:
            waking.wake(paths.run(self.home))

    def server(self, project: str) -> "tuple[str, Mapping[str, str]]":
        from outrider.app.knowledge import own_server
        from outrider.limits.keys import Identity

        url, headers = own_server(self.settings(), self.home, Identity(project, "", operator=True))
        return url, headers()

    def writer(self, route: str, tag: str = "casebook") -> "Model":
        from outrider.app.knowledge import writer

        return writer(self.settings(), self.home, route, tag=tag)

    @contextmanager
    def knowledge(self) -> "Iterator[Knowledge]":
        from outrider.app.knowledge import Knowledge
        from outrider.app.librarian import cores

        self._make_home()
        with closing(self.open_journal()) as journal:
            made = Knowledge(self.settings(), self.home, self.database_url, journal, threads=cores())
            with closing(made):
                made.configure()
                yield made

    @contextmanager
    def then(self, store: "Store", moment: int, run: bytes = b"") -> "Iterator[Beside | None]":
        from outrider.app.then import Beside, found

        then = found(store, self.spool, self.settings(), moment, run, config=self.config)
        if then is None:
            yield None
            return
        with closing(Beside(then, self.home, self.config, self.database_url)) as beside:
            yield beside

    @contextmanager
    def evals(self) -> "Iterator[EvalsHandle]":
        from outrider.app.evals import EvalsHandle

        self._make_home()
        with closing(EvalsHandle(self.settings(), self.home, self.database_url, self.config)) as handle:
            yield handle

    @contextmanager
    def online(self) -> "Iterator[OnlineHandle]":
        from outrider.app.online import OnlineHandle

        self._make_home()
        with closing(OnlineHandle(self.settings(), self.home, self.config, self.database_url)) as handle:
            yield handle

    @contextmanager
    def tool_desk(self) -> "Iterator[ToolDesk]":
        from outrider.app.tool_desk import opened_desk

        settings = self.settings()
        with (
            closing(self.open_leases()) as leases,
            closing(self.open_journal()) as journal,
            closing(self.open_store()) as store,
        ):
            self.index_now(store)
            with opened_desk(settings, self.home, self.config, leases, lambda: store, journal) as desk:
                yield desk

    @contextmanager
    def office(self) -> "Iterator[Office]":
        from outrider.app.policy import PolicyHandle

        settings = self.settings()
        with closing(self.open_leases()) as leases, closing(self.open_journal()) as journal:
            yield PolicyHandle(settings, self.config, lambda: leases, journal).office

    @contextmanager
    def policy(self) -> "Iterator[PolicyHandle]":
        from outrider.app.policy import PolicyHandle

        with closing(self.open_leases()) as leases, closing(self.open_journal()) as journal:
            yield PolicyHandle(self.settings(), self.config, lambda: leases, journal)

    def open_journal(self) -> "Journal":
        from outrider.journal.append import Journal

        rules = self.settings().journal
        self._make_home()
        return Journal(self.spool, durability=rules.durability, max_size=rules.spool_max)

    def index_now(self, store: "Store") -> None:
        from outrider.journal.index import Indexer

        Indexer(self.spool, store).drain()

    def sign_in_link(self, project: str, key: str) -> str:
        from outrider.app import paths
        from outrider.console.sessions import SignIns
        from outrider.limits.keys import Identity

        server, token = self.settings().server, SignIns(self.home).link(Identity(project, key))
        host = f"[{server.host}]" if ":" in server.host else server.host
        try:  # the one that runs: `--port` is no setting
            url = paths.address(self.home).read_text()
        except OSError:
            url = f"http://{host}:{server.port}"
        return f"{url}/login?token={token}"

    def serve(self, *, host: str | None, port: int | None, workers: int | None) -> int:
        from msgspec.structs import replace

        from outrider.app.config_check import check_host
        from outrider.app.serve import serve

        settings = self.settings()
        given = {"host": host, "port": port, "workers": workers}
        changes = {name: value for name, value in given.items() if value is not None}
        settings = replace(settings, server=replace(settings.server, **changes))
        check_host(settings)
        self._make_home()
        return serve(settings, self.home, self.config)

    def _make_home(self) -> None:
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{self.home}: {error.strerror}; choose a folder that can be written with --home"
            ) from None


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    return root.run(Installation, args)


if __name__ == "__main__":
    sys.exit(main())
