"""`outrider approvals`: calls of agents that wait for a person: see them, decide, watch, and what that costs.

Works beside a running server: both read and write the same store. Whoever may run the command line beside the home may
decide; the account's name is what the record says.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, emit_json, emit_line, hint, many, note, say, table, when
from outrider.cli._record import by
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.policy.friction import Cost
    from outrider.policy.office import Office
    from outrider.policy.pending import Approval, Decider

app = typer.Typer(
    help="Calls of agents that wait for a person: see them, decide, watch.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
LOOK_SECONDS = 1.0
LATE_NS = 60_000_000_000
"""Calls that other processes ask about may be written down later than younger ones, by so much at most."""
_ID = typer.Argument(metavar="ID", help="The approval's id, `appr_…`.")
_PROJECT = typer.Option(help="Project that the calls belong to. Default: the first of the settings.")
_COLUMNS = ("id", "state", "call", "agent", "for", "asked (UTC)", "left", "because of")


@contextmanager
def desk(ctx: typer.Context) -> "Iterator[Office]":
    """Approvals and sessions of the installation; what becomes of them goes into its journal."""
    with outrider(ctx).office() as there:
        yield there


def project_of(ctx: typer.Context, given: str) -> str:
    projects = outrider(ctx).settings().projects
    if given and given not in projects:
        raise ConfigError(f"no project {given!r}; `projects` in outrider.yaml names: {', '.join(projects)}")
    return given or projects[0]


@app.command("list")
def list_(
    ctx: typer.Context,
    state: Annotated[str, typer.Option(help="pending, approved, denied, used, expired, or all.")] = "pending",
    session: Annotated[str, typer.Option(help="Only those of this session.")] = "",
    agent: Annotated[str, typer.Option(help="Only those of this agent.")] = "",
    project: Annotated[str, _PROJECT] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many, the newest.")] = 50,
    json: bool = JSON_OPTION,
) -> None:
    """Calls that wait; with --state those that were decided."""
    from outrider.policy.pending import STATES

    if state not in (*STATES, "all"):
        raise ConfigError(f"no state {state!r}; there are: {', '.join(STATES)}, all")
    chosen = project_of(ctx, project)
    with desk(ctx) as there:
        wanted = "" if state == "all" else state
        found = there.approvals.past(chosen, state=wanted, session=session, agent=agent, limit=limit)
        wait = there.approvals.how_many(chosen) if state == "pending" and not (session or agent) else 0
    if json:
        emit_json([_plain(one) for one in found])
        return
    table(_COLUMNS, [_row(one) for one in found], spare=("because of", "for", "asked (UTC)"))
    if not found:
        note("No call waits." if state == "pending" else "There is none.")
    elif len(found) == limit and wait > limit:
        note(f"These are the newest {limit:,} of {wait:,} calls that wait; --limit takes up to 500.")
    first = next((one.id for one in found if one.state == "pending"), "")
    hint(f"outrider approvals show {first}" if first else "outrider approvals watch")


def _row(one: "Approval") -> tuple[str, ...]:
    from outrider.policy.present import plain

    left = f"{max(0, one.expires - clock.now_ns()) // 60_000_000_000} min" if one.state == "pending" else ""
    about = one.about
    rules = ", ".join(about.rules)
    return (
        one.id,
        one.state,
        plain(about.tool, 60),
        plain(about.agent, 40),
        plain(about.user, 40),
        when(one.asked),
        left,
        rules,
    )


def _plain(one: "Approval") -> dict[str, object]:
    about = one.about
    return {
        "id": one.id, "state": one.state, "project": one.project, "session": one.session, "tool": about.tool,
        "agent": about.agent, "user": about.user, "effect": about.effect, "rules": list(about.rules),
        "reasons": list(about.reasons), "plan": one.plan, "asked_at": clock.iso(one.asked),
        "expires_at": clock.iso(one.expires), "decided_at": clock.iso(one.decided) if one.decided else None,
        "decided_by": one.decider, "note": one.note,
    }  # fmt: skip


@app.command()
def show(
    ctx: typer.Context,
    id_: Annotated[str, _ID],
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """One call: every value with where it came from, why somebody is asked, what differs from the last one approved."""
    import msgspec

    from outrider.policy.present import plain

    chosen = project_of(ctx, project)
    with desk(ctx) as there:
        case = there.case(chosen, id_, opened=True)
    one = case.approval
    if json:
        values = [{"path": v.path, "kind": v.kind, "origin": v.origin, "from": v.words, "text": v.text,
                   "parts": list(v.parts), "warnings": list(v.warnings)} for v in case.lines]  # fmt: skip
        arguments = msgspec.json.decode(one.about.arguments)
        emit_json({**_plain(one), "arguments": arguments, "values": values, "check": case.doubts})
        return
    about = one.about
    say(f"{plain(about.tool, 200)}  ({plain(about.effect, 40) or 'effect unknown'})  {one.state}")
    whom = f" for {plain(about.user, 120)}" if about.user else ""
    say(f"{plain(about.agent, 120) or 'an agent'}{whom}, session {plain(one.session, 200)}")
    for line in case.lines:
        for part in line.parts:
            say(f"  {line.path} → {part}")
        say(f"  {line.path}: {line.text or '(empty)'}".replace("\n", "\n      │ "))  # no line of it looks like ours
        if line.origin:
            say(f"      {'!! ' if line.origin in ('made_up', 'untrusted') else ''}{line.words}")
        for warning in line.warnings:
            say(f"      !! {warning}")
    for reason in one.about.reasons[: max(1, len(one.about.rules))]:
        say(f"asked because: {plain(reason)}")
    for change in case.changes:
        if change.what != "same":
            say(f"not as approved before: {change.path} {change.what}: {change.before or '–'} → {change.now or '–'}")
    if len(case.plan) > 1:
        say(f"proposed together with: {', '.join(each.id for each in case.plan if each.id != one.id)}")
    if one.state == "pending":
        hint(f"outrider approvals approve {one.id}", f"outrider approvals deny {one.id}")


@app.command()
def approve(
    ctx: typer.Context,
    id_: Annotated[str, _ID],
    why: Annotated[str, typer.Option("--note", help="A note for the agent and the record.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="All calls of its plan that wait, too.")] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Let a call be made, once, exactly as it is."""
    _decide(ctx, id_, approve=True, why=why, plan=plan, project=project, json=json)


