"""Who calls themselves what: the name that a customer typed names them, for nothing grave, where the user said it.

Whoever is written to by name is known by what they call themselves. What a turned model could do with it is to pick
somebody who calls themselves the same: so the record has to be the only one of that name, in an answer to a look-up by
nothing but the user's own words, or of everything.
"""

import re
from collections.abc import Collection, Sequence

from outrider.policy.normal import holds

_WORD = re.compile(r"[^\W_]+")
_MOST = 200
"""Records with the same word of a name that are looked at; a word of more names nobody."""


class Selves:
    """The names that people gave themselves, by record."""

    def __init__(self) -> None:
        self._names: dict[int, list[str]] = {}
        self._having: dict[str, list[int]] = {}

    def keep(self, record: int, name: str) -> None:
        """A name (plain) that somebody typed, in a record."""
        self._names.setdefault(record, []).append(name)
        for word in set(_WORD.findall(name)):
            having = self._having.setdefault(word, [])
            if len(having) <= _MOST:
                having.append(record)

    def take(self, other: "Selves", offset: int) -> None:
        """Know another session's, too; its records are counted from here on."""
        for record, names in other._names.items():
            for name in names:
                self.keep(record + offset, name)

    def alike(self, record: int, by: str) -> list[int] | None:
        """The other records in which somebody calls themselves so; None if nobody does in this one, or in too many."""
        having = self._having.get(next(iter(_WORD.findall(by)), ""), [])
        if len(having) > _MOST or not self._is_called(record, by):
            return None
        return [one for one in having if one != record and self._is_called(one, by)]

    def _is_called(self, record: int, by: str) -> bool:
        return any(holds(name, by) for name in self._names.get(record, ()))


def by_their_words(given: Sequence[str] | None, by: str, asked: Collection[str]) -> bool:
    """Whether a look-up was made by nothing but the name, in words that the user said in one go (`given` None: it is
    not known): `Eve Hoffmann` finds no other Hoffmann where the user spoke of Mr Hoffmann and of Eve's order."""
    return given is not None and all(
        holds(by, one) or (holds(one, by) and any(holds(text, one) for text in asked)) for one in given
    )
