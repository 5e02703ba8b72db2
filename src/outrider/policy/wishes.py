"""More of what users say for an effect: words that are theirs alone, and no tool's.

`words.py` has the verbs that users and tools share. What stands here only says what a user wants: a tool that is called
`reject_offer` is no change of an offer because a user may call a change so.
"""

import re

_MAY_STAND_BEFORE = (
    r"(?:^|[,;]\s|\b(?:please|and|then|to|also|just|you|u|kindly|let's|bitte|und|dann|auch|noch|mir|et|puis|y|e|poi|"
    r"quickly|could|can|need to|want to|peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|puedes|podrías|puoi|potresti|"
    r"kannst du|könntest du|können sie|könnten sie|kun je|kunt u|podes|pode)\s)"
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
_ACCESS = r"(?:access|rights?|permissions?)"
_RIGHTS = (
    rf"\b(?:needs?|gets?|wants?|requires?|should (?:get|have|be given)|must have)\b.{{1,30}}\b{_ACCESS}\b",
    _wished("give|grant") + rf".{{1,40}}\b{_ACCESS}\b",
)
_CIRCLES = r"(?:channel|workspace|group|team|project|organi[sz]ation|org|list)"
_RUNNING = r"(?:orders?|subscriptions?|plans?|services?|contracts?|memberships?|debits?)"
_TOLD = r"(?:text|wording|description|headline|title|price|pin|code|date|time|photo|picture)"
_AT_TIME = (
    r"(?:at )?(?:\d{1,2}[:.]\d\d|\d{1,2} ?(?:am|pm|o'clock)|"
    r"(?:half|quarter|five|ten|twenty|twenty-five) (?:past|to) \w+)"
)
_PLACES = r"(?:portal|system|workspace|drive|platform|app|intranet|tool)"
_HOURS = r"(?:(?:half an|quarter of an) )?(?:hours?|hrs?|h|minutes?|mins?)"
_TELLS = (
    r"^(?!.*(?:[?]|\b(?:whether|if|when|who|that|check|see|says?|said|ask|thinks?|claims?|heard|hardly|usually|according|"
    r"maybe|probably|never|always|why|how)\b))[^;]{1,60}"
)
"""A clause that only tells who does what, and so has it so."""
_NEWS = r"(?:what|that|this|his|her|their|the (?:message|note|news|word|details))"
_ITS = r"(?:her|his|their|the|both|that|this)"
_TURNS = (
    r"(?:lessons?|class(?:es)?|shifts?|slots?|places?|rounds?|turns?|duty|pager|on-call|watch|phones?|first|second|"
    r"third|last|early|late)"
)
_SURE = r"\s(?![^,;]*(?:'s\s|[?]|\b(?:what|ring|call|lift|code|shout|bell|hand|hint)\b))"
_JOINED = r"(?:list|rota|roster|team|trip|course|tour|squad|register|waiting list|mailing list|sequence|campaign)"
_DETAILS = r"(?:address|phone|phone number|number|status|password|e-?mail|e-?mail address|bank|account|bank account)"
_MOVES = (
    r"push|postpone|delay|rebook|bump|amend|revise|tweak|swap|verlege?n?|décale[rz]?|repousse[rz]?|reporte[rz]?|"
    r"aplazar?|pospon\w*|rinvia(?:re)?|posticipa(?:re)?|verzet(?:ten)?|adiar?"
)
_HANDLES = (
    r"(?:un)?lock|(?:un)?block|(?:un)?freeze|(?:de|re)?activate|(?:en|dis)able|pause|resume|suspend|escalate|upgrade|"
    r"downgrade|waive|override|flag|tag|label|pin|hide|unhide|accept|confirm|prioriti[sz]e|reassign|reallocate|allocate|"
    r"extend|prolong|bring|switch|feature|promote|tick off|sign off|check off|approve"
)
_ENDS_IT = (
    r"kill|axe|nix|void|withdraw|retract|unpublish|abort|revoke|rescind|undo|unassign|call off|get rid of|ban|dismiss"
)
_WHO = r"(?!(?:whether|if|that|what|when|who|how|why|is|was|it)\b)[\w.'-]{1,30}"
_MONIES = r"\b(?:deposit|money|fee|payment|sum|refund|charge|balance|difference)\b"
_STOPS = r"(?=$|[.,;!]|\s(?:at|now|to|for|early|late|please|and|again|from)\b)"
_ANOTHER = r"(?:new|different|other|later|earlier) (?:time|date|slot|day|address|number|name)"
_ONLINE = r"put\b.{1,60}\b(?:up|online|live)|stell\w*\b.{1,60}\bonline|mets\b.{1,60}\ben ligne"
_LETTERS = r"(?:sms|text|e-?mail|mail|message|note|line)"

_NO_STATE = (
    r"(?:(?:very|really|more|a bit|a little|nice and) )?(?:short(?:er)?|long(?:er)?|quick(?:er)?|brief(?:er)?|"
    r"nice(?:r)?|friendl(?:y|ier)|formal|informal|polite|clear(?:er)?|simple|simpler|snappy|concise|good|better|easy|"
    r"easier|funny|sound|sweet|readable|warm(?:er)?|kind(?:er)?|happen)\b|"
    r"(?:so|for|to|a|an|the|up|out|back|happen|known|clear|sure|work|through|there|again|in|on|by|with|and|or|"
    r"run|last|go|start|end|stop|expire|work|count)\b"
)
_SOME_TIME = (
    r"(?:(?:half an|an|one|two) hours?|\d+ ?(?:min\w*|hours?|h)|some time|time|a (?:quick )?(?:slot|call|chat))"
)
_GREETS = (
    r"(?!(?:(?:best|warm|kind|warmest|kindest|deepest|sincere) )?(?:regards|best|love|thanks|greetings|wishes|"
    r"apologies|compliments|congratulations|condolences|respects|sympathy|hello|answer|word)\b)"
)
_THESE = r"(?:it|that|this|them|both|these|(?:one|two|three|\d+)(?: of (?:it|them|those|these))?)"
_PUTS_DOWN = (
    r"(?:paste|mets|mettre|ajoute\w*|laisse\w*|schreib\w*|setz\w*|pon|deja|añade|aggiungi|metti|lascia|põe|deixa|zet|"
    r"plaats)"
)
_NOTES = (
    r"(?:note|notes|comment|ticket|notiz|kommentar|vermerk|commentaire|remarque|nota|comentario|commento|comentário|"
    r"opmerking|notitie)"
)
_PUTS_IN = (
    r"(?:trag\w*|füg\w*|nimm|setz\w*|ajoute\w*|mets|inscri\w+|añade|agrega|pon|aggiungi|inserisci|metti|adiciona|põe|"
    r"voeg|zet)"
)
_GROUPS = r"(?:gruppe|team|verteiler|kanal|groupe|équipe|grupo|equipo|gruppo|squadra|groep|\w*gruppe)"

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
    (
        "pay",
        r"(?<!please )(?<!to )(?<!and )(?<!you )(?<!^)\b"
        r"(?:gets?|is owed|we owe|should get|should have)\b.{1,60}\d.{0,20}\b(?:back|refund(?:ed)?)\b",
    ),
    (
        "pay",
        _wished("get|grab|pick up")
        + r"\s(?:me |us )?(?:another )?\d+ (?!am\b|pm\b|eur|dollar|pound|franc|quid)[^\W\d_]{3}",
    ),
    ("create", _wished("invite") + rf".{{1,80}}\bto an?\b.{{1,40}}\b{_MET}\b"),
    ("create", _wished(r"draw up|put together|write up|compose")),
    ("post", _wished(rf"advertise|{_ONLINE}")),
    ("invite", _wished(r"let\b.{1,60}\binto|give\b.{1,60}\baccess\b.{0,10}\bto|onboard")),
    ("share", r"\bshould be able to (?:see|read|open|edit)\b"),
    ("share", _wished("let") + r".{1,40}\b(?:see|read|open|edit)\b"),
    *((verb, form) for form in _RIGHTS for verb in ("share", "invite")),
    ("invite", _wished("get|put|bring|add") + rf".{{1,40}}\b(?:in|into) (?:the|our|my)\b.{{1,30}}\b{_CIRCLES}\b"),
    ("update", _wished("shift")),
    ("update", _wished(_HANDLES)),
    ("update", _wished("check") + rf"\s(?:{_WHO}\s){{1,3}}(?:in|out){_STOPS}"),
    ("update", _wished("check") + r"\s(?:in|out)\s(?:the )?(?:mr|mrs|ms|dr|guests?|room|booking|herr|frau)\b"),
    ("update", _wished("take|keep") + r"\b.{1,40}\bon hold\b|\bput\b.{1,60}\bon hold\b"),
    ("delete", _wished(_ENDS_IT)),
    ("delete", _wished("take|pull") + r"\b.{1,60}\b(?:down|offline)" + _STOPS),
    ("create", _wished("pop|stick|enter|jot|slip|key") + r"\b.{1,80}\b(?:in|into|on|onto|down)\b"),
    ("delete", _wished("take") + r"\b.{1,40}\b(?:access|rights?|permissions?)\b.{0,20}\baway" + _STOPS),
    ("create", _wished("bill|invoice") + r"\s(?!(?:is|was|from|of|for|in|by|and|no|number)\b)[^\W\d_]{2}"),
    ("create", _wished("send|drop|shoot|mail|email") + r"\b.{1,40}\b(?:invite|invitation)\b"),
    ("create", _wished(r"issue(?! #?\d)|hand out|make out|generate|prepare")),
    ("send", _wished("dispatch|circulate|distribute|relay|chase|acknowledge") + r"\s\w"),
    ("send", _wished("loop|fill|copy|cc") + r"\s[^,;]{1,40}\sin" + _STOPS),
    ("create", _wished("remind") + r"\s(?!(?:me|us)\b)[^,;]{1,40}\sto\s\w"),
    ("send", _wished("keep") + r"\s[^,;]{1,40}\s(?:posted|informed|updated|in the loop|up to date)\b"),
    ("send", _wished("pass") + r"\b.{1,60}\b(?:on|along) to\b"),
    ("send", _wished("push") + r"\s[^,;]{1,60}\sto\s"),
    ("send", _wished("whatsapp|slack|telegram|signal|imessage") + r"\s\w"),
    ("create", _wished("ask|get|have") + r"\s[^,;]{1,40}\s(?:to (?:have|do|fix|clean|check|deal)|on it|on this)\b"),
    ("create", _wished("turn|make|boil|work|write|put") + r"\b[^;]{1,80}\binto an?\b"),
    ("pay", _wished("return") + rf"\b[^;]{{1,80}}{_MONIES}"),
    ("pay", _wished("give|pay|hand|send") + rf"\b[^;]{{1,80}}{_MONIES}[^;]{{0,40}}\bback\b"),
    ("pay", _wished("give|pay") + r"\s[\w'-]{1,30}\sback\b"),
    ("update", _wished("tick|check|sign|cross") + r"\b.{1,40}\boff" + _STOPS),
    ("run", _wished("let|wave|put|allow") + r"\b.{1,60}\bthrough" + _STOPS),
    (
        "update",
        r"^(?:en |and )?(?:pas|stel)\b.{1,60}\b(?:aan|bij)\b|\b(?:pas|stel) [^,;]{1,60}\b(?:aan|bij)(?=$|[.,;!])",
    ),
    ("delete", r"\bzeg\b.{1,60}\baf\b"),
    ("create", r"\bvoeg\b.{1,60}\btoe\b"),
    ("pay", _wished("charge|credit|debit|reimburse|pay out")),
    ("invite", _wished("enrol|enroll|admit|onboard")),
    (
        "update",
        _wished("get|have|send") + r"\s(?!(?:me|us|it|the|an?|my|our)\b)[^,;]{1,40}\s(?:out|over|round|along) to\b",
    ),
    ("update", rf"^new {_DETAILS} (?:for|of)\b"),
    ("run", _wished("bounce|revert|release|kick off|spin up|fire up")),
    ("run", _wished("try|use|do") + r"\s`[^`]+`"),
    (
        "run",
        _wished("check|clean|build|test|see|look|find|free|measure|list|restart|fix")
        + r"\b[^`?]{1,60}\b(?:with|using)\s`[^`]+`",
    ),
    ("delete", _wished("throw") + r".{1,40}\b(?:away|out)\b"),
    ("post", r"\bwith an? (?:comment|note) (?:that|saying)\b"),
    ("create", _wished("extract|collect|pull|gather|export") + r".{1,80}\b(?:to|into|in) \S*[./]\S"),
    ("create", _wished("book|schedule|plan|hold") + rf".{{1,30}}\b{_MET}\b"),
    ("run", r"\bgive (?:it|\S+) an? (?:restart|reboot|go)\b|\btry (?:it |that )?again\b|\bback (?:on|to) v?\d"),
    ("post", _wished("rate|review") + r"\s\w|" + r"\bleave\b.{1,20}\b(?:review|rating|feedback)\b"),
    ("delete", _wished("stop|end|discontinue") + rf".{{1,40}}\b{_RUNNING}\b"),
    ("pay", _wished("reorder|restock")),
    (
        "pay",
        _wished("schedule|plan") + r"\s\d[\d.,]*(?: ?(?:€|eur|euros?|dollars?|francs?|chf|usd|pounds?))? (?:to|for)\s",
    ),
    ("send", _wished("apologi[sz]e") + r"\sto\s"),
    ("create", _wished("get|send") + r"\b[^,;]{1,60}\b(?:on (?:its|their|the) way|out the door)\b"),
    (
        "update",
        _wished("book|put|take|count|write") + r"\b[^,;]{1,40}\b(?:in again|back in|(?:out of|into|in) stock)" + _STOPS,
    ),
    ("update", rf"{_TELLS}\b(?P<at>goes|go|should go|has to go) (?:back )?to (?:[€£$]\s?\d|\d[\d.,]{{2}})"),
    ("update", rf"^(?:an? )?new (?:{_DETAILS}|{_TOLD})(?: (?:for|of)\b|,? please\b)"),
    ("update", rf"{_TELLS}\b(?P<at>covers|will cover|is covering|takes over|stands in for|fills in for)\s\w"),
    (
        "update",
        rf"{_TELLS}\b(?P<at>takes|does|gets|will take|will do)\s{_ITS}\s[^,;]{{0,30}}\b{_TURNS}\b",
    ),
    (
        "invite",
        _wished("put|add|get|sign|place")
        + rf"{_SURE}[^,;]{{1,40}}\b(?:on|onto|in|into|down for) (?:the|our|my)\b[^,;]{{0,30}}\b{_JOINED}\b",
    ),
    (
        "book",
        _wished("give") + rf"{_SURE}[^,;]{{1,40}}\s{_AT_TIME}",
    ),
    ("create", _wished("send|give|get|treat|offer") + r"\b[^,;]{1,60}\b(?:vouchers?|gift cards?|coupons?|discount)\b"),
    (
        "share",
        r"\bshould (?:get|have|see|receive)\b[^;]{1,60}\b(?:on|in|through|via) (?:the|our) (?:portal|drive|folder)\b",
    ),
    ("create", rf"^(?!.*[?])(?:and )?(?:an? |\d+ )?{_HOURS}(?: (?:and )?a (?:half|quarter))? (?:on|for) \w"),
    ("create", rf"^(?!.*[?])(?:and )?\d+ {_HOURS} \w+ (?:on|for) \w"),
    ("delete", _wished("chuck|toss|dump") + r"\b[^;]{0,60}\s(?:out|away)\b"),
    ("create", _wished("quote") + r"\s(?!(?:from|of|for|by|me|what)\b)[^\W\d_][^;]{0,60}\bat [€£$]?\s?\d"),
    ("invite", rf"\bneeds? (?:to (?:get|be) )?(?:in|into|onto|on|access to) (?:the|our)\b[^;,]{{0,20}}\b{_PLACES}\b"),
    ("update", _wished("lock|unlock") + r"\s(?:the|my|our)\s\w"),
    (
        "assign",
        _wished("give|hand|pass") + rf"\s{_THESE}\s(?:over |on )?to\s\w",
    ),
    ("assign", _wished("give|hand|pass") + rf"\s(?:her|his|their|the|my|our)\s{_GREETS}[^,;]{{1,40}}\sto\s\w"),
    ("update", _wished("add|append") + r"\s[^;]{1,80}\sto\s(?:the|our|my|his|her|their|it|this|that)\b"),
    ("update", _wished("add|append") + r"\s(?:that|an? (?:line|note|sentence|paragraph|row|item))\b"),
    (
        "update",
        _wished("copy|paste") + r"\s[^;]{1,120}\sto\s(?:the|our|my)\b[^;]{1,30}\b(?:page|site|wiki|sheet|list)\b",
    ),
    ("post", _wished("put|drop|stick|share|paste") + r"\s[^;]{1,120}\s(?:in|into|on|to)\s#\w"),
    ("update", _wished("make") + rf"\s(?:it|this|that|them|both|him|her)\s(?!{_NO_STATE})\w{{3,}}"),
    ("create", _wished("book|block|find|get|grab") + rf"\s(?:me |us )?{_SOME_TIME}\s(?:with|for)\s\w"),
    ("post", _wished(_PUTS_DOWN) + rf"[^;]{{1,60}}\b{_NOTES}\b"),
    ("invite", _wished(_PUTS_IN) + rf"[^;]{{1,60}}\b{_GROUPS}\b"),
    (
        "send",
        _wished("pass on") + rf"\s{_NEWS}\b[^;]{{1,120}}\bto\s",
    ),
    ("update", _wished("take|strip") + r"\b[^;]{1,60}\b(?:access|rights?|permissions?)\b[^;]{0,40}\baway" + _STOPS),
)
WISHES: tuple[tuple[str, re.Pattern[str]], ...] = tuple((verb, re.compile(form)) for verb, form in _FORMS)
"""The class of effect, and how users ask for it."""

