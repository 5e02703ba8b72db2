"""The clauses of what a user says, each with the classes of effect that it asks for.

Rules over words and not a model; the words are in `words.py`. What several utterances ask for together is in
`intent.py`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from outrider.policy.asides import asides, goes_ahead, is_for_later, is_item, joined, only_drafts
from outrider.policy.dictated import Spans, begins_in, corrects, inside, places, quoted, within, writes_to
from outrider.policy.forms import CLASSES, base_of, clitics_of
from outrider.policy.normal import in_a_path
from outrider.policy.quantities import Said, quantities
from outrider.policy.wishes import WISHES, hopes, not_so
from outrider.policy.words import (
    BACK,
    NOT_BEFORE,
    NOT_BEHIND,
    NOUNS,
    NUMBER_WORDS,
    PERSONAL,
    PHRASES,
    QUESTION,
    READS,
    THINGS,
    word_set,
)

_DETERMINERS = (
    "my the a an any each his her their our your this that these those unread new last latest recent of from in by"
    " per some no which what whose first next previous mein meine meinen meiner die der das den dem ein eine einen"
    " mon ma mes le la les un une des el los las mi mis una il lo gli o os as de het"
)
_BEFORE_NOUNS = frozenset(_DETERMINERS.split())
"""Behind these a word that may be a verb is a noun: `my mails`, `the order`."""
_BEFORE_VERBS = word_set(
    "to and then please also you u ya i'll i'd let's just or but must should need can could would will kindly pls help "
    "me go ahead now first finally afterwards next i want like bitte dann und auch noch mir s'il puis ensuite et "
    "y luego después por favor e poi per if so once simply quickly we let hey hi hello ok okay thanks want"
)
"""Before these, or at the beginning of a clause, stands a request's verb."""
_BEFORE_GERUNDS = word_set("mind about with try start keep by")
"""Before these a form in `ing` is wished: `would you mind sending`, `go ahead with cancelling`."""
_WISH_TO = word_set(
    "want wants wanted need needs like love have has had got try trying you u us as enough able possible forget ahead "
    "is are was wish ought time hope happy me going him her them it sure remember be ready and"
)
"""Before `to` and a verb, where that is asked for: `i need to pay`, `you to pay`; and not `the request to pay`."""
_YOU = word_set("dich dir sie vergiss")
_TO_THE_USER = {"me", "us", "myself", "mir", "uns", "moi", "nous", "mi"}
_ANSWERED = {"tell", "send", "write", "answer", "give", "inform", "notify", "remind", "text", "message", "email", "ask",
             "sag", "sage", "schick", "schreib", "dis", "envoie", "dime"}  # fmt: skip
