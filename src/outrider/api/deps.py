"""What the API is given by the program that mounts it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from outrider.base.session import Sessions
from outrider.limits.access import Budgets
from outrider.limits.conditions import Deployments
from outrider.limits.key_access import Keys
from outrider.limits.keys import Identity
from outrider.store import Store


@dataclass(frozen=True)
class ApiDeps:
    """Everything the endpoints reach out to.

    `store` gives the open store and is called in a thread (raises StoreUnavailable). `routes` lists the names that
    can be put into `model`. `check_key` says who a full key belongs to. `keys` lists, makes and revokes keys.
    `anonymous` is the project of every request when auth is off, else "". `budgets` reads and changes budgets,
    `deployments` tells how deployments are doing and forces breakers; None: they are not served here.
    """

    store: Callable[[], Store]
    sessions: Sessions
    check_key: Callable[[str], Awaitable[Identity | None]]
    routes: Callable[[], Sequence[str]]
    keys: Keys
    anonymous: str = ""
    budgets: Budgets | None = None
    deployments: Deployments | None = None
