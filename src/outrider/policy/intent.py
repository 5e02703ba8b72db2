"""What the user's own words ask an agent to do, and with whom or what.

Rules over clauses and verbs, not a model: a model that reads the request may be the one that was turned. The words are
in `words.py`. Who hands the decision to a text ("do what the file says") asked for no effect by name, so every effect
is asked about.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import msgspec

from outrider.policy.commands import is_whole
from outrider.policy.declarations import Steer, words_of
from outrider.policy.dictated import corrects, inside, quoted, split, writes_to
from outrider.policy.forms import CLASSES, base_of
from outrider.policy.normal import holds, in_a_path
from outrider.policy.quantities import Said, quantities, totals
from outrider.policy.shades import suits
from outrider.policy.sources import is_source
from outrider.policy.tellings import is_reason, lacks, says_to_whom
from outrider.policy.wishes import WISHES, hopes, not_so
from outrider.policy.words import (
    BACK,
    NOT_BEFORE,
    NOT_BEHIND,
    NOUNS,
    PERSONAL,
    PHRASES,
    PLACES,
    POSSESSIVE,
    QUESTION,
    READS,
    REFUNDS,
    THINGS,
    word_set,
)

_ALSO = {"send": {"send", "post"}, "post": {"send", "post"}}
"""Classes that users do not tell apart: a message is written to a person or to a channel."""
_DETERMINERS = (
    "my the a an any each his her their our your this that these those unread new last latest recent of from in by"
    " per some no which what whose first next previous mein meine meinen meiner die der das den dem ein eine einen"
    " mon ma mes le la les un une des el los las mi mis una il lo gli o os as de het"
)
_BEFORE_NOUNS = frozenset(_DETERMINERS.split())
"""Behind these a word that may be a verb is a noun: `my mails`, `the order`."""
_BEFORE_VERBS = word_set(
    "to and then please also you i'll i'd let's just or but must should need can could would will kindly pls help "
    "me go ahead now first finally afterwards next i want like bitte dann und auch noch mir s'il puis ensuite et "
    "y luego después por favor e poi per if so once simply quickly we let hey hi hello ok okay thanks want"
)
"""Before these, or at the beginning of a clause, stands a request's verb."""
_TO_THE_USER = {"me", "us", "myself", "mir", "uns", "moi", "nous", "mi"}
_ANSWERED = {"tell", "send", "write", "answer", "give", "inform", "notify", "remind", "text", "message", "email", "ask",
             "sag", "sage", "schick", "schreib", "dis", "envoie", "dime"}  # fmt: skip
