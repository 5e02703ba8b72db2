"""The program: gives the command line what it may not import (settings, serving, the console's links) and runs it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.base import env
from outrider.base.errors import ConfigError
from outrider.cli import root

if TYPE_CHECKING:  # for annotations only: `outrider --help` should not wait for them
    from outrider.app.migrate.sources import Migrated
    from outrider.app.settings import Settings
    from outrider.journal.append import Journal
    from outrider.store import Store


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
    def models_dir(self) -> Path:
        return env.models_dir(self.home)

    def settings(self) -> "Settings":
        from outrider.app.settings import load

        return load(self.config)

    def show_settings(self) -> dict[str, object]:
        from outrider.app.config_schema import show

        return show(self.settings())

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

    def open_journal(self) -> "Journal":
        from outrider.journal.append import Journal

        rules = self.settings().journal
        self._make_home()
        return Journal(self.spool, durability=rules.durability, max_size=rules.spool_max)

    def index_now(self, store: "Store") -> None:
        from outrider.journal.index import Indexer

        Indexer(self.spool, store).drain()

    def sign_in_link(self, project: str, key: str) -> str:
        from outrider.console.sessions import SignIns
        from outrider.limits.keys import Identity

        server = self.settings().server
        host = f"[{server.host}]" if ":" in server.host else server.host
        return f"http://{host}:{server.port}/login?token={SignIns(self.home).link(Identity(project, key))}"

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
