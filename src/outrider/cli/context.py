"""What a command needs from the layers above it, as Protocols: `app.main` builds it, commands find it in `ctx.obj`."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

import typer

if TYPE_CHECKING:  # for annotations only: a command that opens neither should not wait for them
    from outrider.base.usage import Price
    from outrider.casebook.book import Casebook
    from outrider.evals.datasets import Datasets
    from outrider.evals.evaluators import Ports
    from outrider.evals.experiments import Experiments
    from outrider.evals.judging.labels import Labels
    from outrider.evals.online.desk import OnlineDesk
    from outrider.evals.online.rounds import Told
    from outrider.evals.proposals import Proposals
    from outrider.evals.review.desk import ReviewDesk
    from outrider.evals.subjects import Opens
    from outrider.journal.append import Bodies, Journal
    from outrider.journal.events import Event
    from outrider.knowledge.jobs import Jobs
    from outrider.knowledge.library import Library
    from outrider.knowledge.ports import Model
    from outrider.knowledge.work import Work
    from outrider.policy.declarations import Declaration
    from outrider.policy.office import Office
    from outrider.policy.rules import Rules
    from outrider.store import Store
    from outrider.tools.desk import ToolDesk


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


class CasebookView(Protocol):
    @property
    def model(self) -> str: ...


class KnowledgeRulesView(Protocol):
    @property
    def internal_hosts(self) -> Sequence[str]: ...


class AlarmsView(Protocol):
    @property
    def notify(self) -> Sequence[SecretView]: ...


class OnlineRulesView(Protocol):
    @property
    def rules(self) -> Mapping[str, object]: ...


class EvaluationView(Protocol):
    @property
    def online(self) -> OnlineRulesView: ...


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
    def casebook(self) -> CasebookView: ...
    @property
    def knowledge(self) -> KnowledgeRulesView: ...
    @property
    def alarms(self) -> AlarmsView: ...
    @property
    def evaluation(self) -> EvaluationView: ...
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


class KnowledgeView(Protocol):
    """The library of an installation, and what can do its jobs in this process. All of it blocks."""

    def library(self) -> "Library": ...
    def jobs(self) -> "Jobs": ...
    def works(self) -> "dict[str, Work]": ...
    def configure(self) -> None: ...
    def wake(self) -> None: ...
    def record(self, event: "Event", bodies: "Bodies" = ()) -> None: ...


class OnlineView(Protocol):
    """Scores of live traffic. All of it blocks; `round` gives None where another process works on it."""

    def desk(self) -> "OnlineDesk": ...
    def round(self) -> "Told | None": ...


class EvalsView(Protocol):
    """Datasets and experiments of an installation, and who is asked. All of it blocks."""

    @property
    def datasets(self) -> "Datasets": ...
    @property
    def experiments(self) -> "Experiments": ...
    @property
    def proposals(self) -> "Proposals": ...
    @property
    def labels(self) -> "Labels": ...
    @property
    def review(self) -> "ReviewDesk": ...
    def opens(self, tags: Sequence[str], *, url: str = "", key: str = "") -> "Opens": ...
    def ports(self, tags: Sequence[str] = (), *, url: str = "", key: str = "") -> "Ports": ...


class PolicyView(Protocol):
    """What agents may do here: rules, labels, permissions, sessions, approvals. All of it blocks."""

    @property
    def office(self) -> "Office": ...
    def rules(self) -> "Rules":
        """Those in force. Raises ConfigError."""
        ...

    def declared(self, tool: str) -> "Declaration | None": ...


class ThenView(Protocol):
    """An Outrider that answers at `url` by the configuration of a past moment. `gone` says why models of then cannot be
    asked any more, `notes` what it is made of. `prices` were configured then, by deployment; `listed` asks the price
    list."""

    @property
    def prices(self) -> "Mapping[str, Price]": ...
    def listed(self, deployment: str) -> "Price | None": ...
    def allow(self, project: str, session: str, replay: str) -> None:
        """Give the session `replay` what `session` was granted then."""
        ...

    @property
    def url(self) -> str: ...
    @property
    def gone(self) -> Mapping[str, str]: ...
    @property
    def notes(self) -> Sequence[str]: ...


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
    def holds(self) -> Path:
        """The folder where this machine's workers keep what calls under way hold on budgets."""
        ...

    @property
    def models_dir(self) -> Path: ...
    def settings(self) -> SettingsView:
        """Read the file (again). Raises ConfigError."""
        ...

    def show_settings(self) -> dict[str, object]:
        """The settings as plain values, written as in the file; secrets by their reference."""
        ...

    def recorded(self) -> bytes:
        """The settings as the journal would have them now: see `record_lines`. Raises ConfigError."""
        ...

    def record_lines(self, record: bytes) -> list[str]:
        """A configuration of the journal as people read it. Raises ConfigError for what is none."""
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

    def casebook(self) -> AbstractContextManager["Casebook"]:
        """The Casebook with its texts, migrated, and closed at the end; empty, it gets the bundled cases first. Raises
        StoreUnavailable."""
        ...

    def server(self, project: str) -> tuple[str, Mapping[str, str]]:
        """The running server's address, and headers that say that its operator asks, in a project."""
        ...

    def writer(self, route: str, tag: str = "casebook") -> "Model":
        """A route of the running server that writes, asked as its operator; `tag` says what for."""
        ...

    def knowledge(self) -> AbstractContextManager[KnowledgeView]:
        """The library with the configured collections, closed at the end. Raises StoreUnavailable."""
        ...

    def online(self) -> AbstractContextManager[OnlineView]:
        """Scores of live traffic, open until the block ends."""
        ...

    def then(self, store: "Store", moment: int, run: bytes = b"") -> AbstractContextManager[ThenView | None]:
        """An Outrider as it was configured at a moment (ns), or for a run, until the block ends; None where nothing is
        on record of then. Raises ConfigError where that cannot be used any more."""
        ...

    def evals(self) -> AbstractContextManager[EvalsView]:
        """Datasets and experiments, closed at the end. Raises StoreUnavailable."""
        ...

    def tool_desk(self) -> AbstractContextManager["ToolDesk"]:
        """The tools of the configured servers, which are started for it and ended at the end. Raises
        StoreUnavailable."""
        ...

    def office(self) -> AbstractContextManager["Office"]:
        """Approvals and sessions of agents, whose changes go into the journal; closed at the end. Raises
        StoreUnavailable."""
        ...

    def policy(self) -> AbstractContextManager[PolicyView]:
        """Policy as the server has it, closed at the end. Raises ConfigError, StoreUnavailable."""
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
