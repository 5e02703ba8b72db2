"""What the runs of a session took, by deployment."""

from collections.abc import Callable

from outrider.base.usage import Price, Usage
from outrider.journal.events import RunRecorded, Step
from outrider.journal.session_costs import session_costs

from .conftest import Bench

Make = Callable[..., RunRecorded]


def test_by_deployment_with_the_newest_price(bench: Bench, run: Make) -> None:
    cheap, dear = Price(75, 300, source="list × 0.5 for batches"), Price(150, 600, source="list")
    for deployment, price, cost in (("o/m (batch)", cheap, 5), ("o/m (batch)", cheap, 6), ("o/m", dear, 70)):
        steps = [Step(1, "model", deployment, usage=Usage(3, 2), price=price)]
        bench.put(run(session="b-1", deployment=deployment, usage=Usage(3, 2), cost=cost, steps=steps))
    bench.put(run(session="b-1", deployment="o/m", status="error", usage=None, cost=0, steps=[]))
    bench.put(run(session="b-1", deployment="", status="error", usage=None, cost=0, steps=[]))
    bench.put(run(session="b-2", cost=900), run(session="b-1", project="other", cost=900))
    found = session_costs(bench.store, "default", "b-1")
    assert [(one.deployment, one.runs, one.failed, one.input, one.output, one.cost, one.price) for one in found] == [
        ("o/m", 2, 1, 3, 2, 70, dear),
        ("o/m (batch)", 2, 0, 6, 4, 11, cheap),
        ("", 1, 1, 0, 0, 0, None),
    ]
    assert session_costs(bench.store, "default", "nobody") == session_costs(bench.store, "nobody", "b-1") == []
