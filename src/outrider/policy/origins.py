"""Where the value of an argument came from: the user's own words, trusted data, or only what others wrote.

A value is looked for in its normal form, by its kind: an amount as a number, an address without its display name, a URL
by its parts, a list item by item (the worst counts). It counts as the user's only where the user said it whole.
"""

import re
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any, Literal, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from outrider.policy.declarations import Steer, guess_kind, words_of
from outrider.policy.normal import address, fold, number, plain
from outrider.policy.words import CONTENT, word_set


class Origin(IntEnum):
    """From the best to the worst. `LINKED`: of a trusted field whose record the user named (Bob's account number, where
    the user said Bob). `DESCRIBED`: the same, but what the user named in the record is what others wrote (the id of an
    appointment, by its title). `MADE_UP`: nobody said it but the model."""

    NEUTRAL = 0  # true, false, nothing: it can carry nothing
    USER = 1
    OPERATOR = 2
    LINKED = 3
    DESCRIBED = 4
    TRUSTED = 5
    MADE_UP = 6
    UNTRUSTED = 7


Loosely = Literal["", "words", "part", "sum", "name", "number"]
"""A thing that is named by a word or two of its title, as the only one of its kind that a look-up of a named one
answered, as the only one of these beside a sum that the user said, by the name that somebody gave themselves, or by a
number of it."""


class Traced(msgspec.Struct, frozen=True):
    """The origin of one value of an argument: `path` within it (`to[1]`), the value as given, the step (0: none) and
    the tool that it was seen in. `by` is what the user said for it: itself, or the name of its record. `private`: that
    tool returns what is private, and nobody said or named it. `key`: the name of the field that it was seen in."""

    path: str
    value: str
    kind: Steer
    origin: Origin
    step: int = 0
    tool: str = ""
    by: str = ""
    private: bool = False
    key: str = ""
    loosely: Loosely = ""


class Found(msgspec.Struct, frozen=True):
    """Where a result had a value: LINKED, DESCRIBED, TRUSTED or UNTRUSTED; `by` is what names its record
    (`loosely`: not by its name), `private` whether a TRUSTED one is, `key` the name of its field."""

    origin: Origin
    step: int
    tool: str
    by: str = ""
    private: bool = False
    key: str = ""
    loosely: Loosely = ""


class Seen(Protocol):
    """What a session has seen, for looking values up. All values are folded."""

    def said(self, value: str) -> Origin | None:
        """USER or OPERATOR if one of them said it whole."""
        ...

    def begins(self, value: str) -> bool:
        """Whether the user said an address that begins so."""
        ...

    def counted(self, value: str, *, how: Literal["number", "count", "money"] = "number") -> Origin | None:
        """The same for a number, in whatever spelling: any, one that is no day and no invoice's, or an amount."""
        ...

    def field(self, value: str, *, thing: bool = False) -> Found | None:
        """Where a result had the value, as a field or within a text."""
        ...

    def in_other_words(self, value: str, argument: str) -> bool:
        """Whether the user said a number in another form: so many fewer (`-6`), `an hour and a half` (90 minutes)."""
        ...

    def reckoned(self, value: str, argument: str) -> "Found | None":
        """Where a result had the sum of which the user asked for so much more or less (`by 10 %`)."""
        ...


_ADDRESS = re.compile(r"(?<![^\s<>\"',;])[^\s<>\"',;]+@[^\s<>\"',;]+")
_SHOWN = re.compile(r"\s*\"?[^\W\d_][^\W\d_ .'-]*(?: [^\W\d_.'-]+){0,5}\"?\s*<[^\s<>\"',;@]+@[^\s<>\"',;@]+>\s*")
_SEPARATED = re.compile(r"\s*[,;|\n\r]+\s*")
_APART = re.compile(r"[\s,;|<>\"'()]+")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_ -]{0,40}")
_COUNTS = word_set(
    "room rooms people person persons guest guests quantity qty count number night nights seat seats item items copies "
    "page pages hour hours minute minutes day days week weeks month months duration"
)
_TWO_READINGS = re.compile(r"\D*(?:\d{1,3}(?:\.\d{3})+|\d+,(?:\d\d?|\d{4,}))\D*")
"""`50.000` and `12,50`: a decimal mark for one service, and for another none."""
_SLUG = re.compile(r"[^\W\d_]{3,}(?:[-_][^\W_]{2,}){1,5}")
_CHANNEL = re.compile(r"#[\w-]{2,60}")
_FIELD_WORDS = word_set(
    "name type kind role roles rights permission permissions access level scope status state label tag tags note date "
    "start end time day method format currency unit units sku product article item items size color colour language "
    "priority category reason first last phone mobile street city zip postcode country lat lon options settings value"
)
"""Words that names of fields have."""
_EVERYTHING = word_set("all any each every everything everyone everybody alle alles tous toutes tout todo todos tutti")
"""What `delete all mails from Eve` says is no id: a service takes it for whatever there is."""
_DEEPEST = 12
_LONGEST = 20_000
"""Characters of a steering value; a longer one is nobody's."""
_MOST_PIECES = 200
_MOST_PARTS = 2_000
"""Parts of one argument that are looked up; one with more is made up."""
_json = msgspec.json.Decoder()


