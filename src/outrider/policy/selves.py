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
        self._tools: dict[int, str] = {}
        self._having: dict[str, list[int]] = {}

    def keep(self, record: int, tool: str, name: str) -> None:
        """A name (plain) that somebody typed, in a record that this tool returned."""
        self._names.setdefault(record, []).append(name)
        self._tools[record] = tool
        for word in set(_WORD.findall(name)):
            having = self._having.setdefault(word, [])
            if len(having) <= _MOST:
                having.append(record)

    def take(self, other: "Selves", offset: int) -> None:
        """Know another session's, too; its records are counted from here on."""
        for record, names in other._names.items():
            for name in names:
                self.keep(record + offset, other._tools[record], name)

    def alike(self, record: int, by: str) -> list[int] | None:
        """The other records of its tool in which somebody calls themselves so; None if nobody does in this one, or in
        too many."""
        having = self._having.get(next(iter(_WORD.findall(by)), ""), [])
        if len(having) > _MOST or not self._is_called(record, by):
            return None
        tool = self._tools[record]
        return [one for one in having if one != record and self._tools[one] == tool and self._is_called(one, by)]

    def _is_called(self, record: int, by: str) -> bool:
        return any(holds(name, by) for name in self._names.get(record, ()))


def by_their_words(given: Sequence[str] | None, said: Collection[str]) -> bool:
    """Whether a look-up was made with nothing but words that the user said (`given` None: it is not known)."""
    return given is not None and all(word in said for text in given for word in _WORD.findall(text))
