"""`batches:`: what it means, and what is said about mistakes."""

from outrider.app.config_batches import BatchRules
from outrider.app.settings import parse
from outrider.gateway.batches.rules import Rules
from tests.app.mistakes import problems


def test_settings() -> None:
    read = parse("batches: {concurrency: 4, keep: 2d, max_size: 1GB}", "test", {}).batches
    assert read.rules(7) == Rules(4, keep=172_800, max_size=1_000_000_000, longest=7)
    assert BatchRules().rules(7) == Rules(longest=7)
    assert parse("batches: {keep: null}", "test", {}).batches.rules(7).keep == 0


def test_mistakes() -> None:
    assert len(problems("batches: {concurrency: 0, keep: 1m, max_size: 1kB, size: 1}")) == 4
