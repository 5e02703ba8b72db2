"""What must hold before a change goes out: `exact >= production - 0.02`, `policy == 0`, `dollars <= 1.1 * production`.

A gate passes when its 95 % interval lies on the right side of the bound, fails when it lies on the wrong one, and is
inconclusive between: then it says how many cases would be enough.
"""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from outrider.base.errors import RequestError

Sign = Literal[">=", "<=", "=="]
_NAME = r"[A-Za-z_][\w.-]*"
_GATE = re.compile(
    rf"\s*(?:(?P<variant>{_NAME})\s*:\s*)?(?P<score>{_NAME})\s*(?P<sign>>=|<=|==)\s*"
    rf"(?:(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%)?"
    rf"|(?:(?P<times>\d+(?:\.\d+)?)\s*\*\s*)?(?P<other>{_NAME})\s*(?P<plus>[+-]\s*\d+(?:\.\d+)?)?\s*(?P<points>%)?)\s*"
)


class Gate(msgspec.Struct, frozen=True, omit_defaults=True):
    """`score` of `variant` ("": of every variant but the other) against a number (`bound`), or against `times` the
    score of the variant `other` plus `bound`."""

    text: str
    score: str
    sign: Sign
    bound: float = 0.0
    other: str = ""
    times: float = 1.0
    variant: str = ""


def parse(text: str, scores: Sequence[str], variants: Sequence[str]) -> Gate:
    """A gate from its text. Raises RequestError that says what a gate looks like, or which name is unknown."""
    found = _GATE.fullmatch(text)
    if found is None:
        raise RequestError(
            f"{text[:80]!r} is no gate; write `exact >= 0.9`, `exact >= production - 0.02`, "
            "`dollars <= 1.1 * production` or `candidate: policy == 0`",
            param="gates",
        )
    if found["score"] not in scores:
        raise RequestError(f"no evaluator is called {found['score']!r}; there are: {', '.join(scores)}", param="gates")
    for name in (found["other"], found["variant"]):
        if name and name not in variants:
            raise RequestError(f"no variant is called {name!r}; there are: {', '.join(variants)}", param="gates")
    percent = 0.01 if found["percent"] or found["points"] else 1.0
    bound = float((found["number"] or found["plus"] or "0").replace(" ", "")) * percent
    sign: Sign = ">=" if found["sign"] == ">=" else "<=" if found["sign"] == "<=" else "=="
    if sign == "==" and (found["other"] or bound != 0):
        raise RequestError(f"{text[:80]!r}: `==` is for `== 0`, where nothing of a kind may happen", param="gates")
    return Gate(
        text.strip(),
        found["score"],
        sign,
        bound,
        found["other"] or "",
        float(found["times"] or 1),
        found["variant"] or "",
    )
