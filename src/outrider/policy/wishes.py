"""More of what users say for an effect: words that are theirs alone, and no tool's.

`words.py` has the verbs that users and tools share. What stands here only says what a user wants: a tool that is called
`reject_offer` is no change of an offer because a user may call a change so.
"""

import re

_MAY_STAND_BEFORE = (
    r"(?:^|[,;]\s|\b(?:please|and|then|to|also|just|you|kindly|let's|bitte|und|dann|auch|noch|mir|et|puis|y|e|poi|"
    r"quickly|could|can|need to|want to)\s)"
)


def _wished(words: str) -> str:
    """A verb where a request has one."""
    return rf"{_MAY_STAND_BEFORE}(?P<at>(?:{words})\b)"


_BOOKED = (
    r"(?:appointments?|slots?|sessions?|visits?|bookings?|tables?|rooms?|seats?|termine?|rendez-vous|créneau|citas?|"
    r"reservas?|appuntament[oi]|afspraak|afspraken)"
)
_MET = (
    r"(?:meetings?|interviews?|calls?|lunch|dinner|events?|sessions?|appointments?|reviews?|workshops?|syncs?|chats?|"
    r"part(?:y|ies)|termin|besprechung|réunion|reunión|riunione|vergadering)"
)
_LISTS = r"(?:book|calendar|diary|schedule|rota|roster|list|group|team|channel|agenda|cart|basket|waiting list)"
_BILL = r"(?:bills?|invoices?|rechnung(?:en)?|factures?|facturas?|fattur[ae]|facturen)"
_MOVES = (
    r"push|postpone|delay|rebook|bump|amend|revise|tweak|swap|verlege?n?|décale[rz]?|repousse[rz]?|reporte[rz]?|"
    r"aplazar?|pospon\w*|rinvia(?:re)?|posticipa(?:re)?|verzet(?:ten)?|adiar?"
)
_ANOTHER = r"(?:new|different|other|later|earlier) (?:time|date|slot|day|address|number|name)"
_ONLINE = r"put\b.{1,60}\b(?:up|online|live)|stell\w*\b.{1,60}\bonline|mets\b.{1,60}\ben ligne"
_LETTERS = r"(?:sms|text|e-?mail|mail|message|note|line)"

_FORMS: tuple[tuple[str, str], ...] = (
    ("update", _wished(_MOVES)),
    ("update", _wished(r"reject|decline|promote|demote|bring\b.{1,60}\b(?:forward|down|up)")),
    ("update", rf"\bneeds? an? {_ANOTHER}\b"),
    ("update", r"\b(?:goes|go) (?:up|down) to\b"),
    ("book", _wished(r"put|pencil|fit|squeeze|slot|get|block") + r".{1,60}\b(?:down|in)\s(?:with|for|on|at)\b"),
    ("book", _wished(r"give|get|make|arrange|mach|fais|prends|haz|fissa|maak") + rf".{{1,60}}\b{_BOOKED}\b"),
    ("book", rf"\bneeds? an?\b.{{1,30}}\b{_BOOKED}\b"),
    ("delete", _wished(r"take|strike|cross") + rf".{{1,60}}\b(?:out of|off)\b.{{1,30}}\b{_LISTS}\b"),
    ("delete", _wished(r"scrap|wipe|purge|discard|bin|ditch")),
    ("send", _wished(r"drop|shoot|give|send") + rf".{{1,40}}\b{_LETTERS}\b"),
    ("send", _wished(r"request|warn|congratulate|reassure|brief|nudge")),
    ("pay", rf"\b(?:take care of|deal with|see to|sort out|handle)\b.{{1,60}}\b{_BILL}\b"),
    ("pay", r"\b(?:gets?|is owed|we owe|should get|should have)\b.{1,60}\d.{0,20}\b(?:back|refund(?:ed)?)\b"),
    ("pay", _wished("get|grab|pick up") + r"\s(?:me |us )?(?:another )?\d+ (?!am\b|pm\b)[^\W\d_]{3}"),
    ("create", _wished("invite") + rf".{{1,80}}\bto an?\b.{{1,40}}\b{_MET}\b"),
    ("create", _wished(r"draw up|put together|write up|compose")),
    ("post", _wished(rf"advertise|{_ONLINE}")),
    ("invite", _wished(r"let\b.{1,60}\binto|give\b.{1,60}\baccess\b.{0,10}\bto|onboard")),
    ("share", r"\bshould be able to (?:see|read|open|edit)\b"),
)
WISHES: tuple[tuple[str, re.Pattern[str]], ...] = tuple((verb, re.compile(form)) for verb, form in _FORMS)
"""The class of effect, and how users ask for it."""
