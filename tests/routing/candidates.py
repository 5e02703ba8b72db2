"""Candidates as strategies meet them, with signs that are set rather than measured."""

from typing import Any

from outrider.base.choice import Candidate
from outrider.base.ports import Deployment, Facts
from outrider.testing import ScriptedProvider

TRANSPORT = ScriptedProvider().transport()


class Signs:
    def __init__(self, first: float = 0.0, pace: float = 0.0, *, failing: float = 0.0, busy: int = 0,
                 evidence: float = 20.0, spread: float = 0.2) -> None:  # fmt: skip
        self.first, self.pace, self.failing, self.spread = first, pace, failing, spread
        self._busy, self._evidence = busy, evidence

    def busy(self) -> int:
        return self._busy

    def evidence(self, now: int) -> float:
        return self._evidence


def candidate(name: str, signs: Signs | None = None, *, tags: str = "", **more: Any) -> Candidate:
    deployment = Deployment(f"p/{name}", "p", name, "openai", TRANSPORT, {})
    facts = Facts(tags=frozenset(tags.split()))
    return Candidate(deployment, signs or Signs(), **({"facts": facts} | more))


def names(candidates: Any) -> str:
    return " ".join(c.deployment.model for c in candidates)
