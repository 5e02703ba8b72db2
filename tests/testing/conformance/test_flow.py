"""Streams flow, for every pair of languages."""

from outrider.testing.conformance import PAIRS, Target, failures
from outrider.testing.conformance.flow import flows


def test_streams_flow_and_leaving_is_seen(target: Target) -> None:
    cells = flows(target, PAIRS)
    assert not failures(cells)
    assert len(cells) == len(PAIRS)
    assert len(failures(flows(Target("http://127.0.0.1:9", "", target.provider), PAIRS[:1]))) == 1
