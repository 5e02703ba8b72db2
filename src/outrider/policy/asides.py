"""What a sentence says of an effect without asking for it: questions whether it should be, what others want or are to
be told, what stands behind `if` or `before`, what is put on a list, what nobody is to do.

Rules over one folded sentence. What is only told (`Bob wants us to …`, `I'll …`) asks for nothing where the utterance
asks for something else; alone it may be how somebody asks.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from outrider.policy.dictated import Spans, begins_in
from outrider.policy.forms import base_of, classes_of
from outrider.policy.words import NOUNS, READS, word_set


class Asides(NamedTuple):
    """Where a sentence asks for nothing, and where it asks for nothing if something else of the utterance asks."""

    never: Spans
    unless_alone: Spans


_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_NAME = r"(?:\s(?!to\b|that\b|and\b)[\w.@'-]{1,40})"
_WE = r"(?:i|we|he|she|they|it|i'\w+|we'\w+|he'\w+|she'\w+|they'\w+)"
_TO_DO = r"(?:to\s(?:\w{1,12}ly\s)?(?P<verb>[a-z-]{2,20})(?P<behind>\s[\w'#/]+)?)"
_ENDS = re.compile(r"[,;]\s|\s(?:and|then|but|please)\s|[.!?]$|$")
_LIST = re.compile(r",\s(?:[\w-]{1,20}(?:\s[\w-]{1,20})?,\s){0,3}[\w-]{1,20}(?:\s[\w-]{1,20})?,?\sor\s")
"""`, move or rename anything`: the end of what is not to be done."""
_GOES_ON = word_set("please not so yes no possible necessary needed required needs you u applicable ok okay to just")
"""Behind `if` and `so` these say nothing of anybody's doing."""
_CONDITION = re.compile(
    r"\b(?:if|whether|before|when|once|after|while|because|unless|until|till|as soon as|in case|since|so that|"
    r"so(?=\s(?:i|we|he|she|they|it|everyone|everybody|people|nobody)\b)|ob|falls|wenn|bevor|sobald|weil|"
    r"quand|si|parce que|cuando|porque|quando|als)\s"
)
_AFTER_ONE = re.compile(
    r"\b(?:i|we|he|she|they|someone|somebody|anyone|anybody|everyone|should|can|could|may|must|will|would|'ll|might|"
    r"(?:have|has|need|needs|want|wants|going|about|plan|plans|ought|had) to)\s$"
)
_HOW_TO = re.compile(
    r"\b(?:whether|how|when|where|what|which|why|who)\sto\s|"
    r"\b(?:about|on|of) (?:why|how|what|when|who|whether)\s|"
    r"\b(?:find out|tell me|let me know|check|explain|see|look up|show me|know|wonder|sure|decide|discuss|"
    r"ask\s[\w.'-]+)\s(?:who|what|which|how|why|where|when)\s"
)
_GERUND = re.compile(
    r"\b(?:about|for|against|regarding|concerning|before|hold(?:ing)? off|wait with|without)\s(?:on\s)?"
    r"(?=[a-z-]{2,20}ing\b)"
)
_NOBODY = re.compile(
    r"\b(?:nobody|no one|refuse to|refrain from|hold off|wait (?:with|before)|no need to|needn't|mustn't|"
    r"(?:not|n't) (?:allowed|supposed) to|(?:stop|prevent|keep|keeps|stops)"
    r"\s[\w.'-]{1,30}(?:\s[\w.'-]{1,30})?\sfrom)\s|"
    r"(?:^|[,;]\s|\b(?:please|and|but)\s)(?:don't|do not|never)\s"
)
_NOT_YET = re.compile(r"(?:,\s|\s)(?:but |though )not (?:yet|now|today|right now)\s*[.!]?$")
_SHOULD = re.compile(
    r"(?:^|[,;:]\s|\b(?:and|but|so|or)\s)(?:(?:hey|hi|well|also|then|now|btw|hm+)[,\s]\s?)*"
    r"(?:(?:should|must|shall|may|might)\s|(?:do|does|will|would|is|are)\s"
    r"(?!you\b(?! think)|there\b|it (?:be )?possible)|"
    r"can i (?=(?:safely |just )?(?:delete|remove|cancel|erase|drop|clear|pay|archive|revoke)\b)|"
    r"[¿]?(?:soll(?:en|te|ten)?|darf|dürfen)\s(?:ich|wir)\s|kann ich\s|dois-je\s|devons-nous\s|faut-il\s|"
    r"¿?debo\s|¿?puedo\s|devo\s|moet ik\s)"
)
_EITHER = re.compile(
    r"^(?!(?:can|could|would|will) you\b)[^,]{1,200}\bor (?:keep|leave|not|wait|stay|should|rather)\b[^.;]{0,80}\?"
)
_SHOULD_I = re.compile(r"^(?:(?:and|so|but|hey|hi|well)[,\s]\s?)*(?:should|must|shall) (?:i|we)\s")
_TELLS = re.compile(
    r"\b(?P<who>tell|ask|remind|instruct|advise|urge|request|beg|warn|inform|notify|asking|telling|reminding|mail|"
    r"e-?mail|message|text|ping|write|dm)\b"
    rf"{_NAME}{{1,4}}?\s(?=(?P<say>that\s|whether\s|if\s|(?:i|we|he|she|they)(?:'\w+)?\s)|{_TO_DO})"
)
_STRONG = word_set("tell ask remind instruct advise urge request beg warn asking telling reminding")
_THING = (
    r"(?:reminder|ticket|task|to-?do|issue|note|card|case|entry|event|meeting|appointment|item|memo|agenda|job|request|"
    r"proposal|call)"
)
_KEPT = re.compile(
    rf"\b{_THING}\b(?:\s(?:for|with|on){_NAME}{{1,2}}?)?\s(?=(?P<say>that\s|saying\s)|{_TO_DO})|"
    r"\b(?:remind (?:me|us)|(?:make a )?note(?: down)?|write down|jot down|don't let me forget)\s(?=(?:that|to)\s)"
)
_LISTED = re.compile(
    r"\b(?:add|put|stick|note)\s(?=[^,;]{1,80}\s(?:to|on|onto|in|into)\s(?:my|the|our|his|her)\s"
    r"(?:[\w-]{1,20}\s)?(?:to-?dos?|tasks?|list|agenda|backlog|board)\b)"
)
_ITEM = re.compile(rf"\b(?:{_THING}|mail|e-?mail|message|letter|reply|comment|post|text|line)s?\b[^;]{{0,60}}$")
_WORKED_ON = re.compile(
    r"\b(?:translate|rephrase|reword|proofread|spell-?check|shorten|polish|übersetz\w*|traduis|traduce|traduci)\b"
    r"[^:.;]{0,60}:$"
)
_SAID = re.compile(r"\b(?:says?|said|wrote|writes|reads|asks?|tell me|decide|plan|explain|show me)\b[^:.;,]{0,60}:$")
_FOR_LATER = re.compile(
    r"\b(?:don't|do not) (?:do|execute) anything(?= yet\b| now\b| for now\b| until\b| before\b|[.,;!]|$)|"
    r"\bdo nothing (?:yet|now|for now|until|before)\b|\bdry[- ]run\b"
)
_PRETENDS = re.compile(r"\b(?:pretend|simulate|imagine|hypothetically|suppose|let's say)\s")
_IN_NO_CASE = re.compile(
    r"\b(?:auf keinen fall|keinesfalls|unter keinen umständen|on no account|under no circumstances|en ningún caso|"
    r"en aucun cas|in nessun caso)\b"
)
_USUALLY = re.compile(
    r"\b(?:i|we|they|he|she|people|you) (?:usually|normally|always|often|sometimes|already|typically|currently|"
    r"used to) "
)
_OF_OTHERS = re.compile(
    r"\bs'il(?:s)? |\bqu'(?:on|ils?|elles?|il) |\bque nous |\bsi (?:on|nous|je|elle|hay|debo|debemos|tengo|podemos|"
    r"puedo) |\bse (?:dobbiamo|devo|possiamo|posso|si) |\b(?:er|sie|wir|ich|man) soll(?:en|te|ten|st)? |"
    r"\b(?:recuérdame|rappelle-moi|erinnere mich|ricordami|lembra-me|herinner me)\s|"
    r"\b(?:dì|di|chiedi|ordina|dis|demande) (?:a|à|al|alla|au) [\w.'-]{1,40} (?:di|de) "
)
_BULLET = re.compile(r"(?:^|\s)(?:[-*•]+|\d{1,2}[.)])$")
_MAKES = word_set("create add make write open log raise file note draft put send post mail message email text reply")
_OTHERS = re.compile(
    r"(?P<i>\b(?:i|we)(?:'ve|'d| have| had| also| just| already)?\s)?"
    r"\b(?P<wants>asked|told|urged|advised|begged|ordered|instructed|reminded|suggested|proposed|demanded|recommended|"
    r"claimed|said|wrote|thought|insisted|requested|asks|tells|wants|says|writes|thinks|believes|suggests|proposes|demands|"
    r"recommends|claims|insists|hopes|expects|intends|plans|would like)"
    rf"(?P<whom>{_NAME}{{0,3}}?)\s(?=(?P<say>that\s|(?:i|we|he|she|they|you)(?:'\w+)?\s|whether\s|if\s)|{_TO_DO})"
)
_MINE = re.compile(
    r"\b(?:i|we)(?:'ll| will|'m going to| am going to|'re going to| are going to|'m about to| am about to|"
    r"'re about to| are about to| plan to| intend to| might| may| was going to| were going to)\s|"
    r"\b(?:i|we)(?: still| also)? (?=owe\b)|\byou were supposed to\s"
)
_DRAFTS = re.compile(
    r"^(?:\w{2,8} ){0,2}?(?:draft|outline|sketch|prepare) (?:me )?(?:an?|the|my|our|some|his|her|their)\s(?!.*\bsend)|"
    r"\b(?:write|make|create|do|type|start|save)\s(?:up )?(?:me )?(?:an?|the)\s(?:[\w-]{1,12}\s){0,2}drafts?\b"
)
_SHOULD_DO = re.compile(
    r"\b(?P<who>[\w.'-]{1,40}) (?:should|must|has to|have to|needs to|ought to) (?P<verb>[a-z]{2,20})\b"
)
_HAVE = re.compile(
    r"(?:^|[,;]\s|\b(?:please|and|then|to|(?:can|could) you)\s)(?:have|make)\s"
    r"(?!to\b|an?\b|it\b|them\b|that\b|this\b|you\b|sure\b|the\b|my\b|our\b)"
)
_NAMED = 4
"""So many words behind `have` may name who does something."""
_ASKED = frozenset(("i", "we", "you", "u", "it", "that", "this", "which"))
_LONGEST, _NEAR = 300, 40
_US = frozenset(("me", "us", "you", ""))
_GO_AHEAD = re.compile(
    r"\b(?:do (?:it|that|so|this|both)|go ahead|please do|sort (?:it|that|this)|arrange (?:it|that)|see to (?:it|that)|"
    r"(?:that's|thats|it's|its|is|that is) (?:fine|ok|okay|alright|good)|fine (?:by|with) me|make it so|"
    r"make (?:it|that) happen|take care of (?:it|that))\b"
)