_MONEY = r"(?:€|eur|euros?|dollars?|usd|chf|francs?|pounds?|£|\$)"
_SUM = rf"(?:\d[\d.,]*\s?{_MONEY}|[€$£]\s?\d[\d.,]*)"
_BOOKS = rf"(?:{_BOOKED}|flights?)"
_NOTED = r"(?:code|ticket|file|note|list|event|meeting|reminder|entry)"
_WANTS = r"\bi(?:'d like|'ll take|'ll have| would like| want| need)\b"
_ENOUGH = r"(?:will do|is enough|should do|please)"
_HOPED: tuple[tuple[str, str], ...] = (
    ("delete", r"\b(?:can|could|may|has to|have to|must|should) (?:now )?go(?=$|[.,;!]|\s(?:now|please)\b)"),
    ("update", r"\b(?:should|must|has to|needs to) (?:now )?be (?:\d|['\"]|(?:at|on) \d)"),
    ("update", rf"\b(?:new|neue|nouvelle|nueva) {_DETAILS}\b"),
    ("update", rf"\b{_DETAILS} is now\b"),
    ("update", r"\bmoves? (?:on |up |down )?to\b"),
    *((verb, rf"\b(?:read|write|edit|view)(?:ing)? access {_ENOUGH}\b") for verb in ("share", "invite")),
    ("send", r"\bshould (?:know|hear|be told)\b"),
    ("send", rf"\bshould (?:get|receive)\b.{{1,60}}\b(?:summary|list|copy|report|reminder|answer|reply|{_LETTERS})\b"),
    ("send", rf"\ban? {_LETTERS} to\b"),
    (
        "send",
        rf"(?<!\bi)(?<!\bwe)(?: would|'d| will) (?:like|love|want|need) (?:it|this|that|them|a copy)\b.{{0,60}}"
        rf"\bby (?:an? )?{_LETTERS}\b",
    ),
    ("invite", r"\bshould (?:join|be added)\b|\bjoins? (?:us|our)\b"),
    ("book", rf"{_WANTS}.{{1,60}}(?:\b{_BOOKS}\b|\b[a-z]{{2}}\d{{2,4}}\b)"),
    ("book", rf"^(?:an? )?{_BOOKS}\b.{{1,120}}\bplease\b"),
    ("pay", rf"^\W*{_SUM}\s(?:back )?(?:to|an|à|a|para|aan)\s\w"),
    ("pay", r"\b(?:we|i) need (?:another )?\d+ [^\W\d_]{3}"),
    ("create", r"\bneeds? an? (?:line|note|paragraph|sentence|entry|correction|comment|mention)\b"),
    ("create", rf"(?<![\w-])[\w-]{{1,60}} needs? an? (?:new )?(?:[\w-]{{1,60}} )?{_NOTED}\b"),
)
HOPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple((verb, re.compile(form)) for verb, form in _HOPED)
"""The same without a verb that asks: how users say what they want to be so. It counts only for a sentence that asks for
nothing else, neither to do nor to read."""


