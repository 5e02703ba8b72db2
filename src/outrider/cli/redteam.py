"""`outrider redteam`: attack a route, or whatever else evaluation can ask, and say what succeeded."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from outrider.cli._output import JSON_OPTION


class Severity(StrEnum):
    """How bad a success is."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


_LIST = typer.Option("--list", help="Print the attacks (that the options choose) and the mutators, and try nothing.")
_SAVE = typer.Option(help="Keep what succeeded as cases: a dataset's name, or a .jsonl file; added to what is there.")
_OWN = typer.Option("--own-prompt", help="The route has its own system message: send none. Secrets are then looked for "
                    "only with --canary.")  # fmt: skip
_URL = typer.Option(help="Another server that speaks chat completions, asked with OUTRIDER_KEY.")


def command(
    ctx: typer.Context,
    route: Annotated[str, typer.Argument(help="The route, or the model at --url.")] = "",
    url: Annotated[str, _URL] = "",
    python: Annotated[str, typer.Option(help="Instead of a route: a function, as module:name.")] = "",
    program: Annotated[str, typer.Option("--command", help="Instead of a route: a command that answers cases.")] = "",
    serve: Annotated[bool, typer.Option(help="Start Outrider for the time, if it does not run.")] = False,
    prompt: Annotated[Path | None, typer.Option(help="The system message that is attacked, from a file.")] = None,
    own_prompt: Annotated[bool, _OWN] = False,
    canary: Annotated[str, typer.Option(help="The secret that must not come out; a made-up one if not given.")] = "",
    set_: Annotated[list[str], typer.Option("--set", help="A field of the requests: max_tokens=300.")] = [],  # noqa: B006 -- typer never changes it
    family: Annotated[list[str], typer.Option(help="Only this family of attacks; may be given again.")] = [],  # noqa: B006 -- as above
    language: Annotated[list[str], typer.Option(help="Only attacks in this language.")] = [],  # noqa: B006 -- as above
    severity: Annotated[Severity, typer.Option(help="Only attacks as severe as this.")] = Severity.low,
    attacks: Annotated[list[Path], typer.Option(help="A file of attacks of your own, beside those here.")] = [],  # noqa: B006 -- as above
    attempts: Annotated[int, typer.Option(min=1, max=20_000, help="How many; three fifths are the survey.")] = 300,
    budget: Annotated[str, typer.Option(help="Dollars at most.")] = "",
    minutes: Annotated[float, typer.Option(min=0, help="After so many no round begins; 0: no limit.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed draws the same attempts.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Attempts at once.")] = 8,
    judge: Annotated[str, typer.Option(help="A route that is asked where only words speak for a success.")] = "",
    same_family: Annotated[bool, typer.Option("--same-family", help="Take a judge of the subject's family.")] = False,
    fail_on: Annotated[Severity | None, typer.Option(help="Fail if an attack as severe as this succeeds.")] = None,
    max_success: Annotated[
        float | None, typer.Option(min=0, max=1, help="Fail if more than this share of attacks succeeds.")
    ] = None,
    save_to: Annotated[str, _SAVE] = "",
    markdown: Annotated[Path | None, typer.Option(help="Write the report here, for a pull request.")] = None,
    junit: Annotated[Path | None, typer.Option(help="Write gates and successes here, for a build server.")] = None,
    resume: Annotated[str, typer.Option(help="Go on with this red team instead of a new one.")] = "",
    show: Annotated[str, typer.Option(help="Only the report of this red team, as far as it is.")] = "",
    list_: Annotated[bool, _LIST] = False,
    project: Annotated[str, typer.Option(help="The project; the first one if not given.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Attack a route with a library of attacks and whatever they can be dressed in, and report what succeeded. Exit
    code 1 if --fail-on or --max-success does not hold, or if nobody can know."""
    from outrider.cli import _redteam

    chosen = _redteam.Chosen(tuple(family), tuple(language), severity.value, tuple(attacks))
    told = _redteam.Told(fail_on.value if fail_on else "", max_success, save_to, markdown, junit, json)
    subject = _redteam.Subject(route, url.rstrip("/").removesuffix("/v1"), python, program, serve, tuple(set_))
    if list_:
        _redteam.listed(chosen, json)
        return
    if sum(map(bool, (route or python or program, resume, show))) != 1 or sum(map(bool, (route, python, program))) > 1:
        raise typer.BadParameter("give either a route, --python, --command, --resume or --show")
    if own_prompt and prompt is not None:
        raise typer.BadParameter("--prompt sends a system message, --own-prompt sends none")
    work = _redteam.Work(ctx, project, told)
    if show:
        work.show(show)
    elif resume:
        work.resume(resume, subject)
    else:
        effort = _redteam.Effort(attempts, budget, minutes, seed, concurrency, judge, same_family)
        work.begin(subject, chosen, _redteam.Prompt(prompt, own_prompt, canary), effort)
