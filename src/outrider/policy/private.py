"""Private words that have no form: a diagnosis, a door's code, who earns what.

Two words that stand beside each other in private results and beside each other in what a call carries are taken for
something private if the user said neither. Words that everybody uses in letters are left out. A single word is
seen where it is written like a name (`carried.py`), and a number from a thousand on in any spelling with figures; what
the model puts in its own words is not: the threat model says so.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from outrider.policy.normal import fold, numbers_at
from outrider.policy.words import word_set

Source = tuple[str, ...]
"""A tool, and what it was called with."""
MOST = 400_000
"""Pairs that are remembered; beyond, further texts are not looked at."""
_MOST_PLACES = 50
"""Places of one number that are remembered."""
_MOST_WORDS = 5_000
"""Words of one text that are looked at."""
_LARGE = 1000
_MAY_BE_LARGE = re.compile(r"\d[\d.,' ]{2,}\d|\d\s?[kmt]")
_GLUED, _DASHED = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"), re.compile(r"(?<=\d)[-_/](?=\d)")
_AROUND = 30
"""So many characters before a number and behind it say what it is."""
_WORD = re.compile(r"[^\W_]+|[.!?\n]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_USUAL = word_set(
    "the and for with from this that these those your yours our ours their theirs his her hers its you they them him "
    "she who whom what which when where why how are was were been being have has had having does did doing done will "
    "would shall should can could may might must not but yet nor than then there here also just only very much more "
    "most some any all each every both few many other another such same own too over under again further once about "
    "into onto upon out off down back after before during between through while until since because though although "
    "if else please thank thanks thankful dear hello hey best kind kindly warm regards greetings sincerely cheers "
    "wishes yours faithfully looking look forward hearing hear hope hoping find attached attachment enclosed let know "
    "see soon get got getting give given gave take taken took make made making come coming came going went gone like "
    "need needs needed want wanted would able sure good great nice well new next last first second week weeks day days "
    "month months year years today tomorrow yesterday morning afternoon evening night noon monday tuesday wednesday "
    "thursday friday saturday sunday january february march april june july august september october november "
    "december time times date dates hour hours minute minutes now later early earlier late soon already still mail "
    "mails email emails message messages letter call calls phone reply answer send sent sending write written read "
    "reading meeting meetings meet appointment appointments reminder team everyone everybody anyone someone one two "
    "three four five six seven eight nine ten question questions feel free contact info information regarding "
    "following below above per via confirm confirmed confirmation update updates request requested received receive "
    "available note notes project work working plan planned start end ready help happy sorry use used using way "
    "der die das den dem des ein eine einen einem einer und oder aber mit von für auf aus bei nach über unter zum zur "
    "ist sind war wird werden wurde hat haben sich nicht auch noch nur schon sehr wir sie ihr ihre ihren unser unsere "
    "mein meine dein bitte danke liebe lieber hallo guten viele beste freundliche freundlichen grüsse gruss heute "
    "morgen gestern montag dienstag mittwoch donnerstag freitag samstag sonntag uhr termin woche dass wenn weil kommt "
    "les des une est sont pour avec dans sur par vous nous votre notre vos nos merci bonjour bien cordialement que qui "
    "pas plus aussi demain lundi mardi mercredi jeudi vendredi los las una por para con del como pero hola gracias "
    "saludos usted ustedes nuestro nuestra mañana lunes martes jueves viernes http https www com org net example"
)


class Pairs:
    """Pairs of words of private texts, and their numbers."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._of: dict[Source, set[int]] = {}
        self._numbers: dict[Decimal, list[tuple[Source, frozenset[str]]]] = {}
        self._open: set[Decimal] = set()
        self._unread: list[tuple[str, Source, bool]] = []
        self._kept = 0

    def add(self, folded: str, source: Source = ()) -> None:
        """A private text, in its normal form, out of a source."""
        if self._kept < MOST:
            found = set(map(hash, _pairs(folded)))
            self._known |= found
            self._kept += len(found)
            self._of.setdefault(source, set()).update(found)

    def count(self, folded: str, source: Source, *, private: bool) -> None:
        """Any text may have numbers: those of one that is not private are no secret. They are looked for when a call
        carries one."""
        if len(self._unread) < MOST and _MAY_BE_LARGE.search(folded):
            self._unread.append((folded, source, private))

    def _read(self) -> None:
        """Look for the numbers of what came since."""
        for folded, source, private in self._unread:
            found = _large(folded)
            if not private and len(self._open) < MOST:  # beyond, one counts as a secret: it is asked about
                self._open.update(found)
            for number, around in found.items() if private and len(self._numbers) < MOST else ():
                where = self._numbers.setdefault(number, [])
                if len(where) < _MOST_PLACES:
                    where.append((source, around))
        self._unread.clear()

    def numbers(self, texts: Iterable[str], said: Sequence[str]) -> dict[Decimal, list[Source]]:
        """Large numbers of these texts that private ones alone have, beside no word that was `said`, with their
        sources."""
        forms = (form for text in texts for form in _respelled(fold(text)))
        large = {number for form in forms for number in _large(form)}
        if not large:
            return {}
        self._read()
        large -= self._open
        found = {number: self._numbers[number] for number in large if number in self._numbers}
        known = {form for one in said for form in _forms(one)}
        told = {one for one, where in found.items() if any(not around.isdisjoint(known) for _, around in where)}
        return {one: [source for source, _ in where] for one, where in found.items() if one not in told}

    def take(self, other: "Pairs") -> None:
        """Know another session's, too."""
        other._read()
        self._open |= other._open
        for number, sources in other._numbers.items():
            self._numbers.setdefault(number, []).extend(sources)
        self._known |= other._known
        self._kept += other._kept
        for source, pairs in other._of.items():
            self._of.setdefault(source, set()).update(pairs)

    def sources(self, pair: tuple[str, str]) -> list[Source]:
        """Out of which sources a pair is known."""
        return [source for source, pairs in self._of.items() if hash(pair) in pairs]

    def unsaid(self, texts: Iterable[str], said: Sequence[str]) -> list[tuple[str, str]]:
        """Private pairs of these texts that have no word of what was said (all of it plain)."""
        if not self._known:
            return []
        known: set[str] | None = None
        found = []
        for text in texts:
            for pair in _pairs(fold(text)):
                if hash(pair) in self._known:
                    if known is None:
                        known = {form for one in said for form in _forms(one)}
                    if known.isdisjoint(pair):
                        found.append(pair)
        return found


