"""The settings of limits: budgets. Values stay as they are written; `budgets_of` makes them what the ledger reads."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.app.config_values import Count, Money, Share, Times, Window, Words, Zone
from outrider.base.budget import Budget
from outrider.limits import terms


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which calls: every scope that is given must have one of the values. Nothing given: all calls."""

    project: Annotated[Words, Meta(description="Projects.")] = ()
    key: Annotated[Words, Meta(description="Public parts of keys, as `outrider keys list` shows them.")] = ()
    user: Annotated[
        Words, Meta(description="Users, as callers name them (`x-outrider-user` or the body's `user`).")
    ] = ()
    team: Annotated[Words, Meta(description="Teams that keys belong to (`outrider keys create --team`).")] = ()
    session: Annotated[Words, Meta(description="Sessions, as callers name them (`x-outrider-session`).")] = ()
    tag: Annotated[Words, Meta(description="Tags; a call needs one of them (`x-outrider-tags`).")] = ()
    route: Annotated[Words, Meta(description="Routes.")] = ()


class BudgetAlarms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a budget is worth a message."""

    at: Annotated[tuple[Share, ...], Meta(description="Parts of the limit that were spent.")] = ("50%", "80%", "100%")
    slope: Annotated[Times, Meta(description="So many times the usual spend; 0: never.")] = "0"


class BudgetRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit on what calls may take. Exactly one of `usd`, `tokens`, `input_tokens`, `output_tokens`, `calls`."""

    usd: Annotated[Money | None, Meta(description="The limit in dollars.")] = None
    tokens: Annotated[Count | None, Meta(description="The limit in tokens, input and output together.")] = None
    input_tokens: Annotated[Count | None, Meta(description="The limit in input tokens.")] = None
    output_tokens: Annotated[Count | None, Meta(description="The limit in output tokens.")] = None
    calls: Annotated[Count | None, Meta(description="The limit in calls.")] = None
    window: Annotated[
        Window,
        Meta(
            description="`hour`, `day`, `week`, `month`: by the calendar; a length such as `24h`: rolling; `run`: each "
            "run with all that it starts; `lifetime`: for ever."
        ),
    ] = "month"
    timezone: Annotated[Zone, Meta(description="Time zone of calendar windows, an IANA name.")] = "UTC"
    match: Annotated[Match, Meta(description="Which calls it covers; all without it.")] = Match()
    per: Annotated[
        Literal["project", "key", "user", "team", "session", "tag", "route", "tree"] | None,
        Meta(description="Each value of this scope has the whole limit for itself; null: all share one."),
    ] = None
    fit: Annotated[
        bool, Meta(description="Lower `max_tokens` to what there is room for, instead of refusing the call.")
    ] = False
    owner: Annotated[str, Meta(description="Who can raise it; refusals and alarms name them.")] = ""
    alarms: Annotated[BudgetAlarms, Meta(description="When it is worth a message.")] = BudgetAlarms()

    def terms(self) -> terms.Terms:
        """The same in the words that all surfaces share."""
        return terms.Terms(
            usd=self.usd,
            tokens=self.tokens,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            calls=self.calls,
            window=self.window,
            timezone=self.timezone,
            match={scope: list(values) for scope, values in msgspec.structs.asdict(self.match).items() if values},
            per=self.per,
            fit=self.fit,
            owner=self.owner,
            alarms=terms.Alarms(self.alarms.at, self.alarms.slope),
        )


def budgets_of(rules: dict[str, BudgetRule]) -> dict[str, Budget]:
    """The budgets of settings that were checked, by id."""
    return {name: rule.terms().budget(name) for name, rule in rules.items()}