@app.command()
def deny(
    ctx: typer.Context,
    id_: Annotated[str, _ID],
    why: Annotated[str, typer.Option("--note", help="A note for the agent and the record.")] = "",
    plan: Annotated[bool, typer.Option("--plan", help="All calls of its plan that wait, too.")] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Refuse a call; its session is not asked about the same one again."""
    _decide(ctx, id_, approve=False, why=why, plan=plan, project=project, json=json)


def _decide(ctx: typer.Context, id_: str, *, approve: bool, why: str, plan: bool, project: str, json: bool) -> None:
    chosen = project_of(ctx, project)
    with desk(ctx) as there:
        done = there.approvals.decide(chosen, id_, approve=approve, by=decider(), note=why, plan=plan)
    if json:
        emit_json([_plain(one) for one in done])
        return
    from outrider.policy.present import plain

    said = "approved" if approve else "refused"
    for one in done:
        say(
            f"{one.id} is {said}: {plain(one.about.tool, 200)}" + (", once, exactly as it was shown" if approve else "")
        )
    hint("outrider approvals list")


def decider() -> "Decider":
    """Who sits at this terminal: no agent has the home folder, but the agent's user may be the account's."""
    from outrider.policy.pending import Decider

    name = by()
    return Decider(name, known_as=(name.removeprefix("cli:"),), operator=True, through="cli")


@app.command()
def watch(
    ctx: typer.Context,
    project: Annotated[str, _PROJECT] = "",
    once: Annotated[bool, typer.Option("--once", help="End after the calls that wait now.")] = False,
    json: bool = JSON_OPTION,
) -> None:
    """Print calls as they begin to wait, until Ctrl-C. With --json one line each."""
    chosen, seen, after = project_of(ctx, project), set[str](), 0
    with desk(ctx) as there:
        while True:
            for one in _waiting(there, chosen, after - LATE_NS):
                after = max(after, one.asked)
                if one.id in seen:
                    continue
                seen.add(one.id)
                if json:
                    emit_line(_plain(one))
                else:
                    say("  ".join(_row(one)))
            if once:
                return
            try:
                time.sleep(LOOK_SECONDS)
            except KeyboardInterrupt:
                return


def _waiting(there: "Office", project: str, after: int) -> "Iterator[Approval]":
    """All that wait and were asked after then, however many."""
    while found := there.approvals.waiting(project, after):
        yield from found
        after = found[-1].asked + 1


@app.command()
def friction(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help="Since then: a span ago or a date; at most 30 days.")] = "7d",
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """What approvals cost people: how often they are asked, how long answers take, what is approved blindly."""
    from outrider.journal import where

    chosen = project_of(ctx, project)
    with desk(ctx) as there:
        found = there.friction(chosen, where.moment("since", since))
    if json:
        emit_json({**{f: getattr(found, f) for f in ("since", "whole", "agents", "rules")},
                   "days": {clock.iso(day)[:10]: cost for day, cost in found.days.items()}})  # fmt: skip
        return
    rows = [("all", "", found.whole)]
    rows += [("agent", name or "–", cost) for name, cost in found.agents.items()]
    rows += [("rule", name, cost) for name, cost in found.rules.items()]
    rows += [("day", clock.iso(day)[:10], cost) for day, cost in found.days.items()]
    columns = ("of", "name", "sessions", "asked", "per session", "without any", "median", "p90", "blind", "refused")
    table(columns, [(of, name, *_cost(cost)) for of, name, cost in rows], right=columns[2:], spare=("refused", "p90"))
    used = f"{many(found.whole.sessions, 'session')} used since {when(found.since)}"
    note(f"Intervals hold in 95 of 100 such samples. {used}.")
    hint("outrider approvals list --state all")


def _cost(cost: "Cost") -> tuple[str, ...]:
    asks, quiet, blind = cost.asks, cost.quiet, cost.blind
    seconds = [
        f"{one.estimate:.0f} s [{one.low:.0f}, {one.high:.0f}]" if one else "" for one in (cost.median, cost.p90)
    ]
    return (
        f"{cost.sessions:,}",
        f"{cost.asked:,}",
        f"{asks.estimate:.2f} [{asks.low:.2f}, {asks.high:.2f}]" if asks.n else "",
        f"{quiet.estimate:.0%} [{quiet.low:.0%}, {quiet.high:.0%}]" if quiet.n else "",
        *seconds,
        f"{blind.estimate:.0%} [{blind.low:.0%}, {blind.high:.0%}]" if blind.n else "",
        f"{cost.denied:,}",
    )
