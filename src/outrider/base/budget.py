"""The words of budgets: what is limited (`Budget`), whom a call concerns (`Subject`), how much (`Amount`)."""

from typing import Literal

import msgspec

Measure = Literal["money", "input_tokens", "output_tokens", "total_tokens", "calls", "concurrent"]
Scope = Literal["project", "key", "user", "team", "session", "tag", "route", "tree"]
SCOPES: tuple[Scope, ...] = ("project", "key", "user", "team", "session", "tag", "route", "tree")


class Subject(msgspec.Struct, frozen=True, gc=False):
    """Whom and what one call concerns. `tree` is the trace that it belongs to (hex), or its own run id."""

    project: str
    key: str = ""
    user: str = ""
    team: str = ""
    session: str = ""
    tags: tuple[str, ...] = ()
    route: str = ""
    tree: str = ""


class Amount(msgspec.Struct, frozen=True, gc=False):
    """What a call takes, or may take at worst: nano-dollars, tokens, calls."""

    money: int = 0
    input: int = 0
    output: int = 0
    calls: int = 0
    concurrent: int = 0

    def of(self, measure: Measure) -> int:
        match measure:
            case "money":
                return self.money
            case "input_tokens":
                return self.input
            case "output_tokens":
                return self.output
            case "total_tokens":
                return self.input + self.output
            case "calls":
                return self.calls
            case "concurrent":
                return self.concurrent


class Budget(msgspec.Struct, frozen=True, omit_defaults=True):
    """A limit on one measure. `limit` is nano-dollars, tokens or calls.

    `match` names the calls that it covers: every given scope must have one of the values (nothing given: all calls).
    `per` divides it into an account for each value of that scope. `window` is `run`, `hour`, `day`, `week`, `month`,
    `lifetime`, or a length in seconds as text (`"3600"`): rolling. `zone` is an IANA time zone for calendar windows.
    `fit`: lower `max_tokens` to what there is room for, instead of refusing. `owner` can raise it. `alarms` are
    fractions of the limit; `slope`: times the usual spend that is worth an alarm (0: none).
    """

    id: str
    measure: Measure
    limit: int
    window: str = "month"
    match: dict[Scope, tuple[str, ...]] = {}
    per: Scope | None = None
    zone: str = "UTC"
    fit: bool = False
    owner: str = ""
    alarms: tuple[float, ...] = (0.5, 0.8, 1.0)
    slope: float = 0.0


class Raise(msgspec.Struct, frozen=True, omit_defaults=True):
    """`by` added `amount` to the limit of a budget (or of one account, `value`) until `until` (ns since the epoch)."""

    budget: str
    amount: int
    until: int
    value: str = ""
    by: str = ""
    why: str = ""
