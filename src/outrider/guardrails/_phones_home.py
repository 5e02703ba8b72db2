"""Telephone numbers as people write them at home, without a country's code: whose plan they fit, and whose they may be.

A number alone fits some plan nearly always, so where it stands decides: beside a name or an address, in a text of a
country, or behind words such as `try` and `on`. Forms that amounts have as well (`612 345 678`) need more of it.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

_ANYWHERE = """
US GB DE FR ES IT NL PT BR IN AU MX PL SE CH AT BE JP CN RU DK NO FI IS EE LV LT CZ SK HU SI HR RO BG GR CY TR
UA IE LU MT TN MA ZA KE NG NZ SG HK KR AR CL CO PE UY EC IL AE SA EG PH ID MY TH VN PK BD LK RS BA MK
"""
"""Countries whose plans are tried where a text says nothing of its own."""
_AMOUNT = re.compile(r"[1-9]\d{0,2}(?:([ .,'’\u00a0\u202f\u2009])\d{3})(?:\1\d{3})+")
_LANGUAGES = """
DE AT CH LU: der die das und ist nicht ich mit für auf bitte wir grüße grüßen herr frau haben oder sie ein eine dem wird
FR BE CH LU: le les une est pour vous je cordialement avec merci chez dans bonjour du et des que je suis sur
NL BE: het een niet van met voor vriendelijke groet bij ik wij op maar ook zijn heeft dat
ES MX AR CL CO PE UY EC: el los una para por saludo señor gracias con hola se del cuando las que es mi su muy pero
PT BR: o os uma para não você com cumprimentos atenciosamente depois obrigado obrigada meu minha do da em por mas
IT CH: il gli una per non cordiali saluti grazie sono con buongiorno dopo le da che di mio mia anche
DK GL: og ikke jeg er til venlig hilsen med på så mig hvis af det den kan vi men
NO: og ikke jeg er til vennlig hilsen med på hos du når det den kan vi av men
SE FI: och inte jag är till med vänlig hälsning på om något för av dig det den kan vi men
FI: ja ei on terveisin ystävällisin minun voi saa ovat hei kiitos
IS: og ekki ég er kær kveðja með til fyrir minn það
EE: ja ei on tervitades minu palun tere aitäh kui lugupidamisega
LV: un ir ar cieņu mans nav lūdzu par labdien es no
LT: ir yra pagarbiai mano prašau ne labas su dėl
PL: i nie jest się na pozdrawiam proszę pan pani do mój ma z
CZ: a je se na pozdravem prosím má není pan jsem mám pro ale jak by
SK: a je sa na pozdravom prosím má nie som môj pán
HU: a az és nem van üdvözlettel kérem hogy egy meg már csak
SI: in je ni lep pozdrav prosim moja za sem na
HR RS BA: i je nije lijep pozdrav molim moj za sam na
RO: și nu este cu stimă vă rog la după pentru sunt dar mai
BG: и не е с поздрави ми моля за съм на уважение
GR CY: και δεν είναι με εκτίμηση μου το για παρακαλώ στο
TR: ve bir bu için saygılarımla lütfen beni değil ile
RU: и не с уважением мой на по после пожалуйста это
UA: і не з повагою мій на це будь ласка та
ID: dan tidak saya salam untuk yang di terima kasih
VN: và không của tôi trân trọng là cho xin
"""
"""Frequent words of languages, some of which say where a text is from."""
_NAMES = {
    "denmark": "DK", "danmark": "DK", "copenhagen": "DK", "norway": "NO", "norge": "NO", "oslo": "NO", "sweden": "SE",
    "sverige": "SE", "finland": "FI", "suomi": "FI", "iceland": "IS", "ísland": "IS", "estonia": "EE", "eesti": "EE",
    "tallinn": "EE", "latvia": "LV", "riga": "LV", "lithuania": "LT", "vilnius": "LT", "poland": "PL", "polska": "PL",
    "czechia": "CZ", "czech": "CZ", "prague": "CZ", "praha": "CZ", "slovakia": "SK", "hungary": "HU", "budapest": "HU",
    "slovenia": "SI", "slovenija": "SI", "ljubljana": "SI", "croatia": "HR", "hrvatska": "HR", "romania": "RO",
    "bulgaria": "BG", "greece": "GR", "athens": "GR", "cyprus": "CY", "nicosia": "CY", "limassol": "CY", "turkey": "TR",
    "spain": "ES", "españa": "ES", "madrid": "ES", "barcelona": "ES", "portugal": "PT", "lisbon": "PT", "lisboa": "PT",
    "italy": "IT", "italia": "IT", "france": "FR", "germany": "DE", "deutschland": "DE", "austria": "AT",
    "österreich": "AT", "switzerland": "CH", "schweiz": "CH", "suisse": "CH", "belgium": "BE", "belgique": "BE",
    "netherlands": "NL", "nederland": "NL", "luxembourg": "LU", "tunisia": "TN", "tunisie": "TN", "tunis": "TN",
    "uruguay": "UY", "montevideo": "UY", "argentina": "AR", "chile": "CL", "peru": "PE", "perú": "PE",
    "colombia": "CO", "mexico": "MX", "méxico": "MX", "brazil": "BR", "brasil": "BR", "singapore": "SG", "india": "IN",
    "japan": "JP", "china": "CN", "australia": "AU", "ireland": "IE", "greenland": "GL", "nuuk": "GL", "israel": "IL",
    "kenya": "KE", "nigeria": "NG", "russia": "RU", "ukraine": "UA", "malta": "MT", "serbia": "RS",
}  # fmt: skip
"""Countries and some towns by which a text says where it is from."""
_WORD = re.compile(r"[^\W\d_]+")
_SITE = re.compile(r"(?i)[\w-]{2}\.([a-z]{2})(?![\w@.-])")
_NO_COUNTRY = "py rs md sh so io ai me tv co cc ws to ly gg fm st la js ts cs vb gz bz ps id eg am"
"""Endings of files, sites of everybody, and words that are endings of countries, too."""
_CODED = re.compile(r"(?<![\w+])\+(\d{1,3})")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})\d\d(?: ?[A-Z0-9]{4}){3}")
_LONG = 60
"""Different words of a text in which two of another language may stand by chance."""
_READ = 6_000
"""Characters of a text by which its countries are known."""


class Form(NamedTuple):
    """How some numbers of a country are written: how they begin, their groups, and whether the prefix goes before."""

    leading: re.Pattern[str]
    groups: re.Pattern[str]
    prefixed: bool


class Plan(NamedTuple):
    """What numbers of a country look like: all of it, and what is dialled before it at home."""

    valid: re.Pattern[str]
    prefixes: tuple[str, ...]


_BARE = ("IN", "HU")
"""Countries whose numbers are written without the prefix, though it is dialled."""
_OLDER = {"LT": "8"}
_ALSO = {
    "ES": ((3, 3, 3), (2, 3, 2, 2)),
    "PT": ((2, 3, 2, 2),),
    "IT": ((3, 7),),
    "NO": ((3, 2, 3),),
    "CO": ((3, 3, 4),),
    "DK": ((4, 4),),
    "CA": ((3, 3, 4),),
}
"""Groups that the plans do not have."""


@cache
def _plan(region: str) -> Plan | None:
    from phonenumbers import PhoneMetadata

    known = PhoneMetadata.metadata_for_region(region, None)
    if known is None:
        return None
    kinds = (known.fixed_line, known.mobile, known.toll_free, known.shared_cost, known.voip, known.personal_number)
    patterns = {one.national_number_pattern: 0 for one in kinds if one is not None and one.national_number_pattern}
    prefixes = tuple({"": 0, known.national_prefix or "": 0, _OLDER.get(region, ""): 0})
    return Plan(re.compile("|".join(f"(?:{one})" for one in patterns)), prefixes)


@cache
def _forms(region: str) -> tuple[Form, ...]:
    from phonenumbers import PhoneMetadata

    known = PhoneMetadata.metadata_for_region(region, None)
    if known is None:
        return ()
    prefix = known.national_prefix or ""
    return tuple(
        Form(
            re.compile(form.leading_digits_pattern[-1] if form.leading_digits_pattern else ""),
            re.compile(form.pattern or ""),
            bool(prefix) and (form.national_prefix_formatting_rule or "").startswith(prefix) and region not in _BARE,
        )
        for form in known.number_format
    )


def fits(groups: Sequence[str], region: str) -> bool | None:
    """Whether digits in groups are a number of a country: True, if they are written in its own groups as well; None:
    they are none."""
    plan = _plan(region)
    if plan is None:
        return None
    digits = "".join(groups)
    for prefix in plan.prefixes:
        bare = digits.removeprefix(prefix)
        if (prefix and bare == digits) or not plan.valid.fullmatch(bare):
            continue
        fitting = [form for form in _forms(region) if form.leading.match(bare) and form.groups.fullmatch(bare)]
        if fitting and fitting[0].prefixed and not prefix:
            continue  # at home it is dialled
        sizes = tuple(len(one) for one in (groups[0].removeprefix(prefix), *groups[1:]) if one)
        return sizes in _ALSO.get(region, ()) or any(sizes == _sizes(form.groups, bare) for form in fitting)
    return None


def _sizes(pattern: re.Pattern[str], bare: str) -> tuple[int, ...]:
    form = pattern.fullmatch(bare)
    return tuple(len(one or "") for one in form.groups()) if form is not None else ()


def is_amount(said: str) -> bool:
    """Whether amounts are written so: groups of three, the first of which may be shorter."""
    return _AMOUNT.fullmatch(said) is not None


def whose(groups: Sequence[str], regions: Iterable[str], *, strictly: bool = False) -> bool:
    """Whether digits in groups are a number of one of these countries."""
    told = (fits(groups, region) for region in regions)
    return any(one if strictly else one is not None for one in told)


def countries(text: str) -> frozenset[str]:
    """The countries that a text seems to be from: by its language, names of countries, addresses of sites and mail,
    numbers with a country's code, IBANs."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    read = text[:_READ]
    words = {one.lower() for one in _WORD.findall(read)}
    found = {_NAMES[one] for one in words & _NAMES.keys()}
    least = 2 if len(words) < _LONG else 4
    for regions, known in _languages():
        if len(words & known) >= least:
            found.update(regions)
    for site in {one.lower() for one in _SITE.findall(read)} - set(_NO_COUNTRY.split()):
        found.add({"uk": "GB"}.get(site, site.upper()))
    for code in _CODED.findall(read):
        for size in (1, 2, 3):
            found.update(COUNTRY_CODE_TO_REGION_CODE.get(int(code[:size]), ())[:2])
    found.update(_IBAN.findall(read))
    return frozenset(found)


@cache
def _languages() -> tuple[tuple[tuple[str, ...], frozenset[str]], ...]:
    lines = (line.partition(":") for line in _LANGUAGES.strip().splitlines())
    return tuple((tuple(regions.split()), frozenset(known.split())) for regions, _, known in lines)


ANYWHERE = tuple(_ANYWHERE.split())
