"""`outrider tools`: what agents can call: list, look at, call, lint, measure, accept changes, connect accounts.

All but `call` ask the configured servers themselves, so no server of Outrider's needs to run; `call` goes through the
running one, like any agent's.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say, table, took, when
from outrider.cli._record import by
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.tools.desk import ToolDesk, ToolState
    from outrider.tools.measures import ToolMeasures

app = typer.Typer(
    help="What agents can call: list, look at, call, lint, measure, accept changes, connect accounts.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
_NAME = typer.Argument(metavar="TOOL", help="The tool's name, as `outrider tools list` shows it.")
_PROJECT = typer.Option(help="Project whose calls are counted. Default: the first of the settings.")
_COLUMNS = ("tool", "server", "labels", "faults", "calls", "well", "p95", "tokens")


@contextmanager
def desk(ctx: typer.Context) -> "Iterator[ToolDesk]":
    with outrider(ctx).tool_desk() as there:
        yield there


def _project(ctx: typer.Context, given: str) -> str:
    projects = outrider(ctx).settings().projects
    if given and given not in projects:
        raise ConfigError(f"no project {given!r}; `projects` in outrider.yaml names: {', '.join(projects)}")
    return given or projects[0]


@app.command("list")
def list_(ctx: typer.Context, project: Annotated[str, _PROJECT] = "", json: bool = JSON_OPTION) -> None:
    """Every tool, with its labels, what is wrong with it, and how it did in the last week."""
    with desk(ctx) as there:
        found = there.overview(_project(ctx, project))
    if json:
        emit_json({"servers": found.servers, "tools": [_plain(one) for one in found.tools], "tokens": found.tokens})
        return
    rows = [_row(one) for one in found.tools]
    table(_COLUMNS, rows, right=_COLUMNS[4:], spare=("server", "p95", "tokens"))
    for one in found.servers:
        if one.error:
            note(f"{one.name} is down: {one.error}")
    if not found.servers:
        note("No server is configured: name some under `tools.servers` in outrider.yaml.")
    for pin in found.waiting:
        note(f"{pin.name} changed its {', '.join(pin.changed)} and is withheld: outrider tools accept {pin.name}")
    first = next((one.tool.name for one in found.tools), "")
    hint(f"outrider tools show {first}" if first else "outrider init", "outrider tools lint")


def _row(one: "ToolState") -> tuple[str, ...]:
    labels = "undeclared" if one.labels is None else f"{one.labels.trust}, {one.labels.privacy}, {one.labels.does}"
    levels = [each.level for each in one.faults]
    faults = ", ".join(f"{levels.count(level)} {level}" for level in ("danger", "warning", "hint") if level in levels)
    done = one.measures
    well = f"{done.success.estimate:.0%}" if done is not None and done.made else ""
    calls, p95 = (f"{done.calls:,}", took(done.p95)) if done is not None else ("", "")
    return (one.tool.name, one.tool.upstream, labels, faults, calls, well, p95, f"{one.tokens:,}")


def _plain(one: "ToolState") -> dict[str, Any]:
    import msgspec

    return {
        "name": one.tool.name,
        "server": one.tool.upstream,
        "own": one.tool.own,
        "description": one.tool.description,
        "arguments": dict(one.tool.input_schema),
        "labels": msgspec.to_builtins(one.labels),
        "proposal": msgspec.to_builtins(one.proposal),
        "reasons": one.reasons,
        "tokens": one.tokens,
        "withheld": one.changed,
        "findings": one.faults,
        "measures": _measured(one.measures) if one.measures is not None else None,
    }


@app.command()
def show(
    ctx: typer.Context, name: Annotated[str, _NAME], project: Annotated[str, _PROJECT] = "", json: bool = JSON_OPTION
) -> None:
    """One tool: what it says of itself, its labels, its faults, how it did."""
    import msgspec

    with desk(ctx) as there:
        found = there.show(_project(ctx, project), name)
        waiting = [pin for pin in there.waiting() if pin.name == name]
    if json:
        emit_json(_plain(found))
        return
    say(f"{found.tool.name}  ({found.tool.upstream}: {found.tool.own}, about {found.tokens:,} tokens)")
    say(_visible(found.tool.description))
    say(_visible(msgspec.json.format(msgspec.json.encode(found.tool.input_schema), indent=2).decode()))
    labels = "undeclared: untrusted, private, external" if found.labels is None else _json(found.labels)
    say(f"labels: {labels}")
    if found.proposal is not None:
        say(f"could be: {_visible(_json(found.proposal))}")
        for reason in found.reasons:
            say(f"  {_visible(reason)}")
    for one in found.faults:
        say(f"{one.level}: {_visible(one.text)}; {_visible(one.remedy)}")
    for pin in waiting:
        for part in pin.changed:
            say(f"changed {part}:")
            say(f"  - {_visible(_json(pin.accepted.get(part)))}")
            say(f"  + {_visible(_json(pin.seen[part]))}")
        hint(f"outrider tools accept {name} --mark {pin.digest[:16]}")


def _json(value: object) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()


def _visible(text: str) -> str:
    """What is hidden, spelled out."""
    return "".join(c if c.isprintable() or c == "\n" else f"[U+{ord(c):04X}]" for c in text)


@app.command()
def lint(
    ctx: typer.Context,
    propose: Annotated[
        bool, typer.Option("--propose", help="Print labels for the tools that have none, as YAML to be read first.")
    ] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """What is wrong with descriptions and labels. Exit code 1 if something is dangerous."""
    with desk(ctx) as there:
        found = there.overview(_project(ctx, project))
    bare = [one for one in found.tools if one.labels is None and one.proposal is not None]
    if propose:
        _propose(bare, json=json)
        return
    faults: list[Any] = [one for state in found.tools for one in state.faults] + list(found.others)
    order = ("danger", "warning", "hint")
    faults.sort(key=lambda one: (order.index(one.level), one.tool, one.code))
    if json:
        emit_json({"findings": faults, "tokens": found.tokens})
    else:
        for line in _lines(faults, {one.tool.name: one.tool.upstream for one in found.tools}):
            say(line)
        if not faults:
            say(f"{many(len(found.tools), 'tool')}, nothing to complain about, about {found.tokens:,} tokens")
        for server in found.servers:
            if server.error:
                note(f"{server.name} is down, and was not looked at: {server.error}")
        if bare:
            note(
                f"{len(bare):,} of {many(len(found.tools), 'tool')} {'has' if len(bare) == 1 else 'have'} no labels:"
                " what they return counts as private and as written by others. Labels to start from:"
                " outrider tools lint --propose"
            )
    if any(one.level == "danger" for one in faults):
        raise CheckFailed


def _propose(bare: "list[ToolState]", *, json: bool) -> None:
    from outrider.cli._policy_words import proposed
    from outrider.policy.propose import Proposal

    made = [Proposal(one.tool.name, one.proposal, tuple(one.reasons)) for one in bare if one.proposal is not None]
    if json:
        emit_json([{"tool": one.tool, "labels": one.declaration, "reasons": one.reasons} for one in made])
        return
    if not made:
        note("Every tool that is there has labels.")
        return
    say("# Read it before you take it over: it knows names, descriptions and schemas, and no more.")
    say("tools:")
    say("  labels:")
    for one in made:
        for line in proposed(one):
            say(f"    {_visible(line)}")


def _lines(faults: list[Any], servers: dict[str, str]) -> "Iterator[str]":
    """A line for each; hints of one kind about three tools of a server and more are one line."""
    alike: dict[tuple[str, str], list[Any]] = {}
    for one in faults:
        if one.level == "hint" and one.tool in servers:
            alike.setdefault((servers[one.tool], one.code), []).append(one)
    for one in faults:
        group = alike.get((servers.get(one.tool, ""), one.code), [])
        if len(group) < 3 or one.level != "hint":
            yield f"{one.level}: {one.tool}: {_visible(one.text)}; {_visible(one.remedy)}"
        elif one is group[0]:
            names = ", ".join(each.tool for each in group[:3]) + (f" and {len(group) - 3} more" * (len(group) > 3))
            said = dict.fromkeys(part for each in group for part in each.text.partition(": ")[2].split(", ") if part)
            what = ": ".join(filter(None, (one.text.partition(": ")[0], ", ".join(said))))
            yield f"hint: {names}: {_visible(what)}; {_visible(one.remedy)}"


@app.command()
def measures(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help="From when on: `24h`, `30d`, a date. Default: a week.")] = "",
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """How tools do: calls, success with its 95 % interval, times, what nobody used."""
    from outrider.journal import where

    begin = where.moment("--since", since) if since else 0
    with desk(ctx) as there:
        found = there.measures(_project(ctx, project), since=begin)
    if json:
        emit_json([_measured(one) for one in found])
        return
    columns = ("tool", "calls", "reached", "well", "95 % interval", "p50", "p95", "gone", "unused", "last (UTC)")
    rows = [
        (
            one.tool,
            f"{one.calls:,}",
            f"{one.made:,}",
            f"{one.success.estimate:.1%}" if one.made else "",
            f"{one.success.low:.1%}–{one.success.high:.1%}" if one.made else "",
            took(one.p50),
            took(one.p95),
            str(one.gone),
            f"{one.unused} of {one.followed}" if one.followed else "",
            when(one.last),
        )
        for one in found
    ]
    table(columns, rows, right=columns[1:9], spare=("last (UTC)", "p50", "unused", "gone"))
    if not found:
        note("No tool was called in that time.")


def _measured(one: "ToolMeasures") -> dict[str, Any]:
    shown = {field: getattr(one, field) for field in one.__struct_fields__}
    return {**shown, "last": clock.iso(one.last), "p50": one.p50 / 1e9, "p95": one.p95 / 1e9}


@app.command()
def accept(
    ctx: typer.Context,
    name: Annotated[str, _NAME],
    mark: Annotated[str, typer.Option(help="Only the change that `show` named so.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Accept what a tool says of itself now: it is offered again."""
    with desk(ctx) as there:
        there.waiting()
        there.accept(name, by(), mark)
    if json:
        emit_json({"accepted": name})
        return
    say(f"{name} is offered again")


