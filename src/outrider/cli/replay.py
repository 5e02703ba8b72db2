"""`outrider replay`: do a recorded run again, as it was or with something changed; one run, or all of a query."""

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from outrider.base import ids
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli import _http
from outrider.cli._output import JSON_OPTION, CheckFailed, clean, dollars, emit_json, hint, many, note, parse_with, say
from outrider.cli.chat import key_for
from outrider.cli.context import outrider
from outrider.cli.runs import find_run, open_store

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.cli.context import ThenView
    from outrider.journal.events import RunRecorded
    from outrider.replay.asking import Gateway
    from outrider.replay.replayer import Replayed, Step, Way
    from outrider.store import Store

PROMPT = "prompt"


class Live(StrEnum):
    """What is live in a replay."""

    models = "models"
    tools = "tools"
    retrieval = "retrieval"
    none = "none"


def command(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(help="Id of the run (the answer's x-request-id), or `last`.")] = "",
    set_: Annotated[
        list[str],
        typer.Option("--set", help="Change a field of the requests: --set model=NAME --set temperature=0; `prompt` is "
                     "the system message, @FILE reads a value from a file."),
    ] = [],  # noqa: B006 -- typer needs a plain default and never changes it
    from_: Annotated[int, typer.Option("--from", min=0, help="Begin at this chat call of the conversation, counted "
                                       "from 1; at RUN itself if not given.")] = 0,
    live: Annotated[
        list[Live], typer.Option("--live", help="What is live, everything else answers from the recording. May be "
                                 "given twice: --live models --live tools.")
    ] = [Live.models],  # noqa: B006 -- as above
    stand_ins: Annotated[Path | None, typer.Option(help="YAML: results for tools that were not recorded.")] = None,
    as_of: Annotated[str, typer.Option("--as-of", help="As of a past moment: by the configuration and the documents of "
                                       "then, and what it would have cost: 30d (ago), 2026-11-22, RFC 3339; `run`: "
                                       "when RUN began. With --url, that server's own configuration.")] = "",
    verify: Annotated[bool, typer.Option("--verify", help="Prove that it comes out the same, byte for byte; exit code "
                                         "1 if not. --live none asks no model.")] = False,
    where: Annotated[str, typer.Option(help='Instead of RUN, all runs that this finds, as one experiment: '
                                       '"route=support cost>0.05 since=7d".')] = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="With --where: how many, the newest first.")] = 1_000,
    budget: Annotated[str, typer.Option(help="With --where: dollars at most.")] = "",
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="With --where: how many at once.")] = 8,
    project: Annotated[str, typer.Option(help="With --where: the project; the first one if not given.")] = "",
    url: Annotated[str, typer.Option(help="The server, if it is another than the configured one.")] = "",
    json: bool = JSON_OPTION,
) -> None:  # fmt: skip
    """Replay a run: its model is asked again, its tools and people answer from the recording. What is asked is tagged
    `replay:…` and booked apart from production (`outrider costs --replays`)."""
    if bool(run) == bool(where):
        raise typer.BadParameter("give either the id of a run (or `last`), or --where")
    changed = changes(set_)
    own = as_of == "run"
    if own and where:
        raise typer.BadParameter("`run` is the moment of one run; with --where say which moment", param_hint="--as-of")
    then = 1 if own else _moment(as_of)
    if then and verify:
        raise typer.BadParameter("--verify proves what was; --as-of asks for something else")
    if changed and verify:
        raise typer.BadParameter("--verify proves what was; --set asks for something else")
    if where:
        from outrider.cli._replay_cohort import Wanted, cohort

        if verify or from_:
            raise typer.BadParameter("--verify and --from are for one run")
        wanted = Wanted(where, project, limit, budget, concurrency, changed, live_of(live), stand_ins, url, then)
        cohort(ctx, wanted, json)
        return
    with open_store(ctx) as store:
        found = find_run(store, run)
        if found.name == "embeddings":
            _embeddings(ctx, store, found, changed, url, json)
        elif verify:
            _verify(ctx, store, found, from_, Live.none in live, url, json)
        else:
            way = _way(changed, live, stand_ins, found.at if own else then)
            with ExitStack() as stack:
                past = (
                    stack.enter_context(outrider(ctx).then(store, way.as_of, found.id if own else b""))
                    if way.as_of and not url
                    else None
                )
                _replay(ctx, store, found, from_, way, url, json, past)


