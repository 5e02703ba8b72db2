"""The shapes that the readers of the journal take and return: a row of the run list, of costs, of keys, of budgets."""

import msgspec

from outrider.base.budget import Budget
from outrider.journal.events import AlarmRaised, BudgetRaised, BudgetRemoved, BudgetSet, FeedbackGiven


class RunFilter(msgspec.Struct):
    """What `list_runs` keeps; an empty field does not filter.

    Costs are nano-dollars, durations nanoseconds, `since` (inclusive) and `until` (exclusive) nanoseconds since the
    epoch, compared with the run's start. `text` finds runs whose preview, name, model or error has all its words;
    the last word may be a beginning.
    """

    project: str = ""
    route: str = ""
    model: str = ""
    deployment: str = ""
    key: str = ""
    status: str = ""
    session: str = ""
    user: str = ""
    min_cost: int | None = None
    max_cost: int | None = None
    min_duration: int | None = None
    min_ttft: int | None = None
    since: int | None = None
    until: int | None = None
    text: str = ""


class RunRow(msgspec.Struct):
    """One run as lists show it. `seq` is its place in the journal; `steps` is a count; money in nano-dollars."""

    seq: int
    id: bytes
    project: str
    at: int
    duration: int
    name: str
    source: str
    status: str
    error: str
    http_status: int
    model: str
    route: str
    deployment: str
    provider: str
    key: str
    user: str
    session: str
    stream: bool
    cache: str
    input: int
    output: int
    cost: int
    ttft: int
    overhead: int
    steps: int
    preview: str


class RunPage(msgspec.Struct):
    """Runs, newest first. `next` is the value for `before=` that gives the following (older) page, or None."""

    rows: list[RunRow]
    next: int | None


class UsageRow(msgspec.Struct):
    """Sums over a period for one `label` (a model, a day as `2026-11-22`, an hour as `2026-11-22T14:00Z`, …).

    `cached` counts answers from the response cache. Latencies are nanoseconds, within 2 % of the exact quantile;
    0 when there was nothing to measure.
    """

    label: str
    calls: int
    errors: int
    cached: int
    input: int
    output: int
    cost: int
    p50: int
    p95: int
    ttft_p50: int
    ttft_p95: int


class KeyRow(msgspec.Struct):
    """A key as the journal knows it. `digest` is SHA-256 of the whole key; `revoked_at` is 0 while it is good.

    `team` is "" without one; `may` names rights beyond calling and reading, separated by spaces.
    """

    public: str
    project: str
    digest: bytes
    name: str
    created_at: int
    revoked_at: int
    team: str = ""
    may: str = ""


class BudgetRow(msgspec.Struct):
    """A budget in force. `origin` is `config` or `api`; it was set last at `at` by `by`, first at `made_at` (ns)."""

    budget: Budget
    origin: str
    at: int
    made_at: int
    by: str
    why: str


class BudgetChange(msgspec.Struct):
    """One change of a budget, as the journal has it."""

    seq: int
    event: BudgetSet | BudgetRemoved | BudgetRaised


class AlarmRow(msgspec.Struct):
    """An alarm, and what became of its message: sent at `sent_at` (ns; 0: not yet) to so many places."""

    event: AlarmRaised
    sent_at: int
    delivered: int
    failed: int
    error: str


class FeedbackRow(msgspec.Struct):
    """Feedback with its texts; those are empty where there were none or retention took them."""

    seq: int
    event: FeedbackGiven
    edit: str = ""
    comment: str = ""


class ConfigurationRow(msgspec.Struct):
    """A process took over a configuration at `at` (ns). `place` is the spool and slot that it writes, `sha256` the
    digest of the text, `size` its bytes, `why` `start` or `reload`."""

    seq: int
    at: int
    place: str
    sha256: bytes
    size: int
    why: str
    version: str