"""With `me` behind them these ask for an answer, not for an effect, unless an address follows."""
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*\n\s*|\s+-+\s+|:\s+")
_CLAUSE = re.compile(
    r",\s+|\s+(?:and|then|but|und|dann|aber|et|puis|mais|y|luego|pero|poi|ma|after|before|once|when|if|so|because|"
    r"nachdem|bevor|wenn|après|avant|si|después|antes|while)\s+"
)
_NAMED_NUMBER = re.compile(r"(?:hundred|thousand|tausend|hundert)\s+(?:and|und)\s+\w")
_TOGETHER = re.compile(r"\b(let [\w.'-]{2,30}) and ([\w.'-]{2,30}) know\b")  # two people of one clause
_PAST = re.compile(r"^\w{2,}(?:ed|sent|paid|bought|booked|written|made|told)$|^(?:sent|paid|bought|wrote|told|made)$")
_WISHED = word_set("be get got need needs want wants should must like have has gets is't been werden être ser")
_DELEGATES = re.compile(
    r"\b(follow|do|complete|execute|perform|carry out|act on|take care of|handle|work through|process|deal with)\b"
    r"[^.;\n]{0,60}\b(instructions?|tasks?|to-?dos?|todo list|actions?|steps|requests?|"
    r"what(ever)? (it|they|he|she|\S+|the [a-z ]+) (says?|asks?|wants?|tells?))\b(?!\s*(in the order|below|:|\d))"
    r"(?<!following tasks)(?<!following steps)(?<!following actions)(?<!following instructions)"
    r"|\b(mach|tu|erledige|befolge)\b[^.;\n]{0,60}\b(steht|sagt|will|anweisungen|aufgaben)\b"
    r"|\bfais\b[^.;\n]{0,40}\bce qu|\bsuis les instructions\b|\bhaz lo que\b|\bsigue las instrucciones\b"
)
_MADE_FROM = re.compile(
    r"\b(?:from|of|out of|based on|using|aus|von|anhand|depuis|de|desde|da)\s+(?:the\s+(?:file\s+)?)?$"
)
_INTO = re.compile(r"\b(?:to|into|in|as|under|called|named|nach|unter|dans|sous|en|a)\s+\S*[./]")
_BY_TEXT = re.compile(r"^(?:(?:please|also|then|just|to|you)\s)*text\s|\btext message|\b(?:by|via|per) text\b")
_FIGURES, _LETTER = re.compile(r"\d+"), re.compile(r"[^\W\d_]")
_NAMES = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)[^\W_][\w.-]*\w")
"""What has figures and letters: an id, a version."""
_ABOUT = re.compile(
    r"(?<!share it )(?<!share them )(?<!share this )\b(?:about|of|over|from|with|on|for|über|von|de|sobre)\s+\w+"
)
_IS = re.compile(r"(?:\b(?:is|ist|est|es|lautet)|\w's|[=:(])\s*[\"'<]?$")
"""Before a value that the user introduces: `her address is …`."""
LEAVES_OUT = re.compile(
    r"\b(?:"
    + "|".join(sorted(re.escape(one) for one in NOT_BEFORE | NOT_BEHIND))
    + r"|except|excluding|instead of|rather than|other than|apart from|ausser|statt|anstatt|anstelle|sauf|excepté|"
    r"hormis|au lieu|excepto|salvo|en vez|tranne|eccetto|invece|exceto|behalve)\b"
    r"(?!\s(?:only|just|nur|seulement|sólo|solo)\b)"
)
_HANDS_IN = frozenset(("submit", "lodge", "hand", "present", "deliver", "transmit"))
"""Verbs of tools for what users also call to send, or to file."""
_SPARES = re.compile(
    rf"^(?:keep|leave|spare|skip|ignore|behalte|lass|lasse|garde|laisse|deja|conserva)\b|{LEAVES_OUT.pattern}"
)
"""What leaves out what is named behind it."""
_IT = frozenset(("it", "one", "ones", "es", "dies", "lo", "ello", "ci"))
_NEAR, _NEGATES = 6, 3
"""So many words behind a no it holds for what is named, and for verbs."""
_THE_FILE = re.compile(r"\b(?:the|this|that)\s+(?:new\s+)?(?:file|document)(?=$|[.!,]|\s+(?:with|to)\s)")
"""What the user wanted to be made, in a later clause; with a name, or `from Eve` behind it, it is another one."""
_EVERYBODY = re.compile(
    r"\b(?:to|an|à|a)\s+(?:each|every|all|everyone|everybody|alle|allen|jeden|jede|chaque|tous|toutes|todos|todas|cada)\b"
)
_MOST_KNOWN = 5_000


class Clause(msgspec.Struct, frozen=True):
    """A part of what the user said: the classes of effect that it asks for, whether it only reads or asks, the words
    it has (`standing`: those behind no `about`, which may stand for somebody), and the quantities."""

    text: str
    verbs: frozenset[str]
    reads: bool
    words: frozenset[str]
    standing: frozenset[str]
    numbers: tuple[Said, ...]
    bare: bool


