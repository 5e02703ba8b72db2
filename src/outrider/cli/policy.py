"""`outrider policy`: why a call is allowed or not, what other rules would do, labels that are wrong, who may what."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli import _policy_words as words
from outrider.cli._output import JSON_OPTION, CheckFailed, clean, emit_json, hint, note, parse_with, say
from outrider.cli._period import since_ns, span_ns
from outrider.cli._record import by
from outrider.cli.context import Outrider, outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.policy.desk import Desk
    from outrider.policy.office import Office
    from outrider.policy.permissions import Kind
    from outrider.policy.rules import Rules

app = typer.Typer(
    help="What agents may do: explain a decision, try other rules, check labels, permissions and grants.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
LARGEST = 50_000_000
ASKING = 120.0
"""Seconds that a server has to ask a model."""

Project = Annotated[str, typer.Option("--project", help="Project; the first one by default.")]
Session = Annotated[str, typer.Argument(help="The session's id.")]
RulesFile = Annotated[Path | None, typer.Option("--rules", help="Cedar file to use instead of the rules in force.")]
Why = Annotated[str, typer.Option("--why", help="Why, for the record.")]
Since = Annotated[str, typer.Option("--since", help="So long ago (7d), or a UTC time.")]


def _project(here: Outrider, given: str) -> str:
    return given or here.settings().projects[0]


def _read(path: Path) -> str:
    """A file's text, or standard input for `-`. Raises ConfigError."""
    try:
        text = sys.stdin.read(LARGEST + 1) if str(path) == "-" else path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None
    if len(text) > LARGEST:
        raise ConfigError(f"{path} is larger than {LARGEST} characters")
    return text


def _rules(path: Path) -> "Rules":
    from outrider.policy.rules import Rules

    text = _read(path)
    try:
        return Rules(text)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}") from None


def _desk(office: "Office") -> "Desk":
    assert office.desk is not None
    return office.desk


