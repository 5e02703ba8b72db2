"""`outrider sessions`: what agents did, what they have read, and what was decided about their calls."""

from typing import Annotated

import typer

from outrider.base import clock
from outrider.cli._output import JSON_OPTION, dollars, emit_json, hint, note, say, table, when
from outrider.cli.approvals import desk, project_of

app = typer.Typer(
    help="Sessions of agents: what they have read, what was decided about their calls.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)
_PROJECT = typer.Option(help="Project that the sessions belong to. Default: the first of the settings.")
_COLUMNS = ("session", "agent", "user", "has read", "events", "calls", "spent", "last used (UTC)")


@app.command("list")
def list_(
    ctx: typer.Context,
    agent: Annotated[str, typer.Option(help="Only those of this agent.")] = "",
    user: Annotated[str, typer.Option(help="Only those of this user.")] = "",
    tainted: Annotated[bool, typer.Option("--tainted", help="Only those that have read what others wrote.")] = False,
    project: Annotated[str, _PROJECT] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many, the last used.")] = 50,
    json: bool = JSON_OPTION,
) -> None:
    """Sessions, the last used first."""
    with desk(ctx) as there:
        found = there.sessions(project_of(ctx, project), agent=agent, user=user, tainted=tainted or None, limit=limit)
    if json:
        emit_json([{**{f: getattr(one, f) for f in one.__struct_fields__}, "began": clock.iso(one.began),
                    "touched": clock.iso(one.touched)} for one in found])  # fmt: skip
        return
    rows = [
        (one.id, one.agent, one.user, _labels(one.tainted, one.private), f"{one.events:,}", f"{one.calls:,}",
         dollars(one.spent), when(one.touched))
        for one in found
    ]  # fmt: skip
    table(_COLUMNS, rows, right=("events", "calls", "spent"), spare=("spent", "calls", "user"))
    if not found:
        note("No session yet: one begins when an agent speaks with a model or calls a tool through Outrider.")
    hint(f"outrider sessions show {found[0].id}" if found else "outrider approvals list")


def _labels(tainted: bool, private: bool) -> str:
    said = [label for label, has in (("what others wrote", tainted), ("private", private)) if has]
    return ", ".join(said) or "–"


@app.command()
def show(
    ctx: typer.Context,
    id_: Annotated[str, typer.Argument(metavar="SESSION", help="The session's id.")],
    after: Annotated[int, typer.Option(min=0, help="Only events after this one.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most so many events.")] = 100,
    project: Annotated[str, _PROJECT] = "",
    json: bool = JSON_OPTION,
) -> None:
    """What happened in a session, with labels where they arise, and each decision with the rules that made it."""
    chosen = project_of(ctx, project)
    with desk(ctx) as there:
        brief = there.session(chosen, id_)
        page = there.page(chosen, brief, after=after, limit=limit)
        waiting = [one.id for one in there.approvals.past(chosen, state="pending", session=id_)]
    if json:
        emit_json({"session": brief, "events": page.entries, "next": page.next, "pending": waiting})
        return
    read = _labels(brief.tainted, brief.private)
    say(f"{brief.id}  agent {brief.agent or '–'}  user {brief.user or '–'}  has read: {read}")
    for one in page.entries:
        labels = f"  [{', '.join(one.labels)}]" if one.labels else ""
        say(f"{one.seq:>6}  {one.title}{f' {one.tool}' if one.tool else ''}{labels}")
        for label in one.arises:
            say(f"        from here on: {'tainted' if label == 'untrusted' else label}")
        if one.verdict and one.verdict != "allow":
            say(f"        because of {', '.join(one.because) or 'no rule that permits it'}")
        if one.text:
            say(f"        {one.text[:200]}")
    if page.next is not None:
        hint(f"outrider sessions show {id_} --after {page.next}")
    elif waiting:
        hint(f"outrider approvals show {waiting[0]}")
    else:
        hint("outrider sessions list")
