"""A document that says nearly what another of the collection says."""

from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.doors._shapes import shape
from outrider.knowledge.records import Parsed

POLICY = "note"


def check(parsed: Parsed, context: Context) -> Note | None:
    found = context.near.nearest(context.source, parsed.text) if context.near is not None else None
    if found and found[1] >= 1 and shape(parsed.text) is None:
        return Note(f"It says the same as {found[0]}.")
    return Note(f"It says nearly the same as {found[0]} ({found[1]:.0%} alike).", found[1]) if found else None