def changes(pairs: Sequence[str]) -> dict[str, Any]:
    """Fields from `name=value`; a value is JSON where it can be read as such, else text; `@file` is a file's text."""
    changed: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{pair!r} is not NAME=VALUE", param_hint="--set")
        if value.startswith("@"):
            try:
                value = Path(value[1:]).read_text("utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise typer.BadParameter(f"{value[1:]}: cannot be read: {error}", param_hint="--set") from None
        try:
            changed[name] = value if name == PROMPT else msgspec.json.decode(value)
        except msgspec.DecodeError:
            changed[name] = value
    messages = changed.get("messages", [{}])
    if not isinstance(messages, list) or not messages or not all(isinstance(one, Mapping) for one in messages):
        raise typer.BadParameter("messages is a JSON list of messages", param_hint="--set")
    return changed


def live_of(live: Sequence[Live]) -> tuple[str, ...]:
    """What is live, in order. `none` stands alone."""
    if Live.none in live and len(live) > 1:
        raise typer.BadParameter("`none` stands alone", param_hint="--live")
    return tuple(sorted({one.value for one in live} - {"none"}))


def _moment(as_of: str) -> int:
    """A past moment in nanoseconds; 0 for none."""
    from outrider.base import clock
    from outrider.journal import where

    found = parse_with(lambda text: where.moment("as_of", text), "--as-of", as_of) if as_of else 0
    if found > clock.now_ns():
        raise typer.BadParameter("a moment that has been", param_hint="--as-of")
    return found


def _way(changed: Mapping[str, Any], live: Sequence[Live], stand_ins: Path | None, as_of: int) -> "Way":
    from outrider.replay import stand_ins as files
    from outrider.replay.replayer import Way

    fields = {name: value for name, value in changed.items() if name != PROMPT}
    known = files.load(stand_ins) if stand_ins is not None else {}
    return Way(fields, str(changed.get(PROMPT, "")), frozenset(live_of(live)), known, as_of)


def gateway(ctx: typer.Context, url: str) -> "Gateway":
    """Who is asked, under a new tag."""
    from outrider.replay.asking import Gateway

    settings = outrider(ctx).settings()
    address = url.rstrip("/").removesuffix("/v1") or _http.local_url(settings.server.host, settings.server.port)
    key = key_for(settings.auth)
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return Gateway(address, lambda: headers, [f"replay:{ids.token(12)}"])


# -- one run ----------------------------------------------------------------------------------------------------------


def _replay(
    ctx: typer.Context,
    store: "Store",
    run: "RunRecorded",
    step: int,
    way: "Way",
    url: str,
    json: bool,
    past: "ThenView | None",
) -> None:
    """`past` answers, where there is one."""
    from outrider.replay import deciding, recording, replayer

    kept = recording.read(store, run.id, step=step)
    asks = gateway(ctx, past.url if past is not None else url)

    def judged(asked: str) -> list[deciding.Fact]:
        outrider(ctx).index_now(store)
        return deciding.judged(store, asked)

    if past is not None:
        way = msgspec.structs.replace(way, gone=past.gone)
        past.allow(run.project, run.session, asks.session)

    async def go() -> "Replayed":
        try:
            return await replayer.replay(kept, way, asks, judged=judged)
        finally:
            await asks.close()

    done = asyncio.run(go())
    then = _then(ctx, store, run.project, done, way.as_of, past) if way.as_of else {}
    new = next((one.run for one in reversed(done.steps) if one.by == "live" and one.run), "")
    if json:
        steps = msgspec.to_builtins(done.steps)
        emit_json({
            "run": ids.text(run.id), "id": asks.session, "replay": new, "status": done.status, "same": done.same,
            "before": done.before, "after": done.text, "diverged": done.diverged, "why": done.why, "cost": done.cost,
            "recorded_cost": sum(turn.cost for turn in kept.turns), "steps": steps, **then,
        })  # fmt: skip
    else:
        _show(done, kept.others)
        for line in then.get("as_of", ()):
            note(line)
    if done.status == "error":
        raise OutriderError(done.why, code="refused")
    if done.status == "hold":
        note(done.why)
        raise CheckFailed
    if new:
        hint(f"outrider runs show {new}", f"outrider runs show {ids.text(run.id)}", json=json)


def _then(
    ctx: typer.Context, store: "Store", project: str, done: "Replayed", moment: int, past: "ThenView | None"
) -> dict[str, Any]:
    """What a replay as of a moment was made of, and what it would have cost then."""
    from outrider.replay import moments

    outrider(ctx).index_now(store)
    runs = [one.run for one in done.steps if one.by == "live" and one.run]
    found = (
        moments.cost(store, project, runs, moment, configured=past.prices, listed=past.listed)
        if past is not None
        else moments.cost(store, project, runs, moment)
    )
    sum_ = "it would have cost " + (dollars(found.then) if found.then is not None else "what is not known")
    configured = past.notes if past is not None else [moments.TODAYS]
    return {"cost_then": found.then, "as_of": [*moments.beside(moment, configured), *found.notes, f"then {sum_}"]}


def _show(done: "Replayed", others: int) -> None:
    if len(done.steps) > 1:
        for number, step in enumerate(done.steps, 1):
            say(f"{number:>3} {_line(step)}")
    if others:
        note(f"{many(others, 'chat call')} of the session belong to other conversations and were not replayed.")
    if done.status != "done":
        return
    if done.before is None:
        note("The recorded run has no answer; this is the new one:")
        say(done.text)
    elif done.text == done.before:
        note("The answer is the same:")
        say(done.text)
    else:
        note("The answer differs (- recorded, + now):")
        for line in difflib.ndiff(done.before.splitlines(), done.text.splitlines()):
            if line[:2] != "? ":
                say(line)
    if done.diverged and len(done.steps) > 1:
        note(f"Other than recorded from step {done.diverged} on.")
    note(f"It cost {dollars(done.cost)}.")


def _line(step: "Step") -> str:
    mark = {True: "same", False: "other", None: "new"}[step.same]
    called = "" if step.kind != "tool" else msgspec.json.encode(step.arguments).decode()[:80]
    return f"{step.kind:<5} {step.by:<9} {mark:<5} {clean(step.name)}{clean(called)}: {clean(step.after)[:100]}"


_BYTES = {
    "": "the same words; the bytes were not recorded",
    "identical": "the same, byte for byte",
    "identical but for ids, times, caches": "the same, byte for byte but for ids, times, caches",
    "other": "the same words in OTHER BYTES",
}


def _verify(
    ctx: typer.Context, store: "Store", run: "RunRecorded", step: int, asks_none: bool, url: str, json: bool
) -> None:
    """Raises CheckFailed if something is other than it was."""
    from outrider.replay import recording, verifying

    kept = recording.read(store, run.id, step=step)
    asks = None if asks_none else gateway(ctx, url)

    async def go() -> list[verifying.Verdict]:
        try:
            return await verifying.verify(store, kept, asks)
        finally:
            if asks is not None:
                await asks.close()

    verdicts = asyncio.run(go())
    good = all(one.good for one in verdicts)
    if json:
        emit_json({"run": ids.text(run.id), "identical": good, "live": asks is not None, "steps": verdicts,
                   "not_recorded": verifying.NOT_RECORDED})  # fmt: skip
    for number, one in enumerate(verdicts, 1) if not json else ():
        same = _BYTES[one.bytes] + (f", {one.events[1]} events" if one.events is not None else "")
        words = {True: same, False: "DIFFERS", None: "not asked"}
        say(f"{number:>3} {one.of}: stored {'as recorded' if one.stored else 'OTHERWISE'}; "
            f"again: {words[one.same]} {one.digest[:16]}".rstrip())  # fmt: skip
        if one.why:
            say(f"    {clean(one.why)}")
    if not json:
        note(f"Not recorded, so not compared: {', '.join(verifying.NOT_RECORDED)}.")
    if not good:
        raise CheckFailed


# -- embeddings -------------------------------------------------------------------------------------------------------


def _embeddings(
    ctx: typer.Context, store: "Store", run: "RunRecorded", changed: Mapping[str, Any], url: str, json: bool
) -> None:
    """Ask for the same vectors again."""
    from outrider.journal.read import get_body
    from outrider.replay.asking import Said, why

    body = get_body(store, run.project, run.request.sha256) if run.request is not None else None
    before = get_body(store, run.project, run.response.sha256) if run.response is not None else None
    if body is None:
        raise ConfigError(f"the request body of run {ids.text(run.id)} is no longer there (pruned, or dropped)")
    asks = gateway(ctx, url)
    if changed:
        body = msgspec.json.encode({**msgspec.json.decode(body, type=dict[str, Any]), **changed})

    async def go() -> Said:
        try:
            return await asks.ask("/v1/embeddings", body)
        finally:
            await asks.close()

    said = asyncio.run(go())
    if said.status != 200:
        raise OutriderError(why(said), code="refused")
    shown = {"run": ids.text(run.id), "id": asks.session, "replay": said.run, "same": before == said.body}
    if json:
        emit_json(shown)
        return
    say("The vectors are the same." if shown["same"] else "The vectors differ.")
    hint(f"outrider runs show {said.run}", json=json)
