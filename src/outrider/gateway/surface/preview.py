"""The short text of a request that lists show and searches find."""

MOST = 200  # characters


def one_line(text: str) -> str:
    """The first characters of `text`, on one line, white space as single spaces."""
    head = text[: 2 * MOST]
    if "\n" in head or "  " in head or "\t" in head or "\r" in head:  # splitting costs more than looking
        head = " ".join(head.split())
    return head[:MOST].strip()
