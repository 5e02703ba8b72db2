"""What the console is given by the program that mounts it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from outrider.casebook.book import Casebook
from outrider.console.sessions import SignIns
from outrider.evals.desk import Desk
from outrider.evals.online.desk import OnlineDesk
from outrider.gateway.batches.desk import BatchDesk
from outrider.journal.append import Bodies
from outrider.journal.events import Event
from outrider.knowledge.jobs import Jobs
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Model
from outrider.limits.access import Budgets
from outrider.limits.conditions import Deployments
from outrider.limits.key_access import Keys
from outrider.limits.keys import Identity
from outrider.policy.office import Office
from outrider.store import Store
from outrider.tools.desk import ToolDesk


class Knowing(Protocol):
    """The way to the collections. All of it may block: call it in a thread. `wake` says that there is a new job;
    `record` writes an event into the journal."""

    @property
    def max_upload(self) -> int:
        """Bytes of a file that may be sent."""
        ...

    def library(self) -> Library: ...
    def jobs(self) -> Jobs: ...
    def wake(self) -> None: ...
    def record(self, event: Event, bodies: Bodies = ()) -> None: ...


def _never() -> bool:
    return False


@dataclass(frozen=True)
class ConsoleDeps:
    """Everything the pages reach out to.

    `store` gives the open store and is called in a thread (it may open it then; raises StoreUnavailable). `routes`
    lists the names that can be put into `model`. `check_key` says who a full key belongs to. `keys` lists, makes and
    revokes keys. `anonymous` is the project that everybody sees without signing in ("" when auth is on). `stopping`
    turns True when the process drains, so that live pages end. `budgets` reads and changes budgets, `deployments` tells
    how deployments are doing and forces breakers; None: they are not served here. `knowledge` and `casebook` (called
    in a thread) lead to collections and to the Casebook; None likewise. `writer` gives a route that is asked
    in the name of who asks. `office` leads to approvals and sessions of agents, `tools` to tools, `experiments` to
    datasets and experiments, `online` to scores of live traffic, `batches` to batches; None: they are not
    served. `record` writes an event into the journal, in a thread. `config_lines` gives a recorded configuration as
    people read it; raises ConfigError for what is none.
    """

    store: Callable[[], Store]
    sessions: SignIns
    check_key: Callable[[str], Awaitable[Identity | None]]
    routes: Callable[[], Sequence[str]]
    keys: Keys
    anonymous: str = ""
    stopping: Callable[[], bool] = _never
    budgets: Budgets | None = None
    deployments: Deployments | None = None
    knowledge: Knowing | None = None
    casebook: Callable[[], Casebook] | None = None
    writer: Callable[[Identity, str, str], Model] | None = None
    office: Office | None = None
    tools: ToolDesk | None = None
    experiments: Desk | None = None
    online: OnlineDesk | None = None
    batches: BatchDesk | None = None
    record: Callable[[Event, Bodies], None] | None = None
    config_lines: Callable[[bytes], list[str]] | None = None