"""With `me` behind them these ask for an answer, not for an effect, unless an address follows."""
WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_IF_SO = re.compile(
    r"^(?:if (?:not|so|yes|no)|falls (?:nicht|ja)|wenn nicht|sinon|si no|se no|zo (?:niet|ja)),?\s(?=\w)"
)
"""`if not, please lock it`: what follows is no less asked for."""
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*|\s+-+\s+|:\s+")
_CLAUSE = re.compile(
    r",\s+|\s+(?:and|then|but|und|dann|aber|et|puis|mais|y|luego|pero|poi|ma|after|before|once|when|if|so|because|"
    r"nachdem|bevor|wenn|après|avant|si|después|antes|while)\s+"
)
_NAMED_NUMBER = re.compile(r"(?:hundred|thousand|tausend|hundert|hours?)\s+(?:and|und)\s+\w")
_TELLS = (
    r"(?:tell|write|mail|e-?mail|text|message|ping|inform|notify|warn|remind|sag|sage|schreib\w*|informier\w*|écri\w+|"
    r"dis|escrib\w+|di|scriv\w+|schrijf|zeg)"
)
_TOGETHER = re.compile(
    r"\b(let [\w.'-]{2,30}) and ([\w.'-]{2,30}) know\b|"
    rf"\b({_TELLS} [\w.'-]{{2,30}}) (?:and|und|et|y|e|en) ([\w.'-]{{2,30}}),? (?=(?:that|dass|que|che|dat)\b)"
)
"""Two people of one clause."""
_TOLD = re.compile(
    rf"\b(?:{_TELLS}|say|reply|answer|explain|confirm|announce|post|comment)\b[^;:]{{0,80}}?\s(?:that|dass|que|che|dat)\s"
    r"|\blet\b[^;:]{1,60}?\sknow\s"
    r"|\b(?:tell|remind)\s[^\s;:]{2,30}\s(?=(?:we|i|he|she|they|it|you)\s)"
    rf"|\b{_TELLS}\b[^;:]{{0,60}}?\s(?:what|why|how|who|whether|where)\s(?=(?:we|i|he|she|they|it|you|to)\s)"
    r"|\b(?:ask|tell|remind)\s[^;:]{1,60}?\sto\s(?=\w)"
    r"|^(?:dass|que|che|dat|that (?=(?:we|i|he|she|they|it|the|our|my|his|her|their)\s))"
)
"""Behind this stands what somebody is to be told: `tell Eve that we pay on Monday` pays nothing."""
_GOES_ON = re.compile(r"(?:and |und |et |y )?(?:to|onto|into|from|off|zur|à|aan)\s(?:the|our|my|die|la|le|de|het)\s")
"""`… and to the office list`: what has no verb of its own, whatever its nouns may mean elsewhere."""
_HANGS = re.compile(
    r"(?:,?\s+|\b)(?:if|once|when|as soon as|unless|provided|in case|falls|wenn|sobald|si|cuando)\s"
    r"(?!(?:you|u|needed|necessary|possible|so|not|du|nötig|ich|i|its)\b)[^\W\d_]"
)
"""A condition on what others say or do."""
_NEAR_BEFORE = 200
_TELLS_ITSELF = re.compile(
    r"(?:i|we)(?:'\w+)?\s\w|"
    r"(?!(?:he|she|they|it|that|this)\b)(?:(?:the|our|my|his|her|their|this|that)\s)?(?:[\w./@#'-]{1,60}\s){1,3}?(?:is|are|was|were|has|have|had|isn't|"
    r"aren't|doesn't|don't|didn't|won't|can't|can|could|will|would|should|must|may|might|stays?|remains?|keeps?|takes?|"
    r"gets?|goes|comes?|already|still|does|replaces?)\b"
)
"""What has a verb of its own that tells: `carol stays`, `I paid Anna already`."""
_PAST = re.compile(r"^\w{2,}(?:ed|sent|paid|bought|booked|written|made|told)$|^(?:sent|paid|bought|wrote|told|made)$")
_WISHED = word_set("be get got need needs want wants should must like have has gets is't been werden être ser")
_ABOUT = re.compile(
    r"(?<!share it )(?<!share them )(?<!share this )\b(?:about|of|over|from|with|on|for|über|von|de|sobre)\s+\w+"
)
_HERS = re.compile(
    r"\bher(?= (?!(?:a|an|the|this|that|these|those|my|our|your|his|some|all|both|it|them|about|to|on|in|at|by|for|"
    r"from|with|of|as|off|out|up|down|back|away|over|into|if|when|and|or|but|please|know|now|today|tomorrow|tonight|again|"
    r"there|here|too|also|first|what|how|why|where|who|which|via|not|so|then|once|asap)\b)[^\W\d_]{2,})"
)
"""`her copy`: what is hers, and not she herself."""
LEAVES_OUT = re.compile(
    r"\b(?:"
    + "|".join(sorted(re.escape(one) for one in NOT_BEFORE | NOT_BEHIND))
    + r"|except|excluding|instead of|rather than|other than|apart from|ausser|statt|anstatt|anstelle|sauf|excepté|"
    r"hormis|au lieu|excepto|salvo|en vez|tranne|eccetto|invece|exceto|behalve|"
    r"\w{3,20}er than|duplicate of|same (?:[\w-]{1,30} )?as|just like|similar to|unlike)\b"
    r"(?!\s(?:only|just|nur|seulement|sólo|solo)\b)"
)
_SPARES = re.compile(
    rf"^(?:keep|leave|spare|skip|ignore|behalte|lass|lasse|garde|laisse|deja|conserva)\b|{LEAVES_OUT.pattern}"
)
"""What leaves out what is named behind it."""