class Intent:
    """What several of a user's utterances (folded) ask for: `verbs` by class, `delegated` if some of it is left to a
    text that others may have written."""

    def __init__(self, asked: Sequence[str]) -> None:
        self._asked = asked
        self.clauses = [one for text in asked for one in clauses(text)]
        self.verbs: set[str] = set()
        for clause in self.clauses:
            self.verbs |= clause.verbs
        self.words = {word for clause in self.clauses for word in clause.words}
        self._totals = totals([one for clause in self.clauses for one in clause.numbers])
        self._meant: dict[tuple[str, Steer, str], bool] = {}
        self.delegated = any(_DELEGATES.search(text) for text in asked)

    def asks(self, verb: str, shade: str = "") -> bool:
        """Whether the user asked for an effect of this class, and of this shade of it. An effect without a word is
        never asked for."""
        if self.verbs.isdisjoint(_alike(verb)):
            return False
        mine = [one for one in self.clauses if verb in one.verbs]
        words = {word for one in mine for word in one.words}
        words |= {"sms" for one in mine if is_by_text(one.text)} | {
            "refund" for one in mine if REFUNDS.search(one.text)
        }
        return not shade or suits(verb, shade, words)

    def adopt(self, tool: str) -> str:
        """The own verb of a tool whose name has none of ours, where the user asks for it by that verb and its noun:
        `submit a claim`. From then on it is a class of effect; "" if nobody asks so."""
        own = words_of(tool)
        for at, clause in enumerate(self.clauses):
            words = [match[0] for match in _WORD.finditer(clause.text)]
            for verb in own:
                asks = any(word == verb and is_wished(words, n) for n, word in enumerate(words))
                hands = verb in _HANDS_IN and not clause.verbs.isdisjoint(("send", "create"))
                if (asks or hands) and any(
                    noun != verb and not clause.words.isdisjoint((noun, f"{noun}s", noun.removesuffix("s")))
                    for noun in own
                ):
                    self.clauses[at] = msgspec.structs.replace(clause, verbs=clause.verbs | {verb}, reads=False)
                    self.verbs.add(verb)
                    self._meant.clear()
                    return verb
        return ""

    def reaches_all(self, verb: str) -> bool:
        """Whether the user wants this effect for each of several: `write to each user`."""
        return any(one.verbs & _alike(verb) and _EVERYBODY.search(one.text) for one in self.clauses)

    def meant(self, verb: str, kind: Steer, value: str) -> bool:
        """Whether the user named a value (folded) as what this effect is about: not only as something to read, or as
        the aim of another effect. Where a clause says `it` or `her`, what was named before counts."""
        key = (verb, kind, value)
        if key not in self._meant:
            if len(self._meant) > _MOST_KNOWN:
                self._meant.clear()
            self._meant[key] = self._is_meant(verb, kind, value)
        return self._meant[key]

    def _is_meant(self, verb: str, kind: Steer, value: str) -> bool:
        mine = _alike(verb)
        before = named = made = told = asking = lacked = False
        if kind == "command" and not is_whole(self._asked, value):
            return False
        for clause in self.clauses:
            held = holds(clause.text, value)
            named = named or held
            if held and _is_left_out(clause.text, value):
                undone = verb == "delete" or (
                    verb == "pay" and kind == "id"
                )  # and nobody is paid because they can't come
                why = undone and _only_tells(clause) and is_reason(clause.text)
                before, told = before or why, told or why
                continue
            if clause.verbs & mine:
                stands_for = PERSONAL | BACK if kind == "recipient" else PLACES if kind == "url" else THINGS
                if held:
                    return kind != "recipient" or not is_source(clause.text, value)
                if before and (clause.bare or not clause.standing.isdisjoint(stands_for)):
                    return True
                his = POSSESSIVE if kind == "id" or verb in _ALSO else frozenset()
                his = THINGS if kind == "recipient" and verb == "pay" else his
                if told and not clause.standing.isdisjoint(his):  # Brightlab's bill is due, pay it
                    return True
                if lacked and verb in ("share", "send") and not says_to_whom(clause.text):
                    return True
                if made and kind in ("id", "path") and _THE_FILE.search(clause.text):
                    return True
            elif (
                held
                and not clause.verbs
                and not clause.reads
                and (kind != "recipient" or _is(clause.text, value, asking))
            ):
                return True
            told = told or (held and _only_tells(clause))
            lacked = kind == "recipient" and (lacked or (held and lacks(clause.text, value)))
            asking = bool(clause.verbs & mine) or (asking and not clause.verbs and not clause.reads)
            before, made = before or held, made or (held and "create" in clause.verbs and "." in value)
        return not named  # said in pieces over clauses: nothing is known about it

    def only_read(self, verb: str, path: str) -> bool:
        """Whether the user named a path only as what something is made from: `a list from notes.txt into todo.txt`."""
        held = [one.text for one in self.clauses if one.verbs & _alike(verb) and holds(one.text, path)]
        return bool(held) and all(_is_made_from(text, path) for text in held)

    def names_another(self, value: str, taken: Sequence[str]) -> bool:
        """Whether the user named something of the same form as a value (`v1.8.1` for `v1.8.2`) and not it, and this is
        none of what is `taken`."""
        form = _FIGURES.sub("9", value)
        if form == value or not _LETTER.search(form):
            return False
        alike = {one for text in self._asked for one in _NAMES.findall(text) if _FIGURES.sub("9", one) == form}
        return bool(alike) and value not in alike and alike.isdisjoint(taken)

    def paired(self, named: Sequence[str], amount: Decimal) -> bool:
        """Whether an amount belongs to what is named with it: where the clause that names one says amounts, it has to
        be one of them."""
        if amount in self._totals:
            return True
        for value in named:
            sums = [
                {one.number for one in clause.numbers if one.amount and not one.share}
                for clause in self.clauses
                if holds(clause.text, value)
            ]
            if any(sums) and not any(amount in one for one in sums):
                return False
        return True

    def says_another(self, verb: str, amount: Decimal) -> bool:
        """Whether the user said how much wherever they asked for this effect, and never so much: who wants 48 refunded
        wants no more, though the order came to 480."""
        sums = [{one.number for one in clause.numbers if one.alone} for clause in self.clauses if verb in clause.verbs]
        return amount not in self._totals and bool(sums) and all(sums) and not any(amount in one for one in sums)

    def named_elsewhere(self, verb: str, value: str) -> bool:
        """Whether the user named something for other effects alone, and nothing in what asks for this one stands for
        it: `rotate the key and leave a comment`."""
        mine = _alike(verb)
        held = [one for one in self.clauses if holds(one.text, value)]
        if not held or any(not one.verbs or one.verbs & mine for one in held):
            return False
        return all(one.standing.isdisjoint(PERSONAL | _IT) for one in self.clauses if one.verbs & mine)


