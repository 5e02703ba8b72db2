"""A recorded run as evaluators see it: what was asked, and what came of it."""

from typing import Any

import msgspec

from outrider.base import ids
from outrider.evals import production
from outrider.evals.proposals import corrected
from outrider.evals.records import Call, Case, Outcome
from outrider.journal.events import RunRecorded, Step
from outrider.journal.read import list_steps
from outrider.store import Store


def of_run(store: Store, run: RunRecorded) -> tuple[Case, Outcome]:
    """The case (with what a user put right as what is expected) and the outcome. Raises RequestError where its bodies
    are gone, or nothing can be read in them."""
    case = corrected(store, run.project, production.case(store, run), run.id)
    answer: dict[str, Any] = case.recorded.get("answer") or {}
    found = Outcome(
        text=str(answer.get("text") or ""),
        calls=[Call(str(one["tool"]), one.get("arguments")) for one in answer.get("calls", ())],
        run=ids.text(run.id),
        cost=run.cost,
        seconds=run.duration / 1e9,
        first_token=run.ttft / 1e9 if run.ttft else None,
        tokens=(run.usage.input, run.usage.output) if run.usage is not None else (0, 0),
        steps=[_step(one) for one in list_steps(store, run.id, limit=production.MOST_STEPS)],
    )
    if run.status != "ok":
        found = msgspec.structs.replace(found, status="error", error=run.message or run.error or run.status)
    return case, found


def _step(step: Step) -> dict[str, Any]:
    return {
        **step.attrs, "kind": step.kind, "name": step.name, "status": step.status, "error": step.error,
        "seconds": step.duration / 1e9, "cost": step.cost,
    }  # fmt: skip
