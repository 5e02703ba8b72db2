"""`outrider guardrails`: which there are, and what they find in a text."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Protocol, cast

import typer

from outrider.cli._output import JSON_OPTION, emit_json, say, table
from outrider.cli.context import outrider

if TYPE_CHECKING:
    from outrider.guardrails import Inspected, Rule

app = typer.Typer(
    help="What texts are checked for: list the guardrails, try them on a text.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)


class _Configured(Protocol):
    @property
    def rules(self) -> "Mapping[str, Rule]": ...
    @property
    def arguments(self) -> Mapping[str, str]: ...


@app.command("list")
def list_(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Show every guardrail, and the rules of the configuration that use it."""
    from outrider.guardrails import load, names

    rules = _configured(ctx).rules
    found = [(name, load(name)) for name in names()]
    used = {name: [rule for rule, one in rules.items() if one.check == name] for name, _ in found}
    if json:
        emit_json([{"name": n, "what": g.WHAT, "at": list(g.STAGES), "rules": used[n]} for n, g in found])
        return
    table(("name", "what", "rules"), [(n, g.WHAT, ", ".join(used[n])) for n, g in found])


@app.command()
def check(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="The text; `-` reads it from standard input.")],
    guardrail: Annotated[
        str, typer.Option("--check", help="One guardrail. Without it: the configuration's rules.")
    ] = "",
    at: Annotated[str, typer.Option(help="Where the text stands: input, output, tool_result or tool_args.")] = "input",
    route: Annotated[str, typer.Option(help="Route, for rules that name some.")] = "",
    tool: Annotated[str, typer.Option(help="Tool, for rules that name some.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Say what is found in a text, and what would go on. Exits with 1 where it would be refused."""
    from outrider.base.errors import RequestError
    from outrider.guardrails import Context, Rule, Rules, inspect, load
    from outrider.guardrails._contract import WHERES

    if at not in WHERES:
        raise RequestError(f"--at is one of {', '.join(WHERES)}, not {at!r}")
    said = sys.stdin.read() if text == "-" else text
    configured = _configured(ctx)
    if guardrail:
        try:
            load(guardrail)
        except LookupError as error:
            raise RequestError(str(error.args[0])) from None
        rules = Rules({guardrail: Rule(guardrail, at=(at,), do="redact")})
    else:
        rules = Rules(configured.rules, configured.arguments)
    seen = inspect([said], Context(where=at, route=route, tool=tool), rules)
    _show(said, seen, json=json)
    if seen.act in ("block", "ask"):
        raise typer.Exit(1)


def _show(said: str, seen: "Inspected", *, json: bool) -> None:
    found = [
        (one.guardrail, one.finding.kind, one.finding.start, one.finding.end, one.finding.score, one.act)
        for one in seen.found
    ]
    if json:
        names = ("guardrail", "kind", "start", "end", "score", "act")
        shown = [dict(zip(names, one, strict=True)) for one in found]
        emit_json({"act": seen.act, "text": seen.texts[0], "findings": shown})
        return
    if not found:
        say("nothing found")
        return
    rows = [(g, k, f"{score:.2f}", act, " ".join(said[a:b].split())[:60]) for g, k, a, b, score, act in found]
    table(("guardrail", "kind", "score", "act", "text"), rows)
    if seen.act == "redact":
        say(seen.texts[0])


def _configured(ctx: typer.Context) -> _Configured:
    return cast(_Configured, outrider(ctx).settings().guardrails)  # type: ignore[attr-defined]  # the app's settings
