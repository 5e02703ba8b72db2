"""What identifies people: numbers that prove themselves, contacts, dates of birth, addresses and names."""

import re
from bisect import bisect_left
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.guardrails._addresses import addresses
from outrider.guardrails._addresses_told import told as told_addresses
from outrider.guardrails._contract import Context, Finding
from outrider.guardrails._ids import structured
from outrider.guardrails._phones import phones
from outrider.guardrails._spoken import births, told
from outrider.guardrails._tagger import introduced, named

NAME = "pii"
WHAT = "Names, addresses, contacts, dates of birth, and numbers of people, accounts, cards and documents."
STAGES = ("input", "output", "tool_result", "tool_args")
KINDS = (
    "email", "phone", "person", "address", "birth_date", "iban", "card", "card_code", "pin", "bank_account", "swift",
    "crypto", "us_ssn", "us_itin", "us_ein", "national_id", "tax_id", "vat", "passport", "mrz", "driver_licence",
    "medical_id", "person_id", "vehicle", "vin", "imei", "ip", "mac",
)  # fmt: skip


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for, and what is nobody's secret."""

    only: Annotated[tuple[str, ...], Meta(description="Kinds that are looked for; empty: all.")] = ()
    allow: Annotated[
        tuple[str, ...], Meta(description="Values that are left alone; `@example.com`: all that ends so.")
    ] = ()
    regions: Annotated[
        tuple[Annotated[str, Meta(pattern="^[A-Z]{2}$")], ...],
        Meta(description="Countries (`DK`) whose telephone numbers are found without a word beside them."),
    ] = ()


def check(text: str, context: Context) -> list[Finding]:
    options = context.options or Options()
    wanted = set(options.only or KINDS)
    found = [*structured(text), *told(text)] if wanted & _STRUCTURED else []
    if "birth_date" in wanted:
        found += births(text)
    if "address" in wanted:
        found += _whole(text, [*addresses(text), *told_addresses(text)])
    people: list[Finding] | None = None
    if wanted & {"person", "address"}:
        people = [*named(text), *introduced(text)]
        found += people
    if "phone" in wanted:
        marks = [one for one in found if one.kind in ("email", "address")]
        found += phones(text, options.regions, lambda: [*marks, *(named(text) if people is None else people)])
    kept = _disjoint([one for one in found if one.kind in wanted])
    if options.allow:
        kept = [one for one in kept if not _is_allowed(text[one.start : one.end], options.allow)]
    return kept


_STRUCTURED = frozenset(KINDS) - {"phone", "person", "address", "birth_date"}


def unfinished(text: str, context: Context) -> int:
    """The last words may begin a name, a number or an address, and a name goes with what introduces it."""
    tail = re.search(r"(?:\S+[ \t]+){0,6}\S*$", text[-160:])
    return len(text) - len(tail[0]) if tail else len(text)


def _is_allowed(value: str, allow: tuple[str, ...]) -> bool:
    return any(value.lower().endswith(one.lower()) if one.startswith("@") else value == one for one in allow)


_FIRST = {"email": 9, "iban": 8, "card": 8, "crypto": 8, "mrz": 8, "mac": 8, "address": 3, "person": 1, "phone": 4}


def _whole(text: str, found: list[Finding]) -> list[Finding]:
    """Parts of one address as one: those that overlap, or have a comma or the end of a line between them."""
    kept: list[Finding] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        last = kept[-1] if kept else None
        if last is not None and (one.start <= last.end or text[last.end : one.start].strip(" ,") in ("", "\n")):
            kept[-1] = Finding(last.start, max(last.end, one.end), "address", max(last.score, one.score))
        else:
            kept.append(one)
    return kept


_UNSURE = 0.7
"""Numbers of a form that every tenth number has are a telephone's where that is sure: `00420 704 996 719`. What is less
sure to be a telephone's is an address's where it is in one."""


def _rank(one: Finding) -> tuple[float, float, int]:
    if one.kind == "national_id" and one.score <= _UNSURE:
        return -_FIRST["phone"], -0.88, one.start - one.end
    if one.kind == "phone" and one.score < _UNSURE:
        return -_FIRST["person"] - 1, -one.score, one.start - one.end
    return -_FIRST.get(one.kind, 6), -one.score, one.start - one.end


def _disjoint(found: list[Finding]) -> list[Finding]:
    """Of findings that overlap the one that is surer of its kind, then the longer."""
    kept: list[Finding] = []  # in the order of the text
    for one in sorted(found, key=_rank):
        at = bisect_left(kept, one.end, key=lambda f: f.start)
        if not at or kept[at - 1].end <= one.start:
            kept.insert(at, one)
    return kept
