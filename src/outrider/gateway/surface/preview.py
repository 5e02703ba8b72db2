"""The short text of a request that lists show and searches find."""

MOST = 200  # characters
_BREAKS = str.maketrans("\n\r\t", "   ")


def one_line(text: str) -> str:
    """The first characters of `text`, on one line."""
    return text[:MOST].translate(_BREAKS).strip()
