"""Identifiers with a form that can be proved: checksums, issuers, number plans of countries.

They are found wherever they stand. Numbers that only a word before them names are in `_spoken`.
"""

import hashlib
import importlib
import ipaddress
import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from outrider.guardrails._contract import Finding

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*\s?(?:@|\s?[\[(]\s?at\s?[\])]\s?)"
    r"(?:[^\W_](?:[\w-]*[^\W_])?(?:\.|\s?[\[(]\s?dot\s?[\])]\s?))+(?:[^\W\d_]{2,24}|xn--[\w-]+)(?![\w@])"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_CARD = re.compile(r"(?<![\d.,-])(?<!\d )\d(?:[ -]?\d){11,18}(?![\d])(?![.,]\d)")
_MAC = re.compile(
    r"(?<![0-9A-Fa-f:.-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4})(?![0-9A-Fa-f]|[:.-][0-9A-Fa-f])"
)
_IP4 = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d]|\.\d)")
_IP6 = re.compile(
    r"(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![0-9A-Za-z:])"
)
_BASE58 = re.compile(r"(?<![A-Za-z0-9])[13LMDTAXr9][1-9A-HJ-NP-Za-km-z]{24,34}(?![A-Za-z0-9])")
_BECH32 = re.compile(r"(?<![A-Za-z0-9])(?:bc1|tb1|ltc1|BC1|addr1)[A-Za-z0-9]{10,110}(?![A-Za-z0-9])")
_ETHER = re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![A-Za-z0-9])")
_MONERO = re.compile(r"(?<![A-Za-z0-9])[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?![A-Za-z0-9])")
_MRZ = re.compile(r"(?<![A-Z0-9<])[A-Z0-9<]{28,44}(?:\s{1,2}[A-Z0-9<]{28,44}){1,2}(?![A-Z0-9<])")
_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])")
_SSN = re.compile(r"(?<![\d-])(?!000|666)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])")
_USER_AT_HOST = re.compile(r"\.(?:png|jpe?g|gif|svg|css|js|py|md)$", re.IGNORECASE)


def structured(text: str) -> Iterator[Finding]:
    """Everything of this module that a text has; findings may overlap."""
    if "@" in text or "at" in text:
        for m in _EMAIL.finditer(text):
            if not _USER_AT_HOST.search(m[0]):
                yield Finding(m.start(), m.end(), "email")
    digits = any(c.isdigit() for c in text)
    if digits:
        yield from _accounts(text)
        yield from _nets(text)
        yield from _coins(text)
        yield from _formed(text)


# -- accounts and cards -----------------------------------------------------------------------------------------------


def _accounts(text: str) -> Iterator[Finding]:
    for m in _IBAN.finditer(text):
        end = _iban_end(m[0])
        if end:
            yield Finding(m.start(), m.start() + end, "iban")
    for m in _CARD.finditer(text):
        bare = re.sub(r"[ -]", "", m[0])
        if _issued(bare) and _luhn(bare):
            yield Finding(m.start(), m.end(), "card")


def _iban_end(said: str) -> int:
    """How much of it is an IBAN: words that follow one may look like a part of it."""
    ends = [at for at in range(len(said), 14, -1) if said[at - 1].isalnum() and not said[at : at + 1].isalnum()]
    for end in ends:
        bare = re.sub(r"[ -]", "", said[:end]).upper()
        known = _iban_length(bare[:2])
        fits = known == len(bare) or (known > 0 and said[:end] == bare)  # of a wrong length, but written as one word
        if 15 <= len(bare) <= 34 and fits and _mod97(bare):
            return end
    return 0


_IBAN_LENGTHS = """
AL28 AD24 AT20 AZ28 BH22 BY28 BE16 BA20 BR29 BG22 CR22 HR21 CY28 CZ24 DK18 DO28 EE20 FO18 FI18 FR27 GE22 DE22 GI23
GR27 GL18 GT28 HU28 IS26 IQ23 IE22 IL23 IT27 JO30 KZ20 XK20 KW30 LV21 LB28 LI21 LT20 LU20 MT31 MR27 MU30 MC27 MD24
ME22 NL18 MK19 NO15 PK24 PS29 PL28 PT25 QA29 RO24 LC32 SM27 ST25 SA24 RS22 SC31 SK24 SI19 ES24 SE24 CH21 TN24 TR26
UA29 AE23 GB22 VA22 VG24 EG29 SV28 LY25 SD18 BI27 DJ27 SO23 NI28 MN20 FK18 OM23 RU33 YE30 HN28
"""


@cache
def _iban_lengths() -> dict[str, int]:
    return {one[:2]: int(one[2:]) for one in _IBAN_LENGTHS.split()}


def _iban_length(country: str) -> int:
    return _iban_lengths().get(country, -1)


