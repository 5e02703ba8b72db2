"""Which of the things that a tool returned the user spoke of: the one that has the most of their words.

`The depot piece` is one article among others, though its headline has seven words: it has more of the user's words
than any other that the tool returned in this session. That names what is changed, and nobody whom money or a message
goes to.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from outrider.policy.forms import classes_of
from outrider.policy.kinds import kinds_of
from outrider.policy.normal import holds
from outrider.policy.records import LONGEST_NAME
from outrider.policy.words import NOT_BEFORE, NOT_BEHIND, READS, word_set

_WORD = re.compile(r"[^\W\d_]{4,}|\d{3,}")
_COMMON = word_set(
    "about after again also another because been before being both called calls could days does done down each "
    "else even ever every first from give given goes going good great have hello here hers himself into just keep "
    "kind know last later less like little look made make many maybe mine more most much must need needs never "
    "next nice none only onto other ours over please quick really right said same says should since some someone "
    "something soon still such sure take than thank thanks that their them then there these they thing things "
    "this those through time today together tomorrow tonight very want wants week weeks well were what when where "
    "which while with without would year years yesterday your yours monday tuesday wednesday thursday friday "
    "saturday sunday morning afternoon evening january february march april june july august september october "
    "november december email phone name number date people everyone everybody page title subject status state "
    "text nach noch auch aber oder wenn dann eine einen einem einer mein dein sein ihre nicht bitte vous nous "
    "leur leurs pour avec dans elle cette para como esta este todo della delle sono voor naar niet"
)
_MOST = 200
"""Things with the same word that are counted; a word of more tells nothing."""


class Things:
    """The words of all things, by the tools that returned them; those of trusted fields, and all."""

    def __init__(self) -> None:
        self._having: dict[tuple[str, bool], list[int]] = {}
        self._tools: dict[int, str] = {}

    def add(self, record: int, tool: str, text: str, *, trusted: bool) -> None:
        """A short value of a thing (plain)."""
        if "\n" in text or len(text) > LONGEST_NAME:
            return
        self._tools[record] = tool
        for word in set(_WORD.findall(text)):
            for among in (True, False) if trusted else (False,):
                having = self._having.setdefault((word, among), [])
                if len(having) <= _MOST and (not having or having[-1] != record):
                    having.append(record)

    def take(self, other: "Things", offset: int) -> None:
        """Know another session's, too; its records are counted from here on."""
        self._tools.update({record + offset: tool for record, tool in other._tools.items()})
        for key, records in other._having.items():
            self._having.setdefault(key, []).extend(one + offset for one in records)

    def best(self, record: int, asked: Sequence[str], besides: str, *, trusted: bool) -> str:
        """The longest word of the user's that a thing has, other than in the value `besides`, if no other thing of its
        tool has as many of them; else ""."""
        counts, mine = Counter[int](), list[str]()
        for word in _telling(tuple(asked)):
            having = self._having.get((word, trusted), ())
            if len(having) > _MOST or word in besides:
                continue
            counts.update(one for one in having if self._tools[one] == self._tools.get(record))
            if record in having:
                mine.append(word)
        others = max((count for one, count in counts.items() if one != record), default=0)
        return max(mine, key=len) if len(mine) > others else ""


@lru_cache(64)
def _telling(texts: tuple[str, ...]) -> frozenset[str]:
    """The words of utterances that can tell one thing from another: no verbs, kinds of things or common words."""
    found = {word for text in texts for word in _WORD.findall(text) if holds(text, word)}
    known = _COMMON | READS | NOT_BEFORE | NOT_BEHIND
    return frozenset(word for word in found if word not in known and not classes_of(word) and not kinds_of(word))