class Clause(msgspec.Struct, frozen=True):
    """A part of what the user said: the classes of effect that it asks for, whether it only reads or asks, the words
    it has (`standing`: those behind no `about`, which may stand for somebody), the quantities, and whether it `hangs`
    on a condition."""

    text: str
    verbs: frozenset[str]
    reads: bool
    words: frozenset[str]
    standing: frozenset[str]
    numbers: tuple[Said, ...]
    bare: bool
    hangs: bool = False


def only_tells(clause: Clause) -> bool:
    """Whether a clause says how things are: it asks for nothing, neither to do nor to read."""
    reads = clause.reads and (QUESTION.match(clause.text) or any(base_of(word) in READS for word in clause.words))
    return not clause.verbs and not reads


@lru_cache(4096)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a folded text. One without a verb goes on with that of the one before it in its sentence. What is
    only told asks for nothing where anything else does."""
    found, alone = _clauses(text, alone=False)
    return tuple(_clauses(text, alone=True)[0] if alone else found)


def _clauses(text: str, *, alone: bool) -> tuple[list[Clause], bool]:
    """The clauses, and whether what they only tell is all that they say."""
    found: list[Clause] = []
    items, tells, asks = "", False, False
    waits = is_for_later(text)
    for start, sentence in places(_SENTENCE, text):
        items = is_item(text[max(0, start - _NEAR_BEFORE) : start], items)
        before, begin = None, len(found)
        protected = _protected(sentence)
        said = asides(protected)
        tells = tells or bool(said.unless_alone)
        never = (
            [(0, len(protected))]
            if items or waits
            else said.never
            if alone
            else joined([*said.never, *said.unless_alone])
        )
        begins = _HANGS.match(protected) is not None
        for at, piece in _pieces(protected):
            aside = within(never, at, at + len(piece))
            clause = _clause(piece, aside)
            if begins or _HANGS.search(piece) or _HANGS.match(protected, at + len(piece)):
                clause = msgspec.structs.replace(clause, hangs=True)
            asks = asks or bool(clause.verbs) or clause.reads
            if not clause.verbs and (_SPARES.search(piece) or (aside and _clause(piece, []).verbs)):
                clause = msgspec.structs.replace(clause, reads=True)
            if before is not None and not clause.verbs and not clause.reads and not _TELLS_ITSELF.match(piece):
                clause = msgspec.structs.replace(clause, verbs=before.verbs, reads=before.reads)
            found.append(clause)
            before = clause
        if all(map(only_tells, found[begin:])) and (hoped := hopes(_without(protected, never))):
            found[begin:] = [msgspec.structs.replace(one, verbs=hoped, reads=False) for one in found[begin:]]
    return found, tells and (not asks or goes_ahead(text))


def _without(text: str, spans: Spans) -> str:
    parts, last = [], 0
    for start, end in spans:
        parts += [text[last:start], "_" * (end - start)]
        last = end
    return "".join([*parts, text[last:]])


def _protected(sentence: str) -> str:
    protected = _NAMED_NUMBER.sub(lambda m: re.sub(r"\s(and|und)\s", " ", m[0]), sentence)
    return _TOGETHER.sub(lambda m: f"{m[1]} {m[2]} know" if m[1] else f"{m[3]} {m[4]} ", protected)


def _pieces(sentence: str) -> list[tuple[int, str]]:
    return [(at, piece) for at, piece in places(_CLAUSE, sentence) if piece.strip()]


def _clause(whole: str, never: Spans) -> Clause:
    text = _IF_SO.sub("", whole)
    cut = len(whole) - len(text)
    aside = [(start - cut, end - cut) for start, end in never]
    words = [match[0] for match in WORD.finditer(text)]
    question = QUESTION.match(text) is not None
    verbs = set() if question else _verbs(text, words, aside)
    if not question:
        dictated = _dictated(text)
        verbs |= {
            class_ for class_, phrase in (*PHRASES, *WISHES) if _is_said(phrase.search(text), text, dictated, aside)
        }
    if only_drafts(text):
        verbs -= {"send", "post"}
    reads = not verbs and (question or (not _GOES_ON.match(text) and any(base_of(word) in READS for word in words)))
    told = not verbs and bool(words) and words[0] in _ANSWERED
    bare = len(words) <= 2 and _TO_THE_USER.isdisjoint(words) and all(map(_says_nothing_else, words))
    standing = frozenset(WORD.findall(_HERS.sub("hers", _ABOUT.sub(" ", text)))).union(*map(clitics_of, words))
    return Clause(text, frozenset(verbs), reads or told, frozenset(words), standing, quantities(text), bare)


def _says_nothing_else(word: str) -> bool:
    """Whether a word of a short clause names no other thing or person: `reply kindly`, and not `update Bob`."""
    known = word in _BEFORE_VERBS or word in THINGS or word in PERSONAL or word in BACK or word.endswith("ly")
    return known or base_of(word) in CLASSES or base_of(word) in READS or word in NUMBER_WORDS


def _dictated(text: str) -> list[tuple[int, int]]:
    """Where a clause has what somebody is to be told."""
    told = _TOLD.search(text)
    end = told.end() if told else len(text)
    return [one for one in quoted(text) if one[0] < end] + ([(end - 1, len(text))] if told else [])


def _is_said(found: re.Match[str] | None, text: str, dictated: Spans, aside: Spans) -> bool:
    """Whether a phrase is there, neither negated nor dictated."""
    if found is None:
        return False
    start = found.start("at" if "at" in found.groupdict() else 0)
    if inside(dictated, start) or begins_in(aside, start):
        return False
    before = WORD.findall(text[max(0, start - 20) : found.end()])
    return NOT_BEFORE.isdisjoint(before)


def _verbs(text: str, words: list[str], aside: Spans) -> set[str]:
    found: set[str] = set()
    dictated = _dictated(text)
    at_end, wished = -1, False
    for at, word in enumerate(words):
        at_end = text.find(word, at_end + 1)
        wished = wished or (at > 0 and words[at - 1] in _WISHED)
        base = base_of(word)
        classes = CLASSES.get(word) or CLASSES.get(base)
        if not classes or in_a_path(text, at_end) or not _is_request(words, at, base, wished):
            continue
        if inside(dictated, at_end) or begins_in(aside, at_end) or corrects(text, at_end):
            continue  # dictated, or no new effect
        if {"create", "update"} <= classes and inside(dictated, at_end + len(word) + 2):
            classes = classes - {"update"}  # `put "…" into her file`
        if {"create", "send"} <= classes and writes_to(text, at_end):
            classes = classes - {"create"}
        behind = words[at + 1] if at + 1 < len(words) else ""
        rest = text[at_end + len(word) : at_end + len(word) + 60]
        if behind in _TO_THE_USER and base in _ANSWERED and "@" not in rest:
            continue
        found |= classes - not_so(text, at_end)
    return found


def _is_request(words: list[str], at: int, base: str, wished: bool) -> bool:
    """Whether the verb at this place asks for something: not negated, no noun, nothing that has happened. `wished`: a
    wish stands before it."""
    word, before = words[at], words[at - 1] if at else ""
    if not NOT_BEFORE.isdisjoint(words[max(0, at - 3) : at]) or not NOT_BEHIND.isdisjoint(words[at + 1 : at + 4]):
        return False
    if before in _BEFORE_NOUNS or before == "did":
        return False
    if _PAST.match(word) and word not in CLASSES:
        return wished
    if word not in CLASSES and word in (f"{base}s", f"{base}es"):
        return False  # `he deletes it`
    if word not in CLASSES and word.endswith("ing"):
        return before in _BEFORE_GERUNDS
    if (before == "to" and at > 1 and words[at - 2] not in _WISH_TO) or (before == "zu" and _YOU.isdisjoint(words)):
        return False  # `the command to delete it`
    if base in NOUNS:
        return not at or before in _BEFORE_VERBS or before.endswith("ly")
    return True


def is_wished(words: Sequence[str], at: int) -> bool:
    """Whether a word stands where the verb of a request does, and not negated."""
    if not NOT_BEFORE.isdisjoint(words[max(0, at - 3) : at]) or not NOT_BEHIND.isdisjoint(words[at + 1 : at + 4]):
        return False
    return not at or words[at - 1] in _BEFORE_VERBS
