"""Addresses that show another place than the one they lead to, or carry something in the name of their host.

Whoever gives a place to people has no use for these forms. Pure: nothing is looked up. That an address is strange in
another way (a long query, an unknown host) is not said here.
"""

import re

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}\.?")
_FOUR = re.compile(r"(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}")
_HEX, _LETTERS = re.compile(r"[0-9a-f]{24,}"), re.compile(r"[a-z0-9_]{32,}")
"""A part of a host's name that is no name: what somebody encoded."""


def is_disguised(url: str) -> bool:
    """Whether an address hides where it leads: a name before `@`, a backslash, letters that are spelled otherwise
    (`xn--…`, `%2e`) or unseen, an IP address as one number, or a host that holds something encoded."""
    text = url.strip()
    if "\\" in text or _UNSEEN.search(text):
        return True
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme and text.startswith("//", scheme.end()) else text
    authority = re.split(r"[/?#]", rest.removeprefix("//"), maxsplit=1)[0].lower()
    if "@" in authority or "%" in authority or not authority.isascii():
        return True
    host = authority.rpartition(":")[0] if re.search(r":\d*$", authority) else authority
    if _NUMBER.fullmatch(host) and not _FOUR.fullmatch(host):
        return True
    return any(
        label.startswith("xn--") or _HEX.fullmatch(label) or _LETTERS.fullmatch(label) for label in host.split(".")
    )
