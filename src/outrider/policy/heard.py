"""What the user said, as far as it may name a record: whole values, words of them, first names, numbers of things."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from outrider.policy.currencies import is_currency
from outrider.policy.declarations import words_of
from outrider.policy.fields import SEVERAL
from outrider.policy.kinds import kinds_of, stem_of
from outrider.policy.normal import holds
from outrider.policy.words import READS, VERBS, word_set

_WORD = re.compile(r"[^\W\d_]{3,}|\d+[^\W_]*|[^\W_]+\d+")
_PLAIN = re.compile(r"[^\W_]+")
FIRST = re.compile(r"[^\W\d_]{3,}")
_ALL = frozenset(("everybody", "everyone", "all", "each", "every", "both", "alle", "allen", "jeden", "tous", "toutes",
                  "todos", "todas", "tutti", "iedereen"))  # fmt: skip
_AT = re.compile(r"\balle(?= (?:ore )?\d)")
"""Italian: `alle 10:30`."""
_NO_THING = (
    r"(?:with|to|for|from|on|in|at|by|of|about|and|or|but|is|was|are|were|has|had|will|until|till|after|before|that|which|so|"
    r"as|if|when|then|now|please|today|tomorrow|next|this|next|mit|für|von|an|am|im|und|avec|pour|de|du|à|et|con|para|y|e)\b"
)
"""What stands behind a noun, and behind no adjective."""
_WHERE = re.compile(r"\b(?:in|at|from|im|aus|bei|à|de|en|chez)\s+(?:the\s+|der\s+|la\s+)?([^\W\d_]{4,})")
"""What those have in common whom somebody means by `all`."""
_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[t ]\d\d:\d\d\S*")
"""A day with a time: its record is that of the day."""
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
"""`(engineer at Rapidflow)` behind a name says something of somebody, and does not name them."""
_SUMS = frozenset(("deposit", "fee", "rent", "refund", "payment", "charge", "invoice", "balance", "donation", "tax"))
"""What a sum is for: everybody's deposit is called so."""
_NOUNS_BEHIND = word_set("the a an my our your his her their this that these those some any no every each of")
_SHORTEST_FIRST = 4
_NO_FIRST = frozenset(word for words_ in VERBS.values() for word in words_.split()) | READS
"""Words that users say for something else than a name that begins with them: `Open Kitchen`."""
_CODED = re.compile(r"[^\W\d_]{1,12}[-_:#.]?\d[\w-]*")
"""`job-207`: its letters name nothing."""
_EMPTY = word_set(
    "the and for with from this that your our their his her mail email com org net www http https mrs von van der "
    "die das und les des del los las example not are was has have all any new"
)
_SHORTEST_ROLE, _MOST_PARTS, _SHORTEST_THING = 4, 6, 3
_NUMBER = re.compile(r"(?<![\w.,])\d{1,4}(?![\w,]|\.\d)")
_OF_A_THING = re.compile(r"\d{1,4}[- ]stars?|[^\W\d_]{3,} (?:no\.? |number |#)?\d{1,4}")
_STARS = frozenset(("star", "rating", "score"))
_NO_THINGS = word_set(
    "amount total sum price cost fee balance paid due quantity qty count size stock left day night hour minute week "
    "month year percent age weight people person guest seat unit piece item limit number"
)
"""What is counted or paid: so many of it name nothing."""

Naming = Literal["", "name", "person"]
"""What names somebody; a person by their first name, be it short."""


