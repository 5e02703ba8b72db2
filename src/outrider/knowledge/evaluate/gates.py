"""Conditions on a report, for scripts: `hybrid>=keyword-0.01`, `graph:all@8>=1.4*keyword`, `rerank>=0.7`."""

import re
from collections.abc import Sequence

from outrider.base.errors import RequestError
from outrider.knowledge.evaluate.compared import MAIN, MEASURES, Report

_GATE = re.compile(
    r"\s*(?P<one>[a-z_]+)(?::(?P<measure>[a-z]+@\d+))?\s*(?P<sign>>=|<=|>|<)\s*"
    r"(?:(?P<times>\d+(?:\.\d+)?)\s*\*\s*)?(?P<other>[a-z_]+|\d+(?:\.\d+)?)\s*(?P<plus>[+-]\s*\d+(?:\.\d+)?)?\s*"
)


def check(report: Report, gates: Sequence[str]) -> list[tuple[str, bool]]:
    """Each gate as it reads with its numbers, and whether it holds. Raises RequestError for what is no gate."""
    return [_check(report, gate) for gate in gates]


def _check(report: Report, gate: str) -> tuple[str, bool]:
    found = _GATE.fullmatch(gate)
    if found is None:
        raise RequestError(
            f"{gate[:80]!r} is no gate; write for example `hybrid>=keyword-0.01` or `graph:all@8>=1.4*keyword`",
            param="gate",
        )
    measure = found["measure"] or MAIN
    if measure not in MEASURES:
        raise RequestError(f"there is no measure {measure!r}; there are: {', '.join(MEASURES)}", param="gate")
    left = report.of(found["one"]).measured[measure].estimate
    other = found["other"]
    base = float(other) if other[0].isdigit() else report.of(other).measured[measure].estimate
    right = float(found["times"] or 1) * base + float((found["plus"] or "0").replace(" ", ""))
    holds = {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}[found["sign"]]
    return f"{gate.strip()}: {left:.4f} against {right:.4f} ({measure})", holds
