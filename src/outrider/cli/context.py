"""What a command needs from the layers above it, as Protocols: `app.main` builds it, commands find it in `ctx.obj`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import typer

if TYPE_CHECKING:  # for annotations only: a command that opens neither should not wait for them
    from outrider.journal.append import Journal
    from outrider.store import Store


class SecretView(Protocol):
    """A value that shows its reference; `reveal` gives it."""

    def reveal(self) -> str: ...


class ServerView(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


class JournalView(Protocol):
    """`retention` is seconds, `max_size` and `spool_max` bytes; None: no limit."""

    @property
    def retention(self) -> float | None: ...
    @property
    def max_size(self) -> int | None: ...
    @property
    def spool_max(self) -> int: ...


class EmbeddedView(Protocol):
    @property
    def enabled(self) -> bool: ...
    @property
    def chat(self) -> str: ...
    @property
    def embed(self) -> str: ...


class OtlpView(Protocol):
    @property
    def endpoint(self) -> str | None: ...
    @property
    def headers(self) -> Mapping[str, SecretView]: ...


class AlarmsView(Protocol):
    @property
    def notify(self) -> Sequence[SecretView]: ...


class SettingsView(Protocol):
    """The part of the settings that commands read."""

    @property
    def server(self) -> ServerView: ...
    @property
    def auth(self) -> bool: ...
    @property
    def journal(self) -> JournalView: ...
    @property
    def embedded(self) -> EmbeddedView: ...
    @property
    def alarms(self) -> AlarmsView: ...
    @property
    def otlp(self) -> OtlpView: ...
    @property
    def projects(self) -> Sequence[str]: ...


class NoteView(Protocol):
    """What a migration has to say about one place of the old file; see `MigratedView`."""

    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def text(self) -> str: ...


class MigratedView(Protocol):
    """Another gateway's configuration in our words. Notes are `todo`, `differs` or `left`; `variables` must be set."""

    @property
    def source(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def notes(self) -> Sequence[NoteView]: ...
    @property
    def routes(self) -> int: ...
    @property
    def providers(self) -> int: ...
    @property
    def variables(self) -> Sequence[str]: ...


class Outrider(Protocol):
    """One installation: a home folder, a configuration file or none, and what can be opened from them."""

    home: Path
    config: Path | None

    @property
    def database_url(self) -> str: ...
    @property
    def spool(self) -> Path:
        """The folder of the spool."""
        ...

    @property
    def models_dir(self) -> Path: ...
    def settings(self) -> SettingsView:
        """Read the file (again). Raises ConfigError."""
        ...

    def show_settings(self) -> dict[str, object]:
        """The settings as plain values, written as in the file; secrets by their reference."""
        ...

    def providers(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """For every provider the URL that lists its models, and headers with its credentials."""
        ...

    def starter(self) -> str:
        """A commented outrider.yaml from what the environment offers."""
        ...

    def migrated(self, path: Path) -> MigratedView:
        """An outrider.yaml from another gateway's configuration. Raises ConfigError if it cannot be read."""
        ...

    def schema(self) -> dict[str, object]:
        """The JSON Schema of outrider.yaml."""
        ...

    def open_store(self) -> "Store":
        """The store, migrated. The caller closes it. Raises StoreUnavailable."""
        ...

    def open_leases(self) -> "Store":
        """The lease store, migrated: what workers hold of budgets. The caller closes it. Raises StoreUnavailable."""
        ...

    def open_journal(self) -> "Journal":
        """The writing end, in a slot of its own. The caller closes it."""
        ...

    def index_now(self, store: "Store") -> None:
        """Move what is in the spool into the store, so that it can be read."""
        ...

    def sign_in_link(self, project: str, key: str) -> str:
        """The URL that signs a browser in to the console once."""
        ...

    def serve(self, *, host: str | None, port: int | None, workers: int | None) -> int:
        """Run until stopped; the exit code."""
        ...


def outrider(ctx: typer.Context) -> Outrider:
    """The installation that this command was called for."""
    return cast(Outrider, ctx.obj)
