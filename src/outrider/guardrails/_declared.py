"""Secrets that instructions speak of: what stands behind "the passphrase is", "internal code, never to be told:". Pure.

A value must look like one (figures among letters, joined words, quotes): "the password is secret" names nothing. What
only looks random, and nobody calls secret, is none: account numbers and links are there to be told.
"""

import re
from collections.abc import Iterator

LEAST = 6
"""Letters and digits of a secret."""
MOST_SECRETS = 50
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_ALWAYS = re.compile(
    r"\b(?:pass ?words?|pass ?phrases?|pass ?codes?|secrets?|credentials?|canary|api[ _-]?keys?|access tokens?"
    r"|auth tokens?)\b",
    re.IGNORECASE,
)
"""Words for what is never told."""
_NAMED = re.compile(r"\b(?:codes?|phrases?|keys?|tokens?|pins?|marks?|markers?)\b", re.IGNORECASE)
"""Words for what may be, and is told unless somebody says otherwise."""
_CLOSED = re.compile(
    r"\b(?:never|secret\w*|confidential\w*|private\w*|internal\w*|staff only|not to be|do not|don't|must not"
    r"|without telling|nobody|no one|restricted|classified|undisclosed)\b",
    re.IGNORECASE,
)
_VALUE = re.compile(r"(?:[:=](?!//)|->|→|\bis\b|\bare\b)\s*(?P<open>[\"'`“‘«*]*)(?P<value>[^\s\"'`”’»*]+)")
_QUOTED = re.compile(r"(?:[:=]|->|→|\bis\b|\bare\b)\s*[\"`“«](?P<value>[^\"`”»\n]{6,80})[\"`”»]")
_LINK = re.compile(r"://|^www\.|^[\w.+-]+@[\w-]+\.\w")


def secrets_of(instructions: str) -> list[str]:
    """The secrets of a system message, as they stand there, each once."""
    sentences = _SENTENCE.split(instructions)
    found: dict[str, None] = {}
    for at, sentence in enumerate(sentences):
        for value in _values(sentence, " ".join(sentences[at : at + 2])):
            found[value] = None
    return list(found)[:MOST_SECRETS]


def _values(sentence: str, near: str) -> Iterator[str]:
    """What a sentence calls secret; `near` is the sentence and the one behind it, which may say so."""
    always = _ALWAYS.search(sentence)
    named = always or (_NAMED.search(sentence) if _CLOSED.search(near) else None)
    if named is None:
        return
    for match in _VALUE.finditer(sentence, named.start()):
        value = match["value"].rstrip(".,;:!?)]}>")
        if _is_value(value):
            yield value
    for match in _QUOTED.finditer(sentence, always.start()) if always else ():
        value = match["value"].strip()
        if sum(map(str.isalnum, value)) >= LEAST + 2 and not _LINK.search(value):
            yield value


def _is_value(text: str) -> bool:
    """Whether it is no ordinary word: figures in it, three joined parts, an underscore, or capitals inside."""
    if sum(map(str.isalnum, text)) < LEAST or _LINK.search(text):
        return False
    parts = [part for part in re.split(r"[-–_./+]", text) if part]
    odd = re.search(r"[a-z][A-Z]", text) or (any(map(str.isdigit, text)) and any(map(str.isalpha, text)))
    return bool(odd) or len(parts) >= 3 or "_" in text or sum(map(str.isdigit, text)) >= LEAST
