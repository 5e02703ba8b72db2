"""Code that stands in fences within a text."""

import re
from collections.abc import Collection, Iterator

_FENCE = re.compile(
    r"^[ \t]*(```++|~~~++)[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)


def fenced(text: str, languages: Collection[str]) -> Iterator[tuple[int, str]]:
    """Where each block in one of these languages begins, and its code. One that is not closed ends with the text."""
    for match in _FENCE.finditer(text) if "```" in text or "~~~" in text else ():
        if match[2].lower() in languages:
            yield match.start(3), match[3]