def trace(seen: Seen, path: str, value: Any, kind: Steer, depth: int = 0) -> list[Traced]:
    """The origin of every part of an argument's value."""
    if value is None or isinstance(value, bool) or value in ("", [], {}):
        return [Traced(path, str(value), kind, Origin.NEUTRAL)]
    if isinstance(value, Mapping | list | tuple):
        if depth >= _DEEPEST or len(value) > _MOST_PARTS:
            return [Traced(path, str(type(value).__name__), kind, Origin.MADE_UP)]
        return _parts(seen, path, value, kind, depth + 1)
    if isinstance(value, int | float):
        return [_number(seen, path, str(value), kind)]
    text = str(value)
    if len(text) > _LONGEST:
        return [Traced(path, text[:_LONGEST], kind, Origin.MADE_UP)]
    inner = _encoded(text)
    if inner is not None:
        return trace(seen, path, inner, kind, depth + 1)
    if kind == "recipient":
        return _recipients(seen, path, text)
    if kind == "url":
        return [_url(seen, path, text)]
    if kind == "amount" and number(plain(text)) is not None:
        return [_amount(seen, path, text)]
    return [_plain(seen, path, text, kind, plain(text))]


def _parts(seen: Seen, path: str, value: Any, kind: Steer, depth: int) -> list[Traced]:
    """The parts of a list or an object, whose keys can say something, too."""
    if not isinstance(value, Mapping):
        return [one for at, part in enumerate(value) for one in trace(seen, f"{path}[{at}]", part, kind, depth)]
    told = [one for key in map(str, value) for one in _key(seen, f"{path} (name)", key, kind, depth)]
    return told + [one for key, part in value.items() for one in trace(seen, f"{path}.{key}", part, kind, depth)]


def _key(seen: Seen, path: str, key: str, kind: Steer, depth: int) -> list[Traced]:
    """A key of an object is a value, too, if no field is called so: `{"eve": "write"}`. One that nobody said, and that
    could be a field's name, is taken for one, but not where somebody is to be named."""
    if not _KEY.fullmatch(key):
        return trace(seen, path, key, kind, depth)
    words = words_of(key)
    if guess_kind(key) != "other" or not CONTENT.isdisjoint(words) or not _FIELD_WORDS.isdisjoint(words):
        return []
    return [one for one in trace(seen, path, key, kind, depth) if kind == "recipient" or one.origin != Origin.MADE_UP]


def _encoded(text: str) -> Any:
    """The list or object that a text is in JSON."""
    stripped = text.strip()
    if stripped[:1] in ("[", "{") and stripped[-1:] in ("]", "}"):
        try:
            return _json.decode(stripped)
        except (msgspec.DecodeError, RecursionError):
            return None
    return None


def worst(traced: Iterable[Traced]) -> Origin:
    """The worst origin; NEUTRAL of nothing."""
    return max((one.origin for one in traced), default=Origin.NEUTRAL)


def _recipients(seen: Seen, path: str, text: str) -> list[Traced]:
    """All that a careless reader could take for a recipient: every address and every other word beside it. What is only
    shown (`Bob Hart <bob@corp.com>`) is nobody."""
    found = _ADDRESS.findall(text)
    if len(found) == 1 and _SHOWN.fullmatch(text):
        return [_plain(seen, path, text, "recipient", address(found[0]))]
    whole = _plain(seen, path, text, "recipient", address(text))
    if whole.origin < Origin.MADE_UP and len(found) < 2:
        return [whole]
    parts = [part for part in (_APART if found else _SEPARATED).split(text.strip()) if part]
    if len(parts) < 2:
        return [whole]
    if len(parts) > _MOST_PARTS:
        return [Traced(path, text[:_LONGEST], "recipient", Origin.MADE_UP)]
    return [_plain(seen, path, part, "recipient", address(part)) for part in parts]


def _spoken(value: str, kind: Steer) -> list[str]:
    """How people say the name of a channel or a list: `the desk channel` of `#desk`, `morning briefing` of
    `morning-briefing`."""
    forms = [value.replace("-", " ").replace("_", " ")] if _SLUG.fullmatch(value) else []
    if kind in ("other", "choice") and value[-1:].isalpha() and len(value) > 3:
        forms += [f"{value}s"] if value[-1] != "s" else [value[:-1]]  # so many `plain croissants`
    if kind in ("recipient", "id") and _CHANNEL.fullmatch(value):
        forms += [f"{value[1:]} channel", f"channel {value[1:]}", f"{value[1:]} chat"]
    return forms


