"""Numbers and dates that a word before them names, in several languages: `passport no.`, `Kontonummer`, `born on`."""

import re
from collections.abc import Iterator

from outrider.guardrails._contract import Finding
from outrider.guardrails._ids import is_bic

_SPOKEN = (
    ("us_ssn", r"ssn|social security|soc(?:ial)? sec"),
    (
        "passport",
        r"passport|reisepass(?:nummer)?|passeport|pasaporte|passaporto|passaporte|paspoort(?:nummer)?"
        r"|pass(?:nummer|-nr)",
    ),
    (
        "driver_licence",
        r"driv(?:er'?s?|ing) licen[cs]e|licen[cs]e (?:number|no\.?|#)|dl (?:number|no|#)"
        r"|führerschein(?:nummer)?|permis de conduire|carnet de conducir|patente(?: di guida)?"
        r"|rijbewijs(?:nummer)?|carta de condução|cnh",
    ),
    (
        "national_id",
        r"national (?:id(?:entity|entification)?|insurance)|identity (?:card|number)|id (?:card|number"
        r"|no\.?)|id#|nino|(?-i:NI|NIN|NHS)|(?-i:SIN)|social insurance|medicare|aadhaa?r|cpf|curp|(?-i:DNI"
        r"|NIE|NIF|RUT|RUN|RG)|cédula|cedula|pesel|(?-i:BSN)|burgerservicenummer|personnummer|fødselsnummer"
        r"|(?-i:CPR|HETU)|henkilötunnus|personalausweis(?:nummer)?|ausweis(?:nummer)?"
        r"|sozialversicherungs(?:nummer)?|rentenversicherungs(?:nummer)?|numéro de sécurité sociale"
        r"|sécurité sociale|(?-i:NIR)|carte d'identité|codice fiscale|carta d'identità|tc kimlik|egn|oib"
        r"|snils|nric|emirates id|(?-i:AHV|CNP)|rodné číslo|citizen (?:id|number)",
    ),
    (
        "tax_id",
        r"tax(?:payer)? (?:id(?:entification)?|number|no\.?)|(?-i:TIN|ITIN|EIN)"
        r"|steuer(?:identifikations)?(?:nummer|-id|-nr)?|steuer-?id|siren|siret|partita iva|p\.? ?iva|cnpj"
        r"|(?-i:RFC|INN|ABN|ACN|TFN)|vat(?: (?:number|no\.?|id|reg))?|ust-?id(?:nr)?|tva|btw|cuit|cuil|gstin"
        r"|(?-i:PAN)",
    ),
    (
        "bank_account",
        r"account(?: (?:number|no\.?|num|#))?|acct|a/c|routing(?: number)?|aba|sort code|konto(?:nummer)?"
        r"|kontonr|compte(?: bancaire)?|cuenta(?: bancaria)?|conto(?: corrente)?|rekening(?:nummer)?"
        r"|conta(?: bancária)?|clabe|bban|bsb|blz|iban",
    ),
    ("swift", r"swift(?:[ /-]?bic)?(?: code)?|bic(?: code)?"),
    (
        "card",
        r"(?:credit|debit|bank|payment)? ?card(?: (?:number|no\.?|num|#))?|kreditkarte(?:nnummer)?"
        r"|carte (?:bancaire|de crédit)|tarjeta|carta di credito|cartão|(?-i:CC)(?: (?:number|no|#))?|visa"
        r"|mastercard|amex|american express",
    ),
    ("card_code", r"cvv2?|cvc2?|csc|card verification(?: value| code)?|security code|prüfziffer"),
    ("pin", r"pin(?: (?:code|number))?"),
    ("imei", r"imei|imsi|meid|iccid|serial(?: number)?"),
    (
        "medical_id",
        r"mrn|medical record(?: (?:number|no\.?|#))?|patient (?:id|number)|health (?:insurance|card"
        r"|plan)(?: (?:number|id|no\.?))?|insurance (?:number|id|policy|no\.?)|policy (?:number|no\.?)"
        r"|krankenversicherungs(?:nummer)?|member (?:id|number)|npi|dea(?: number)?",
    ),
    (
        "vehicle",
        r"license plate|licence plate|number plate|plate(?: (?:number|no\.?))?|registration (?:number|plate)"
        r"|kennzeichen|immatriculation|matrícula|targa|kenteken|vin|vehicle identification",
    ),
    (
        "person_id",
        r"(?:employee|staff|student|customer|user|client|personnel|mitarbeiter|kunden|matrikel"
        r"|personal)[ -]?(?:id|number|no\.?|nr\.?|nummer|#)",
    ),
)
_SPOKEN_ALL = re.compile(
    r"(?i)(?<![\w])(?:" + "|".join(f"(?P<{kind}>{words})" for kind, words in _SPOKEN) + r")"
    r"(?:[ -]?(?:id|number|num|no|nr|code|nummer|número|numero|numéro|#))?\.?['’]?s?(?![\w])"
    r"(?P<gap>[\s\"'`*]{0,3}(?:\((?:[^()\n]{1,30})\))?[\s:=#\"'`*|–-]{0,6}(?:(?i:is|was|are|ist|lautet|est"
    r"|es|è|é|number|no\.?|nr\.?|of|ending in|:|,)[\s:=#\"'`*]{1,4}){0,3})"
    r"(?P<value>(?=[\w./ -]*\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-./ ](?=[A-Za-z0-9])){2,34})"
)
_LEAST = {"card_code": 3, "pin": 4, "vehicle": 4, "person_id": 3}
_ACRONYMS = ("national_id", "tax_id")
_PLACE_LIKE = re.compile(r"(?:[A-Z]{2,}[ -]){2}\d|[A-Z]{2,} \d{1,4}(?![\d-])")
"""Words and a short number in capitals, where what names a number may be a word: `TIN CAN BAY 4580`."""
_DATE_LIKE = re.compile(r"(?:19|20)\d\d$|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|\d{4}-\d\d-\d\d$|\d{1,2}:\d\d")


