"""Postal addresses by their form: a street with its number, in several languages, and what of flat, place, region and
postcode follows it; post boxes; places with a postcode."""

import re
from collections.abc import Iterator

from outrider.guardrails._contract import Finding

_CAP = r"[A-ZÀ-ÖØ-ÞČŁŚŠŽĐ][\w'’\u00c0-\u024f-]{0,40}+\.?"
"""A word, whole: given back letter by letter, five of them in a row would try every way to cut a long one."""
_SUFFIXES = (
    r"street|st|avenue|ave|av|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|circle|cir|way|place|pl|square|sq"
    r"|terrace|ter|trail|trl|parkway|pkwy|highway|hwy|alley|aly|plaza|plz|crescent|cres|close|row|mews|grove|gardens?"
    r"|gdns|hill|heights|hts|loop|path|pike|ridge|rdg|route|run|view|vista|walk|crossing|bridge|brook|burgs?|bypass"
    r"|camp|canyon|cape|causeway|centers?|centre|cliffs?|club|common|corners?|courts|course|coves?|creek|crest"
    r"|crossroad|curve|dale|dam|divide|drives|estates?|expressway|extensions?|falls?|ferry|fields?|flats?|fords?|forest"
    r"|forges?|forks?|fort|freeway|garden|gateway|glens?|greens?|groves?|harbors?|haven|hills|hollow|inlet|islands?"
    r"|isle|junctions?|keys?|knolls?|lakes?|landing|lights?|loaf|locks?|lodge|mall|manors?|meadows?|mills?|mission"
    r"|motorway|mountains?|neck|orchard|oval|overpass|parks?|parkways|pass|passage|pines?|plains?|points?|ports?"
    r"|prairie|radial|ramp|ranch|rapids?|rest|roads|river|shoals?|shores?|skyway|springs?|spurs?|squares|station"
    r"|stravenue|stream|streets|summit|throughway|trace|track|trafficway|tunnel|turnpike|underpass|unions?|valleys?"
    r"|viaduct|views|villages?|ville|walks|wall|wells?|nagar|marg|chowk|colony|vihar|enclave|ganj"
)
_PARTICLES = (
    r"(?:de la|de los|de las|de|del|della|dello|dei|degli|delle|di|da|do|dos|das|la|las|los|el|y|e|du|des|le|les"
    r"|à|en|aux?)\s|[ldLD]['’]"
)
_LED_KINDS = (
    r"via|viale|piazza|corso|largo|vicolo|strada|piazzetta|borgo|contrada|rotonda|stretto|incrocio|canale|calle|c/"
    r"|avenida|avda?\.?|plaza|paseo|camino|ronda|cuesta|callejón|pasaje|glorieta|alameda|vial|pasadizo|rambla"
    r"|urbanización|acceso|rua|travessa|praça|estrada|rodovia|ladeira|parque|vila|viaduto|recanto|núcleo|jardim"
    r"|conjunto|distrito|favela|feira|fazenda|esplanada|chácara|campo|aeroporto|área|colônia|condomínio|estação|lago"
    r"|lagoa|loteamento|morro|passarela|pátio|quadra|residencial|setor|sítio|trecho|trevo|vale|vereda|ulica|ul\.|aleja"
    r"|al\.|pl\.|plac|os\.|osiedle|prolongación|privada|cerrada|eje|circuito|boulevard|bulevar|calzada|peatonal"
    r"|bulevardul|intrarea|[șs]oseaua|aleea|calea|pia[țt]a|splaiul|retorno|periférico|carretera|andador|corredor|diagonal|continuación|ampliación|viaducto|circunvalación"
)
_OF_SOMEBODY = re.compile(r"s\sgate\s\d")
"""Norwegian streets: `Karl Johans gate 22`."""
_FRENCH_KINDS = (
    r"rue|avenue|av\.|boulevard|bd\.?|place|chemin|allée|impasse|quai|route|cours|passage|square|ruelle"
    r"|faubourg|rang|montée|côte"
    r"|sentier"
)
_JOINED_KINDS = (
    r"straße|strasse|str\.|gasse|weg|platz|allee|ring|damm|ufer|chaussee|steig|pfad|straat|laan|plein|gracht|kade|dijk"
    r"|singel|steeg|hof|park|baan|weg|pad|vägen|gatan|gränden|torget|stigen|gata|veien|vegen|vej|gade|allé|stræde|tie"
    r"|katu|kuja|stig|hausener|steiner|dreef|wal|burgwal|boulevard|gate|väg|gränd|plads|plaats|vegur|utca|út|útja"
    r"|körút|tér|(?<=\s)u\.|(?<=\s)krt\."
)
_CORES = (
    re.compile(
        r"(?<![\w.-])(?:(?:Flat|Unit|Studio|Apt|Apartment|Suite)\s\w{1,5}[,\s]{1,2}(?:\d{1,6}[A-Za-z]?,?\s)?"
        r"|\d{1,6}[A-Za-z]?(?:[/-]\d{1,4})?\s|\d{1,5}/\d{1,5},\s)(?:(?:[NSEW]|North|South|East|West|N\.|S\.|E\.|W\.)\s)?"
        rf"(?:(?!The\b){_CAP}\s|\d{{1,3}}(?:st|nd|rd|th)\s){{1,4}}(?i:{_SUFFIXES})\b\.?(?:\s(?:[NSEW]|NE|NW|SE|SW)\b)?"
    ),
    re.compile(
        rf"(?<![\w.-])(?:{_CAP}[\s-]|(?:[A-Z]\.|{_PARTICLES})[\s-]?){{0,3}}[\wäöüßÄÖÜ.-]{{0,30}}(?i:{_JOINED_KINDS})"
        r"\s\d{1,4}(?:\s?[a-zA-Z](?![a-zA-Z]))?(?:[/-]\d{1,4}[a-z]?)?(?![\w])(?:\.(?=,))?"
    ),
    re.compile(
        rf"(?<![\w])(?:\d{{1,5}}(?:\s?(?:bis|ter|quater|[a-zA-Z]))?,?\s)?(?:{_FRENCH_KINDS})\s(?:{_PARTICLES}){{0,2}}"
        rf"{_CAP}(?:[\s-](?:{_PARTICLES})?(?!(?:Apt|App|Suite|Bureau)\b){_CAP}){{0,3}}"
    ),
    re.compile(
        rf"(?<![\w])(?i:{_LED_KINDS})\s(?:{_PARTICLES}){{0,2}}(?:{_CAP}|\d{{1,2}})"
        rf"(?:\s(?:{_PARTICLES})?{_CAP}){{0,4}},?\s(?:[nN][.º°]?\s?|s/n\s?)?\d{{1,4}}(?:/\d{{1,3}})?(?![\w])"
    ),
)
"""Streets with their numbers: English; kinds joined to the name; French; kinds that come first."""
_JOINED, _FRENCH = 1, 2
_PLAIN = re.compile(
    r"(?<!\w)(?:(?i:(?!(?:nordo|südo|nordwe|südwe|o|we)string\b)\w*(?:[aeiou]|ear|st|sp|th|[cf][eu]r)ring|[bw]ring"
    r"|(?:i|key|note|touch|track|think|scratch|game|launch|heli)pad|\w*(?:draw|new)al|(?:neck|bow|un|ka)tie"
    r"|(?:navi|miti|liti|insti|casti|investi|fumi|irri|fri|obli|aggre|segre|congre|dele|rele|propa|interro|surro|abro"
    r"|subju|conju|promul|tail|flood|sea|col|water)gate|blockade|brigade|renegade)"
    r"|(?:ring|pad|park|wal|tie|gate|boulevard)|[a-z]\w*(?:ring|pad|park|wal|tie|gate|gade|kade|hof|steig))\s\d"
)
"""Words that end as streets do, and are none without a town's postcode: `navigate 404`, `during 2020`, `iPad 10`."""
_ANY = re.compile(
    rf"(?<![\w])(?:(?:{_CAP}|{_PARTICLES})\s?){{0,4}}{_CAP},?\s(?:[nN](?:r|o|º|°)?\.?\s?"
    rf"|H\.?\s?No\.\s?)?\d{{1,4}}(?:\s?[a-zA-Z])?(?=[,\n])"
    rf"|(?<![\w])(?:H\.?\s?No\.?|House(?: No\.)?|Plot|Door No\.)\s?\d{{1,4}}[A-Za-z]?(?:/\d{{1,4}})?(?=[,\n])"
)
"""Any name with a number, where a line with a postcode follows."""
_SURE = re.compile(r"\n|\d{5}|\d{3} \d{2}|\d-\d{3}")
_TOWN = re.compile(rf",\s(?:{_CAP}\s){{0,3}}{_CAP},?\s(?!(?:19|20)\d\d)\d{{4}}")
_NO_STREET = re.compile(
    r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|juin|juil|avr|chapter|section|table|figure|page|part"
    r"|version|build|room|gate|line|step|level|grade|unit|volume|issue|release|phase|day|week|year|question|model|no|error"
    r"|worker|thread|node|host|port|pool|shard|player|score|order|total|budget|latency|item|box|seat|row|router|bucket"
    r"|count|limit|size|cost|price|batch|job|task|test|case|user|server|process|queue|memory|time)\w*\b"
)
_UNIT = (
    r"(?i:apt|apartment|suite|ste|unit|floor|fl|flat|room|rm|bldg|building|studio|piso|puerta|interno|int|appartamento"
    r"|piano|bloco|apto|app|whg|wohnung|stock|etage|étage|bât|apartamento|m|lok|tr|lgh|box)(?:\.\s?|\s"
    r"|\s?#\s?)(?:\d[\w-]{0,5}|[A-Za-z]\b)|#\s?\d[\w-]{0,5}"
)
_STATES = (
    r"A[LKZRSEP]|C[AOT]|D[CE]|F[LM]|G[AU]|HI|I[DLNA]|K[SY]|LA|M[EDAINSOTPH]|N[EVHJMYCD]|O[HKR]|P[ARW]|RI|S[CD]|T[NX]|UT"
    r"|V[TAI]|W[AVIY]|NSW|VIC|QLD|TAS|ACT|ON|QC|BC|AB|MB|SK|NS|NB|NL"
)
_UK = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}"
_CODE = (
    rf"(?:(?:D|A|CH|NL|DE|AT|SE|DK|NO|FI|B|F|L|PL)-)?(?:{_UK}|[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d"
    rf"|\d{{4}}-\d{{3}}(?!\d)|\d{{4}}\s?[A-Z]{{2}}|\d{{5}}-\d{{3,4}}|\d{{2}}-\d{{3}}|\d{{3}}\s\d{{2}}|\d{{4,6}})"
)
_PIECE = re.compile(
    rf"[,;\s]{{1,3}}(?:-\s)?(?:(?P<unit>{_UNIT})|(?P<code>{_CODE})|(?P<state>{_STATES}|\([A-Z]{{2}}\)"
    rf"|/\s?[A-Z]{{2}})|(?P<word>(?:{_PARTICLES}|am\s|an der\s|ob der\s|bei\s|im\s|upon\s|on\s|of\s|sur[\s-]"
    rf"|sous[\s-]|aan de[nr]?\s|aan\s|op\s)?{_CAP}))(?![\w])"
)
_NOT_A_PLACE = re.compile(
    r"(?i)(?:and|or|but|please|thanks?|my|i|the|tel|phone|email|call|his|her|we|you|on|at|und|et|y|e|ssn|dob|iban)\b"
)
_BOX = re.compile(
    r"(?<![\w])(?:(?:P\.?\s?O\.?\s?Box|Post(?:al)? (?:Office )?Box|Postfach|Boîte postale|BP|Apartado(?: de correos)?"
    r"|Casella postale|Postbus|Caixa Postal)\s?#?\s?\d[\d ]{1,7}\d|(?:PSC|CMR|Unit)\s\d{3,5},?\s(?:Box|BOX)\s\d{1,5}"
    rf"|US(?:NS|NV|S|CGC)\s{_CAP})(?:[,\s]{{1,3}}(?:APO|FPO|DPO)[,\s]{{1,2}}(?:AA|AE|AP)\s\d{{5}}(?:-\d{{4}})?)?"
    r"|(?<![\w])(?:APO|FPO|DPO)[,\s]{1,2}(?:AA|AE|AP)\s\d{5}(?:-\d{4})?"
)
_CODED = re.compile(
    rf"(?<![\w])(?:(?:{_CAP}\s){{0,3}}{_CAP},\s(?:{_STATES})\s\d{{5}}(?:-\d{{4}})?|(?<![A-Z0-9-]){_UK}"
    rf"|(?:{_CAP}\s){{0,2}}{_CAP},?\s(?:ON|QC|BC|AB|MB|SK|NS|NB|NL)\s[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?![\w-])"
)
_LED_BY = re.compile(r"(?<![\w.,:/-])(?!(?:19|20)\d\d)\d{1,4}\s?$")
"""The number of a house before a street that has one of its own: `12 44 Castle Road`."""
_FURTHEST = 110
"""Characters after the street in which its place is looked for."""


