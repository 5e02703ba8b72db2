"""A call as a person is shown it: every argument with where it came from, and nothing that hides or pretends.

What cannot be seen is spelled out, letters that look like others are named, what is encoded is decoded beside it, words
that others wrote are marked. Nothing here is text about the call: only the call. Pure; whoever shows it escapes it.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base.hidden import ALIKE, is_hidden, packed
from outrider.policy.normal import fold
from outrider.policy.origins import Origin
from outrider.policy.pending import About, Shown

Mark = Literal["", "hidden", "others", "link"]
MOST_LINES = 300
"""Values of what a call carries that are shown. Those that steer it are all shown, and whole."""
LONGEST = 4_000
"""Characters of what a call carries that are shown: then it says how much is missing, and its end is shown as well."""
LONG = 300
"""Characters of a steering value from which on its parts that decide stand before it."""
MOST_PARTS = 20
_END = 400
_COMPARED, _BEFORE = 400, 40
"""Characters of a value beside an earlier one, and how many of them come before the first difference."""
_WORDS = 5
"""So many words in a row that a text of others has, too, are taken from it."""
_MOST_READ = 500_000
_CHECKED = 50_000
_AIMS = ("recipient", "url", "path", "id", "command", "amount")
WORST = tuple(one.name.lower() for one in sorted(Origin))
"""Origins by name, from the best to the worst."""

_FROM = {
    "neutral": "it carries nothing",
    "user": "the user said it",
    "operator": "the operator said it",
    "linked": "belongs to what the user named",
    "described": "belongs to what the user named, by a text that others wrote",
    "trusted": "trusted data",
    "made_up": "nobody said it but the model",
    "untrusted": "only a text that others wrote says it",
}
_GAPS = re.compile(r"\n(?:[^\S\n]*\n){3,}|[ \t]{9,}")
_PUNYCODE = re.compile(r"(?i)(?<![\w-])xn--[a-z0-9-]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"[^\s<>\"',;|]{1,200}@[^\s<>\"',;|]{1,200}|\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"']{1,2000}")


class Piece(msgspec.Struct, frozen=True):
    """A part of a value: `hidden` is something that could not be seen, spelled out; `others` words that a text of
    others has, too; `link` an address that neither the user nor trusted data gave."""

    text: str
    mark: Mark = ""


class Line(msgspec.Struct, frozen=True):
    """One value of the call. `origin` is one of `WORST` ("": it steers nothing, so nobody traced it), `words` the same
    in words; `warnings` say what is odd about it; `size` is its length in characters. `parts` of a long value that
    steers are those that decide, with where each came from, the worst first: they are to be seen before it."""

    path: str
    pieces: tuple[Piece, ...]
    kind: str = ""
    origin: str = ""
    words: str = ""
    warnings: tuple[str, ...] = ()
    size: int = 0
    parts: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


class Change(msgspec.Struct, frozen=True):
    """A value beside that of an earlier call: `same`, `changed`, `new` or `gone`."""

    path: str
    what: Literal["same", "changed", "new", "gone"]
    before: str = ""
    now: str = ""


def lines(about: About, texts: Sequence[str] = ()) -> list[Line]:
    """All values of a call, those that steer it first, the worst first, long ones behind short ones. `texts` (folded)
    are those of others that the session has read."""
    leaves = list(_leaves("", msgspec.json.decode(about.arguments)))
    traced, alone = _traced(about.values, dict(leaves))
    read = _Read(texts)
    links = tuple(one.value for one in about.carried if one.origin in ("made_up", "untrusted"))
    steering = [_line(path, value, traced[path], links, read) for path, value in leaves if path in traced]
    steering += [_line(one.path, one.value, [one], links, read) for one in alone]
    steering.sort(key=lambda line: (line.size > LONG, -WORST.index(line.origin)))
    carried = [(path, value) for path, value in leaves if path not in traced]
    made = steering + [_line(path, value, (), links, read) for path, value in carried[:MOST_LINES]]
    left = len(carried) - MOST_LINES
    if left > 0:
        made.append(
            Line("…", (Piece(f"{left} further values are not shown", "hidden"),), warnings=("too many values",))
        )
    return made


def worst(about: About) -> str:
    """The worst origin of its steering values."""
    found = [WORST.index(one.origin) for one in about.values if one.kind in _AIMS and one.origin in WORST]
    steering = WORST.index(about.steering) if about.steering in WORST else 0
    return WORST[max([*found, steering])]


def doubts(about: About) -> list[str]:
    """What whoever approves has to have checked: values that decide where the effect goes, and that nobody vouches
    for."""
    leaves = dict(_leaves("", msgspec.json.decode(about.arguments)))
    found = dict.fromkeys(
        part
        for one in sorted(about.values, key=lambda one: -WORST.index(one.origin))
        if one.kind in _AIMS and one.origin in ("made_up", "untrusted")
        for part in _parts(one, leaves.get(one.path))
    )
    more = len(found) - MOST_PARTS
    return [*[*found][:MOST_PARTS], *([f"and {more} more"] if more > 0 else ())]


def plain(text: str, most: int = LONGEST) -> str:
    """A text in one line in which nothing is hidden, cut where it is longer than `most`."""
    said = " ".join("".join(piece.text for piece in visible(text)).split())
    return said if len(said) <= most else f"{said[: most - 1]}…"


def ends(text: str, most: int) -> str:
    """A text in one line in which nothing is hidden. Of a longer one its beginning, its end, and how much is missing:
    what counts may stand at either."""
    said = plain(text, len(text) * 80 + 80)
    if len(said) <= most:
        return said
    half = most // 2
    return f"{said[:half]} ⟨{len(said) - 2 * half:,} characters more⟩ {said[-half:]}"


def changes(now: About, before: About) -> list[Change]:
    """What differs between two calls of the same tool, value by value; what is the same comes last. Long values are
    shown from a little before where they part, and their ends."""
    mine, theirs = (dict(_leaves("", msgspec.json.decode(one.arguments))) for one in (now, before))
    found = []
    for path in [*mine, *(path for path in theirs if path not in mine)]:
        new, old = mine.get(path), theirs.get(path)
        shown = _apart(_spelled(old), _spelled(new))
        if path not in theirs:
            found.append(Change(_path(path), "new", "", shown[1]))
        elif path not in mine:
            found.append(Change(_path(path), "gone", shown[0], ""))
        else:
            found.append(Change(_path(path), "same" if new == old else "changed", *shown))
    found.sort(key=lambda one: one.what == "same")
    left = len(found) - MOST_LINES
    more = [Change("…", found[MOST_LINES].what, "", f"{left} further values are not shown")] if left > 0 else []
    return found[:MOST_LINES] + more


def _apart(old: str, new: str) -> tuple[str, str]:
    same = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))
    start = max(0, same - _BEFORE) if max(len(old), len(new)) > _COMPARED and old != new else 0
    before = f"⟨{start:,} characters that are the same⟩ " if start else ""
    told = [before + ends(text[start:], _COMPARED) if text else "" for text in (old, new)]
    return told[0], told[1]


def _traced(values: Sequence[Shown], leaves: Mapping[str, Any]) -> tuple[dict[str, list[Shown]], list[Shown]]:
    """What was traced, by the value that it is of: a part of it (JSON in a text), or a whole that has too many parts to
    be traced one by one. What is of none (the name of an argument) stands alone."""
    found: dict[str, list[Shown]] = {}
    alone: list[Shown] = []
    for one in values:
        path = one.path
        while path and path not in leaves:
            path = path[: max(path.rfind("."), path.rfind("["), path.rfind(" (name)"), 0)]
        if path or path in leaves:
            found.setdefault(path, []).append(one)
            continue
        below = [leaf for leaf in leaves if leaf.startswith((f"{one.path}.", f"{one.path}["))]
        for leaf in below:
            found.setdefault(leaf, []).append(one)
        if not below:
            alone.append(one)
    return found, alone


# -- one value --------------------------------------------------------------------------------------------------------


def visible(text: str) -> list[Piece]:
    """A text in pieces in which everything is seen: control characters, marks that turn the direction of writing,
    letters of no width, and the gaps that push the rest out of sight."""
    pieces: list[Piece] = []
    at = 0
    for match in _GAPS.finditer(text):
        pieces += _spell(text[at : match.start()])
        gap = match[0]
        pieces.append(
            Piece(f"⟨{gap.count(chr(10)) - 1} empty lines⟩\n" if "\n" in gap else f"⟨{len(gap)} blanks⟩", "hidden")
        )
        at = match.end()
    return pieces + _spell(text[at:])


def _spell(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for hidden, several in itertools.groupby(text, _odd):
        run = "".join(several)
        pieces.append(Piece(_named(run), "hidden") if hidden else Piece(run))
    return pieces


def _odd(char: str) -> bool:
    if " " <= char <= "~" or char == "\n":
        return False
    category = unicodedata.category(char)
    return is_hidden(char) or category in ("Zl", "Zp") or (category == "Zs") or char in "\t\r" or category == "Me"


def _named(run: str) -> str:
    """`⟨U+202E right-to-left override⟩`; of many, what they are and how many."""
    if set(run) <= {"\t", "\r"}:
        return run.replace("\t", "⟨tab⟩").replace("\r", "⟨return⟩")
    names = dict.fromkeys(f"U+{ord(char):04X} {unicodedata.name(char, 'without a name').lower()}" for char in run)
    first = next(iter(names))
    if len(run) == 1:
        return f"⟨{first}⟩"
    more = f" and {len(names) - 1} other kinds" if len(names) > 1 else ""
    said = "".join(chr(ord(char) - 0xE0000) for char in run if 0xE0020 <= ord(char) <= 0xE007E)
    return f"⟨{len(run)} hidden characters: {first}{more}{f'; they say “{said[:200]}”' if said else ''}⟩"


def _line(path: str, value: Any, traced: Sequence[Shown], links: Sequence[str], read: "_Read") -> Line:
    text = _spelled(value)
    kind = traced[0].kind if traced else ""
    origin = max((one.origin for one in traced), key=WORST.index, default="")
    found = next((one for one in traced if one.origin == origin), None)
    words = _FROM.get(origin, "")
    if found is not None and found.tool and origin not in ("neutral", "user", "operator", "made_up"):
        words += f": {plain(found.tool, 80)}, step {found.step}"
    if not origin and isinstance(value, str):
        words = "content"
    pieces = visible(text) if traced else _marked(_cut(text), links, read)
    odd = [*_warnings(text, kind), *(f"its name: {one}" for one in _alike(path, aims=True))]
    if not traced and len(text) > LONGEST + _END:
        odd.append(f"it has {len(text):,} characters, of which the middle is not shown")
    parts = tuple(_decisive(traced, text)) if len(text) > LONG else ()
    return Line(_path(path), tuple(pieces), kind, origin, words, tuple(odd), len(text), parts)


def _decisive(traced: Sequence[Shown], text: str) -> Iterator[str]:
    """What of a long value decides: where each part came from, then the part, which could say anything."""
    told = dict.fromkeys(
        f"{_FROM.get(one.origin, one.origin)}: {part}"
        for one in sorted(traced, key=lambda one: -WORST.index(one.origin))
        for part in _parts(one, text)
    )
    yield from [*told][:MOST_PARTS]
    if len(told) > MOST_PARTS:
        yield f"and {len(told) - MOST_PARTS} more"


def _parts(one: Shown, text: Any) -> list[str]:
    """A traced value as a list shows it: of a long one the addresses in it, and both ends. `text` is the value that it
    is of; one that is too long was traced by its beginning."""
    value = text if isinstance(text, str) and len(one.value) >= LONGEST and text.startswith(one.value) else one.value
    if len(value) <= LONG:
        return [plain(value)]
    named = dict.fromkeys(itertools.islice((match[0] for match in _ADDRESS.finditer(value)), 10_000))
    return [*(ends(name, LONG) for name in named), ends(value, LONG)]


def _cut(text: str) -> str:
    if len(text) <= LONGEST + _END:
        return text
    left = len(text) - LONGEST - _END
    return f"{text[:LONGEST]}\n⟨{left:,} characters are not shown here⟩\n{text[-_END:]}"


def _marked(text: str, links: Sequence[str], read: "_Read") -> list[Piece]:
    """Pieces with the words of others and their links marked."""
    marks: list[tuple[int, int, Mark]] = [(*span, "others") for span in read.spans(text)]
    for link in links:
        marks += [(at.start(), at.end(), "link") for at in re.finditer(re.escape(link), text)] if link else []
    places: list[Mark] = [""] * len(text)
    for start, end, mark in marks:
        places[start:end] = [mark] * (end - start)
    pieces: list[Piece] = []
    at = 0
    for mark, several in itertools.groupby(places):
        end = at + len(list(several))
        pieces += [msgspec.structs.replace(piece, mark=piece.mark or mark) for piece in visible(text[at:end])]
        at = end
    return pieces


def _warnings(text: str, kind: str) -> Iterator[str]:
    if not (text.isascii() and text.isprintable()) and any(is_hidden(char) for char in text[:_CHECKED]):
        yield "it has characters that cannot be seen"
    if not text.isascii():
        yield from _alike(text[:_CHECKED], aims=kind in _AIMS)
    for host in itertools.islice(dict.fromkeys(_PUNYCODE.findall(text[:_CHECKED])), 5):
        yield f"{plain(host, 80)} is written for “{plain(_decoded(host), 80)}”"
    for one in packed(text[:LONGEST])[:3]:
        yield f"a part of it ({one.how}) says “{plain(one.text, 160)}”"


def _alike(text: str, *, aims: bool) -> Iterator[str]:
    """What letters pretend: those of several alphabets in one word, wide and ornamental ones, and (`aims`) any that are
    not Latin where an address, a path or a name decides where something goes."""
    reads = "".join(ALIKE.get(char, unicodedata.normalize("NFKC", char)) for char in text)
    for word in _LETTERS.findall(text):
        if word.isascii():
            continue
        scripts = dict.fromkeys(unicodedata.name(char, "?").split()[0].split("-")[0].lower() for char in word)
        scripts.pop("fullwidth", None)
        odd = len(scripts) > 1 or any(unicodedata.normalize("NFKC", char).isascii() for char in word if char > "~")
        if odd or (aims and "latin" not in scripts):
            more = f", and reads like “{plain(reads, 80)}”" if reads != text else ""
            yield f"“{plain(word, 40)}” has letters that are not what they seem: {', '.join(scripts) or 'wide'}{more}"
            return


def _decoded(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return "nothing that can be read"


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value with its path, written as `origins.trace` writes it."""
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), part)
    elif isinstance(value, list) and value:
        for at, part in enumerate(value):
            yield from _leaves(f"{path}[{at}]", part)
    else:
        yield path, value


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _path(path: str) -> str:
    return plain(path, 120)


class _Read:
    """Texts of others (folded), by the runs of words that they have."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._runs: set[tuple[str, ...]] = set()
        room = _MOST_READ
        for text in reversed(texts):  # the newest are the likeliest
            words = text[:room].split()
            room -= len(text)
            self._runs.update(zip(*(words[at:] for at in range(_WORDS)), strict=False))
            if room <= 0:
                break

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where at least `_WORDS` words in a row stand in one of the texts, too."""
        if not self._runs:
            return
        words = [(fold(match[0]), match.start(), match.end()) for match in re.finditer(r"\S+", text)]
        ends = [
            at
            for at in range(len(words) - _WORDS + 1)
            if tuple(word for word, _, _ in words[at : at + _WORDS]) in self._runs
        ]
        start = stop = -1
        for at in ends:
            if at > stop:
                if stop >= 0:
                    yield words[start][1], words[stop][2]
                start = at
            stop = at + _WORDS - 1
        if stop >= 0:
            yield words[start][1], words[stop][2]
