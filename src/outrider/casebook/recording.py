"""Questions to the Casebook as the journal keeps them: a run with one step, the retrieval, with every passage that was
looked at. What a route writes is a run of its own, with its own cost."""

from collections.abc import Callable

import msgspec

from outrider.base import clock, ids
from outrider.casebook.ask import CaseAnswer, Said, ask
from outrider.casebook.find import Finder
from outrider.journal.append import blob
from outrider.knowledge.ports import Model
from outrider.knowledge.recording import Asker, search_run
from outrider.knowledge.records import Query

NAME = "casebook.ask"


class Recorded(CaseAnswer, frozen=True, kw_only=True):
    """The same with its run in the journal and how long it took."""

    run: str
    seconds: float


def ask_recorded(
    finder: Finder,
    question: str,
    asker: Asker,
    *,
    model: Model | None = None,
    route: str = "",
    strategy: str = "",
    stream: Callable[[Said], object] | None = None,
) -> Recorded:
    """`ask`, written into the Casebook's journal as a run of `asker`. `route` is what `model` is called. Raises what
    `ask` raises; then nothing is written."""
    begun, earlier = clock.mono_ns(), model.cost if model else 0
    made = ask(finder, question, model=model, strategy=strategy, stream=stream)
    query = Query(question, limit=len(made.found.hits) or 1, strategy=strategy)
    run, bodies = search_run(asker, finder.cases.collection, query, made.found)
    said = msgspec.json.encode({"text": made.text, "abstained": made.abstained, "why": made.why})
    run.response, run.duration = blob(said), clock.mono_ns() - begun
    run.steps[0].attrs |= {"mode": made.written, "confidence": made.confidence, "narrowed": made.narrowed}
    if model is not None:
        run.cost = run.steps[0].cost = 0  # the route's own runs have it
        run.steps[0].attrs |= {"route": route, "writing_cost": model.cost - earlier}
    finder.cases.record(run, [*bodies, (run.response, said)])
    told = {name: getattr(made, name) for name in CaseAnswer.__struct_fields__}
    return Recorded(**told, run=ids.text(run.id), seconds=run.duration / 1e9)
