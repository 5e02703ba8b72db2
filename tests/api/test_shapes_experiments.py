"""The shapes of experiments."""

import msgspec

from outrider.api import shapes_experiments as shapes
from outrider.evals.desk import Compared
from outrider.evals.diffs import Line
from outrider.evals.experiments import Experiment, Progress


def test_who_is_gone_is_said_and_times_are_text() -> None:
    row = Experiment("e", "p", "n", "running", "ann", 10**18, 0, "h", 1, 4, {"dataset": "d", "version": 2}, {})
    shown = shapes.experiment(row, Progress(4, 1, 7))
    assert (shown.state, shown.ended, shown.version) == ("interrupted", None, 2)
    assert shown.created.endswith("Z")


def test_why_it_stopped_is_not_said_while_it_goes_on() -> None:
    row = Experiment("e", "p", "n", "running", "", 1, 0, "h", 2**62, 4, {}, {"why": "it was interrupted"})
    shown = shapes.experiment(row, Progress(4, 1, 7))
    assert (shown.state, shown.why) == ("running", "")
    assert shapes.experiment(msgspec.structs.replace(row, status="stopped"), Progress(4, 1, 7)).why


def test_a_page_says_where_the_next_begins() -> None:
    lines = [Line(name, "worse", 1.0, 0.0, []) for name in "ab"]
    found = Compared("exact", "next", "now", {"worse": 5}, lines, 5)
    assert shapes.difference(found, {"a": [], "b": []}, 2, {}).next == 4
    assert shapes.difference(found, {"a": [], "b": []}, 3, {}).next is None
