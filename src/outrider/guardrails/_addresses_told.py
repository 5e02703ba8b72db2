"""Postal addresses that words announce (`lives at`, `Address:`, `zip code is`), and postcodes beside a country."""

import re
from collections.abc import Iterator

from outrider.guardrails._contract import Finding

_LEAD = re.compile(
    r"(?i)(?<!ip )(?<!mac )(?<!mail )(?<!web )\b(?:"
    r"(?:address|adresse|anschrift|dirección|indirizzo|endereço|domicile|domicilio|adres)\s?"
    r"(?:is|to|as|of\s\w{1,20}\sis|on\sfile\sis|ist|est|es|è)?"
    r"|(?:lives?|lived|living|resides?|resided|residing|located|situated|wohnhaft|wohnt|wohne|habite|vive|abita)"
    r"\s(?:at|on|in|à|en|a)"
    r"|(?:ship|shipped|deliver|delivered|delivery|mail|mailed|return|returned|taxi|cab|send\s(?:it|this|them|one))"
    r"\sto|(?:arrived|lives|meet|meeting|party|house|flat|apartment|home|office|shop|store|restaurant)\s(?:is\s)?at"
    r"|corner\sof|side\sof|bill(?:ed|ing)?\sto|wohnhaft"
    r")[ \t]?:?[ \t]?\n?[ \t]{0,8}(?=[\dA-ZÀ-ÖØ-ÞČŁŚŠŽĐΑ-ΩА-Я])"
)
_PIECE = re.compile(
    r"(?P<gap>[ \t]*,?[ \t]{0,3}|[ \t]*,?[ \t]*\n[>?* \t]{0,8})"
    r"(?:(?P<number>\d{1,6}[A-Za-z]?(?:[/-]\d{1,4})?(?![\w/@:]))"
    r"|(?P<word>[A-ZÀ-ÖØ-ÞČŁŚŠŽĐΑ-ΩА-Я][\w'’\u00c0-\u024f-]{0,40}+\.?(?![\w@:]))"
    r"|(?P<small>(?:de|la|las|los|del|della|di|da|do|dos|das|du|des|le|les|der|den|dem|van|von|zu|zum|am|im|of|the"
    r"|bis|ter|sur|st|st\.|u\.|n\.|ul\.|nr|no)(?![\w@:])|(?!(?:about|since|with|for|and|or|in|at|on|around|near|from|until|after"
    r"|before|over|under|nearly|plus|only|just|by|to|than|some|all|is|was|has)\b)[a-zà-ž]{3,15}(?=\s\d)))"
)
_OTHER = re.compile(
    r"(?i)\b(?:room|gate|version|chapter|page|level|line|section|table|figure|step|port|windows|iphone|ipad|office|floor"
    r"|seat|terminal|platform|channel|node|server|host|worker|index|offset|byte|row|item|order|error|phase|part|volume"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|today|tomorrow|since|phone|tel|mobile|email|dob|ssn|iban|amount|total|type|rip)\b"
)
_COUNTRIES = (
    r"(?:United States|USA|United Kingdom|UK|Ireland|Canada|Australia|New Zealand|Germany|Austria|Switzerland|France"
    r"|Belgium|Netherlands|The Netherlands|Luxembourg|Denmark|Norway|Sweden|Finland|Iceland|Greenland|Estonia|Latvia"
    r"|Lithuania|Poland|Czech Republic|Czechia|Slovakia|Slovenia|Hungary|Croatia|Serbia|Romania|Bulgaria|Greece|Cyprus"
    r"|Italy|Spain|Portugal|Brazil|Mexico|Argentina|Chile|Uruguay|India|Japan|China|South Africa|Tunisia|Turkey|Israel)"
)
_COUNTRY = re.compile(rf"{_COUNTRIES}\b")
_DIGIT = re.compile(r"\d")
_CODE = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d|\d{4}\s?[A-Z]{2}|\d{5}-\d{3,4}|\d{4}-\d{3}"
    r"|\d{2}-\d{3}|\d{3}\s\d{2}|\d{3,6})"
)
_CODED = re.compile(
    r"(?:\b(?i:zip(?:[ -]?code|(?=:))"
    r"|post(?:al)?[ -]?code|plz|postleitzahl|code postal|código postal|cep|pin[ -]?code)\b"
    rf"(?:\s(?:is|was|ist|est|es))?[ \t]?:?[ \t]?(?P<named>{_CODE})"
    rf"|^[>?*,\s]{{0,8}}{_COUNTRIES},?\s(?P<beside>{_CODE})\W{{0,2}}$)(?![\w-])",
    re.MULTILINE,
)
_MOST = 16
"""Words and numbers of one address."""


def told(text: str) -> Iterator[Finding]:
    """Addresses behind the words that announce them; findings may overlap."""
    if not any(c.isdigit() for c in text):
        return
    for m in _LEAD.finditer(text):
        end = _end(text, m.end())
        if end:
            yield Finding(m.end(), end, "address", 0.8)
    for m in _CODED.finditer(text):
        which = "named" if m["named"] is not None else "beside"
        yield Finding(m.start(which), m.end(which), "address", 0.7)


def _end(text: str, start: int) -> int:
    """Where the address ends that begins here; 0: there is none. A number stands beside a word with a capital, and is
    not a year alone; a line more belongs to it while words with a capital and numbers follow."""
    at = best = start
    numbers, words, lines, near = list[str](), 0, 0, False
    before = ""
    for _ in range(_MOST):
        piece = _PIECE.match(text, at)
        if piece is None or (piece["gap"] == "" and at != start):
            break
        if "\n" in piece["gap"]:
            lines += 1
            line = text[piece.start(piece.lastgroup or 0) : at + 200].partition("\n")[0]
            if lines > 3 or piece["small"] is not None or not (_DIGIT.search(line) or _COUNTRY.match(line)):
                break
        kind = piece.lastgroup or ""
        if kind == "number":
            numbers.append(piece["number"])
        words += kind == "word"
        near = near or {kind, before} == {"number", "word"} or {kind, before} == {"number", "small"}
        at, before = piece.end(), kind
        if kind != "small":
            best = at
        if kind == "word" and text[at - 1] == "." and text[at : at + 1] in ("", "\n") and at - piece.start("word") > 4:
            break
    said = text[start:best].rstrip(" ,.\n")
    plain = [one for one in numbers if not re.fullmatch(r"(?:19|20)\d\d", one)]
    return start + len(said) if near and words and plain and not _OTHER.search(said) else 0
