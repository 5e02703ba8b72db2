"""`outrider budgets`: see, set, raise and remove limits on what calls may take. Works beside a running server too."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.cli._budget_words import RESERVED_COLUMNS, account_cells, history_lines, reserved_cells, told
from outrider.cli._output import JSON_OPTION, emit_json, hint, many, note, parse_with, say, table, when
from outrider.cli._period import since_ns, span_ns
from outrider.cli._record import by, record
from outrider.cli.context import Outrider, outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.journal.rows import BudgetRow
    from outrider.limits.terms import Terms
    from outrider.store import Store

app = typer.Typer(
    help="Budgets: limits on money, tokens and calls. See, set, raise, remove.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_COLUMNS = ("budget", "account", "used", "reserved", "limit", "part", "window", "resets (UTC)")
_ACCOUNT_COLUMNS = (*_COLUMNS[1:6], "refused")
_WHY = "Why, for the record. Asked for at a terminal."
_QUIET_NS = 600 * 1_000_000_000

Why = Annotated[str, typer.Option("--why", help=_WHY)]
Name = Annotated[str, typer.Argument(help="The budget's name.")]


@contextmanager
def _stores(here: Outrider) -> "Iterator[tuple[Store, Store]]":
    """The store with everything indexed, and the lease store."""
    store = here.open_store()
    try:
        leases = here.open_leases()
        try:
            here.index_now(store)
            yield store, leases
        finally:
            leases.close()
    finally:
        store.close()


def _find(store: "Store", name: str) -> "BudgetRow":
    from outrider.journal.read import find_budget, list_budgets

    row = find_budget(store, name)
    if row is None:
        there = ", ".join(b.budget.id for b in list_budgets(store)[:12])
        more = f"there are: {there}" if there else "there is none yet; `outrider budgets set NAME --usd 50` makes one"
        raise ConfigError(f"no budget {name!r}; {more}")
    return row


def _reason(why: str) -> str:
    """What was given, or asked for where somebody can answer."""
    if why or not sys.stdin.isatty():
        return why
    asked: str = typer.prompt("Why", err=True)
    return asked


@app.command("list")
def list_(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """List budgets with what is used, reserved and left."""
    from outrider.journal.read import list_budgets
    from outrider.limits.standing import standing

    with _stores(outrider(ctx)) as (store, leases):
        now = clock.now_ns()
        found = [standing(store, leases, row, now) for row in list_budgets(store)]
    if json:
        emit_json(found)
        return
    cells = [account_cells(one, one.accounts[0] if one.accounts else None, one.count - 1)[:8] for one in found]
    table(_COLUMNS, cells, right=("used", "reserved", "limit"), spare=("resets (UTC)", "reserved", "window"))
    if not found:
        note("There is no budget yet.")
    hint(*(["outrider budgets show NAME"] if found else []), 'outrider budgets set NAME --usd 50 --why "…"')


@app.command()
def show(
    ctx: typer.Context,
    name: Name,
    most: Annotated[
        int,
        typer.Option(min=1, max=100_000, help="Accounts to list, those with most use first; and who holds something."),
    ] = 20,
    json: bool = JSON_OPTION,
) -> None:
    """Show one budget: its terms, its accounts, where the pace leads, who holds what is reserved, raises and every
    change."""
    from outrider.journal.read import budget_changes
    from outrider.limits.holders import reserved
    from outrider.limits.standing import standing

    here = outrider(ctx)
    with _stores(here) as (store, leases):
        row, now = _find(store, name), clock.now_ns()
        one = standing(store, leases, row, now, most)
        held = reserved(store, leases, here.holds, row.budget, now)
        changes = budget_changes(store, row.budget.id)
    if json:
        emit_json({"standing": one, "reserved": held, "history": changes})
        return
    for line in told(one, now):
        say(line)
    say()
    if one.accounts:
        cells = [account_cells(one, a) for a in one.accounts]
        rows = [(*one_row[1:6], one_row[8]) for one_row in cells]
        table(_ACCOUNT_COLUMNS, rows, right=("used", "reserved", "limit", "refused"))
    if one.count > len(one.accounts):
        note(f"{many(one.count - len(one.accounts), 'account')} more; --most lists them.")
    if held:
        say("Reserved")
        lines = [reserved_cells(one, each) for each in held[:most]]
        table(RESERVED_COLUMNS, lines, right=("amount",), spare=("deployment", "key", "account"))
        if len(held) > most:
            note(f"{len(held) - most:,} more hold something; --most lists them.")
    say("History")
    for line in history_lines([change.event for change in changes], named=False):
        say(f"  {line}")
    hint(f'outrider budgets raise {name} --amount 10 --for 7d --why "…"')


@app.command()
def history(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Only this budget; it may be removed by now.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many changes.")] = 50,
    json: bool = JSON_OPTION,
) -> None:
    """Every change of budgets, newest first: when, who, what, why."""
    from outrider.journal.read import budget_changes

    with _stores(outrider(ctx)) as (store, _):
        found = budget_changes(store, name, limit=limit)
    if json:
        emit_json(found)
        return
    for line in history_lines([change.event for change in found]):
        say(line)
    if not found:
        note("No budget was ever set.")


@app.command("set")
def set_(
    ctx: typer.Context,
    name: Name,
    usd: Annotated[str, typer.Option(help="The limit in dollars, such as 50 or 0.25.")] = "",
    tokens: Annotated[str, typer.Option(help="The limit in tokens, input and output together, such as 2M.")] = "",
    input_tokens: Annotated[str, typer.Option(help="The limit in input tokens.")] = "",
    output_tokens: Annotated[str, typer.Option(help="The limit in output tokens.")] = "",
    calls: Annotated[str, typer.Option(help="The limit in calls.")] = "",
    window: Annotated[
        str, typer.Option(help="hour, day, week, month, lifetime, run, or a rolling length such as 24h. New: month.")
    ] = "",
    timezone: Annotated[str, typer.Option(help="Time zone of calendar windows, such as Europe/Berlin. New: UTC.")] = "",
    match: Annotated[
        list[str] | None, typer.Option(help="Which calls: SCOPE=VALUE, may be repeated; `all` takes it away.")
    ] = None,
    per: Annotated[str, typer.Option(help="Each value of this scope has the limit for itself; `none` ends that.")] = "",
    fit: Annotated[
        bool | None, typer.Option("--fit/--no-fit", help="Lower max_tokens to what there is room for; or refuse.")
    ] = None,
    owner: Annotated[str, typer.Option(help="Who can raise it; refusals and alarms name them.")] = "",
    alarm: Annotated[
        list[str] | None, typer.Option(help="A part of the limit worth an alarm; may be repeated.")
    ] = None,
    slope: Annotated[str, typer.Option(help="An alarm at so many times the usual spend; 0: none.")] = "",
    why: Why = "",
    json: bool = JSON_OPTION,
) -> None:
    """Make a budget, or change what is given of one that is there."""
    from outrider.journal.read import find_budget
    from outrider.limits.changes import set_ as change_of
    from outrider.limits.standing import standing
    from outrider.limits.terms import Terms, terms_of

    here = outrider(ctx)
    limits = {"usd": usd, "tokens": tokens, "input_tokens": input_tokens, "output_tokens": output_tokens}
    with _stores(here) as (store, leases):
        present = find_budget(store, name)
        terms = terms_of(present.budget) if present is not None else Terms()
        _limit(terms, {**limits, "calls": calls})
        _cover(terms, match or [], per, here.settings().projects)
        for field, given in (("window", window), ("timezone", timezone), ("owner", owner)):
            setattr(terms, field, given or getattr(terms, field))
        terms.fit = terms.fit if fit is None else fit
        terms.alarms.at = tuple(alarm or terms.alarms.at)
        terms.alarms.slope = slope or terms.alarms.slope
        budget = terms.budget(name)
        record(here, store, change_of(present, budget, by(), _reason(why)))
        one = standing(store, leases, _find(store, name), clock.now_ns())
    if json:
        emit_json(one)
        return
    for line in told(one, clock.now_ns()):
        say(line)
    hint("outrider budgets list", f"outrider budgets show {name}")


def _limit(terms: "Terms", given: dict[str, str]) -> None:
    """The limit that is given replaces the one that is there, also when it measures something else."""
    named = {key: value for key, value in given.items() if value}
    if named:
        for key in given:
            setattr(terms, key, named.get(key))


def _cover(terms: "Terms", match: Sequence[str], per: str, projects: Sequence[str]) -> None:
    if per:
        terms.per = None if per == "none" else per
    if match:
        terms.match = {}
    for one in match:
        scope, equals, value = one.partition("=")
        if one == "all":
            continue
        if not equals or not value:
            raise ConfigError(f"--match takes SCOPE=VALUE such as project=search, or `all`; not {one!r}")
        if scope == "project" and value not in projects:
            raise ConfigError(f"no project {value!r}; `projects` in outrider.yaml names: {', '.join(projects)}")
        terms.match[scope] = [*terms.match.get(scope, []), value]


@app.command("raise")
def raise_(
    ctx: typer.Context,
    name: Name,
    amount: Annotated[str, typer.Option(help="How much is added: dollars, or a count such as 200k.")] = "",
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 7d.")] = "24h",
    until: Annotated[str, typer.Option(help="Instead of --for: a UTC time, such as 2026-12-01.")] = "",
    value: Annotated[str, typer.Option(help="Only for this account of a budget with `per`.")] = "",
    end: Annotated[bool, typer.Option("--end", help="End the raises that hold (of --value, else all).")] = False,
    why: Why = "",
    json: bool = JSON_OPTION,
) -> None:
    """Give a budget more room for a time; also one that stands in outrider.yaml."""
    from outrider.limits.changes import raise_ as change_of
    from outrider.limits.standing import standing
    from outrider.limits.terms import MEASURES
    from outrider.limits.terms import amount as read_amount

    if bool(amount) == end:
        raise ConfigError("give --amount, or --end to end the raises that hold")
    here = outrider(ctx)
    ends: int = (
        parse_with(since_ns, "--until", until) if until else clock.now_ns() + parse_with(span_ns, "--for", lasts)
    )
    with _stores(here) as (store, leases):
        row = _find(store, name)
        key = next(k for k, m in MEASURES.items() if m == row.budget.measure)
        more = 0 if end else parse_with(lambda text: read_amount(key, text), "--amount", amount)
        if not end and not more:
            raise ConfigError("--amount 0 adds nothing; --end ends the raises that hold")
        record(here, store, change_of(row, more, ends, by(), _reason(why), value))
        one = standing(store, leases, row, clock.now_ns())
    if json:
        emit_json(one)
        return
    for line in told(one, clock.now_ns()):
        say(line)
    hint(f"outrider budgets show {name}")


@app.command()
def remove(ctx: typer.Context, name: Name, why: Why = "", json: bool = JSON_OPTION) -> None:
    """Remove a budget. Calls are no longer limited by it; what was spent stays in the record."""
    from outrider.limits.changes import remove as change_of

    here = outrider(ctx)
    with _stores(here) as (store, _):
        change = change_of(_find(store, name), by(), _reason(why))
        record(here, store, change)
    if json:
        emit_json({"budget": name, "removed": True})
        return
    say(f"{name} is removed")
    hint("outrider budgets list")


@app.command()
def release(
    ctx: typer.Context,
    holder: Annotated[str, typer.Argument(help="The holder; without it, those that hold something are listed.")] = "",
    why: Why = "",
    force: Annotated[bool, typer.Option("--force", help="Also when it was active in the last ten minutes.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Give back what a machine that never returns still holds of budgets.

    A worker that dies on a machine that lives is recovered by itself. Release only what is gone for good: a worker that
    still runs would spend what others are given meanwhile.
    """
    from outrider.limits.changes import release as change_of
    from outrider.limits.leases import close

    here = outrider(ctx)
    with _stores(here) as (store, leases):
        rows = leases.query(
            "SELECT holder, count(*), max(at) FROM budget_leases WHERE closed = 0 GROUP BY holder ORDER BY 3 DESC"
        )
        found = {name: (int(count), int(at)) for name, count, at in rows}
        if not holder:
            _holders(found, json)
            return
        if holder not in found:
            raise ConfigError(f"no open holder {holder!r}; `outrider budgets release` lists them")
        if not force and clock.now_ns() - found[holder][1] < _QUIET_NS:
            raise ConfigError(f"{holder} was active at {when(found[holder][1])}; is it gone for good? Then add --force")
        record(here, store, change_of(holder, found[holder][0], by(), _reason(why)))
        count = close(leases, store, holder)
    if json:
        emit_json({"holder": holder, "accounts": count})
        return
    say(f"{holder} is released: {many(count, 'account')}")
    hint("outrider budgets list")


def _holders(found: dict[str, tuple[int, int]], json: bool) -> None:
    if json:
        emit_json([{"holder": name, "accounts": count, "at": at} for name, (count, at) in found.items()])
        return
    table(("holder", "accounts", "last active (UTC)"), [(n, f"{c:,}", when(at)) for n, (c, at) in found.items()])
    if not found:
        note("Nobody holds anything.")
