"""What the console is given by the program that mounts it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from outrider.console.sessions import SignIns
from outrider.limits.access import Budgets
from outrider.limits.conditions import Deployments
from outrider.limits.key_access import Keys
from outrider.limits.keys import Identity
from outrider.store import Store


def _never() -> bool:
    return False


@dataclass(frozen=True)
class ConsoleDeps:
    """Everything the pages reach out to.

    `store` gives the open store and is called in a thread (it may open it then; raises StoreUnavailable). `routes`
    lists the names that can be put into `model`. `check_key` says who a full key belongs to. `keys` lists, makes and
    revokes keys. `anonymous` is the project that everybody sees without signing in ("" when auth is on). `stopping`
    turns True when the process drains, so that live pages end. `budgets` reads and changes budgets, `deployments` tells
    how deployments are doing and forces breakers; None: they are not served here.
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
