"""Structured outputs that hold: an answer has the form that `response_format` asks for, or its caller is told.

`wanted` reads the form from the request, `adapt` tells each deployment in the way that it takes, `check` judges a
complete answer, `watch` one that streams, `judge` a text alone. The stage that uses them is `gateway.shaped`.
"""

from outrider.gateway.structured.stream import StructuredReader, watch
from outrider.gateway.structured.verdict import Verdict, check, failure, judge
from outrider.gateway.structured.wanted import Rules, Wanted, adapt, wanted

__all__ = ["Rules", "StructuredReader", "Verdict", "Wanted", "adapt", "check", "failure", "judge", "wanted", "watch"]
