"""The message about calls that wait, as plain text that stays plain: in e-mail, in a chat, on a lock screen.

It holds what steers the call and where that came from, never what a text of others says at length. Addresses in it
cannot be clicked but for ours, and nothing in it is markup or calls for somebody's attention.
"""

from collections.abc import Sequence

from outrider.base import clock
from outrider.policy.pending import Approval
from outrider.policy.present import WORST, ends, lines, plain

MOST_CALLS = 10
MOST_VALUES = 8
MOST_PARTS = 4
LONGEST = 160
LONGEST_NAME = 80
LONGEST_PATH = 60
_INERT = str.maketrans({"<": "‹", ">": "›", "`": "’", "*": "∗", "[": "(", "]": ")", "|": "¦", "@": "＠"})


def message(group: Sequence[Approval], origin: str) -> tuple[str, str]:
    """Title and body for calls of one plan, or for one call."""
    first = group[0]
    who = inert(first.about.agent or "an agent", 60) + (
        f" for {inert(first.about.user, 60)}" if first.about.user else ""
    )
    what = inert(first.about.tool, LONGEST_NAME) if len(group) == 1 else f"{len(group)} calls"
    body = [f"{who} wants to call {what}. It waits for a person until {clock.iso(first.expires)[:16]}Z."]
    for one in group[:MOST_CALLS]:
        body += _call(one)
    if len(group) > MOST_CALLS:
        body.append(f"and {len(group) - MOST_CALLS} more")
    body.append(f"Look at it and decide: {origin}/approvals/{first.id}")
    return f"Outrider: {what} wait{'s' if len(group) == 1 else ''} for a person", "\n".join(body)


def _call(one: Approval) -> list[str]:
    about = one.about
    said = ["", f"{inert(about.tool, LONGEST_NAME)} ({inert(about.effect or 'effect unknown', 20)})"]
    values = [line for line in lines(about) if line.origin]
    for line in values[:MOST_VALUES]:
        sign = "!! " if WORST.index(line.origin) >= WORST.index("made_up") else ""
        text = ends(line.text, LONGEST - 40) if len(line.text) > LONGEST else line.text
        said.append(f"  {inert(line.path, LONGEST_PATH)}: {inert(text)}")
        said.append(f"    {sign}{inert(line.words)}")
        said += [f"    decides: {inert(part, 2 * LONGEST)}" for part in line.parts[:MOST_PARTS]]
        if len(line.parts) > MOST_PARTS:
            said.append(f"    and {len(line.parts) - MOST_PARTS} more parts: look at them before you decide")
        said += [f"    !! {inert(warning)}" for warning in line.warnings]
    if len(values) > MOST_VALUES:
        said.append(f"  and {len(values) - MOST_VALUES} more values")
    if about.carried:
        said.append(f"  it carries {len(about.carried)} links or addresses")
    said += [f"  why: {inert(reason)}" for reason in about.reasons[: len(about.rules)]]
    return said


def inert(text: str, most: int = LONGEST) -> str:
    """One line that no mail reader and no chat makes a link, a mention or markup of."""
    said = plain(text, most).translate(_INERT)
    return said.replace("://", ":⁄⁄").replace("www.", "www․")
