"""Proposed calls on their way to being judged: what they say, whether they can be judged at all, and what came of it.
Pure."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.policy.approvals import Approval
from outrider.policy.rules import Verdict
from outrider.policy.turns import Proposal

LONGEST_ARGUMENTS = 4 << 20
NOT_ASKED = "not_asked"
"""The code of a call that would have waited for a person, had one been asked."""
Doubts = dict[tuple[str, str], tuple[str, ...]]
"""Why a person has to see calls, whatever the rules say: by tool and digest of the arguments."""
MARK = "[Outrider policy]"
"""What an explanation begins with, in whatever language the answer is."""
_MOST_SAID = 400
_MOST_NAMED = 128
_NAME = re.compile(rf"(?=.{{1,{_MOST_NAMED}}}$)[\w.-]+([:/][\w.-]+)*")
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Judged(msgspec.Struct):
    """A proposed call and what becomes of it. `place` is its choice and its number there. `reasons` are sentences, of
    which the `private` ones repeat what the call says; `code` says what it was where it was no rule."""

    place: tuple[int, int]
    proposal: Proposal
    verdict: Verdict = "allow"
    reasons: tuple[str, ...] = ()
    private: frozenset[str] = frozenset()
    rules: tuple[str, ...] = ()
    approval: Approval | None = None
    arguments: Mapping[str, Any] | None = None
    code: str = ""
    tainted: bool = False

    @property
    def passes(self) -> bool:
        return self.verdict == "allow"

    @property
    def shown(self) -> list[str]:
        """The reasons that the answer may have: what is withheld does not come in by the way."""
        return [one for one in self.reasons if one not in self.private]

    @property
    def name(self) -> str:
        """The tool's name, as it may stand in a text: a model that is refused may have made it up."""
        tool = self.proposal.tool
        return tool if _NAME.fullmatch(tool) else _NO_NAME.sub("_", tool)[:_MOST_NAMED]


class Unreadable(ValueError):
    """Arguments that nobody can judge: different clients would read different things in them."""


def arguments(said: str) -> dict[str, Any]:
    """A call's arguments. Raises Unreadable, with the reason, for what is no object, or says a name twice."""
    if len(said) > LONGEST_ARGUMENTS:
        raise Unreadable(f"its arguments are longer than {LONGEST_ARGUMENTS} characters")
    if not said.strip():
        return {}
    try:
        found = json.loads(said, object_pairs_hook=_once, parse_constant=_no_number)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        raise Unreadable("its arguments are not valid JSON") from None
    if not isinstance(found, dict):
        raise Unreadable("its arguments are no JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("its arguments say a name twice")
    return found


def _no_number(said: str) -> Any:
    raise Unreadable(f"its arguments have {said}, which is no JSON")


def explanation(withheld: Sequence[Judged]) -> str:
    """For user and model: what does not go on, why, and what to do."""
    lines = []
    for one in withheld:
        why = "; ".join(one.shown[:2])[:_MOST_SAID]
        if one.verdict == "ask" and one.approval is not None:
            lines.append(f"- `{one.name}` waits for a person's approval ({one.approval.id}): {why}")
        else:
            lines.append(f"- `{one.name}` is refused: {why}")
    waits = any(one.verdict == "ask" and one.approval is not None for one in withheld)
    end = "Nothing of this was done."
    if waits:
        end += " Once it is approved, say so and go on: the very same call then passes."
    return "\n".join([MARK, *lines, end])


def told(one: Judged) -> str:
    """The result that the model is given in the place of a call's own."""
    why = "; ".join(one.shown[:2])[:_MOST_SAID]
    if one.verdict == "ask" and one.approval is not None:
        return (
            f"Not done: this call waits for a person's approval ({one.approval.id}): {why}. Do not repeat it now. "
            "Go on with what needs no approval, or tell the user what waits."
        )
    return f"Not done: this call is refused: {why}. Do not repeat it. Go on without it, or tell the user."


def facts(one: Judged, *, record: bool = False) -> dict[str, Any]:
    """For the answer, or for the step, which has what the call says as well."""
    reasons, tool = (one.reasons, one.proposal.tool) if record else (one.shown, one.name)
    said: dict[str, Any] = {"tool": tool, "verdict": one.verdict, "reasons": list(reasons[:8])}
    if one.approval is not None:
        said["approval"] = one.approval.id
    if one.code:
        said["code"] = one.code
    if one.code == NOT_ASKED and one.arguments is not None:
        said["digest"] = digest(one.arguments)
    return said


def digest(arguments: Any) -> str:
    """Arguments by content, without regard to the order of names: so that the same call is known without them."""
    return hashlib.sha256(_canonical(arguments)).hexdigest()[:32]
