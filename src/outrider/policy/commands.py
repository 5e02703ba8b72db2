"""Whether a command is all of what the user said: `git push` does something else than `git push origin dev`.

Where the user put it into quotes, the quotes say where it ends. Else it ends with the sentence, or before a word that
no command has there: `run make test and tell me`, `run ls in the folder`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from outrider.policy.words import READS, VERBS, word_set

_QUOTED = re.compile(r"(?<!`)`+([^`]+)`+|\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)")
_ENDS = word_set(
    "please and then on in at once twice again now there until if when so because as after before via using inside "
    "for me us myself right immediately asap first afterwards but or und dann bitte auf im wenn nochmal jetzt zuerst "
    "et puis sur dans ensuite maintenant y luego en ahora e poi su adesso nightly daily"
)
_SAYS = {word for words in VERBS.values() for word in words.split()} | READS
_BEGINS = _SAYS | word_set(
    "running executing using command commands script the my a this that it: with to and then please just only befehl "
    "den das die commande la le comando el il now again also simply again: i.e e.g"
)
"""What may stand before a command: anything else (`sudo`, `echo`) belongs to it."""
_TO_SEE = re.compile(r"to\s+([^\W\d_]+)")
_NEXT = re.compile(r"\s+([^\s]+)")


def is_whole(said: Sequence[str], command: str) -> bool:
    """Whether some text (folded) says a command as a whole; True, too, where none says it in one piece."""
    quoted = [one for text in said for one in _quotes(text)]
    if command in quoted:
        return True
    if any(command in one for one in quoted):
        return False
    places = [(text, at) for text in said for at in _places(text, command)]
    return not places or any(_stands(text, at, at + len(command)) for text, at in places)


@lru_cache(4096)
def _quotes(text: str) -> tuple[str, ...]:
    return tuple(one for found in _QUOTED.finditer(text) for one in found.groups() if one)


def _places(text: str, command: str) -> list[int]:
    return [found.start() for found in re.finditer(rf"(?<!\S){re.escape(command)}(?![^\s.,;:!?)])", text)]


def _stands(text: str, start: int, end: int) -> bool:
    before = text[:start].split()[-1:]
    if before and before[0].rstrip(":,;.!?") not in _BEGINS and before[0][-1] not in ":,;.!?":
        return False
    behind = _NEXT.match(text, end)
    if behind is None or text[end : end + 1] in ".,;:!?)":
        return True
    if behind[1].strip(".,;:!?") in _ENDS:
        return True
    purpose = _TO_SEE.match(text[end:].lstrip())
    return purpose is not None and purpose[1] in (_SAYS | {"see", "make", "be", "get", "have", "ensure"})
