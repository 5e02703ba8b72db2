"""The forms of a user's words: `sent` is `send`, and which classes of effect a word may ask for."""

import re
from functools import lru_cache

from outrider.policy.words import READS, VERBS

CLASSES: dict[str, set[str]] = {}
"""The classes of effect of each verb."""
for _class, _words in VERBS.items():
    for _word in _words.split():
        CLASSES.setdefault(_word, set()).add(_class)
_PRONOUN = re.compile(
    r"-(?:lui|leur|moi|nous|les?|la|lhes?|me|nos|os?|as?|y|en)$|(?<=\w{3})(?=(?:[mstc]?e|gli|ne)?l[aeio]s?$|gli(?:el[aeio])?$|(?:me|nos|mi|ci|ne|l[ae]s?)$)"
)
_BY_TEXT = re.compile(r"^(?:(?:please|also|then|just|to|you)\s)*text\s|\btext message|\b(?:by|via|per) text\b")
_SPEAKER = frozenset(("moi", "nous", "me", "nos", "mi", "ci", "y", "en", "ne"))
_STANDS_FOR = frozenset(("le",))
_OPEN = frozenset("aeiáéír")
_PLAIN = str.maketrans("áéíóúàèìòù", "aeiouaeiou")
_IRREGULAR = {
    "sent": "send", "paid": "pay", "told": "tell", "wrote": "write", "written": "write", "made": "make",
    "bought": "buy", "put": "put",
}  # fmt: skip


@lru_cache(4096)
def base_of(word: str) -> str:
    """`sending`, `sent`, `pays` as `send`, `pay`: enough for the words of effects and of reading."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in CLASSES or word in READS:
        return word
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            bare = word[: -len(ending)]
            for form in (bare, bare + "e", bare[:-1] if bare[-1:] == bare[-2:-1] else bare):
                if form in CLASSES or form in READS:
                    return form
    return _without_pronoun(word)


def clitics_of(word: str) -> frozenset[str]:
    """`le` of `mándale` and `préviens-la`: somebody or something that was named before; nothing of `envoie-moi`."""
    found = _split(word) if word not in CLASSES else None
    return _STANDS_FOR if found and word[found[1] :].strip("-") not in _SPEAKER else frozenset()


def _without_pronoun(word: str) -> str:
    """`mándale`, `scrivile`, `envoie-lui` as `manda`, `scrivi`, `envoie`."""
    found = _split(word)
    return found[0] if found else word


def _split(word: str) -> tuple[str, int] | None:
    """The verb, and where the pronoun behind it begins."""
    for found in _PRONOUN.finditer(word):
        bare = word[: found.start()]
        if bare[-1:] not in _OPEN and "-" not in word:
            continue  # no verb that takes one ends so: `Payne`, `Markle`
        for form in (bare, bare.translate(_PLAIN)):
            if form in CLASSES or form in READS:
                return form, found.start()
    return None


def classes_of(word: str) -> frozenset[str]:
    """The classes of effect that a word may ask for; none if it is no such verb."""
    return frozenset(CLASSES.get(word) or CLASSES.get(base_of(word)) or ())


def is_by_text(text: str) -> bool:
    """Whether a clause wants something texted, not only written."""
    return _BY_TEXT.search(text) is not None