def _mod97(bare: str) -> bool:
    return bare.isalnum() and bare.isascii() and int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _luhn(digits: str) -> bool:
    total = 0
    for at, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})$|5[1-5]\d{14}$|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$|3[47]\d{13}$"
    r"|3(?:0[0-5]|[68]\d|9\d)\d{11,16}$|6(?:011|5\d\d|4[4-9]\d)\d{12,15}$|62\d{14,17}$|35\d{14,17}$"
    r"|(?:5[0678]\d\d|6\d{3}|0604)\d{8,15}$|(?:1800|2131)\d{11}$|220[0-4]\d{12,15}$|9792\d{12}$"
)


def _issued(digits: str) -> bool:
    return len(set(digits)) > 1 and _ISSUERS.match(digits) is not None


# -- nets and coins ---------------------------------------------------------------------------------------------------


def _nets(text: str) -> Iterator[Finding]:
    for m in _IP4.finditer(text):
        before = text[max(0, m.start() - 12) : m.start()].lower()
        if _is_address(m[0]) and not re.search(r"(?:version|release|v|§|section|chapter)\s?$", before):
            yield Finding(m.start(), m.end(), "ip", 0.9)
    if ":" in text:
        for m in _IP6.finditer(text):
            if _is_address(m[0]) and len(m[0]) >= 6 and any(c.isdigit() for c in m[0]):
                yield Finding(m.start(), m.end(), "ip")
    for m in _MAC.finditer(text):
        yield Finding(m.start(), m.end(), "mac")


def _is_address(said: str) -> bool:
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _coins(text: str) -> Iterator[Finding]:
    for m in _BASE58.finditer(text):
        if _base58(m[0]):
            yield Finding(m.start(), m.end(), "crypto")
    for m in _BECH32.finditer(text):
        if _bech32(m[0].lower()):
            yield Finding(m.start(), m.end(), "crypto")
    for pattern in (_ETHER, _MONERO):
        for m in pattern.finditer(text):
            yield Finding(m.start(), m.end(), "crypto", 0.95)


_SIGNS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def _base58(said: str) -> bool:
    """Whether its checksum is right."""
    signs = _RIPPLE if said[0] == "r" else _SIGNS
    number = 0
    for sign in said:
        if sign not in signs:
            return False
        number = number * 58 + signs.index(sign)
    body = number.to_bytes((number.bit_length() + 7) // 8, "big")
    body = b"\0" * (25 - len(body)) + body
    return len(body) == 25 and hashlib.sha256(hashlib.sha256(body[:-4]).digest()).digest()[:4] == body[-4:]


_BECH = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _bech32(said: str) -> bool:
    name, _, rest = said.rpartition("1")
    if not name or any(c not in _BECH for c in rest):
        return False
    values = [*(ord(c) >> 5 for c in name), 0, *(ord(c) & 31 for c in name), *(_BECH.index(c) for c in rest)]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, mask in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= mask if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)


# -- national identifiers ---------------------------------------------------------------------------------------------


class _Form(NamedTuple):
    """An identifier with a form of its own. `check` is a module of `stdnum` ("": the form is enough)."""

    kind: str
    regex: re.Pattern[str]
    check: str
    score: float


_BEFORE, _AFTER = r"(?<![A-Za-z0-9./-])", r"(?![A-Za-z0-9])(?!-\d)"


def _form(kind: str, regex: str, check: str = "", score: float = 0.95) -> _Form:
    return _Form(kind, re.compile(_BEFORE + regex + _AFTER), check, score)


