"""`outrider keys`: create, list and revoke keys, and sign in to the console. Works beside a running server too."""

import typer

from outrider.base import clock
from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, emit_json, hint, note, say, table, when
from outrider.cli._record import by, record
from outrider.cli.context import outrider
from outrider.journal.events import KeyRevoked
from outrider.journal.rows import KeyRow
from outrider.store import Store

app = typer.Typer(
    help="Keys: create, list, revoke, and sign in to the console.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

_MAY = typer.Option(
    [],
    help="A right beyond calling and reading: `approvals`, `budgets`, `deployments`, `keys`, `knowledge`, `policy`, "
    "`reviews`. "
    "May be repeated.",
)


def _find(store: Store, public: str) -> KeyRow:
    from outrider.journal.read import find_key, list_keys

    given = public.removeprefix("sk-or-").partition("-")[0]
    row = find_key(store, given)
    if row is None:
        near = [k.public for k in list_keys(store) if given and k.public.startswith(given)]
        if len(near) == 1 and len(given) >= 4 and (row := find_key(store, near[0])):
            return row
        raise ConfigError(f"no key {given!r}; `outrider keys list` shows the keys that there are")
    return row


@app.command()
def create(
    ctx: typer.Context,
    name: str = typer.Option("", help="What the key is for; shown in lists."),
    project: str = typer.Option("", help="Project that the key belongs to. Default: the first of the settings."),
    team: str = typer.Option("", help="Team that its calls count for: budgets can be set for teams."),
    may: list[str] = _MAY,
    json: bool = JSON_OPTION,
) -> None:
    """Create a key. It is printed once and kept only as a hash."""
    from outrider.limits.keys import new_key
    from outrider.limits.rights import RIGHTS

    here = outrider(ctx)
    projects = here.settings().projects
    chosen = project or projects[0]
    for right in may:
        if right not in RIGHTS:
            raise ConfigError(f"no right {right!r}; there are: {', '.join(RIGHTS)}")
    if len(team) > 200 or not team.isprintable():
        raise ConfigError("a team's name has at most 200 printable characters")
    full, event = new_key(chosen, name, by(), team=team, may=sorted(set(may)))
    if chosen not in projects:
        raise ConfigError(f"no project {chosen!r}; `projects` in outrider.yaml names: {', '.join(projects)}")
    if len(name) > 200 or not (name.isprintable()):
        raise ConfigError("a key's name has at most 200 printable characters")
    store = here.open_store()
    try:
        record(here, store, event)
    finally:
        store.close()
    if json:
        made = {"key": full, "public": event.public, "project": chosen, "name": name, "created_at": event.at}
        emit_json(made | {"team": team, "may": event.may})
        return
    say(full)
    note("This is the only time that the key is shown. Keep it where secrets are kept.")
    hint(f"export OUTRIDER_KEY={full[:12]}…", f"outrider keys link {event.public}")


@app.command("list")
def list_(
    ctx: typer.Context,
    project: str = typer.Option("", help="Only keys of this project."),
    json: bool = JSON_OPTION,
) -> None:
    """List keys, newest first, revoked ones too."""
    from outrider.journal.read import list_keys

    store = outrider(ctx).open_store()
    try:
        rows = list_keys(store, project)
    finally:
        store.close()
    if json:
        fields = ("public", "project", "name", "created_at", "revoked_at", "team")
        emit_json([{f: getattr(r, f) for f in fields} | {"may": r.may.split()} for r in rows])
        return
    table(
        ("key", "project", "name", "team", "may", "created (UTC)", "state"),
        [
            (
                f"sk-or-{r.public}-…",
                r.project,
                r.name,
                r.team,
                r.may,
                when(r.created_at),
                f"revoked {when(r.revoked_at)}" if r.revoked_at else "good",
            )
            for r in rows
        ],
        spare=("may", "team"),
    )
    if not rows:
        note("There is no key yet.")
    hint("outrider keys create --name NAME", *(["outrider keys revoke PUBLIC"] if rows else []))


@app.command()
def revoke(
    ctx: typer.Context,
    public: str = typer.Argument(help="The key's public part (or its first characters, if only one key has them)."),
    json: bool = JSON_OPTION,
) -> None:
    """Revoke a key. A running server refuses it within moments; this cannot be taken back."""
    here = outrider(ctx)
    store = here.open_store()
    try:
        row = _find(store, public)
        already = bool(row.revoked_at)
        if not already:
            record(here, store, KeyRevoked(public=row.public, at=clock.now_ns(), by=by()))
    finally:
        store.close()
    if json:
        emit_json({"public": row.public, "project": row.project, "revoked": True, "was_revoked": already})
        return
    say(f"sk-or-{row.public}-… was revoked {when(row.revoked_at)}" if already else f"sk-or-{row.public}-… is revoked")
    hint("outrider keys list", "outrider keys create")


@app.command()
def link(
    ctx: typer.Context,
    public: str = typer.Argument(
        "", help="Key to sign in with. Default: the newest good one of the first project, else of any."
    ),
    json: bool = JSON_OPTION,
) -> None:
    """Print a link that signs a browser in to the console: once, within 15 minutes. It may change everything there."""
    from outrider.journal.read import list_keys

    here = outrider(ctx)
    store = here.open_store()
    try:
        good = [k for k in list_keys(store) if not k.revoked_at]
        first = here.settings().projects[0]
        row = _find(store, public) if public else next(iter(sorted(good, key=lambda k: k.project != first)), None)
    finally:
        store.close()
    if row is None:
        raise ConfigError("there is no key to sign in with; create one: `outrider keys create`")
    if row.revoked_at:
        raise ConfigError(f"the key {row.public!r} is revoked; choose another of `outrider keys list`")
    url = here.sign_in_link(row.project, row.public)
    if json:
        emit_json({"url": url, "public": row.public, "project": row.project})
        return
    say(url)
    note("It signs in once, within 15 minutes. The server must be running: `outrider up`.")
