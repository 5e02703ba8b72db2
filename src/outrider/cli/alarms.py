"""`outrider alarms`: what was worth a message, and whether messages arrive."""

from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, CheckFailed, emit_json, hint, many, note, say, table, when
from outrider.cli.context import outrider

if TYPE_CHECKING:  # for annotations only: help should not wait for it
    from outrider.journal.rows import AlarmRow

app = typer.Typer(
    help="Alarms: see what was raised, try whether messages arrive.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_COLUMNS = ("time (UTC)", "alarm", "message")


@app.command("list")
def list_(
    ctx: typer.Context,
    subject: Annotated[str, typer.Option("--about", help="Only those about this budget or deployment.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    json: bool = JSON_OPTION,
) -> None:
    """Alarms that were raised, newest first, and what became of their messages."""
    from outrider.journal.alarm_query import list_alarms
    from outrider.journal.read import list_budgets
    from outrider.limits.alarm_words import line

    here = outrider(ctx)
    store = here.open_store()
    try:
        here.index_now(store)
        found = list_alarms(store, subject=subject, limit=limit)
        budgets = {row.budget.id: row.budget for row in list_budgets(store)}
    finally:
        store.close()
    if json:
        emit_json(found)
        return
    table(
        _COLUMNS, [(when(a.event.at), line(a.event, budgets.get(a.event.subject), a.event.at), _sent(a)) for a in found]
    )
    if not found:
        parts = "at 50 %, 80 % and 100 % of their limits, and when they refuse calls"
        note(f"No alarm was raised. Budgets have them {parts}.")
    hint("outrider budgets list", "outrider alarms test")


def _sent(row: "AlarmRow") -> str:
    if not row.sent_at:
        return "not sent yet"
    return f"taken by {row.delivered}" + (f"; {row.error}" if row.error else "")


@app.command("test")
def try_(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Send a message to every place under `alarms.notify`. Exit code 1 if one does not take it."""
    from outrider.limits.notices import Notices

    urls = [url.reveal() for url in outrider(ctx).settings().alarms.notify]
    if not urls:
        raise ConfigError('nobody is to be told: add alarms: {notify: ["${env:ALARM_URL}"]} to outrider.yaml')
    notices = Notices(urls)
    body = f"This is a test, sent at {clock.iso(clock.now_ns())}. Alarms of Outrider will arrive here."
    told = notices.send("Outrider: test", body)
    if json:
        emit_json({"places": notices.places, **told._asdict()})
    else:
        say(f"taken by {many(told.delivered, 'place')}")
        if told.failed:
            note(f"{told.error}: look at its URL, and whether this machine can reach it")
    if told.failed:
        raise CheckFailed
