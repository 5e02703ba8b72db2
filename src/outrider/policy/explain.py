"""A decision in plain words: for approvals, for `outrider policy check`, for the record."""

from outrider.policy.decide import Decision
from outrider.policy.origins import Origin, Traced
from outrider.policy.state import SessionState

_FROM = {
    Origin.USER: "the user said it",
    Origin.OPERATOR: "the operator said it",
    Origin.LINKED: "it belongs to what the user named, by {tool} (step {step})",
    Origin.DESCRIBED: "it belongs to what the user named, by a text that others wrote: {tool} (step {step})",
    Origin.TRUSTED: "trusted data of {tool} (step {step})",
    Origin.MADE_UP: "nobody said it but the model",
    Origin.UNTRUSTED: "only a text that others wrote says it: {tool} (step {step})",
}


def sentences(decision: Decision, state: SessionState) -> list[str]:
    """One sentence for each thing that counted, the verdict's reasons first."""
    said = [f"{rule.id}: {rule.ask or 'it is forbidden'}" for rule in decision.because if rule.forbids]
    if decision.verdict == "deny" and not decision.because:
        said.append("no rule permits it")
    if decision.verdict != "allow" and state.taint is not None:
        said.append(f"the session has read what others wrote since step {state.taint.step} ({state.taint.tool})")
    return said + values(decision)


def values(decision: Decision) -> list[str]:
    """Those sentences that repeat what the call says: for people and the record, never for the model and its client."""
    said = [origin(one) for one in decision.traced if one.origin != Origin.NEUTRAL]
    return said + [f"it carries {one.value!r}: {_from(one)}" for one in decision.links if one.origin >= Origin.MADE_UP]


def origin(one: Traced) -> str:
    """Where one value came from."""
    return f"{one.path} is {one.value[:200]!r}: {_from(one)}"


def _from(one: Traced) -> str:
    return _FROM[one.origin].format(tool=one.tool, step=one.step)
