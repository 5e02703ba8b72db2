"""Guardrails: texts checked on every way, by code outside the model. One file each, found by its name.

A guardrail flags, redacts or refuses what is said; what an agent may do is decided by `outrider.policy` and never by
how a text reads. See `_contract` for what a guardrail is, `_rules` for where it is used, `_inspect` for the way of a
text;
`way.watch` for one that comes piece by piece, `way.placeholders` for what is redacted and restored.
"""

from outrider.guardrails._contract import Context, Finding, Guardrail, NoOptions
from outrider.guardrails._inspect import Inspected, inspect
from outrider.guardrails._rules import Rule, Rules, load, names

__all__ = ["Context", "Finding", "Guardrail", "Inspected", "NoOptions", "Rule", "Rules", "inspect", "load", "names"]