@app.command()
def connect(
    ctx: typer.Context,
    server: Annotated[str, typer.Argument(metavar="SERVER", help="The server's name in the settings.")],
    user: Annotated[str, typer.Option(help="Who connects: the user that calls are made for.")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="Forget the account instead.")] = False,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """A link with which a user connects their account. The server of Outrider takes the answer: it has to run."""
    chosen = _project(ctx, project)
    with desk(ctx) as there:
        if forget:
            there.disconnect(server, chosen, user)
            if json:
                emit_json({"forgotten": user})
            else:
                say(f"{user} is not connected at {server} any more")
            return
        url = there.link(server, chosen, user)
    if json:
        emit_json({"url": url})
        return
    note("Good for a quarter of an hour; for nobody else's eyes:")
    say(url)


@app.command()
def call(
    ctx: typer.Context,
    name: Annotated[str, _NAME],
    arguments: Annotated[str, typer.Argument(metavar="JSON", help="Its arguments, such as '{\"year\": 2024}'.")] = "{}",
    session: Annotated[str, typer.Option(help="Session that the call belongs to.")] = "",
    key: Annotated[str, typer.Option(help="Key to call with. Default: OUTRIDER_KEY.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Call a tool through the running server: under the same policy as an agent's call."""
    import asyncio

    import msgspec

    from outrider.base import env

    try:
        given = msgspec.json.decode(arguments, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ConfigError(f"the arguments are no JSON object: {error}") from None
    url, _ = outrider(ctx).server(_project(ctx, ""))
    headers = {"authorization": f"Bearer {full}"} if (full := key or env.get("OUTRIDER_KEY")) else {}
    if session:
        headers["x-outrider-session"] = session
    result = asyncio.run(_called(f"{url}/mcp", headers, name, given))
    if json:
        emit_json(result)
    else:
        for block in result.get("content", []):
            say(_visible(block["text"]) if block.get("type") == "text" else f"[{block.get('type')}]")
    if result.get("isError"):
        raise CheckFailed


async def _called(url: str, headers: dict[str, str], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    import httpx2
    from mcp import Client, MCPError
    from mcp.client.streamable_http import streamable_http_client

    try:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=600) as web,
            Client(streamable_http_client(url, http_client=web)) as client,
        ):
            made = await client.call_tool(name, arguments)
            found: dict[str, Any] = made.model_dump(by_alias=True, mode="json", exclude_none=True)
            return found
    except BaseExceptionGroup as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, MCPError | httpx2.HTTPError | OSError):
            raise
        raise _told(error, url) from None
    except (MCPError, httpx2.HTTPError, OSError) as error:
        raise _told(error, url) from None


def _told(error: BaseException, url: str) -> OutriderError:
    from mcp import MCPError

    if isinstance(error, MCPError):
        return OutriderError(error.error.message, code="tool_refused")
    why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return OutriderError(f"the call did not reach {url} ({why}); is `outrider up` running, and the key right?")