def _only_tells(clause: Clause) -> bool:
    """Whether a clause says how things are: it asks for nothing, neither to do nor to read."""
    reads = clause.reads and (QUESTION.match(clause.text) or any(base_of(word) in READS for word in clause.words))
    return not clause.verbs and not reads


def is_by_text(text: str) -> bool:
    """Whether a clause wants something texted, not only written."""
    return _BY_TEXT.search(text) is not None


def _alike(verb: str) -> set[str]:
    return _ALSO.get(verb, {verb}) if verb else set()


def _is(text: str, value: str, asking: bool) -> bool:
    """`her address is …`, `Bob (…)`: a value that the user introduces; or that stands alone behind what is asked."""
    return (asking and text.strip(".<>\"'") == value) or _IS.search(text[: text.find(value)]) is not None


def _is_made_from(text: str, path: str) -> bool:
    at = text.find(path)
    before, behind = text[:at], text[at + len(path) :]
    return _MADE_FROM.search(before) is not None and (_INTO.search(behind) or _INTO.search(before)) is not None


def _is_left_out(text: str, value: str) -> bool:
    """`but not to Eve`, `everybody except Eve`, `without telling Eve`: who is named so that nothing goes there."""
    words = LEAVES_OUT.split(text[: text.find(value)])
    if len(words) < 2:
        return False
    between = _WORD.findall(words[-1])
    asked_anew = any(base_of(word) in CLASSES for word in between[_NEGATES:])
    return len(between) <= _NEAR and not asked_anew