@app.command()
def check(
    ctx: typer.Context,
    tool: Annotated[str, typer.Option("--tool", help="The tool's name.")],
    session: Annotated[str, typer.Option("--session", help="A recorded session.")] = "",
    events: Annotated[
        Path | None, typer.Option("--events", help="A session from a file instead, one JSON object in a line.")
    ] = None,
    args: Annotated[str, typer.Option("--args", help="The call's arguments, as a JSON object.")] = "{}",
    rules: RulesFile = None,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Explain what would be decided about a call: which rule, which label, where each value came from.

    Exits with 0 where it is allowed, else with 1. Nothing is written, and nobody is asked.
    """
    from outrider.policy.desk import explained
    from outrider.policy.permissions import May
    from outrider.policy.story import told

    if bool(session) == (events is not None):
        raise typer.BadParameter("give either --session or --events", param_hint="--session")
    arguments = parse_with(_object, "--args", args)
    here = outrider(ctx)
    other = _rules(rules) if rules is not None else None
    with here.policy() as policy:
        if events is not None:
            known = told(_read(events).splitlines(), policy.declared, other or policy.rules(), str(events))
            found = explained(known, tool, arguments, policy.declared(tool), other or policy.rules(), May())
        else:
            found = _desk(policy.office).check(_project(here, project), session, tool, arguments, rules=other)
            _unknown(_desk(policy.office), _project(here, project), session, "its first call would be judged so")
    if json:
        emit_json(found)
    else:
        words.decision(found)
    if found.verdict != "allow":
        raise CheckFailed


def _unknown(desk: "Desk", project: str, session: str, then: str) -> None:
    """Say so where nothing is recorded of a session: its name may be mistyped."""
    if desk.control.sessions.get(project, session).seq == 0:
        note(f"Nothing is recorded of the session {clean(session)!r} in the project {project!r}: {then}.")


def _object(text: str) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ValueError(f'expected a JSON object such as \'{{"to": "Bob"}}\': {error}') from None


@app.command()
def backtest(
    ctx: typer.Context,
    rules: Annotated[Path, typer.Option("--rules", help="The Cedar file to try.")],
    since: Since = "7d",
    session: Annotated[str, typer.Option("--session", help="Only this session.")] = "",
    most: Annotated[int, typer.Option("--most", min=0, max=100_000, help="Changed calls to show.")] = 50,
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Run other rules over the recorded sessions: what they would have blocked, asked and allowed."""
    here, tried = outrider(ctx), _rules(rules)
    after = parse_with(since_ns, "--since", since)
    with here.policy() as policy:
        found = _desk(policy.office).backtest(_project(here, project), tried, since=after, session=session, most=most)
    if json:
        emit_json(found)
        return
    words.report(found)
    hint("set policy.rules in outrider.yaml to this file")


@app.command()
def lint(
    ctx: typer.Context,
    tools: Annotated[
        Path | None,
        typer.Option("--tools", help="Tools as JSON: the answer of MCP's tools/list, or a model's list; - for stdin."),
    ] = None,
    recorded: Annotated[bool, typer.Option("--recorded", help="All tools that were called here.")] = False,
    since: Since = "30d",
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Look for dangerous mistakes in the labels of tools, and propose labels for those without.

    Uses what the tools were seen to do. Exits with 1 if a label opens a door.
    """
    from outrider.policy.propose import tools_of

    if (tools is not None) == recorded:
        raise typer.BadParameter("give either --tools FILE or --recorded", param_hint="--tools")
    here = outrider(ctx)
    after = parse_with(since_ns, "--since", since)
    named = tools_of(_read(tools)) if tools is not None else []
    with here.policy() as policy:
        found = _desk(policy.office).lint(_project(here, project), named, since=after)
    if json:
        emit_json(found)
    else:
        words.linted(found)
    if found.dangers:
        raise CheckFailed


@app.command()
def shadow(ctx: typer.Context, since: Since = "7d", project: Project = "", json: bool = JSON_OPTION) -> None:
    """Show what shadow rules (`@shadow`) would have changed, and how often each rule decided."""
    here = outrider(ctx)
    after = parse_with(since_ns, "--since", since)
    with here.policy() as policy:
        found = policy.office.tallies(_project(here, project), after)
    if json:
        emit_json(found)
        return
    words.tallies(found)


@app.command()
def rules(
    ctx: typer.Context, default: Annotated[bool, typer.Option("--default", help="Those that come with it.")] = False
) -> None:
    """Print the rules in force, as Cedar: a start for one's own."""
    from outrider.policy.rules import default_text

    if default:
        say(default_text())
        return
    with outrider(ctx).policy() as policy:
        say(policy.rules().text)


@app.command()
def permissions(ctx: typer.Context, project: Project = "", json: bool = JSON_OPTION) -> None:
    """Show who may call which tools, from the configuration and the API together."""
    here = outrider(ctx)
    with here.policy() as policy:
        name = _project(here, project)
        found, given = _desk(policy.office).roster(name), _desk(policy.office).given(name)
    if json:
        emit_json({"roster": found, "given": given})
        return
    words.roster(found)
    for one in given:
        note(f"{one.kind} {one.name}: given by {one.by} on {clock.iso(one.at)[:10]}: {one.why}")
    hint('outrider policy allow user NAME --tool "mail__*" --why "…"')


@app.command()
def allow(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="role, user, agent or key.")],
    name: Annotated[str, typer.Argument(help="Its name; * for everybody who is not named.")],
    why: Why,
    tool: Annotated[list[str] | None, typer.Option("--tool", help="A tool, or a pattern; !x* takes out.")] = None,
    role: Annotated[list[str] | None, typer.Option("--role", help="A role.")] = None,
    project: Project = "",
) -> None:
    """Give tools and roles to a role, a user, an agent or a key. Replaces what was given so before."""
    from outrider.policy.permissions import Subject

    here = outrider(ctx)
    with here.policy() as policy:
        desk, there = _desk(policy.office), _project(here, project)
        first = kind != "role" and not desk.roster(there).of(cast("Kind", kind))
        desk.give(there, cast("Kind", kind), name, Subject(tuple(role or ()), tuple(tool or ())), by=by(), why=why)
        missing = [one for one in desk.roster(there).missing() if one in (role or ())]
    say(f"{kind} {name} has it now; running servers follow within a second.")
    if missing:
        note(f"No role is called {' or '.join(map(repr, missing))}: it gives nothing until there is one.")
    if first and name != "*":
        note(f"It is the first {kind} that is named: every other {kind} may call nothing now, until * is given tools.")
        hint(f'outrider policy allow {kind} "*" --tool "*" --why "…"')


