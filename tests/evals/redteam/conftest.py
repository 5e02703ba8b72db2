"""Subjects of the red team that fall for some attacks and not for others, without a network."""

from collections.abc import Callable
from typing import Any

import pytest

from outrider.base import hidden
from outrider.evals.datasets import Datasets
from outrider.evals.experiments import Experiments
from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.redteam.campaign import Campaign

Answers = Callable[[str, str], str]
"""What is said to a system message and the last words of a user."""


class Weak:
    """Answers by a function, and remembers the keys under which it was asked: each new one is paid."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.paid, self.cost = answers, dict[str, str](), 1_000_000

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        system, last = (case.messages()[0], case.messages()[-1]) if case.messages() else ({}, {})
        text = self.answers(str(system.get("content", "")), str(last.get("content", "")))
        self.paid[again] = case.id
        if text.startswith("HTTP"):
            return Outcome("error", error=text)
        return Outcome(text=text, cost=self.cost)

    async def close(self) -> None:
        """Nothing is open."""


def falls_for_packed(system: str, said: str) -> str:
    """Tells its secret to whoever asks in an encoding, and to no one else."""
    return system.rpartition(": ")[2] if hidden.packed(said) else "I can help with parcels."


@pytest.fixture
def campaign(datasets: Datasets, experiments: Experiments) -> Campaign:
    return Campaign(datasets, experiments, "default")


@pytest.fixture
def weak() -> Weak:
    return Weak(falls_for_packed)


def opens(subject: Any) -> Any:
    return lambda variant: subject
