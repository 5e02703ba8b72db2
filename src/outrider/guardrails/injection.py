"""Text that wants to steer the model which reads it: injected instructions and jailbreaks.

A linear model over hashed words and letters, trained by `benchmarks/injection_train.py`; what it was trained and
measured on, and what it misses, is in `docs/concepts/detectors.md`. It raises taint and flags. What an agent may do
never hangs on it.
"""

import functools
import hashlib
import json
import math
from importlib import resources
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta

from outrider.base.errors import ConfigError
from outrider.calibrate.intervals import wilson
from outrider.guardrails import _injection_features as seen
from outrider.guardrails._contract import Context, Finding

NAME = "injection"
WHAT = "Instructions and jailbreaks in texts that a model reads. Raises taint; never decides alone."
STAGES = ("input", "tool_result")
KINDS = ("injection",)
TAINTS = True
FILE = "injection.npz"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it speaks up."""

    false_alarms: Annotated[
        float,
        Meta(gt=0, lt=1, description="The share of harmless texts that may be flagged, at most: 0.01 is one in 100."),
    ] = 0.01


class Span(NamedTuple):
    """A part of a text (characters) and how much it looks like an attack; above 0: more than not."""

    start: int
    end: int
    score: float


class Detector:
    """The model. Loaded once; safe in threads."""

    def __init__(self, packed: bytes) -> None:
        import io

        import numpy as np

        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            facts = json.loads(bytes(stored["facts"]).decode())
            weights = stored["weights"]
            self._harmless = stored["harmless"]
        if facts["bits"] != seen.BITS or weights.dtype != np.int8 or len(weights) != 1 << seen.BITS:
            raise ConfigError(f"{FILE} is of another version of Outrider; install it again")
        self._weights, self._bias = weights.astype(np.float32) * facts["scale"], float(facts["bias"])
        self.facts: dict[str, Any] = facts
        self._thresholds: dict[float, float] = {}

    def spans(self, text: str) -> list[Span]:
        """All windows of a text with their scores."""
        import numpy as np

        found = seen.tokens(text)
        if not len(found.hashes):
            return []
        columns, places = seen.features(found)
        n = len(found.hashes)
        each = np.bincount(places, self._weights[columns], n)
        running = np.concatenate(([0.0], np.cumsum(each)))
        spans = seen.windows(n)
        far = len(spans)
        if n > seen.NEAR:
            spans += seen.windows(n, seen.NEAR, seen.NEAR_STRIDE)
        starts, ends = np.array([start for start, _ in spans]), np.array([end for _, end in spans])
        counts = np.array([seen.weight(end - start) for start, end in spans])
        scores = (running[ends] - running[starts]) * counts + self._bias
        scores[far:] -= seen.HANDICAP
        return [
            Span(int(found.starts[start]), int(found.ends[end - 1]), float(score))
            for (start, end), score in zip(spans, scores, strict=True)
        ]

    def score(self, text: str) -> float:
        """Of the part that looks most like an attack."""
        return max((span.score for span in self.spans(text)), default=-math.inf)

    def threshold(self, false_alarms: float) -> float:
        """The least score at which, with 97.5 % confidence, at most this share of harmless texts of sources that the
        model had not seen was flagged. Infinite where there were too few texts to say so."""
        if false_alarms not in self._thresholds:
            n = int(self.facts["harmless"])
            most = max((k for k in range(len(self._harmless)) if wilson(k / n, n)[1] <= false_alarms), default=-1)
            self._thresholds[false_alarms] = math.inf if most < 0 else float(self._harmless[most]) + 1e-6
        return self._thresholds[false_alarms]


@functools.cache
def detector() -> Detector:
    """The one that comes with Outrider. Raises ConfigError where its file is not what it was."""
    folder = resources.files("outrider.guardrails")
    packed = folder.joinpath(FILE).read_bytes()
    told = folder.joinpath(f"{FILE}.sha256").read_text("ascii").split()[0]
    if hashlib.sha256(packed).hexdigest() != told:
        raise ConfigError(f"{FILE} is damaged: it is not what its .sha256 says; install Outrider again")
    return Detector(packed)


def check(text: str, context: Context) -> list[Finding]:
    """Parts of a text that look like attacks; those that touch are one. A score of 0.5 is the operating point."""
    options = context.options if isinstance(context.options, Options) else Options()
    return found_in(text, options.false_alarms)


def found_in(text: str, false_alarms: float = 0.01) -> list[Finding]:
    """The same for callers that have no rules."""
    if len(text) < 8:
        return []
    model = detector()
    least = model.threshold(false_alarms)
    merged: list[Span] = []
    for span in sorted(model.spans(text)):
        if span.score < least:
            continue
        if merged and span.start <= merged[-1].end:
            before = merged.pop()
            span = Span(before.start, max(before.end, span.end), max(before.score, span.score))
        merged.append(span)
    return [Finding(span.start, span.end, "injection", _shown(span.score - least)) for span in merged]


def _shown(above: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(above, 0.0), 30.0)))