def _plain(seen: Seen, path: str, given: str, kind: Steer, value: str) -> Traced:
    """A value that is one text. One that only looks like what the user or trusted data said is made up."""
    forms = (value, *_spoken(value, kind)) if kind not in ("id", "path") or value not in _EVERYTHING else ()
    for form in forms:
        said = seen.said(form)
        if said is not None:
            return Traced(path, given, kind, said, by=form)
    found = seen.field(value, thing=kind in ("id", "path"))
    alike = fold(value)
    if found is None and alike != value:
        found = seen.field(alike)
        if found is not None and found.origin != Origin.UNTRUSTED:
            found = None
    if found is None:
        return Traced(path, given, kind, Origin.MADE_UP)
    return Traced(
        path, given, kind, found.origin, found.step, found.tool, found.by, found.private, found.key, found.loosely
    )


def counts_things(path: str) -> bool:
    """Whether the number of an argument counts something, and is no sum of money."""
    return not _COUNTS.isdisjoint(words_of(path))


def _amount(seen: Seen, path: str, given: str) -> Traced:
    """A sum in a text. One that may be read in two ways has to be said as it stands."""
    bare = plain(given)
    if _TWO_READINGS.fullmatch(bare) and seen.said(bare) is None:
        found = seen.field(bare)
        origin = found.origin if found is not None and found.origin == Origin.LINKED else Origin.MADE_UP
        return Traced(path, given, "amount", origin, by=found.by if found is not None else "")
    return _number(seen, path, given, "amount")


def _number(seen: Seen, path: str, given: str, kind: Steer) -> Traced:
    counts = kind != "amount" or counts_things(path)
    if counts and kind == "amount" and number(plain(given)) == 1:
        return Traced(path, given, kind, Origin.NEUTRAL)
    said = seen.counted(given, how="number" if kind != "amount" else "count" if counts else "money")
    if said is None and kind == "amount" and seen.in_other_words(given, path):
        said = Origin.USER
    if said is not None:
        return Traced(path, given, kind, said, by=given)
    found = seen.field(spelled(given))
    if kind == "amount" and (found is None or found.origin > Origin.LINKED):
        found = seen.reckoned(given, path) or found
    if found is None:
        return Traced(path, given, kind, Origin.MADE_UP)
    return Traced(path, given, kind, found.origin, found.step, found.tool, found.by, found.private, found.key)


def _url(seen: Seen, path: str, given: str) -> Traced:
    """A URL is somebody's if they said all of it; else its host, its path and each value of its query must have been
    said: a host that the user named does not vouch for a query that carries the mailbox there."""
    whole = plain(given).rstrip("/")
    bare = whole.partition("://")[2] or whole
    for form in (whole, bare, bare.removeprefix("www.")) if "." in bare or "//" not in whole else (whole,):
        if form and (said := seen.said(form)) is not None:
            return Traced(path, given, "url", said, by=form)
    try:
        parts = urlsplit(whole if "//" in whole else f"//{whole}")
    except ValueError:
        return Traced(path, given, "url", Origin.MADE_UP)
    pieces = [unquote(piece) for piece in parts.path.split("/")]
    pieces += [piece for pair in parse_qsl(parts.query, keep_blank_values=True) for piece in pair]
    pieces += [unquote(parts.fragment)] if parts.fragment else []
    traced = [_plain(seen, path, given, "url", piece) for piece in pieces[:_MOST_PIECES] if piece]
    if len(pieces) > _MOST_PIECES:
        traced.append(Traced(path, given, "url", Origin.MADE_UP))
    by_parts = max([_host(seen, path, given, parts.netloc), *traced], key=lambda one: one.origin)
    if by_parts.origin <= Origin.LINKED:
        return by_parts
    found = seen.field(whole) or seen.field(whole + "/")
    if found is None:
        private = any(one.private for one in traced)
        return msgspec.structs.replace(by_parts, private=private) if private else by_parts
    return Traced(path, given, "url", found.origin, found.step, found.tool, found.by, found.private, found.key)


def _host(seen: Seen, path: str, given: str, netloc: str) -> Traced:
    """A host is said, too, where it is the beginning of an address that was said."""
    host = netloc.removeprefix("www.")
    forms = [f"{before}{host}{behind}" for before in ("", "//", "www.", "//www.") for behind in ("", "/")]
    for form in forms:
        if host and ("." in host or ":" in host or "//" in form) and seen.begins(form):
            return Traced(path, given, "url", Origin.USER, by=host)
    if "." not in host and ":" not in host:  # a word that the user said is no host
        forms = [form for form in forms if "//" in form]
    return min((_plain(seen, path, given, "url", form) for form in forms), key=_said_first)


def _said_first(one: Traced) -> tuple[bool, Origin]:
    """What somebody said comes before what nobody did."""
    return one.origin == Origin.MADE_UP, one.origin


def canonical(one: Traced) -> str:
    """The one spelling of a value by which an effect is known again: an account number without its spaces."""
    return spelled(address(one.value) if one.kind == "recipient" else one.value)


def spelled(value: str) -> str:
    """The one spelling of a number under which fields are kept: `1,200.50` and `1200.5` are the same."""
    given = plain(value)
    found = number(given)
    return format(found.normalize(), "f") if found is not None else given
