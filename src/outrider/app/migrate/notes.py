"""What a migration has to say: by path of the old file, what did not come over and what to do instead.

A `Section` knows which keys of a mapping were read. What nobody read is reported in the end, so that a key that this
program has never heard of is named as well as one that it knows and cannot keep.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

Kind = Literal["todo", "differs", "left"]
MOST_NAMED = 4
_INDEX = re.compile(r"\[\d+\]")


class Note(msgspec.Struct, frozen=True):
    """`todo`: to be done before it works; `differs`: came over, and means something else; `left`: did not come over.

    `path` is the place in the old file, or several keys of one mapping if the same is said of them; `who` names the
    entries of a list that it is about ("" outside of lists).
    """

    kind: Kind
    path: str
    text: str
    who: str = ""


class Notes:
    """Collects notes; those that say the same of several entries of a list become one."""

    def __init__(self) -> None:
        self._found: dict[tuple[Kind, str, str], list[str]] = {}

    def add(self, kind: Kind, path: str, text: str, who: str = "") -> None:
        """Note `text` about `path`. An index in the path is left out where `who` says which entry it is."""
        plain = one_line(_INDEX.sub("[]", path) if who else path)
        names = self._found.setdefault((kind, plain, one_line(text)), [])
        if who and one_line(who) not in names:
            names.append(one_line(who))

    def __iter__(self) -> Iterator[Note]:
        """What has to be done first, then what differs, then what is left."""
        joined: dict[tuple[Kind, str, str, str], list[str]] = {}
        for (kind, path, text), names in self._found.items():
            parent, dot, key = path.rpartition(".")
            joined.setdefault((kind, parent + dot, text, _several(names)), []).append(key)
        for wanted in ("todo", "differs", "left"):
            for (kind, parent, text, who), keys in joined.items():
                if kind == wanted:
                    yield Note(kind, parent + ", ".join(keys), text, who)


class Section:
    """A mapping of the old file at `path`. `who` names the entry of a list that it belongs to, "" if none."""

    def __init__(self, value: object, path: str, notes: Notes, who: str = "") -> None:
        self.path, self.who, self._notes = path, who, notes
        self._values: Mapping[str, object] = {}
        self._read: set[str] = set()
        if isinstance(value, dict):
            self._values = {str(key): inner for key, inner in value.items()}
        elif value is not None:
            notes.add("left", path, "a mapping was expected here; it was not read", who)

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def take(self, key: str) -> object:
        """The value, None if it is not there. The key counts as read."""
        self._read.add(key)
        return self._values.get(key)

    def text(self, key: str) -> str:
        """A value in words, "" if there is none; what is no word is reported."""
        value = self.take(key)
        if value is None or isinstance(value, dict | list):
            if value is not None:
                self.left(key, "text was expected here; it was not read")
            return ""
        return str(value).lower() if isinstance(value, bool) else str(value).strip()

    def number(self, key: str) -> float | None:
        """A number above 0, None if there is none; what is no number is reported, 0 means none."""
        value = self.take(key)
        if value is None or value is False:
            return None
        try:
            made = float(str(value))
        except ValueError:
            self.left(key, "a number was expected here; write it into the new file yourself")
            return None
        return made if 0 < made < float("inf") else None

    def flag(self, key: str) -> bool | None:
        """True or False, None if it is not there."""
        word = self.text(key).lower()
        return None if not word else word in ("true", "1", "yes", "on")

    def section(self, key: str) -> "Section":
        return Section(self.take(key), f"{self.path}.{key}".lstrip("."), self._notes, self.who)

    def entries(self, key: str) -> list[object]:
        """A list; one value by itself is a list of one."""
        value = self.take(key)
        return value if isinstance(value, list) else [] if value is None else [value]

    def left(self, key: str, text: str) -> None:
        """Report a key that does not come over."""
        self.say("left", key, text)

    def say(self, kind: Kind, key: str, text: str) -> None:
        self._read.add(key)
        self._notes.add(kind, f"{self.path}.{key}".lstrip("."), text, self.who)

    def leave(self, remedies: Mapping[str, str], otherwise: str) -> None:
        """Report every key that nobody read: with its remedy, with none if that is "", else with `otherwise`."""
        for key, value in self._values.items():
            if key in self._read or value is None or value == [] or value == {}:
                continue
            remedy = remedies.get(key, otherwise)
            if remedy:
                self.left(key, remedy)


def one_line(text: str) -> str:
    """Text that stays within one line of a comment."""
    return "".join([sign if sign.isprintable() else " " for sign in text]).strip()


def _several(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
