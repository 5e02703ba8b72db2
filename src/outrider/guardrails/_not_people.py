"""What the tagger takes for a person and is none: acronyms, firms by their legal form or by what is said of them, towns
that are first names, too."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from outrider.guardrails._contract import Finding

_ACRONYMS = """
IBAN BIC MAC SSN DOB VAT PIN CVV CVC SWIFT BBAN BSB ABA IMEI VIN NPI MRN TIN EIN ITIN NHS NINO SIN PAN CPF CNPJ CURP
RFC DNI NIE NIF RUT BSN CPR CNP AHV URL URI API SQL XML CSV PDF HTTP JSON YAML HTML USB LAN WAN DNS SSH TLS VPN CPU GPU
RAM SSD CEO CTO CFO COO VP HR IT PR EU UN UK US USA UAE NATO EUR USD GBP CHF JPY FAQ ASAP FYI ETA TBD RSVP PO SKU UPC
EAN ISBN DOI UTC GMT CET EST PST AM PM
"""
_FORM = re.compile(
    r"(?:,?\s(?:Inc|LLC|LLP|Ltd|Limited|PLC|Plc|Pty|Corp)\b|\s(?:GmbH|mbH|AG|KG|OHG|UG|KGaA|e\.\s?K\.|SE|SA|S\.A\."
    r"|SAS|SARL|SNC|SpA|S\.p\.A"
    r"|Srl|SRL|S\.r\.l|S\.C|SL|S\.L\.|BV|B\.V\.|NV|N\.V\.|VOF|AB|AS|ASA|A/S|ApS|Oy|Oyj|Osk|Tmi|ry|Kft|Zrt"
    r"|Bt|Nyrt|s\.r\.o|a\.s\."
    r"|k\.s\.|o\.s\.|v\.o\.s|o\.p\.s|z\.s\.|d\.o\.o|d\.d\.|Sp\.\sz|Sp\.j|Lda|Ltda|EIRL|Tic\.|Ltd\.|A\.Ş"
    r"|Ş(?:ti|TI)|OÜ|SIA|UAB|EOOD|ООО|ЗАО"
    r"|& (?:Co|Sons?|Söhne|Partners?|Associates)|and Sons)(?![\w-]|\s\d))"
)
"""Legal forms of firms, behind the name."""
_FIRM_BEFORE = re.compile(
    r"(?:[Ee]mployed by|[Pp]roducts? of|(?:[Oo]ffices?|[Bb]ranch(?:es)?|CEO|[Ss]hares?|[Ss]ubsidiary"
    r"|[Cc]ustomers?|[Dd]ealers?) (?:of|in)"
    r"|[Ss]tock (?:of|in)|[Ii]nvest(?:ed|ing|s)? in|[Bb]ought from|[Ww]ork(?:s|ed"
    r"|ing)? at)\s(?:[A-ZÀ-Ž][\w-]+,? (?:and |& )?){0,2}$"
)
_FIRM_AFTER = re.compile(
    r"(?:(?:['’]s)?\s(?:raised (?:its )?prices|shares|stock|websites?|stores?|dealer(?:ship)?s?"
    r"|headquarters|subsidiar(?:y|ies)|quarterly"
    r"|products?|employees|customers|app)\b"
    r"|(?:, [A-ZÀ-Ž][\w-]+)? and [A-ZÀ-Ž][\w-]+ raised (?:its |their )?prices\b)"
)
"""What is said of firms."""
_IN = re.compile(
    r"\b(?:[Ii]n|[Nn]ear|[Aa]round|[Aa]cross|[Oo]utside|[Ii]nside|[Vv]ia|[Dd]owntown|[Gg]reater"
    r"|[Nn]orth(?:ern)?|[Ss]outh(?:ern)?"
    r"|[Ee]ast|[Ww]est)\s$"
)
_MOTION = re.compile(
    r"(?i)\b(?:mov(?:e|es|ed|ing)|fl(?:y|ew|ies|ying|own)|flights?|driv(?:e|es|ing|en)|drove|travel(?:s"
    r"|l?ed|l?ing)?|trips?"
    r"|go(?:es|ing)?|went|trains?|bus(?:es)?|road|way|welcome|relocat\w*|tickets?|highway|visit(?:s|ed"
    r"|ing)?|liv(?:e|es|ed|ing)"
    r"|based|born|located|arriv(?:e|es|ed|ing)|land(?:s|ed|ing)?|stopp?(?:s|ed|ing)?|hotels?|branch|office|weather)"
    r"\s(?:\w+\s)?(?:to|from|in|at|for|over)\s(?:[A-Z]\w+(?:, | and | or | to ))*$"
)
_VISIT = re.compile(
    r"(?i)\b(?:visit(?:s|ed|ing)?|leav(?:e|es|ing) for|headed (?:to|for)|(?:city|town|state|mayor|port) of)\s$"
)
_REGION = re.compile(
    r",\s(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[DLNA]|K[SY]|LA|M[EDAINSOT]|N[EVHJMYCD]|O[HKR]|PA|RI|S[CD]"
    r"|T[NX]|UT|V[TA]|W[AVIY]|UK|USA"
    r"|Texas|Florida|California|Ohio|Mississippi|Michigan|Illinois|Tennessee|Missouri|Kansas|Nevada"
    r"|Arizona|Oregon|Colorado"
    r"|Wisconsin|Minnesota|Alabama|Louisiana|Kentucky|Maryland|Massachusetts|Connecticut|Pennsylvania"
    r"|New (?:York|Jersey|Mexico)"
    r"|North Carolina|South Carolina|Australia|Canada|England|France|Germany|Italy|Spain)\b"
)
_TOWN = re.compile(r"\s(?:airport|suburbs?|downtown|metro|area|region|residents|time zone)\b")
_ROLE = re.compile(r":[ \t][A-ZÀ-Ž][\w'’-]+ [A-ZÀ-Ž]")
"""A person behind a colon: what stands before says what the person is."""


@cache
def _acronyms() -> frozenset[str]:
    return frozenset(_ACRONYMS.split())


def people(
    text: str, found: Iterable[Finding], *, is_town: Callable[[str], bool], is_first: Callable[[str], bool]
) -> Iterator[Finding]:
    """Those of the findings that are people. `is_town` and `is_first` say what a word is known as."""
    found = list(found)
    whole = {word for one in found if " " in (name := text[one.start : one.end]) for word in name.split()}
    for one in found:
        name, _, last = text[one.start : one.end].rpartition(" ")
        if last in _acronyms():
            if is_first(name.lower()) or " " in name:
                yield Finding(one.start, one.start + len(name), one.kind, one.score)
            continue
        name = text[one.start : one.end]
        if _FORM.match(text, one.end):
            continue
        if " " not in name and name not in whole and _is_other(text, one, name.lower(), is_town, is_first):
            continue
        yield one


def _is_other(
    text: str,
    one: Finding,
    low: str,
    is_town: Callable[[str], bool],
    is_first: Callable[[str], bool],
) -> bool:
    """Whether a single word is a town, a firm or what somebody is."""
    before = text[max(0, one.start - 64) : one.start]
    owns = text[one.end : one.end + 2] in ("'s", "’s")
    if is_town(low) and not owns:
        places = (_IN, _MOTION, _VISIT)
        return any(form.search(before) for form in places) or any(
            form.match(text, one.end) for form in (_REGION, _TOWN)
        )
    if is_first(low):
        return False
    return bool(_FIRM_BEFORE.search(before) or _FIRM_AFTER.match(text, one.end) or _ROLE.match(text, one.end))