_FORMS = (
    _form("us_ssn", r"(?!000|666|9\d\d)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}", "us.ssn"),
    _form("us_itin", r"9\d{2}[- ][5-9]\d[- ]\d{4}", "us.itin"),
    _form("us_ein", r"\d{2}-\d{7}", "us.ein", 0.6),
    _form("national_id", r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]", "", 0.9),  # GB NINO
    _form("national_id", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", ""),  # IT codice fiscale
    _form("national_id", r"\d{8}[- ]?[A-HJ-NP-TV-Z]", "es.dni"),
    _form("national_id", r"[XYZ][- ]?\d{7}[- ]?[A-HJ-NP-TV-Z]", "es.nie"),
    _form("national_id", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d", ""),  # MX CURP
    _form("tax_id", r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}", "mx.rfc", 0.8),
    _form("tax_id", r"[A-Z]{3}[ABCFGHLJPTK][A-Z]\d{4}[A-Z]", "", 0.9),  # IN PAN
    _form("national_id", r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", "in_.aadhaar"),
    _form("national_id", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    _form("tax_id", r"\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2}", "br.cnpj"),
    _form("national_id", r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]", "cl.rut"),
    _form(
        "national_id", r"[12]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}\s?\d{2}", "fr.nir"
    ),
    _form("national_id", r"756\.\d{4}\.\d{4}\.\d{2}", "ch.ssn"),
    _form("national_id", r"(?:19|20)?\d{6}[-+]\d{4}", "se.personnummer"),
    _form("national_id", r"\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-Y]", "fi.hetu"),
    _form("national_id", r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]\d{4}", "dk.cpr", 0.8),
    _form("national_id", r"\d{2}[05-9]\d[0-3]\d/\d{3,4}", "cz.rc", 0.9),
    _form("national_id", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),
    _form("national_id", r"\d{6}-[1-8]\d{6}", "", 0.9),  # KR RRN
    _form("national_id", r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]", "cn.ric"),
    _form("national_id", r"[STFG]\d{7}[A-Z]", "", 0.7),  # SG NRIC
    _form("national_id", r"[A-Z]{1,2}\d{6}\([0-9A]\)", ""),  # HK
    _form("national_id", r"[A-Z][12]\d{8}", "tw.ubn", 0.7),
    _form("national_id", r"\d{3} \d{3} \d{4}", "gb.nhs", 0.7),
    _form("national_id", r"\d{3}[- ]\d{3}[- ]\d{3}", "ca.sin", 0.7),
    _form("national_id", r"\d{7}[A-W][A-IW]?", "ie.pps", 0.8),
    _form("national_id", r"\d{3}-\d{3}-\d{3} \d{2}", "ru.inn", 0.9),  # RU SNILS, by its form
    _form(
        "medical_id",
        r"[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}",
        "",
        0.9,
    ),
)
_VAT = re.compile(
    r"(?<![A-Za-z0-9])(?:ATU\d{8}|BE ?[01]\d{9}|BG\d{9,10}|CY\d{8}[A-Z]|CZ\d{8,10}|DE ?\d{9}|DK ?\d{8}"
    r"|EE\d{9}|(?:EL|GR)\d{9}"
    r"|ES[A-Z0-9]\d{7}[A-Z0-9]|FI\d{8}|FR ?[A-Z0-9]{2} ?\d{9}|GB ?\d{9}(?:\d{3})?|HR\d{11}|HU\d{8}"
    r"|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT ?\d{11}"
    r"|LT(?:\d{9}|\d{12})|LU\d{8}|LV\d{11}|MT\d{8}|NL\d{9}B\d{2}|PL ?\d{10}|PT ?\d{9}|RO\d{2,10}|SE\d{12}"
    r"|SI\d{8}|SK\d{10}"
    r"|CHE-?\d{3}\.?\d{3}\.?\d{3}(?: ?(?:MWST|TVA|IVA))?|NO ?\d{9}MVA|XI\d{9})(?![A-Za-z0-9])"
)


@cache
def _validator(name: str) -> Callable[[str], bool]:
    """`is_valid` of a module of stdnum."""
    check: Callable[[str], bool] = importlib.import_module(f"stdnum.{name}").is_valid
    return check


_UNPROVED = frozenset(("tw.ubn", "ru.inn"))


def _formed(text: str) -> Iterator[Finding]:
    for form in _FORMS:
        for m in form.regex.finditer(text):
            if not form.check or form.check in _UNPROVED or _validator(form.check)(m[0]):
                yield Finding(m.start(), m.end(), form.kind, form.score)
            elif form.kind == "us_ssn" and _SSN.fullmatch(m[0]):
                yield Finding(m.start(), m.end(), "us_ssn", 0.8)
    for m in _VAT.finditer(text):
        yield Finding(m.start(), m.end(), "vat", 0.9 if _is_vat(m[0]) else 0.6)
    for m in _MRZ.finditer(text):
        if m[0].count("<") >= 5 and re.match(r"[PIACV][A-Z<]", m[0]):
            yield Finding(m.start(), m.end(), "mrz")
    for m in _VIN.finditer(text):
        if re.search(r"\d", m[0]) and re.search(r"[A-Z]", m[0]) and _is_vin(m[0]):
            yield Finding(m.start(), m.end(), "vin", 0.9)


@lru_cache(maxsize=1024)
def _is_vat(said: str) -> bool:
    if said.startswith(("CHE", "NO", "XI")):
        return True
    check: Callable[[str], bool] = importlib.import_module("stdnum.eu.vat").is_valid
    return bool(check(said)) or said.startswith("GB")


_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _is_vin(said: str) -> bool:
    total = sum((_VIN_VALUES.get(c) or int(c)) * w for c, w in zip(said, _VIN_WEIGHTS, strict=True))
    return said[8] == ("X" if total % 11 == 10 else str(total % 11))


def is_bic(said: str) -> bool:
    """Whether it has the form of a bank's code, with a country that there is."""
    return _validator("bic")(said)
