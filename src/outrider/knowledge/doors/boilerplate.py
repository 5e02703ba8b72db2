"""A document with next to no text of its own: an error page, a wall of consent, the same line again and again."""

import re
from collections import Counter

from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.records import Parsed

POLICY = "note"
LEAST = 120
"""Characters of a text that says something, unless it is a table or a list."""
_WALL = re.compile(
    r"(?:enable|turn on|activate)\s+(?:javascript|cookies)|javascript is (?:disabled|required|not available)"
    r"|(?:404|403|500|502|503)\b.{0,20}\b(?:not found|forbidden|error|gateway|unavailable)"
    r"|page (?:was |could )?not (?:be )?found"
    r"|access (?:is |was )?denied|checking your browser|are you (?:a )?(?:human|robot)|verify (?:that )?you are human"
    r"|(?:accept|manage) (?:all )?cookies|we use cookies|subscribe to (?:continue|read)"
    r"|log ?in to continue|sign in to continue"
    r"|lorem ipsum dolor",
    re.IGNORECASE,
)


def check(parsed: Parsed, context: Context) -> Note | None:
    text = parsed.text.strip()
    wall = _WALL.search(text[:3_000])
    if wall and len(text) < 1_500:
        return Note(f"It seems to be no document but a wall in front of one: {wall[0]!r}.")
    kinds = {block.kind for block in parsed.blocks}
    if len(text) < LEAST and not kinds & {"table", "list", "code", "speech"}:
        return Note(f"It has {len(text)} characters of text.")
    return _repeats(text)


def _repeats(text: str) -> Note | None:
    rows = [row.strip() for row in text.splitlines() if len(row.strip()) > 20]
    if len(rows) < 20:
        return None
    again = sum(times - 1 for times in Counter(rows).values()) / len(rows)
    return Note(f"{again:.0%} of its lines stand there more than once.", again) if again > 0.5 else None
