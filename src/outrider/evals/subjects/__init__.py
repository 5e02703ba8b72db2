"""Who is asked: a route of a gateway, a Python function, a command. `subject` finds the one that a variant names."""

from collections.abc import Callable
from typing import Protocol

from outrider.evals.records import Case, Outcome, Variant

__all__ = ["Opens", "Subject"]


class Subject(Protocol):
    """Answers cases. `ask` never raises for what the subject does wrong: that is an outcome. `again` is the same for
    the same question of the same experiment, so that a call that was made and not written down is not paid twice."""

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome: ...
    async def close(self) -> None: ...


Opens = Callable[[Variant], Subject]
