"""Text that addresses the model which will read it."""

from outrider.knowledge.doors._addressing import addresses, strength
from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.records import Parsed

POLICY = "label"
ENOUGH = 0.65


def check(parsed: Parsed, context: Context) -> Note | None:
    found = list(addresses(parsed.text))
    how = strength(found)
    if how < ENOUGH:
        return None
    gravest = max(found, key=lambda a: a.weight)
    return Note(f"It seems to address the model: it {gravest.what} ({gravest.words!r}).", how)
