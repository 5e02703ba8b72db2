"""Why a condition on figures finds nothing, where it is the condition's fault: a name that no figure has, a number
without its unit, a level asked for where only changes are told. Nothing is said where no figure just gets that far.
"""

import difflib
from collections import Counter
from collections.abc import Iterator

import msgspec

from outrider.casebook import measures
from outrider.casebook.facets import Catalogue
from outrider.casebook.language import Asked, canonical, merged

_UNITS = {"%": "%", "x": "x", "points": "points", "money": "usd", "count": ""}
"""How a kind of figures is asked for; times have several units."""
_KINDS = {
    "%": "in %",
    "x": "in times (x)",
    "points": "in points",
    "money": "money",
    "count": "plain numbers",
    "time": "times",
}


class Hint(msgspec.Struct, frozen=True):
    """What may have been meant. `query` is the canonical query with it ("": nothing certain enough)."""

    text: str
    query: str = ""


def hints(asked: Asked, catalogue: Catalogue) -> Iterator[Hint]:
    """One for each condition on a figure that no case fulfils by how it is written."""
    for term in asked.terms:
        if term.field != "result" or term.without or catalogue.mask([term]):
            continue
        wanted = measures.condition(term.values[0].replace("_", " "))
        text, instead = _said(wanted, catalogue)
        if text:
            others = [t for t in asked.terms if t is not term]
            new = msgspec.structs.replace(term, values=(measures.condition(instead).text,)) if instead else None
            query = canonical(msgspec.structs.replace(asked, terms=merged([*others, new]))) if new else ""
            yield Hint(text, query)


def _said(wanted: measures.Condition, catalogue: Catalogue) -> tuple[str, str]:
    """What is to be said, and the condition that may have been meant; "" for none."""
    name = wanted.metric.replace("_", " ")
    found = Counter((r.change, r.kind) for e in catalogue.entries for r in e.readings if measures.concerns(r, wanted))
    if not found:
        return _unknown(wanted, name, catalogue)
    if found[(wanted.change, wanted.kind)]:
        return "", ""
    same = [(count, kind) for (change, kind), count in found.items() if change == wanted.change]
    if not same:
        return _other_reading(wanted, name)
    count, kind = max(same)
    told = f"No figure of “{name}” is {_one(wanted.kind)}; {count} {'is' if count == 1 else 'are'} {_KINDS[kind]}"
    if kind == "time":
        two = " or ".join(measures.rewritten(wanted, unit=unit) for unit in ("ms", "s"))
        return f"{told}: give the unit, as in {two}", ""
    instead = measures.rewritten(wanted, unit=_UNITS[kind] or " ").rstrip()
    return f"{told}: {instead}", instead


def _one(kind: str) -> str:
    return {"count": "a plain number", "money": "money", "time": "a time"}.get(kind, _KINDS[kind])


def _other_reading(wanted: measures.Condition, name: str) -> tuple[str, str]:
    if wanted.change:
        return f"No change of “{name}” is told, only levels: leave out the sign of the number", ""
    both = " or ".join(measures.rewritten(wanted, number=number, unit="%") for number in ("+10", "-10"))
    return f"Of “{name}” only changes are told, which a number with a sign asks for: {both}", ""


def _unknown(wanted: measures.Condition, name: str, catalogue: Catalogue) -> tuple[str, str]:
    """No figure has this name: the nearest that one has."""
    words = [
        w if set(measures.stems(w)) <= catalogue.metrics else next(iter(_near(w, catalogue)), "") for w in name.split()
    ]
    told = f"No figure is called “{name}”"
    instead = measures.rewritten(wanted, metric="_".join(words)) if all(words) and words != name.split() else ""
    if not instead or not _any(measures.condition(instead.replace("_", " ")), catalogue):
        return told, ""
    return f"{told}; did you mean {instead}?", instead


def _near(word: str, catalogue: Catalogue) -> list[str]:
    return difflib.get_close_matches(word, sorted(catalogue.metrics), 1, 0.75)


def _any(wanted: measures.Condition, catalogue: Catalogue) -> bool:
    return any(measures.concerns(r, wanted) for e in catalogue.entries for r in e.readings)