def asides(sentence: str) -> Asides:
    """Where a folded sentence says of effects what it does not ask for."""
    never = [*_questions(sentence), *_conditions(sentence), *_kept(sentence), *_unwanted(sentence), *told(sentence)]
    never += _has_done(sentence)
    weak: Spans = []
    for one in _OTHERS.finditer(sentence):
        if one["say"] is None and not _is_verb(one):
            continue
        whom = one["whom"].strip()
        if one["i"] and (whom == "you" or one["wants"] == "would like"):
            continue
        (weak if whom in _US else never).append((one.end(), _end(sentence, one.end())))
    weak += _by_others(sentence)
    weak += [(one.start(), _end(sentence, one.end())) for one in _MINE.finditer(sentence)]
    return Asides(joined(never), joined(weak))


def _by_others(sentence: str) -> Iterator[tuple[int, int]]:
    """What others should do: `they should pay us`."""
    for one in _SHOULD_DO.finditer(sentence):
        if classes_of(one["verb"]) and one["who"] not in _ASKED:
            yield one.start("verb"), _end(sentence, one.end())


def _has_done(sentence: str) -> Iterator[tuple[int, int]]:
    """`have Bob send it`."""
    for one in _HAVE.finditer(sentence):
        behind = list(_WORD.finditer(sentence, one.end(), _end(sentence, one.end())))[:_NAMED]
        for verb in behind[1:]:
            if classes_of(verb[0]) and verb[0] not in NOUNS and base_of(verb[0]) == verb[0]:
                yield verb.start(), _end(sentence, verb.end())
                break