def told(text: str) -> Iterator[Finding]:
    """Numbers that a word names; a value of two words must have its digits near."""
    for m in _SPOKEN_ALL.finditer(text):
        kind = next(k for k, _ in _SPOKEN if m[k] is not None)
        value = _value(m["value"], kind)
        if value is None:
            continue
        start = m.start("value")
        yield Finding(start, start + len(value), kind, 0.85)
    yield from _bics(text)


def _value(said: str, kind: str) -> str | None:
    """The part of what follows that is the number: its pieces while they have digits or are capitals."""
    out = ""
    if kind in _ACRONYMS and _PLACE_LIKE.match(said):
        return None
    for piece in re.split(r"(?<=[ ])", said):
        bare = piece.strip()
        has_digit = any(c.isdigit() for c in bare)
        if out and not has_digit and not (bare.isupper() and len(bare) <= 4):
            break
        if not out and not has_digit and not bare.isupper():
            return None
        out += piece
    out = out.rstrip(" .-/")
    bare = re.sub(r"[^A-Za-z0-9]", "", out)
    if sum(c.isdigit() for c in bare) < 3 or len(bare) < _LEAST.get(kind, 5) or _DATE_LIKE.match(out):
        return None
    if kind in ("card_code", "pin") and not (bare.isdigit() and len(bare) <= 8):
        return None
    return out if len(bare) <= 34 else None


_BIC = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
_BIC_WORDS = re.compile(r"(?i)\b(?:swift|bic)\b")


def _bics(text: str) -> Iterator[Finding]:
    named = [m.end() for m in _BIC_WORDS.finditer(text)]
    for m in _BIC.finditer(text) if named or re.search(r"[A-Z]{6}[A-Z0-9]{2}", text) else ():
        near = any(0 <= m.start() - end <= 40 for end in named)
        formed = (len(m[0]) == 11 and any(c.isdigit() for c in m[0])) or (len(m[0]) == 11 and m[0].endswith("X" * 3))
        if (near or formed) and is_bic(m[0]):
            yield Finding(m.start(), m.end(), "swift", 0.9)


# -- dates of birth ---------------------------------------------------------------------------------------------------

_MONTHS = (
    r"jan(?:uary|uar|vier|uari)?|feb(?:ruary|ruar|rero|braio|ruari)?|fév(?:rier)?|mar(?:ch|zo|s|ço)?|märz"
    r"|maart|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?"
    r"|may|mai|mayo|maggio|mei|maio|jun(?:e|i|io|ho)?|juin|giugno|jul(?:y|i|io|ho)?|juillet|luglio|aug(?:ust"
    r"|ustus)?|août|ago(?:sto)?|sep(?:t(?:ember|embre|iembre)?)?|settembre|setembro"
    r"|oct(?:ober|obre|ubre)?|okt(?:ober)?|ott(?:obre)?|out(?:ubro)?|nov(?:ember|embre|iembre|embro)?"
    r"|dec(?:ember)?|dez(?:ember|embro)?|déc(?:embre)?|dic(?:iembre|embre)?"
)
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.|º)?\s(?:of\s|de\s|)?(?:{_MONTHS})\.?,?\s(?:de\s|of\s)?(?:19|20)?\d\d"
    rf"|(?:{_MONTHS})\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
    r"|(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d"
    r"|3[01])[-/.](?:0?[1-9]|[12]\d|3[01])[-/.](?:(?:19|20)\d\d|\d\d))"
)
_BORN = re.compile(
    r"(?i)(?<!\w)(?:d\.?o\.?b\.?|(?:date|place and date|year) of birth|birth ?(?:date|day)|born(?: on| in)?"
    r"|geboren(?: am)?|geburts(?:datum|tag)|geb\.?|née?(?: le)?|date de naissance"
    r"|naci(?:do|da|ó)(?: el)?|fecha de nacimiento|nat[oa](?: il)?|data di nascita|geboorte(?:datum)?"
    r"|nascid[oa](?: em)?|data de nascimento|turned \d+ on|\(\*|\*)"
    r"(?!\w)[^\n\d]{0,25}?(?P<date>" + _DATE + r")(?!\d)"
)


def births(text: str) -> Iterator[Finding]:
    """Dates that a word before them calls somebody's birth."""
    for m in _BORN.finditer(text):
        yield Finding(m.start("date"), m.end("date"), "birth_date", 0.9)
