"""Every strategy orders all deployments, each once."""

import pytest

from outrider.base import plugins
from outrider.routing import balance, fallback

DEPLOYMENTS = ("a", "b", "c", "d")


@pytest.mark.parametrize("name", plugins.names("outrider.routing"))
def test_every_strategy_keeps_every_deployment(name: str) -> None:
    assert sorted(plugins.load("outrider.routing", name).order(DEPLOYMENTS)) == sorted(DEPLOYMENTS)


def test_fallback_keeps_the_order() -> None:
    assert tuple(fallback.order(DEPLOYMENTS)) == DEPLOYMENTS


def test_balance_spreads_the_first_place() -> None:
    first = [balance.order(DEPLOYMENTS)[0] for _ in range(4_000)]
    assert all(700 < first.count(d) < 1_300 for d in DEPLOYMENTS)
