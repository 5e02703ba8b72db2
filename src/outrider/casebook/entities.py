"""Who is who: spellings of organisations, entries that tell of the same source, texts that are the same."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from outrider.casebook.records import CaseStudy
from outrider.casebook.rows import Name

_LEGAL = re.compile(r"[\s,]+(?:inc|ltd|llc|gmbh|corp|corporation|plc|s\.a|ag|co)\.?$", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_TRACKING = ("utm_", "ref", "source", "fbclid", "gclid", "si", "feature", "t")
ALIKE = 0.5
"""Two write-ups of one source share at least this part of the words of their heads."""


def fold(name: str) -> str:
    """A name without what makes spellings differ: case, spaces, signs, legal forms."""
    return "".join(_WORD.findall(_LEGAL.sub("", name.strip()).casefold()))


def canonical(
    written: Mapping[str, int], known: Mapping[str, Name], texts: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """What every written name is called here: as it is known already, else the spelling that its own entries' texts use
    most, else the most frequent one. `texts` are (name, text)."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in written:
        groups[fold(name)].append(name)
    unsure = {n for spellings in groups.values() if len(spellings) > 1 for n in spellings}
    used: Counter[str] = Counter()
    for name, text in texts:
        if name in unsure:
            used.update({n: text.count(n) for n in groups[fold(name)]})
    chosen = {}
    for folded, spellings in groups.items():
        best = max(spellings, key=lambda n: (used[n], written[n], n))
        for name in spellings:
            chosen[name] = known[folded].canonical if folded in known else best
    return chosen


def known_names(cases: Iterable[CaseStudy], stored: Mapping[str, Name]) -> dict[str, Name]:
    """Every spelling in use with its canonical name: those that somebody set, then those of the cases."""
    found = dict(stored)
    for case in cases:
        for written in (case.organisation, *case.aliases):
            found.setdefault(fold(written), Name(fold(written), case.organisation, written))
    return found


def address(url: str) -> str:
    """An address without what does not change what it leads to: scheme, `www`, fragment, tracking, a last slash."""
    parts = urlsplit(url.strip())
    if not parts.netloc:
        return ""
    host = parts.netloc.lower().removeprefix("www.").removeprefix("m.")
    kept = [(k, v) for k, v in parse_qsl(parts.query) if not k.lower().startswith(_TRACKING)]
    if host == "youtu.be":
        return f"youtube.com/watch?v={parts.path.strip('/')}"
    return f"{host}{parts.path.rstrip('/')}{'?' + urlencode(kept) if kept else ''}"


def likeness(one: str, other: str) -> float:
    """The part of all their words that two texts share (Jaccard)."""
    a, b = (set(_WORD.findall(t.lower())) for t in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0


class Twins:
    """Finds, among what was seen, entries with the same text or the same source."""

    def __init__(self, cases: Iterable[CaseStudy] = ()) -> None:
        self._texts: dict[str, str] = {}
        self._sources: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for case in cases:
            for source in case.sources:
                if source.document and source.hash:
                    self._texts.setdefault(source.hash, case.id)
            self.saw(case.id, "", f"{case.title} {case.summary}", _origins(case))

    def saw(self, id_: str, hash_: str, head: str, urls: Iterable[str]) -> None:
        if hash_:
            self._texts.setdefault(hash_, id_)
        for url in urls:
            if (plain := address(url)) and (id_, head) not in self._sources[plain]:
                self._sources[plain].append((id_, head))

    def same_text(self, id_: str, hash_: str) -> str:
        """The other entry that has exactly this text; "" if there is none."""
        found = self._texts.get(hash_, "")
        return "" if found == id_ else found

    def same_source(self, id_: str, head: str, url: str) -> list[tuple[str, bool]]:
        """Other entries that tell of the same source, and whether they say much the same."""
        there = self._sources.get(address(url), ())
        return [(other, likeness(head, text) >= ALIKE) for other, text in there if other != id_]


def _origins(case: CaseStudy) -> list[str]:
    return [s.url for s in case.sources if s.id == "origin" and s.url]


class Joined(msgspec.Struct, frozen=True):
    """Spellings of one organisation that were met in a set."""

    canonical: str
    spellings: tuple[str, ...]


def joined(chosen: Mapping[str, str]) -> list[Joined]:
    """The organisations that were met under more than one name."""
    groups: dict[str, set[str]] = defaultdict(set)
    for written, name in chosen.items():
        groups[name] |= {written, name}
    return [Joined(name, tuple(sorted(found))) for name, found in sorted(groups.items()) if len(found) > 1]