def addresses(text: str) -> Iterator[Finding]:
    """Streets, boxes and coded places; findings may overlap."""
    if not any(c.isdigit() for c in text):
        return
    for at, core in enumerate(_CORES):
        for m in core.finditer(text):
            end, coded = _rest(text, m.end())
            if at == _JOINED and not coded and _PLAIN.search(m[0]) and not _OF_SOMEBODY.search(m[0]):
                continue
            numbered = any(c.isdigit() for c in m[0])
            led = _LED_BY.search(text, max(0, m.start() - 5), m.start())
            start = led.start() if led is not None else m.start()
            if coded or numbered or led is not None:
                yield Finding(start, start + len(text[start:end].rstrip(" ,.\n-")), "address", 0.9)
            elif at != _FRENCH:
                yield Finding(m.start(), m.end(), "address", 0.7)
    for m in _ANY.finditer(text):
        end, coded = _rest(text, m.end())
        if coded and (_SURE.search(text[m.end() : end]) or _is_town(m[0], text[m.end() : end])):
            yield Finding(m.start(), m.start() + len(text[m.start() : end].rstrip(" ,.\n-")), "address", 0.8)
    for pattern, score in ((_BOX, 0.9), (_CODED, 0.7)):
        for m in pattern.finditer(text):
            if any(c.isdigit() for c in m[0]) or "PO" in m[0]:
                end, coded = _rest(text, m.end()) if pattern is _BOX else (m.end(), False)
                yield Finding(m.start(), end if coded else m.end(), "address", score)


def _is_town(street: str, rest: str) -> bool:
    """Whether a town with a postcode of four digits follows a name with a number, and both may be places."""
    town = _TOWN.match(rest)
    return town is not None and _NO_STREET.search(f"{street}{town[0]}") is None


def _rest(text: str, end: int) -> tuple[int, bool]:
    """Where the address ends that has its street before `end`, and whether a postcode is in it: flat, place, region and
    code in any order; words are a part of it only beside a code or a region."""
    best, at, coded, words = end, end, False, 0
    while at - end < _FURTHEST and (piece := _PIECE.match(text, at)) is not None:
        if piece["word"] is not None:
            words += 1
            if words > 5 or _NOT_A_PLACE.match(piece["word"]) or "\n\n" in piece[0]:
                break
            if coded and words <= 3 and (words == 1 or "," not in piece[0]):
                best = piece.end()
        elif piece["unit"] is not None and not coded:
            best = piece.end()
        elif piece["code"] is not None:
            if coded:
                break
            coded, words, best = True, 0 if not words or "\n" in piece[0] else 9, piece.end()
        elif piece["state"] is not None:
            best = piece.end()
        at = piece.end()
        if text[at - 1] == "." and text[at : at + 1].isspace() and coded:
            break
    return best, coded