@app.command()
def disallow(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(help="role, user, agent or key.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    why: Why,
    project: Project = "",
) -> None:
    """End what was given with `allow` or over the API."""
    here = outrider(ctx)
    with here.policy() as policy:
        _desk(policy.office).take(_project(here, project), cast("Kind", kind), name, by=by(), why=why)
    say(f"{kind} {name} has only what outrider.yaml says.")


@app.command()
def grant(
    ctx: typer.Context,
    session: Session,
    tool: Annotated[list[str] | None, typer.Option("--tool", help="A tool, or a pattern with *.")] = None,
    recipient: Annotated[list[str] | None, typer.Option("--recipient", help="A recipient, or a pattern.")] = None,
    path: Annotated[list[str] | None, typer.Option("--path", help="A path, or a pattern.")] = None,
    url: Annotated[list[str] | None, typer.Option("--url", help="An address, or a pattern.")] = None,
    id_: Annotated[list[str] | None, typer.Option("--id", help="An identifier, or a pattern.")] = None,
    amount: Annotated[str, typer.Option("--amount", help="The most of one call.")] = "",
    total: Annotated[str, typer.Option("--total", help="The most of all calls together.")] = "",
    calls: Annotated[int, typer.Option("--calls", min=0, help="How many calls; 0: any number.")] = 0,
    lasts: Annotated[str, typer.Option("--for", help="How long it holds, such as 1h.")] = "",
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what is in no grant of the session.")] = False,
    reason: Annotated[str, typer.Option("--note", help="What it is for.")] = "",
    project: Project = "",
) -> None:
    """Let a session do something without a question, in bounds."""
    from outrider.policy.grants import Grant

    until = clock.now_ns() + parse_with(span_ns, "--for", lasts) if lasts else 0
    made = Grant(
        tuple(tool or ()),
        tuple(recipient or ()),
        tuple(path or ()),
        tuple(url or ()),
        tuple(id_ or ()),
        parse_with(_decimal, "--amount", amount) if amount else None,
        calls,
        until,
        total=parse_with(_decimal, "--total", total) if total else None,
        strict=strict,
        note=reason,
    )
    here = outrider(ctx)
    with here.policy() as policy:
        _unknown(_desk(policy.office), _project(here, project), session, "the grant holds once it begins")
        number = _desk(policy.office).grant(_project(here, project), session, made, by())
    say(f"Grant {number} of the session {session}.")
    hint(f"outrider policy withdraw {session} {number}")


@app.command()
def propose(
    ctx: typer.Context,
    session: Session,
    model: Annotated[
        str, typer.Option("--model", help="Route that is asked first; the server runs, and it sees the words alone.")
    ] = "",
    project: Project = "",
    json: bool = JSON_OPTION,
) -> None:
    """Print grants that the user's own words in a session speak for, as commands to look at and run."""
    here = outrider(ctx)
    if model:
        _read_by(here, _project(here, project), session, model)
    with here.policy() as policy:
        desk, name = _desk(policy.office), _project(here, project)
        found, offered = desk.propose(name, session), desk.offered(name, session)
        _unknown(desk, name, session, "there are no words of its user to read")
    if json:
        emit_json([words.bounds(one) for one in found])
        return
    for one in found:
        say(words.command(session, one))
    for said in offered.dropped if offered else ():
        note(f"Dropped of what {offered.model if offered else ''} read: {said}")
    if not found:
        note("The user's words bind no tool that has labels: give the grant by hand.")


def _read_by(here: Outrider, project: str, session: str, model: str) -> None:
    """Let the server ask a route what the words allow. Raises OutriderError."""
    from urllib.parse import quote

    import msgspec

    from outrider.cli import _http
    from outrider.cli.chat import said

    url, headers = here.server(project)
    path = f"{url}/api/policy/sessions/{quote(session, safe='')}/proposals"
    try:
        with _http.post(path, headers, msgspec.json.encode({"model": model}), ASKING) as answer:
            status, told = answer.status, answer.read(_http.READ_MOST)
    except _http.Unreachable as error:
        raise OutriderError(f"no Outrider at {url} ({error}); start one with `outrider up`") from None
    if status != 200:
        raise OutriderError(said(status, told), code="refused")


def _decimal(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"expected a number such as 99.50, not {text[:40]!r}") from None


@app.command()
def withdraw(
    ctx: typer.Context,
    session: Session,
    number: Annotated[int, typer.Argument(min=0, help="The grant's number.")],
    project: Project = "",
) -> None:
    """End a grant of a session. What a strict one bound stays bound."""
    here = outrider(ctx)
    with here.policy() as policy:
        _desk(policy.office).withdraw(_project(here, project), session, number, by())
    say(f"Grant {number} of the session {session} covers nothing any more.")