def hopes(sentence: str) -> frozenset[str]:
    """The classes of effect that a sentence hopes for which asks for none."""
    return frozenset(verb for verb, form in HOPES if form.search(sentence)) if "?" not in sentence else frozenset()


_SETS_TO = re.compile(r"set (?!(?:an?|up|new|another|some|me|us)\b)[^,;]{1,60}\sto\s")
"""`set her status to paid` makes nothing new."""
_SETS_UP = re.compile(r"set up\b|put\b[^,;]{1,60}\sin(?:to)? (?:the|my|our) (?:calendar|diary|agenda)\b")
"""`set up a call` changes none that is there."""


_SENDS = re.compile(
    r"(?:send|sending|wire|schick\w*|envoie|envoyez|envoyer|envía|envia|enviar|manda|mandar|envie|mande)\b"
    r"(?!(?:\s(?!(?:an?(?! hundred| thousand| couple)|my|our|your|about|over|of|eine?[nmr]?|une?|über)\b)"
    r"[^\s;]{1,40}){0,5}?\s(?:[€$£]?\d|(?:it|them|that)(?=$|[.,;!]|\s(?:to|and|over|now|back)\b)|(?:money|rent|deposit|difference|balance|sum|fee|rest|share|geld|argent|dinero|"
    rf"{_MONEY})(?!\w)))"
)
"""`send her the file` pays nothing."""
_DROPS = re.compile(r"drop\s[^,;]{1,40}\b(?:line|mail|e-?mail|message|note|text|sms|hint|word|postcard)\b")


def not_so(text: str, at: int) -> set[str]:
    """What the verb at this place does not ask for by what stands behind it."""
    if _SENDS.match(text, at):
        return {"pay"}
    if _DROPS.match(text, at):
        return {"delete"}
    return {"create"} if _SETS_TO.match(text, at) else {"update"} if _SETS_UP.match(text, at) else set()
