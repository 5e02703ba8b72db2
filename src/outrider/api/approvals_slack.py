"""Buttons of approvals in Slack: who pressed, whether they may, and what they are told.

Slack's signature says that it was pressed there, ours in the button that we made it. Who decides is who is listed; the
agent has no account of a person there, and what holds for every other answer holds here (`policy/approvals.py`).
"""

import logging
from typing import TYPE_CHECKING, Any, cast

from outrider.api import shapes_approvals as shapes
from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.limits import chats
from outrider.policy import slack
from outrider.policy.pending import Decider

if TYPE_CHECKING:
    from outrider.api.edge import Ask

PATIENCE = 2.0
"""Seconds that Slack's place for replies gets: Slack itself waits for three."""
LARGEST = 500_000
"""Bytes of a press: Slack sends the whole message along, a letter in up to 16 of them."""
log = logging.getLogger("outrider")


def pressed(ask: "Ask") -> shapes.Pressed:
    """Decide what was pressed. What Slack signed is answered 200, also where nothing came of it: why is said there, to
    the one who pressed. Raises RequestError 401 for everything else."""
    there = ask.deps.office
    known = there.slack() if there is not None else None
    if there is None or known is None:
        raise RequestError(
            "buttons of Slack are not taken here: set policy.approvals.slack in outrider.yaml",
            status=401,
            code="not_signed",
            kind="authentication_error",
        )
    raw, headers = cast(tuple[bytes, Any], ask.body)
    press = slack.pressed(known.secret, raw, headers, clock.now_ns() // 1_000_000_000)
    if press is None:
        return shapes.Pressed("nothing")
    name = known.people.get(press.user, "")
    if not name:
        _say(known, press, slack.privately("You are not among those who decide: policy.approvals.slack.people."))
        return shapes.Pressed("nothing")
    by = Decider(name, known_as=(press.user,), through="slack")
    try:
        if press.verb == "approve" and not slack.shown_whole(there.approvals.get(press.project, press.id)):
            raise RequestError("this call has to be looked at in the console before it is approved", code="not_shown")
        (done, *_) = there.approvals.decide(press.project, press.id, approve=press.verb == "approve", by=by)
    except RequestError as error:
        _say(known, press, slack.privately(error.message))
        return shapes.Pressed("nothing")
    _say(known, press, slack.said(press.verb, name, done.about.tool))
    return shapes.Pressed(done.state)


def _say(known: slack.Slack, press: slack.Press, message: dict[str, Any]) -> None:
    """Only to where our own messages go: Slack signed the rest, and nothing else is believed of it."""
    if not chats.same_place(press.reply, known.webhook):
        log.warning("a button was pressed in Slack, and its place for replies is not where messages go")
    elif trouble := chats.post(press.reply, message, patience=PATIENCE, tries=1):
        log.warning("what came of a button in Slack could not be said there: %s", trouble)