@lru_cache(4096)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a folded text. One without a verb goes on with that of the one before it in its sentence."""
    found: list[Clause] = []
    for sentence in split(_SENTENCE, text):
        before, begin = None, len(found)
        for piece in _pieces(sentence):
            clause = _clause(piece)
            if not clause.verbs and _SPARES.search(piece):
                clause = msgspec.structs.replace(clause, reads=True)
            if before is not None and not clause.verbs and not clause.reads:
                clause = msgspec.structs.replace(clause, verbs=before.verbs, reads=before.reads)
            found.append(clause)
            before = clause
        if all(map(_only_tells, found[begin:])) and (hoped := hopes(sentence)):
            found[begin:] = [msgspec.structs.replace(one, verbs=hoped, reads=False) for one in found[begin:]]
    return tuple(found)


def _pieces(sentence: str) -> list[str]:
    protected = _NAMED_NUMBER.sub(lambda m: re.sub(r"\s(and|und)\s", " ", m[0]), sentence)
    protected = _TOGETHER.sub(r"\1 \2 know", protected)
    return [piece for piece in split(_CLAUSE, protected) if piece.strip()]


def _clause(text: str) -> Clause:
    words = [match[0] for match in _WORD.finditer(text)]
    question = QUESTION.match(text) is not None
    verbs = set() if question else _verbs(text, words)
    if not question:
        dictated = quoted(text)
        verbs |= {class_ for class_, phrase in (*PHRASES, *WISHES) if _is_said(phrase.search(text), text, dictated)}
    reads = not verbs and (question or any(base_of(word) in READS for word in words))
    told = not verbs and bool(words) and words[0] in _ANSWERED
    bare = len(words) <= 2 and _TO_THE_USER.isdisjoint(words)
    standing = frozenset(_WORD.findall(_ABOUT.sub(" ", text)))
    return Clause(text, frozenset(verbs), reads or told, frozenset(words), standing, quantities(text), bare)


def _is_said(found: re.Match[str] | None, text: str, dictated: Sequence[tuple[int, int]]) -> bool:
    """Whether a phrase is there, neither negated nor dictated."""
    if found is None:
        return False
    start = found.start("at" if "at" in found.groupdict() else 0)
    if inside(dictated, start):
        return False
    before = _WORD.findall(text[max(0, start - 20) : found.end()])
    return NOT_BEFORE.isdisjoint(before)


def _verbs(text: str, words: list[str]) -> set[str]:
    found: set[str] = set()
    dictated = quoted(text)
    at_end, wished = -1, False
    for at, word in enumerate(words):
        at_end = text.find(word, at_end + 1)
        wished = wished or (at > 0 and words[at - 1] in _WISHED)
        base = base_of(word)
        classes = CLASSES.get(word) or CLASSES.get(base)
        if not classes or in_a_path(text, at_end) or not _is_request(words, at, base, wished):
            continue
        if inside(dictated, at_end) or corrects(text, at_end):
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
    if base in NOUNS:
        return not at or before in _BEFORE_VERBS or before.endswith("ly")
    return True


def is_wished(words: Sequence[str], at: int) -> bool:
    """Whether a word stands where the verb of a request does, and not negated."""
    if not NOT_BEFORE.isdisjoint(words[max(0, at - 3) : at]) or not NOT_BEHIND.isdisjoint(words[at + 1 : at + 4]):
        return False
    return not at or words[at - 1] in _BEFORE_VERBS
