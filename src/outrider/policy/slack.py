"""Calls that wait, as messages of Slack with buttons; and what Slack sends when somebody presses one. Pure.

A button approves only what its message shows whole and nobody has to check: else it is left out, and the message leads
to the console. What a button says is signed by us, and what comes in by Slack; one is no good without the other.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs

import msgspec

from outrider.base.errors import RequestError
from outrider.policy.notice import LONGEST, LONGEST_NAME, LONGEST_PATH, MOST_VALUES, inert, message
from outrider.policy.pending import Approval
from outrider.policy.present import Line, lines, plain

SIGNED_FOR = 300
"""Seconds for which a press of Slack's is good."""
_SECTION = 2_900
_MOST_SECTIONS = 40
"""Slack takes 3,000 characters of a section and 50 blocks."""
_SIGNED = re.compile(r"v0=[0-9a-f]{64}")
Verb = Literal["approve", "deny"]


class Slack(NamedTuple):
    """How approvals stand in Slack: where messages go, what Slack signs with, and who decides there: Slack's ids of
    people with the names that the record has of them."""

    webhook: str
    secret: str
    people: Mapping[str, str]


class Press(NamedTuple):
    """Somebody pressed a button. `user` is Slack's id of them, `reply` where what came of it may be said."""

    verb: Verb
    project: str
    id: str
    user: str
    reply: str


class _User(msgspec.Struct):
    id: str


class _Action(msgspec.Struct):
    action_id: str
    value: str = ""


class _Payload(msgspec.Struct):
    """What of Slack's payload is read."""

    type: str
    user: _User
    actions: list[_Action] = []
    response_url: str = ""


_decode = msgspec.json.Decoder(_Payload).decode


def posted(group: Sequence[Approval], origin: str, secret: str) -> dict[str, Any]:
    """The message for calls of one plan, or for one call."""
    title, body = message(group, origin)
    texts = [body[at : at + _SECTION] for at in range(0, len(body), _SECTION)][:_MOST_SECTIONS]
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(title[:150])}]
    blocks += [{"type": "section", "text": _plain(text)} for text in texts]
    look = {"type": "button", "action_id": "look", "text": _plain("Look and decide")}
    buttons: list[dict[str, Any]] = [{**look, "url": f"{origin}/approvals/{group[0].id}"}]
    if len(group) == 1:
        buttons.insert(0, _button("deny", "Refuse", "danger", secret, group[0]))
        if shown_whole(group[0]):
            buttons.insert(0, _button("approve", "Approve", "primary", secret, group[0]))
    return {"text": title, "blocks": [*blocks, {"type": "actions", "elements": buttons}]}


def shown_whole(one: Approval) -> bool:
    """Whether the message holds all that is approved, letter for letter: each value with an origin that somebody
    vouches for, none cut, folded into one line or in disguise, and no links. What a call carries as content is not in
    messages."""
    found = lines(one.about)
    return (
        len(found) <= MOST_VALUES
        and not one.about.carried
        and _fits(one.about.tool, LONGEST_NAME)
        and all(value.origin not in ("made_up", "untrusted") for value in one.about.values)
        and all(line.origin and not line.warnings and _as_it_is(line) for line in found)
    )


def _as_it_is(line: Line) -> bool:
    hides = any(piece.mark == "hidden" for piece in line.pieces)
    return not hides and _fits(line.text, LONGEST) and _fits(line.path, LONGEST_PATH) and "⟨" not in line.path


def _fits(text: str, most: int) -> bool:
    """Whether a message shows it as it is: in one line, with every blank."""
    return plain(text, most) == text


def said(verb: Verb, by: str, tool: str) -> dict[str, Any]:
    """What stands in the place of a message when its call is decided."""
    done = f"{inert(tool, 80)}: {'approved' if verb == 'approve' else 'refused'} by {inert(by, 80)}"
    return {"replace_original": True, "text": done, "blocks": [{"type": "section", "text": _plain(done)}]}


def privately(text: str) -> dict[str, Any]:
    """What only the one who pressed is told."""
    return {"replace_original": False, "response_type": "ephemeral", "text": text}


def pressed(secret: str, raw: bytes, headers: Mapping[str, str], now: int) -> Press | None:
    """The press that Slack signed, at `now` (seconds); None where no button of ours that decides was pressed. Raises
    RequestError 401 for what Slack, or we, did not sign, 400 for what cannot be read."""
    moment, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    wanted = signature(secret, moment, raw)
    if not _SIGNED.fullmatch(given) or not hmac.compare_digest(wanted.encode(), given.encode()):
        raise _unsigned("x-slack-signature does not fit: see that policy.approvals.slack.secret is the app's signing "
                        "secret")  # fmt: skip
    if not moment.isdecimal() or len(moment) > 12 or abs(now - int(moment)) > SIGNED_FOR:
        raise _unsigned(f"this press is more than {SIGNED_FOR} seconds old, or the clocks differ")
    try:
        told = _decode(parse_qs(raw.decode("ascii"), strict_parsing=True)["payload"][0])
    except (ValueError, KeyError, RecursionError) as error:  # msgspec's and Unicode's are ValueErrors
        raise RequestError(f"the body cannot be used: {error}", code="invalid_body") from None
    action = next((one for one in told.actions if one.action_id in ("approve", "deny")), None)
    if told.type != "block_actions" or action is None:
        return None
    verb, id_, _, project = (*action.value.split("|", 3), "", "", "", "")[:4]
    right = value(secret, action.action_id, id_, project)
    if verb != action.action_id or not hmac.compare_digest(right.encode(), action.value.encode()):
        raise _unsigned("this button is none of ours")
    return Press("approve" if verb == "approve" else "deny", project, id_, told.user.id, told.response_url)


def signature(secret: str, moment: str, raw: bytes) -> str:
    """Slack's, of a request."""
    return "v0=" + hmac.new(secret.encode(), b":".join((b"v0", moment.encode(), raw)), hashlib.sha256).hexdigest()


def value(secret: str, verb: str, id_: str, project: str) -> str:
    """What a button says: verb, approval and project, with our mark that we made it. A project's name is free."""
    mark = hmac.new(secret.encode(), "\0".join(("outrider button", verb, id_, project)).encode(), hashlib.sha256)
    return f"{verb}|{id_}|{mark.hexdigest()}|{project}"


def _button(verb: Verb, label: str, style: str, secret: str, one: Approval) -> dict[str, Any]:
    sure = {"title": _plain(f"{label}?"), "text": _plain(f"{label} this call of {inert(one.about.tool, 80)}?"),
            "confirm": _plain(label), "deny": _plain("Back")}  # fmt: skip
    return {"type": "button", "action_id": verb, "text": _plain(label), "style": style,
            "value": value(secret, verb, one.id, one.project), "confirm": sure}  # fmt: skip


def _plain(text: str) -> dict[str, Any]:
    """Text that Slack makes no markup, mentions or emoji of."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _unsigned(why: str) -> RequestError:
    return RequestError(why, status=401, code="not_signed", kind="authentication_error")
