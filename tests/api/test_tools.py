"""`/api/tools` without tools; the rest is proven through a whole worker (tests/tools/test_desk.py)."""

from outrider.api.tools import Interval, measures
from outrider.calibrate.intervals import share
from outrider.tools.measures import Fault, ToolMeasures

from .conftest import ApiWorld


def test_a_process_without_tools_says_so(world: ApiWorld) -> None:
    answer = world.api().get("/api/tools")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "not_served"


def test_measures_are_seconds() -> None:
    fault = Fault("tool_timeout", 2, 1_000_000_000, b"")
    shown = measures(
        ToolMeasures("t", 4, 3, share(1, 3), 5_000_000, 7_000_000, 0, 1, 2, 0, [fault], {"not_allowed": 1})
    )
    assert (shown.p50, shown.p95) == (0.005, 0.007)
    assert isinstance(shown.success, Interval)
    assert shown.failures == {"tool_timeout": 2}
    assert shown.last_failures == {"tool_timeout": "1970-01-01T00:00:01.000Z"}
