"""One call judged after what a user said and a session read: the way through the policy with no URL and no store."""

from typing import Any

from outrider.policy.decide import Call, Decision, decide
from outrider.policy.declarations import Declaration
from outrider.policy.rules import Rules, default_text
from outrider.policy.state import SessionState

RULES = Rules(default_text())
OURS = Declaration(does="none", trust="trusted")
PRIVATE = Declaration(does="none", trust="trusted", privacy="private")
OTHERS = Declaration(does="none")
Read = tuple[str, Any, Declaration]


def session(asked: str, *read: Read) -> SessionState:
    """A session in which these words were said and these results (tool, result, labels) read, in this order."""
    state = SessionState()
    state.user(asked)
    for tool, result, labels in read:
        state.result(tool, result, labels)
    return state


def page(text: str) -> Read:
    """Something that others wrote: from here on the session is tainted."""
    return "page", text, OTHERS


def judged(asked: str, tool: str, labels: Declaration, *read: Read, described: str = "", **arguments: Any) -> Decision:
    return decide(Call(tool, arguments, labels, described), session(asked, *read), RULES)