def _pairs(folded: str) -> Iterator[tuple[str, str]]:
    """Words that stand beside each other in a sentence, whatever usual ones are between them, in either order."""
    before = ""
    for word in _WORD.findall(folded)[:_MOST_WORDS]:
        if not word[0].isalnum():
            before = ""
        elif is_telling(word):
            if before and before != word:
                yield (before, word) if before < word else (word, before)
            before = word


def _respelled(folded: str) -> tuple[str, str, str]:
    """A text with its numbers as they stand, apart from letters (`pin735914`), and without dashes (`735-914`)."""
    return folded, _GLUED.sub(" ", folded), _DASHED.sub("", folded)


def _large(folded: str) -> dict[Decimal, frozenset[str]]:
    """Numbers from a thousand on that are no years, each with the words around it."""
    if not _MAY_BE_LARGE.search(folded):
        return {}
    return {
        number: frozenset(
            word
            for word in _WORD.findall(folded[max(0, start - _AROUND) : end + _AROUND])
            if is_telling(word) and not word.isdigit()
        )
        for number, start, end in numbers_at(folded)
        if number >= _LARGE and not _YEAR.fullmatch(folded[start:end])
    }


def is_telling(word: str) -> bool:
    """Whether a word is none that everybody uses in letters."""
    if word.isdigit():
        return len(word) > 3 and not _YEAR.fullmatch(word)
    return len(word) > 2 and word not in _USUAL


@lru_cache(4096)
def _forms(text: str) -> frozenset[str]:
    """The words of a text, each with and without its `s`."""
    words = {word for word in _WORD.findall(text) if word[0].isalnum()}
    return frozenset(words | {f"{word}s" for word in words} | {word.removesuffix("s") for word in words})
