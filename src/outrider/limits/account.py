"""One account of a budget as one process sees it, and a call that waits for room. The ledger reads and writes both."""

import hashlib
import operator
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from outrider.base import clock
from outrider.base.budget import Amount, Budget, Measure
from outrider.base.errors import RequestError
from outrider.journal.events import Charge
from outrider.journal.names import clean
from outrider.limits import windows
from outrider.limits.leases import Key

NEVER = 1 << 63
GONE = -(1 << 62)
GONE_BELOW = GONE // 2
_LONGEST = 200
_READ: dict[Measure, Callable[[Amount], int]] = {
    "money": operator.attrgetter("money"),
    "input_tokens": operator.attrgetter("input"),
    "output_tokens": operator.attrgetter("output"),
    "total_tokens": lambda amount: amount.input + amount.output,
    "calls": operator.attrgetter("calls"),
    "concurrent": operator.attrgetter("concurrent"),
}
"""As `Amount.of`, chosen once for an account."""


class Account:
    """Numbers in the budget's unit. What is free is `granted` − `spent` − `held`; all count from when this object was
    made, when the row in the lease store said `base` (None: not known yet).

    `charged`: runs say in their record what they took of it; of calls at the same time nothing is spent.
    `local`: a budget per run for a run that is alone in its tree; nobody else can use it, so it needs no lease.
    `ends`: when its window is over. `low`: with less than that free, more is borrowed ahead. `worst`: about the most
    that a call took lately. One that was given up is `gone`, has no room, and may still be in somebody's hands.
    """

    __slots__ = (
        "ahead", "answer", "answers", "asked", "asked_upto", "base", "bucket", "bucket_ends", "budget", "busy",
        "charged", "due",
        "ends", "granted", "held", "idle", "indexed", "key", "limit", "local", "low", "measure", "of", "room",
        "sent_upto", "size", "spent", "told", "touched", "unsure", "value", "waiting", "worst",
    )  # fmt: skip

    def __init__(self, key: Key, value: str, budget: Budget, ends: int = NEVER) -> None:
        self.key, self.value, self.local = key, value, False
        self.adopt(budget, ends)
        self.base: int | None = None
        self.granted = self.spent = self.held = 0
        self.low, self.worst = 0, 1
        self.limit, self.room, self.indexed = budget.limit, 0, 0  # as the store said last
        self.told = 0  # `spent` as the store was told last
        self.waiting: deque[Waiter] = deque()
        self.due = self.busy = False  # is to be asked about; is being asked about
        self.sent_upto = 0  # the last waiter whose need is in the present ask
        self.ahead = True  # the next ask may take a slice
        self.unsure = False  # the last ask failed: the row may differ
        self.asked: dict[str, int] | None = None  # who was asked to give back, for the waiters up to `asked_upto`
        self.asked_upto = 0
        self.answers = 0  # the question that the next ask answers
        self.answer: int | None = None  # to give back once the present ask is done; 0: nobody asked
        self.touched, self.idle = True, 0

    def adopt(self, budget: Budget, ends: int) -> None:
        """Follow the budget's present form."""
        self.budget, self.ends = budget, ends
        self.measure: Measure = budget.measure
        self.of = _READ[budget.measure]
        self.size = windows.size(budget.window)
        self.bucket = self.bucket_ends = 0  # the one of the last charge
        self.charged = not self.local and budget.measure != "concurrent"

    def charge(self, at: int, amount: int) -> Charge:
        """What the record of a run at `at` says that it took. Divided once for a bucket: such numbers are long."""
        if not self.bucket <= at < self.bucket_ends:
            self.bucket = at // self.size * self.size
            self.bucket_ends = self.bucket + self.size
        budget, value, starts = self.key
        return Charge(budget, value, starts, self.bucket, amount)

    @property
    def free(self) -> int:
        return self.granted - self.spent - self.held

    @property
    def gone(self) -> bool:
        return self.granted <= GONE_BELOW


class Stand(NamedTuple):
    """An account here, for `/metrics` and the console."""

    key: Key
    measure: Measure
    limit: int
    granted: int
    held: int
    spent: int


class Waiter:
    """A call that waits for room on some accounts. What it needs on the others it holds already."""

    __slots__ = ("began", "error", "has", "needs", "number", "on_end", "pending")

    def __init__(self, needs: list[tuple[Account, int]], has: Sequence[int], number: int) -> None:
        self.needs, self.has, self.number = needs, has, number
        self.pending: set[Account] = set()
        self.began = clock.mono_ns()
        self.error: RequestError | None = None
        self.on_end: Callable[[], None] | None = None

    def need(self, account: Account) -> int:
        return next(need for one, need in self.needs if one is account)


def account_value(text: str) -> str:
    """A value as it names an account: what both databases take, in an index too."""
    value = clean(text).encode("utf-8", "replace").decode()
    if len(value) <= _LONGEST:
        return value
    return f"{value[: _LONGEST - 17]}…{hashlib.sha256(value.encode()).hexdigest()[:16]}"