class Words:
    """What the user said, for naming records."""

    def __init__(self, asked: list[str]) -> None:
        self.asked = asked
        self.words = frozenset(word for text in asked for word in _PLAIN.findall(text))
        self._alone = {word for text in asked for word in words(text) if holds(text, word)}
        self.everybody = any(not _ALL.isdisjoint(_AT.sub(" ", text).split()) for text in asked)
        self._where = {match[1] for text in asked for match in _WHERE.finditer(text)} if self.everybody else set()
        self._numbers = {match for text in asked for match in _NUMBER.findall(text)}
        self._days = {match[0] for text in asked for match in _DAY.finditer(text)}

    def holds(self, name: str) -> bool:
        """Whether the user said it whole."""
        return any(holds(text, name) for text in self.asked)

    def is_so(self, state: str) -> bool:
        """Whether a word says how a thing is that is named behind it (`the pending order`), or the user means all."""
        found = re.compile(rf"(?<!\w){re.escape(state)} (?!{_NO_THING})[^\W\d_]") if state else None
        return found is not None and (self.everybody or any(found.search(text) for text in self.asked))

    def said(self, value: str, tells: Callable[[str], bool] | None = None, *, names: Naming = "") -> str:
        """The value if it was said as a whole, else the word of it that was, if at least half of its words were; of
        several the longest that `tells` its record from others, if there is one. Of what `names` somebody the first
        word is enough, and what stands in brackets is not looked at.
        Where two were, numbers count for none: `lidocaine cartridges` of `Lidocaine 2 % cartridges, pack of 50`."""
        if value in _SUMS:
            return ""
        if len(value) > 2 and value not in _EMPTY and any(holds(text, value) for text in self.asked):
            return value
        if _MOMENT.fullmatch(value):
            return value[:10] if self.everybody and value[:10] in self._days else ""
        name = without_aside(value) if names else value
        if "@" in name or "/" in name or _CODED.fullmatch(value):
            return ""
        own = words(name)
        found = [word for word in own if word in self._alone and not word.isdigit()]
        if names and found and found[0] == own[0] and self._is_name(own[0], person=names == "person"):
            own = found
        if found and not self._where.isdisjoint(found):  # `all tenants in Lindenweg`: it need not be all of the value
            return next(word for word in found if word in self._where)
        many = [word for word in own if not word.isdigit()] if len(found) > 1 else own
        if not found or 2 * len(found) < len(many):
            return self._role(value) if names else ""
        return max(found if tells is None else list(filter(tells, found)) or found, key=len)

    def stands_as_name(self, said: str) -> bool:
        """Whether something that was said stands somewhere without an article, and is no kind of people: `customer`."""
        return not kinds_of(said) and any(one not in _NOUNS_BEHIND for one in self._before(said))

    def stands_as_first_name(self, said: str) -> bool:
        """The same for somebody's first name, which may be a noun, too: `the art`, `3 Jan`. `a` is Spanish, too."""
        return any(not one[:1].isdigit() and one not in _NOUNS_BEHIND - {"a", "an"} for one in self._before(said))

    def _before(self, said: str) -> list[str]:
        """The words before something that was said."""
        stands = re.compile(rf"(?<!\w)([^\W_]+\.? )?{re.escape(said)}(?!\w)")
        return [(match[1] or "").strip(" .") for text in self.asked for match in stands.finditer(text)]

    def numbered(self, key: str, value: str) -> str:
        """How the user said a number of a thing in a field: `the 2 star one` of `stars: 2`, `table 5` of `table: 5`."""
        if value not in self._numbers:
            return ""
        said = _numbered(key, value)
        return next((found[0] for text in self.asked if (found := said.search(text))), "") if said else ""

    def _role(self, name: str) -> str:
        """What stands alone in the brackets behind a name, if the user said it: `Ruth Whitlock (granny)`. Owners and
        tenants there are many."""
        aside = _ASIDE.search(name) if name[-1:] in ")]" else None
        parts = aside[0].strip(" ()[]").split(", ", _MOST_PARTS) if aside else []
        good = (one for one in parts if len(one) >= _SHORTEST_ROLE and one not in _SUMS | SEVERAL and self.holds(one))
        return next((one for one in good if not kinds_of(one)), "")

    def _is_name(self, word: str, *, person: bool) -> bool:
        """Whether a word stands somewhere as a name does: `pay Rapidflow`, and not `the water bill`."""
        if (len(word) < _SHORTEST_FIRST and not person) or word in _NO_FIRST:
            return False
        stands = re.compile(rf"(?<!\w)(?P<before>[^\W\d_]+ )?{re.escape(word)}(?: (?P<behind>[^\W\d_]+))?(?!\w)")
        found = (one for text in self.asked for one in stands.finditer(text))
        return any(
            (one["before"] or "").strip() not in _NOUNS_BEHIND and not kinds_of(one["behind"] or "") for one in found
        )


def is_number(said: str) -> bool:
    """Whether something that was said may be the number of a thing (`Words.numbered`)."""
    return _OF_A_THING.fullmatch(said) is not None


@lru_cache(4096)
def _numbered(key: str, value: str) -> re.Pattern[str] | None:
    last = "".join(words_of(key)[-1:])
    own = stem_of(last)
    if own in _STARS:
        return re.compile(rf"(?<![\w.,]){value}[- ]stars?(?!\w)")
    if own != last or own in _NO_THINGS or is_currency(own) or len(own) < _SHORTEST_THING:
        return None  # `rooms: 2`, `price_eur: 50`: so many
    return re.compile(rf"(?<!\w){re.escape(own)} (?:no\.? |number |#)?{value}(?![\w.,]*\d)")


def local(address: str) -> list[str]:
    """The words of an address before its host."""
    return FIRST.findall(address.partition("@")[0])


def without_aside(name: str) -> str:
    return _ASIDE.sub(" ", name) if name[-1:] in ")]" else name


def words(text: str) -> list[str]:
    """Words that can tell one thing from another."""
    return [word for word in dict.fromkeys(_WORD.findall(text)) if word not in _EMPTY]
