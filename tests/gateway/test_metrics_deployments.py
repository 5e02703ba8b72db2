"""Health of deployments as Prometheus series."""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest

from outrider.gateway.metrics_deployments import DeploymentMetrics
from outrider.limits.board import Board
from outrider.limits.vitals import Vitals
from tests.limits import wards


def test_series() -> None:
    vitals = Vitals(Board())
    wards.fill(vitals)
    registry = CollectorRegistry()
    registry.register(DeploymentMetrics(vitals.board))
    text = generate_latest(registry).decode()
    for line in (
        'outrider_breaker_state{deployment="b/down",state="open"} 1.0',
        'outrider_breaker_state{deployment="b/down",state="closed"} 0.0',
        'outrider_breaker_state{deployment="a/well",state="closed"} 1.0',
        'outrider_deployment_failures_total{class="upstream_error",deployment="b/down"} 5.0',
        'outrider_deployment_in_flight{deployment="a/well"} 1.0',
        'outrider_deployment_resting{deployment="c/resting"} 1.0',
        'outrider_deployment_limit_remaining{deployment="a/well",kind="tokens"} 2500.0',
    ):
        assert line in text
