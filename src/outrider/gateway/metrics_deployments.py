"""Health of deployments for Prometheus, read from the board when `/metrics` is answered: sums over all workers."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from outrider.limits.board import Board
from outrider.limits.conditions import Condition, conditions

STATES = ("closed", "half-open", "open")
NAME = ["deployment"]


class DeploymentMetrics:
    """A collector of `prometheus_client`. Any worker answers for all of the machine."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        found = conditions(self._board)
        breaker = GaugeMetricFamily(
            "outrider_breaker_state", "1 for the state that a deployment's breaker is in.", labels=[*NAME, "state"]
        )
        failures = CounterMetricFamily(
            "outrider_deployment_failures", "Failed calls of a deployment, by class.", labels=[*NAME, "class"]
        )
        for one in found:
            for state in STATES:
                breaker.add_metric([one.name, state], int(one.state == state))
            for code, count in one.failures.items():
                failures.add_metric([one.name, code], count)
        yield breaker
        yield failures
        yield from _gauges(found)


def _gauges(found: list[Condition]) -> Iterator[Metric]:
    flight = GaugeMetricFamily("outrider_deployment_in_flight", "Calls in flight.", labels=NAME)
    resting = GaugeMetricFamily(
        "outrider_deployment_resting", "1 while a provider has no room by its own limits.", labels=NAME
    )
    room = GaugeMetricFamily(
        "outrider_deployment_limit_remaining", "What is left of a provider's limit.", labels=[*NAME, "kind"]
    )
    for one in found:
        flight.add_metric([one.name], one.in_flight)
        resting.add_metric([one.name], int(bool(one.resting_until)))
        for limit in one.limits:
            room.add_metric([one.name, limit.kind], limit.remaining)
    yield flight
    yield resting
    yield room
