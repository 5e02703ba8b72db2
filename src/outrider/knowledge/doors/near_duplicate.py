"""A document that says nearly what another of the collection says."""

from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.doors._shapes import shape
from outrider.knowledge.records import Parsed

POLICY = "note"


def check(parsed: Parsed, context: Context) -> Note | None:
    near = context.near
    found = near.nearest(context.source, parsed.text) if near is not None else None
    if near is None or found is None:
        return None
    name = near.named(found[0], context.source, context.readers)
    if shape(parsed.text) is None:
        return Note(f"It says the same as {name}.")
    return Note(f"It says nearly the same as {name} ({found[1]:.0%} alike).", found[1])
