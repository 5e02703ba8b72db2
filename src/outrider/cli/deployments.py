"""`outrider deployments`: how deployments are doing on this machine, and an operator's hand on their breakers."""

from typing import TYPE_CHECKING, Annotated

import typer

from outrider.cli._output import JSON_OPTION, emit_json, hint, note, say, table
from outrider.cli.context import outrider

if TYPE_CHECKING:
    from outrider.limits.board import Board
    from outrider.limits.conditions import Condition

app = typer.Typer(
    help="Deployments of the Outrider that runs here: list them, open and close their breakers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
_NAME = typer.Argument(help="The deployment, `provider/model`.")
_WHY = typer.Option("--why", help="Why, in one line; it is kept in the journal with your name.")
_COLUMNS = ("deployment", "health", "why", "in flight", "calls", "failed lately", "first token", "tokens/s")


def _board(ctx: typer.Context) -> "Board":
    """The board of the processes that run on this home. Raises ConfigError if none do."""
    from outrider.base.errors import ConfigError
    from outrider.limits.board import Board

    here = outrider(ctx)
    try:
        board = Board(here.home / "run", reader=True)
    except FileNotFoundError:
        board = None
    if board is None or not board.columns:
        raise ConfigError(f"no Outrider runs on {here.home}; start it: `outrider up`, or choose its --home")
    return board


@app.command("list")
def list_(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """How each deployment is doing, those that need attention first."""
    from outrider.limits.conditions import conditions

    board = _board(ctx)
    try:
        found = conditions(board)
    finally:
        board.close()
    if json:
        emit_json([_plain(one) for one in found])
        return
    table(_COLUMNS, [_row(one) for one in found], right=_COLUMNS[3:], spare=("tokens/s", "first token", "calls"))
    if not found:
        note("Nothing has been called since Outrider started.")
    troubled = next((one.name for one in found if one.health in ("down", "held", "resting")), "")
    hint(f"outrider deployments close {troubled}" if troubled else "outrider costs --by deployment")


def _row(one: "Condition") -> tuple[str, ...]:
    failed = f"{one.recent_failed} of {one.recent_calls}" if one.recent_calls else ""
    first = f"{one.first_token:.2f} s" if one.first_token else ""
    pace = f"{1 / one.token_pace:.0f}" if one.token_pace else ""
    return (one.name, one.health, one.cause, str(one.in_flight), f"{one.calls:,}", failed, first, pace)


def _plain(one: "Condition") -> dict[str, object]:
    shown = {field: getattr(one, field) for field in one.__struct_fields__}
    limits = [dict(zip(limit._fields, limit, strict=True)) for limit in one.limits]
    return {"health": one.health, **shown, "limits": limits}


@app.command("open")
def open_(
    ctx: typer.Context, name: Annotated[str, _NAME], why: Annotated[str, _WHY] = "", json: bool = JSON_OPTION
) -> None:
    """Send no call to a deployment until it is closed again."""
    _force(ctx, name, why, open_=True, json=json)
    hint(f"outrider deployments close {name}", json=json)


@app.command()
def close(
    ctx: typer.Context, name: Annotated[str, _NAME], why: Annotated[str, _WHY] = "", json: bool = JSON_OPTION
) -> None:
    """Send calls to a deployment again at once, and forget what failed."""
    _force(ctx, name, why, open_=False, json=json)
    hint("outrider deployments list", json=json)


def _force(ctx: typer.Context, name: str, why: str, *, open_: bool, json: bool) -> None:
    from outrider.cli._record import by
    from outrider.limits.conditions import force

    board = _board(ctx)
    try:
        journal = outrider(ctx).open_journal()
        try:
            made = force(board, name, journal.append_now, open_=open_, by=by(), why=why)
        finally:
            journal.close()
    finally:
        board.close()
    if json:
        emit_json(_plain(made))
        return
    say(f"{name} is {'left alone until it is closed' if open_ else 'called again'}")
