"""Telephone numbers: what has the form of one, judged by the number plans of `phonenumbers`."""

import re
from collections.abc import Iterator

from outrider.guardrails._contract import Finding

REGIONS = (
    "US",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "PT",
    "BR",
    "IN",
    "AU",
    "MX",
    "PL",
    "SE",
    "CH",
    "AT",
    "BE",
    "JP",
    "CN",
    "RU",
)
_CANDIDATE = re.compile(
    r"(?<![\w@#./:=&?%-])(?<!\d[ ,])(?:\+|00)?(?:\(?\+?\d{1,5}\)?[ .\u2011\u2013/-]{0,2}){2,6}\d{1,6}"
    r"(?:\s?(?:x|ext\.?|extension|#)\s?\d{1,6})?(?![\w%])(?![.,:/-]\d)",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?i)(?:tel|phone|telephone|mobile|cell|call|fax|sms|text|whatsapp|dial|ring|reach|contact|number|handy"
    r"|mobil|telefon|rufnummer|anrufen|téléphone|portable|appel\w*"
    r"|teléfono|móvil|celular|llam\w*|telefono|cellulare|chiam\w*|telefone|telemóvel|telefoon|bellen|hotline"
    r"|voicemail|pager|line)\w*\.?\W{0,3}(?:\w+\W{1,3}){0,4}$"
)
_NAMED_AFTER = re.compile(
    r"(?i)\s?[-(,]\s?(?:office|fax|mobile|cell|home|work|phone|tel|mobil|büro|privat|bureau|domicile|oficina|casa)"
    r"\b(?![^\S\n]+(?:[^\W\d_]|\d+\b(?![- ]\d)))"
)
"""The word of a number behind it, alone: no `home page`, no `office 365`."""
_OWN = re.compile(
    r"(?i)\b(?:my|his|her|your|our|their)"
    r"\s(?:registered|new|old|other|current|personal|private|work|linked)\s$"
)
_LABEL = re.compile(
    r"(?i)(?:^|\n)[^\w\n]{0,4}(?:mobile|mobil|desk|fax|phone|telephone|tel|telefon|office|home|cell|handy|direct)"
    r"\.?\s?:\s?$"
)
"""A line's own word for its number, which may then be a short one."""
_AT_HOME = (
    (re.compile(r"[5-9]\d{2} \d{2} \d{2} \d{2}"), ("ES",)),
    (re.compile(r"2\d \d{3} \d{4}"), ("PT",)),
    (re.compile(r"[1-8]\d \d{3} \d{2} \d{2}"), ("PL",)),
    (re.compile(r"0\d{2,5} \d{5,7}"), ("IN", "DE", "GB")),
    (re.compile(r"0\d{1,3}[- /]\d{2,3} \d{2} \d{2}(?: \d{2})?"), ("SE", "CH", "BE", "NL")),
    (re.compile(r"1\d{2} \d{4} \d{4}"), ("CN",)),
    (re.compile(r"[26]\d{1,2} \d{3,4} \d{4}"), ("GR", "PT")),
    (re.compile(r"4\d{2} \d{2} \d{3}"), ("NO",)),
)
"""As people of these countries write their numbers at home: groups that no amount or date has."""
_OTHER = re.compile(
    r"(?i)(?:order|invoice|ticket|case|ref(?:erence)?|item|sku|isbn|issn|account|acct|konto|policy|tracking"
    r"|serial|version|build|page|room|id|ssn|card|routing|passport|licen[cs]e|port|iban|imei|vat|tax)\w*"
    r"(?:\s(?:number|no|nr|code|id))?\.?\W{0,3}(?:(?:is|was|of)\W+)?$"
)
_DATE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2})"
    r"(?:(?![./-]\d)\D.*)?$"
)
_NO_PHONE = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_GROUPED = re.compile(
    r"\(\d{2,5}\)\s?\d|\d{3}[ .-]\d{3}[ .-]\d{4}$|\d-\d{3}-\d{3}-\d{4}|^0\d{1,4}[ /.-]\d{3,}"
    r"|^0\d(?:[ .-]\d\d){4}$|^0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}$|^\d{3}[.-]\d{3}[.-]\d{4}"
)


def _is_named_after(said: str, text: str, end: int) -> bool:
    """A bare count with a word behind a comma is none: `7500000, home`."""
    return _NAMED_AFTER.match(text, end) is not None and not (said.isdigit() and text[end] == ",")


def phones(text: str) -> Iterator[Finding]:
    for m in _CANDIDATE.finditer(text):
        said = m[0]
        digits = re.sub(r"\D", "", re.split(r"(?i)\s?(?:x|ext|#)", said)[0])
        before = text[max(0, m.start() - 48) : m.start()]
        label = _LABEL.search(before) is not None
        if not (6 if label else 7) <= len(digits) <= 17 or _DATE.match(said) or _NO_PHONE.fullmatch(said):
            continue
        named = label or any(form.search(before) for form in (_WORDS, _OWN)) or _is_named_after(said, text, m.end())
        score = _score(said, digits, named=named, other=_OTHER.search(before) is not None)
        if score:
            yield Finding(m.start(), m.end(), "phone", score)


def _score(said: str, digits: str, *, named: bool, other: bool) -> float:
    """How sure it is; 0: it is none."""
    if said.startswith(("+", "00", "(+")):
        if _possible(said if said[0] != "0" else "+" + digits[2:], None):
            return 0.95
        return 0.8 if 8 <= len(digits) <= 16 and re.search(r"[-x() .]", said) else 0.6
    if other and not named:
        return 0.0
    if named:
        return 0.9
    if "x" in said.lower() and len(digits) >= 10:
        return 0.9
    if any(form.fullmatch(said) and any(_valid(said, region) for region in regions) for form, regions in _AT_HOME):
        return 0.8
    if re.search(r"^\d{4} \d{4} \d{4}", said) or not _GROUPED.search(said):
        return 0.6 if re.fullmatch(r"0\d{9,10}", said) and any(_valid(said, r) for r in REGIONS[1:6]) else 0.0
    if any(_possible(said, region) for region in REGIONS[:8]):
        return 0.85
    return 0.0


def _possible(said: str, region: str | None) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(said, region))
    except phonenumbers.NumberParseException:
        return False


def _valid(said: str, region: str) -> bool:
    import phonenumbers

    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(said, region))
    except phonenumbers.NumberParseException:
        return False