def joined(spans: Spans) -> Spans:
    """The same in order, none in another."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif start < end:
            found.append((start, end))
    return found


def told(sentence: str) -> Spans:
    """What somebody is to be told or asked: who is named there is not written to."""
    found = [one for one in _TELLS.finditer(sentence) if one["say"] or _is_verb(one, sure=one["who"] in _STRONG)]
    return [(one.end(), _end(sentence, one.end())) for one in found]


def is_told_of(text: str, value: str) -> bool:
    """Whether a clause has a value only in what somebody is to be told: `ask Bob to write to Eve`."""
    spans, places = told(text), [one.start() for one in re.finditer(re.escape(value), text)]
    return bool(spans and places) and all(begins_in(joined(spans), at) for at in places)


def only_drafts(text: str) -> bool:
    """Whether a clause wants a message made ready and not sent."""
    return _DRAFTS.search(text) is not None


def goes_ahead(text: str) -> bool:
    """Whether a folded utterance agrees to what it tells."""
    return _GO_AHEAD.search(text) is not None


def is_item(before: str, items: str) -> str:
    """Whether what stands behind a text is to be written down (`create a ticket:`), or goes on with a list of that:
    "item"; or is a text to work on, to the end ("text"); "" if neither."""
    before = before.rstrip()
    if items == "text" or (before.endswith(":") and _WORKED_ON.search(before)):
        return "text"
    if before.endswith(":"):
        words = _WORD.findall(before)
        made = _ITEM.search(before[-80:-1]) is not None and any(base_of(word) in _MAKES for word in words)
        return "item" if made or _SAID.search(before) else ""
    return items if items and _BULLET.search(before) is not None else ""


def is_for_later(text: str) -> bool:
    """Whether nothing that an utterance asks for is to be done yet."""
    return _FOR_LATER.search(text) is not None


def _is_verb(one: re.Match[str], *, sure: bool = True) -> bool:
    """Whether `to` has an effect behind it, and nobody who is called so (`to Mark`)."""
    verb = one["verb"] or ""
    return bool(classes_of(verb)) and (verb not in NOUNS or (sure and one["behind"] is not None))


def _end(sentence: str, start: int) -> int:
    last = min(len(sentence), start + _LONGEST)
    found = _ENDS.search(sentence, start, last)
    return found.start() if found else last


def _questions(sentence: str) -> Iterator[tuple[int, int]]:
    if sentence.rstrip("\"' ").endswith("?"):
        if (found := _SHOULD.search(sentence)) is not None:
            yield found.start(), len(sentence)
    elif (found := _SHOULD_I.search(sentence)) is not None:
        yield found.start(), _end(sentence, found.end())
    for one in _HOW_TO.finditer(sentence):
        yield one.end(), _end(sentence, one.end())


def _conditions(sentence: str) -> Iterator[tuple[int, int]]:
    for one in _CONDITION.finditer(sentence):
        first = _WORD.match(sentence, one.end())
        word = first[0] if first else ""
        asks = word == "you" and one[0] == "if " and sentence.rstrip().endswith("?")
        if not first or (word in _GOES_ON and not asks) or (classes_of(word) and word not in NOUNS):
            continue
        end, before = _end(sentence, one.end()), sentence[max(0, one.start() - _NEAR) : one.start()].rstrip()
        within = bool(before) and not before.endswith((" and", " but", " so"))
        if within or (sentence[end : end + 1] == "," and (asks or any(map(_is_done, _words(sentence, end))))):
            yield one.end(), end
        else:  # no comma, `when he answers pay him`: only what has somebody before it
            for verb in _WORD.finditer(sentence, one.end(), end):
                behind_one = _AFTER_ONE.search(sentence, max(0, verb.start() - _NEAR), verb.start())
                if classes_of(verb[0]) and (behind_one or base_of(verb[0]) != verb[0]):
                    yield verb.span()


def _is_done(word: str) -> bool:
    return bool(classes_of(word)) or base_of(word) in READS


def _words(sentence: str, start: int) -> list[str]:
    return _WORD.findall(sentence, start, start + _LONGEST)


def _kept(sentence: str) -> Iterator[tuple[int, int]]:
    for one in _KEPT.finditer(sentence):
        if one["verb"] is None or _is_verb(one):
            yield one.end(), _end(sentence, one.end())
    for one in _LISTED.finditer(sentence):
        yield one.end(), _end(sentence, one.end())
    for one in _GERUND.finditer(sentence):
        yield one.end(), _end(sentence, one.end())


def _unwanted(sentence: str) -> Iterator[tuple[int, int]]:
    for one in _NOBODY.finditer(sentence):
        end = _end(sentence, one.end())
        more = _LIST.match(sentence, end)
        yield one.start(), _end(sentence, more.end()) if more else end
    for one in _PRETENDS.finditer(sentence):
        yield one.start(), len(sentence)
    if _IN_NO_CASE.search(sentence) is not None or _EITHER.search(sentence) is not None:
        yield 0, len(sentence)
    for one in (*_USUALLY.finditer(sentence), *_OF_OTHERS.finditer(sentence)):
        yield one.start(), _end(sentence, one.end())
    if (found := _NOT_YET.search(sentence)) is not None:
        yield 0, found.start()
