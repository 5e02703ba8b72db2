"""Who the user meant: of a record that has somebody's name nothing else names whom money or a message goes to.

Who has Bob Hart paid for the trip to Leeds means nobody who lives in Leeds, though that word names their record. Nor is
Bob Mallory meant, nor one of two whom results call Bob: which record is looked up last is the model's own choice.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from outrider.policy.dates import WEEKDAYS_AND_MONTHS
from outrider.policy.declarations import words_of
from outrider.policy.fields import NAMES, SEVERAL
from outrider.policy.forms import classes_of
from outrider.policy.kinds import kinds_of
from outrider.policy.normal import holds, plain
from outrider.policy.words import word_set

_WORD = re.compile(r"[^\W\d_]{2,}")
_PAIR = re.compile(r"(?<=[\w,] )(?P<first>[A-ZÀ-Þ][^\W\d_A-Z]{1,20}) (?P<last>[A-ZÀ-Þ][^\W\d_A-Z][^\W\d_]{0,29})")
"""A first name and a last one, not at the beginning of a sentence."""
_GERMAN = re.compile(
    r"[äöüßÄÖÜ]|\b(?:der|die|das|den|dem|des|und|bitte|mit|für|auf|an|von|vom|zu|zum|zur|ein|eine|einen|im|am|"
    r"ich|dass|nach|bis|aus|sag|schreib|schick|zahl|mein|meine|unser|unsere)\b"
)
"""In a language that writes every noun with a capital letter two such words are no name."""
_TITLES = word_set("mr mrs ms miss mx dr prof professor sir frau herr mme monsieur madame señor señora don dona")
_BEFORE = word_set(
    "the my our your his her their a an this that to mein meine meinen unser unsere mon ma notre mi il la"
)
_ENDS = word_set(
    "that to about for with from on at by in and or but if when today tomorrow now please again what how why which of"
)
_GIVES = word_set("send mail email e-mail forward give show share pass hand bring post text get copy")
_ABOUT = re.compile(r"\b(?:about|for|from|of|on|over|regarding|that|because|with|at|in|what|why|how|who|whether)\b")
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]*[)\]]$")
_MOST_NAMES = 200
_OWN = word_set(
    "email mail e address phone mobile cell tel telephone iban account number id login user username handle upn "
    "contact primary main work private personal business company home default"
)
"""Words of fields that have somebody's own address. `manager` has another's."""


class People:
    """The names that trusted fields give, by record and by their words; and those that the user said in full."""

    def __init__(self) -> None:
        self._of: dict[int, list[str]] = {}
        self._having: dict[str, dict[str, None]] = {}
        self._full: set[tuple[str, str]] = set()
        self._own: set[int] = set()

    def hear(self, text: str) -> None:
        """The user says something, as they wrote it."""
        if not _GERMAN.search(text.lower()):
            self._full.update(_full_names(text))

    def keep(self, record: int, key: str, value: str) -> None:
        """A trusted value (plain) of a record."""
        if "@" in value and _OWN.issuperset(words_of(key)):
            self._own.add(record)
        if "@" not in value and (key in SEVERAL or not NAMES.isdisjoint(words_of(key)[-1:])):
            several = value.split(", ") if key not in NAMES else [value]
            names = [_ASIDE.sub("", one) for one in several if key in NAMES or " " in one]
            self._of.setdefault(record, []).extend(names)
            for name in names:
                self._index(name)

    def _index(self, name: str) -> None:
        for word in _WORD.findall(name):
            having = self._having.setdefault(word, {})
            if len(having) < _MOST_NAMES:
                having[name] = None

    def take(self, other: "People", offset: int) -> None:
        """Know another session's, too; its records are counted from here on."""
        for record, names in other._of.items():
            self._of.setdefault(record + offset, []).extend(names)
        for word, values in other._having.items():
            self._having.setdefault(word, {}).update(values)
        self._full |= other._full
        self._own |= {record + offset for record in other._own}

    def is_known(self, record: int) -> bool:
        """Whether a record is somebody's: it has an address of its own."""
        return record in self._own

    def relation(self, record: int, key: str) -> list[str]:
        """The words of a field that has another's address than the record's own: the manager of somebody, the members
        of a list. Nothing if it may be that of the record itself."""
        words = words_of(key)
        return words if record in self._own and not _OWN.issuperset(words) else []

    def of(self, record: int) -> list[str]:
        """What a record calls somebody."""
        return self._of.get(record, [])

    def is_called(self, by: str) -> bool:
        """Whether trusted fields call anybody so."""
        return any(holds(name, by) for name in self._having.get(next(iter(_WORD.findall(by)), ""), ()))

    def is_another(self, name: str, by: str) -> bool:
        """Whether the user said a word of a name as a part of another whole name: Bob Hart, and so no Bob Mallory."""
        own = set(_WORD.findall(name))
        beside = {one for pair in self._full if by in pair for one in pair if one != by}
        return bool(beside) and own.isdisjoint(beside)

    def is_one_of_several(self, names: Sequence[str], by: str) -> bool:
        """Whether results call another so than who has these names."""
        mine = [set(_WORD.findall(name)) for name in names]
        others = [set(_WORD.findall(name)) for name in self._having.get(by, ()) if name not in names]
        return not all(any(one <= other or other <= one for one in mine) for other in others)


def _full_names(text: str) -> Iterator[tuple[str, str]]:
    for match in _PAIR.finditer(text):
        first, last = plain(match["first"]), plain(match["last"])
        if not any(_is_no_name(one) for one in (first, last)):
            yield first, last


def _is_no_name(word: str) -> bool:
    return word in _TITLES or word in WEEKDAYS_AND_MONTHS or bool(kinds_of(word)) or bool(classes_of(word))


def is_addressed(word: str, texts: Iterable[str]) -> bool:
    """Whether something is said of somebody where whom it goes to stands: `mail my landlord`, and not `the trip to
    Leeds` or `the finance meeting`."""
    stands = re.compile(rf"(?<!\w)(?P<before>(?:[^\W_]+ ){{0,2}}){re.escape(word)}(?: (?P<behind>[^\W_]+))?(?!\w)")
    for text in texts:
        for match in stands.finditer(text):
            words = match["before"].split()
            lead = [one for one in words if one not in _BEFORE or one == "to"]
            opens = not lead or (lead[-1] == "to" and len(lead) < 2) or bool(classes_of(lead[-1]))
            if match["behind"] == "to" and lead and lead[-1] in _GIVES:
                continue  # `send the design to Anna`
            ends = match["behind"] is None or match["behind"] in _ENDS or match["behind"].isdigit()
            if opens and ends and not _ABOUT.search(text[: match.start()]):
                return True
    return False
