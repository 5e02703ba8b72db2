"""`outrider grade`: when did a session's system know what came of it, before or after the people did."""

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outrider.base import clock, ids
from outrider.base.errors import ConfigError
from outrider.cli._output import JSON_OPTION, clean, dollars, emit_json, hint, many, note, plain, say
from outrider.cli.chat import key_for
from outrider.cli.context import outrider
from outrider.cli.runs import open_store

if TYPE_CHECKING:  # for annotations only: help should not wait for it
    from outrider.evals.evaluators import Evaluator
    from outrider.evals.hindsight import Grade, Seen

_VERDICTS = {
    "before": "The system knew before the people did",
    "after": "The system knew after the people did",
    "at once": "The system and the people knew at the same moment",
    "only the system": "The system knew, and no person said it",
    "only people": "People said it, and the system never did",
    "nobody": "Nobody said it",
}


def command(
    ctx: typer.Context,
    session: Annotated[str, typer.Argument(help="The session's name.")],
    outcome: Annotated[str, typer.Option(help="What came of it, as it is known by now.")],
    check: Annotated[str, typer.Option(help="A regular expression that finds it in what is said; case does not "
                                       "count.")] = "",
    evaluator: Annotated[str, typer.Option(help="An evaluator as in a suite, which gets the outcome as what is "
                                           "expected: similar, or '{similar: {at_least: 0.8}}'.")] = "",
    judge: Annotated[str, typer.Option(help="A route whose model says whether it is said. With --check or --evaluator "
                                       "it is asked only where those say so.")] = "",
    project: Annotated[str, typer.Option(help="The project; the first one if not given.")] = "",
    url: Annotated[str, typer.Option(help="The server for --judge, if it is another than the configured one.")] = "",
    json: bool = JSON_OPTION,
) -> None:  # fmt: skip
    """At which step of a session did the system first say what came of it, and from which on did it stay with that;
    before or after a person did (in words or in feedback). Also as `outrider replay grade`. Steps are held against the
    outcome one by one, for an answer may turn back."""
    checks = _checks(check, evaluator, judge, outcome)
    here = outrider(ctx)
    known = here.settings().projects
    if project and project not in known:
        raise typer.BadParameter(f"there is no project {project!r}; there are: {', '.join(known)}")
    from outrider.evals.hindsight import grade
    from outrider.replay.session import moments

    with open_store(ctx) as store:
        steps = moments(store, project or known[0], session)
    with here.evals() as evals:
        tags = [f"eval:grade-{ids.token(8)}"]
        key = key_for(here.settings().auth) if judge and url else ""
        graded = grade(outcome, steps, checks, evals.ports(tags, url=url.rstrip("/").removesuffix("/v1"), key=key))
    if json:
        emit_json({"session": session, **plain(graded)})
        return
    _show(graded)
    run = graded.known or graded.people
    if run is not None and run.run:
        hint(f"outrider runs show {run.run}", f"outrider replay {run.run}")


def _checks(pattern: str, evaluator: str, judge: str, outcome: str) -> "list[Evaluator]":
    from outrider.evals import evaluators, suite

    found: list[Evaluator] = []
    if pattern:
        try:
            re.compile(pattern)
        except re.error as error:
            raise typer.BadParameter(
                f"{pattern[:80]!r} is no regular expression: {error}", param_hint="--check"
            ) from None
        found.append(evaluators.named("regex", {"pattern": f"(?i){pattern}"}))
    if evaluator:
        found.append(suite.evaluator(_yaml(evaluator), "--evaluator"))
    if judge:
        rubric = f"What is said here says, or clearly implies, that this is so: {outcome}"
        found.append(evaluators.named("judge", {"model": judge, "rubric": rubric, "same_family": True}))
    if not found:
        raise typer.BadParameter("say how the outcome is known: --check PATTERN, --evaluator, or --judge ROUTE")
    return found


def _yaml(text: str) -> Any:
    import yaml

    from outrider.base import yaml_text

    try:
        return yaml_text.load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"--evaluator is not YAML: {' '.join(str(error).split())}") from None


def _show(graded: "Grade") -> None:
    lead = "" if graded.lead in (None, 0) else f", by {abs(graded.lead or 0) / 1e9:,.1f} s"
    say(f"{_VERDICTS[graded.verdict]}{lead}. {many(graded.steps, 'step')} in the session.")
    told = {
        "given to the system": graded.given, "first said by the system": graded.known,
        "said by it from here on": graded.stable, "first said by a person": graded.people,
    }  # fmt: skip
    for what, seen in told.items():
        say(f"{what:<24} {_seen(seen)}")
    if graded.turns_back:
        shown = ", ".join(map(str, graded.turns_back[:12])) + (" …" if len(graded.turns_back) > 12 else "")
        note(f"Later answers of the system without it: {shown}.")
    if graded.unsure:
        note(f"{many(graded.unsure, 'step')} got no score: {clean(graded.why) or 'the check says nothing of them'}")
    if graded.judged:
        note(f"A judge was asked {many(graded.judged, 'time')}: {dollars(graded.cost)}.")


def _seen(seen: "Seen | None") -> str:
    return "never" if seen is None else f"step {seen.step}, {clock.iso(seen.at)}, {seen.kind}: {clean(seen.text)[:100]}"
