"""One call in one session, judged: by permissions, by rules, by a strict grant. The same for a call that an agent wants
to make now and for a recorded one that is judged again under other rules. Pure.
"""

import msgspec

from outrider.policy.decide import Call, Decision, decide
from outrider.policy.events import Did
from outrider.policy.grants import amounts
from outrider.policy.rules import Rule, Rules
from outrider.policy.sessions import Session

OUTSIDE = Rule("outside-the-grant", True)
"""What decides where a strict grant does."""
NOT_PERMITTED = Rule("not-permitted", True)
"""What decides where the user or the agent may not: no rule can allow it, and nobody is asked."""


def judged(session: Session, call: Call, rules: Rules, now: int) -> Decision:
    """The decision about a call at a moment (ns). It needs the user's and the agent's permission; in a session with a
    strict grant, what does or sends out anything and is in no grant is refused."""
    decision = decide(call, session.state, rules, session.grants, now)
    if not (call.user_may and call.agent_may):
        return msgspec.structs.replace(decision, verdict="deny", because=(NOT_PERMITTED,))
    touches = call.declaration.does != "none" or call.declaration.leaves
    if session.strict and not decision.context["granted"] and touches and decision.verdict != "deny":
        return msgspec.structs.replace(decision, verdict="deny", because=(OUTSIDE,))
    return decision


def did(call: Call, decision: Decision) -> Did:
    """The event of a call that is made."""
    moved = tuple(str(one) for one in amounts(decision.traced) if one is not None)
    return Did(call.tool, decision.verb, decision.steered, decision.grant, moved)
