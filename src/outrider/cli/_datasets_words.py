"""What `outrider datasets` says of cases and of what is alike."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from outrider.cli._output import clean, note, say

if TYPE_CHECKING:
    from outrider.evals.alike import Alike, Merged
    from outrider.evals.records import Case

SHOWN = 20


def conversation(case: "Case") -> str:
    """The end of what a case asks, on one line."""
    from outrider.evals.alike import asked

    return clean(" ".join(asked(case).split()))[-80:]


def told_merged(left: "Merged") -> None:
    for one in left.merged[:SHOWN]:
        note(f"{one.case} asks what {one.other} asks ({one.likeness:.0%} alike): left out")
    if len(left.merged) > SHOWN:
        note(f"and {len(left.merged) - SHOWN} more")
    for one in left.differ[:SHOWN]:
        note(f"{one.case} asks what {one.other} asks and expects something else: look at both")


def told_alike(found: "Sequence[Alike]", what: str) -> None:
    for one in found[:SHOWN]:
        say(f"{one.case} {what} {one.other} ({one.likeness:.0%})")
    if len(found) > SHOWN:
        say(f"and {len(found) - SHOWN} more")
