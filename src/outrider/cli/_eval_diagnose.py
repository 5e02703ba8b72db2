"""`outrider eval diagnose`: which stage failed where answers from documents are wrong."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from outrider.base.errors import RequestError
from outrider.cli._output import JSON_OPTION, clean, emit_json, many, note, table
from outrider.cli.context import outrider
from outrider.cli.runs import open_store

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.evals.diagnosis import Diagnosis


def diagnose(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Argument(help="Its id or name; the newest of that name.")],
    score: Annotated[str, typer.Option(help="The evaluator that says what is right; the first one if not given.")] = "",
    variant: Annotated[str, typer.Option(help="One variant alone.")] = "",
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="Wrong answers to name.")] = 20,
    project: Annotated[str, typer.Option(help="The project; the first one if not given.")] = "",
    json: bool = JSON_OPTION,
) -> None:
    """Say where answers from documents went wrong: not indexed, not retrieved, not ranked, not used, contradicted."""
    from outrider.evals import planning
    from outrider.evals.diagnosis import Shelves, counts, examine, judge

    here = outrider(ctx)
    where = project or here.settings().projects[0]
    with ExitStack() as stack:
        evals, store = stack.enter_context(here.evals()), stack.enter_context(open_store(ctx))
        found = evals.experiments.get(where, experiment)
        suite = planning.read(found.plan)
        chosen = judge(suite, score)
        if variant and variant not in [one.name for one in suite.variants]:
            known = ", ".join(one.name for one in suite.variants)
            raise RequestError(f"there is no variant {variant!r}; there are: {known}", param="variant")
        if not found.plan["dataset"]:
            raise RequestError(f"{found.name!r} is a red team and has no dataset: there is nothing to diagnose")
        shelves = Shelves(stack.enter_context(here.knowledge()).library, where)
        cases = planning.by_digest(evals.datasets.cases(where, found.plan["dataset"], found.plan["version"]))
        done = (one for one in evals.experiments.done(found.id) if variant in ("", one.item.variant))
        told = list(examine(done, cases, store, where, shelves, chosen))
    if json:
        emit_json({"experiment": found.id, "score": chosen, "stages": counts(told), "answers": told})
        return
    _tell(told, chosen, limit)


def _tell(told: "list[Diagnosis]", score: str, limit: int) -> None:
    from outrider.evals.diagnosis import STAGES, counts

    found = counts(told)
    table(("stage", *found), [(stage, *(str(of.get(stage, 0)) for of in found.values())) for stage in STAGES])
    wrong = [one for one in told if one.stage != "right"]
    if wrong:
        table(
            ("case", "variant", "stage", "why", "run"),
            [(one.case, one.variant, one.stage, clean(one.why), one.run) for one in wrong[:limit]],
        )
    if len(wrong) > limit:
        note(f"{many(len(wrong) - limit, 'answer')} more: --limit {len(wrong)}")
    note(f"Right is what {score} gives a half or more." if score else "Right is what says what is expected.")
