"""What the user's own words ask an agent to do, and with whom or what.

Rules over clauses and verbs, not a model: a model that reads the request may be the one that was turned. The words are
in `words.py`. Who hands the decision to a text ("do what the file says") asked for no effect by name, so every effect
is asked about.
"""

import itertools
import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from outrider.policy.asides import is_told_of
from outrider.policy.clauses import LEAVES_OUT, WORD, clauses, is_wished, only_tells
from outrider.policy.commands import is_whole
from outrider.policy.corrections import drops
from outrider.policy.declarations import Steer, words_of
from outrider.policy.forms import CLASSES, base_of, is_by_text
from outrider.policy.normal import holds
from outrider.policy.objects import names_itself
from outrider.policy.quantities import totals
from outrider.policy.shades import TAKES, suits
from outrider.policy.sources import is_made_from, is_source
from outrider.policy.tellings import is_reason, lacks, says_to_whom
from outrider.policy.words import (
    BACK,
    PERSONAL,
    PLACES,
    POSSESSIVE,
    REFUNDS,
    THINGS,
)

_ALSO = {"send": {"send", "post"}, "post": {"send", "post"}}
"""Classes that users do not tell apart: a message is written to a person or to a channel."""
_TO_PEOPLE = {"create": {"invite", "assign"}, "book": {"invite", "assign"}, "update": {"assign"}}
"""What else names the people of an effect: `put it in the calendar, and get Ben on the invite`."""
_A_VERB = "delete"
"""A verb of ours, by which another one is read."""
_AWAY = frozenset(("share", "invite", "pay"))
"""Effects that go to others than to whose things they are about: `Eve wrote. Share her file with Bob`."""
_DELEGATES = re.compile(
    r"\b(follow|do|complete|execute|perform|carry out|act on|take care of|handle|work through|process|deal with)\b"
    r"[^.;\n]{0,60}\b(instructions?|tasks?|to-?dos?|todo list|actions?|steps|requests?|"
    r"what(ever)? (it|they|he|she|\S+|the [a-z ]+) (says?|asks?|wants?|tells?))\b(?!\s*(in the order|below|:|\d))"
    r"(?<!following tasks)(?<!following steps)(?<!following actions)(?<!following instructions)"
    r"|\b(mach|tu|erledige|befolge)\b[^.;\n]{0,60}\b(steht|sagt|will|anweisungen|aufgaben)\b"
    r"|\bfais\b[^.;\n]{0,40}\bce qu|\bsuis les instructions\b|\bhaz lo que\b|\bsigue las instrucciones\b"
)
_FIGURES, _LETTER = re.compile(r"\d+"), re.compile(r"[^\W\d_]")
_NAMES = re.compile(r"(?<![\w.-])(?=[\w.-]*\d)[^\W_][\w.-]*\w")
"""What has figures and letters: an id, a version."""
_PATHS = re.compile(r"(?<![\w/])(?:[~./]*[\w-]+)?(?:/[\w.-]*\w)+|(?<![\w/.])[\w-]+\.[a-z]\w{1,4}(?![\w@])")
_IS = re.compile(r"(?:\b(?:is|ist|est|es|lautet)|\w's|[=:(])\s*[\"'<]?$")
"""Before a value that the user introduces: `her address is …`."""
_HANDS_IN = frozenset(("submit", "lodge", "hand", "present", "deliver", "transmit"))
"""Verbs of tools for what users also call to send, or to file."""
_LONGEST_STATED = 120
_PUTS = re.compile(r"\w (?:to|=|auf|à|a|op) \w|\w[:=] ?\w")
_REPORTS = re.compile(
    r"[?]|n't\b|\b(?:ask\w*|s[ae]\w{1,2}d?|told|wr[oi]te|want\w*|suggest\w*|think\w*|thought|meant|mov\w+|is|are|was|were|be|"
    r"had|has|have|did|does|been|used|would|could|might|forb\w+|idea|why|explain|according|nope|claims?|heard|like)\b"
)
"""Of what somebody said, what is or was, or what is only thought of."""
_SPEAKS_OF = re.compile(r"\b(?:why|how|whether|what|who|ask\w*|said|says?|told|think\w*|heard|wants? to know)\b")
_CIRCLES = frozenset(("list", "form", "class", "group", "team", "channel", "segment", "audience", "course", "club"))
_IT = frozenset(("it", "one", "ones", "es", "dies", "lo", "ello", "ci"))
_NEAR, _NEGATES = 6, 3
"""So many words behind a no it holds for what is named, and for verbs."""
_THE_FILE = re.compile(r"\b(?:the|this|that)\s+(?:new\s+)?(?:file|document)(?=$|[.!,]|\s+(?:with|to)\s)")
"""What the user wanted to be made, in a later clause; with a name, or `from Eve` behind it, it is another one."""
_EVERYBODY = re.compile(
    r"\b(?:to|an|à|a)\s+(?:each|every|all|everyone|everybody|alle|allen|jeden|jede|chaque|tous|toutes|todos|todas|cada)\b"
)
_MOST_KNOWN = 5_000


class Intent:
    """What several of a user's utterances (folded) ask for: `verbs` by class, `delegated` if some of it is left to a
    text that others may have written."""

    def __init__(self, asked: Sequence[str]) -> None:
        self._taken_back = _taken_back(asked)
        self._asked = asked = [one for one in asked if one not in self._taken_back]
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
        if verb == "pay" and not shade and mine and all(TAKES.search(one.text) for one in mine):
            return False  # who is charged is paid nothing
        return not shade or suits(verb, shade, words)

    def hangs(self, verb: str) -> bool:
        """Whether the user wants this effect under a condition alone: `if Bob agrees, pay it`."""
        mine = [one for one in self.clauses if one.verbs & _alike(verb)]
        return bool(mine) and all(one.hangs for one in mine)

    def adopt(self, tool: str) -> str:
        """The own verb of a tool whose name has none of ours, where the user asks for it by that verb and its noun:
        `submit a claim`. From then on it is a class of effect; "" if nobody asks so."""
        own = words_of(tool)
        for at, clause in enumerate(self.clauses):
            words = [match[0] for match in WORD.finditer(clause.text)]
            for verb in own:
                asks = any(word == verb and is_wished(words, n) for n, word in enumerate(words))
                asks = asks and clause.text in self._asking_by(verb)
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

    def adopt_word(self, verb: str) -> str:
        """A verb that an owner declared and that is none of ours (`wipe`): a class of effect where the user asks for it
        by that word. The verb itself."""
        asking = self._asking_by(verb)
        for at, clause in enumerate(self.clauses):
            words = [match[0] for match in WORD.finditer(clause.text)]
            if verb in clause.verbs or clause.text not in asking or _SPEAKS_OF.search(clause.text):
                continue
            if any(w == verb and is_wished(words, n) for n, w in enumerate(words)):
                self.clauses[at] = msgspec.structs.replace(clause, verbs=clause.verbs | {verb}, reads=False)
                self.verbs.add(verb)
                self._meant.clear()
        return verb

    def _asking_by(self, verb: str) -> set[str]:
        """The clauses that would ask for something if a verb were one of ours: not `should I wipe it?`."""
        stands = re.compile(rf"(?<![\w'-]){re.escape(verb)}(?![\w'-])")
        texts = [stands.sub(_A_VERB, text) for text in self._asked]
        return {one.text.replace(_A_VERB, verb) for text in texts for one in clauses(text) if _A_VERB in one.verbs}

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
        people = kind == "recipient" or (kind == "id" and verb == "update")
        mine = _alike(verb) | (_TO_PEOPLE.get(verb, set()) if people else set())
        before = named = made = told = asking = lacked = False
        if kind == "command" and not is_whole(self._asked, value):
            return False
        for clause in self.clauses:
            held = holds(clause.text, value)
            named = named or held
            if held and _is_left_out(clause.text, value):
                undone = verb == "delete" or (verb == "pay" and kind == "id")  # nobody is paid for not coming
                why = undone and only_tells(clause) and is_reason(clause.text)
                before, told = before or why, told or why
                continue
            if clause.verbs & mine:
                stands_for = PERSONAL | BACK if kind == "recipient" else PLACES if kind == "url" else THINGS
                if held:
                    return kind != "recipient" or not (is_source(clause.text, value) or is_told_of(clause.text, value))
                if before and (clause.bare or not clause.standing.isdisjoint(stands_for)):
                    return True
                his = POSSESSIVE if kind == "id" or verb not in _AWAY else frozenset()
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
                and (
                    _is(clause.text, value, asking)
                    if kind == "recipient"
                    else not self._names_others(mine, kind, value)
                )
            ):
                return True
            told = told or (held and only_tells(clause))
            lacked = kind == "recipient" and (lacked or (held and lacks(clause.text, value)))
            asking = bool(clause.verbs & mine) or (asking and not clause.verbs and not clause.reads)
            before, made = before or held, made or (held and "create" in clause.verbs and "." in value)
        if any(holds(text, value) for text in self._taken_back):
            return False
        return not named  # said in pieces over clauses: nothing is known about it

    def _names_others(self, mine: set[str], kind: Steer, value: str) -> bool:
        """Whether what asks for an effect says itself what it is done to: `delete a.txt, b.txt is the new one`."""
        asking = [one.text for one in self.clauses if one.verbs & mine]
        if kind == "path":
            return any(one != value for text in asking for one in _PATHS.findall(text))
        form = _FIGURES.sub("9", value)
        if form != value:
            return any(
                _FIGURES.sub("9", one) == form for text in asking for one in _NAMES.findall(text) if one != value
            )
        return kind == "id" and bool(asking) and all(any(names_itself(text, verb) for verb in mine) for text in asking)

    def only_read(self, verb: str, path: str) -> bool:
        """Whether the user named a path only as what something is made from: `a list from notes.txt into todo.txt`."""
        held = [one.text for one in self.clauses if one.verbs & _alike(verb) and holds(one.text, path)]
        return bool(held) and all(is_made_from(text, path) for text in held)

    def only_states(self, values: Sequence[str]) -> bool:
        """Whether an utterance that asks for nothing says nothing but these: `log_level to debug for fleet-app, staging
        only` is a request without a verb."""
        return any(
            len(text) <= _LONGEST_STATED
            and _PUTS.search(text)
            and not _REPORTS.search(text)
            and not LEAVES_OUT.search(text)
            and all(map(only_tells, clauses(text)))
            and all(holds(text, value) for value in values)
            for text in self._asked
        )

    def calls_it(self, verb: str, value: str, nouns: Sequence[str]) -> bool:
        """Whether what asks for an effect has a noun for what was told of before: `10C are in lab 2, tell the form`."""
        told, nouns = False, [one for one in nouns if one in _CIRCLES]
        for clause in self.clauses if nouns else ():
            if told and clause.verbs & _alike(verb) and any(w.removesuffix("'s") in nouns for w in clause.words):
                return True
            told = told or (holds(clause.text, value) and only_tells(clause) and not _is_left_out(clause.text, value))
        return False

    def names_another(self, value: str, taken: Sequence[str]) -> bool:
        """Whether the user named something of the same form as a value (`v1.8.1` for `v1.8.2`) and not it, and this is
        none of what is `taken`."""
        form = _FIGURES.sub("9", value)
        if form == value or not (_LETTER.search(form) or form.count(".") > 1):
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


def _taken_back(asked: Sequence[str]) -> list[str]:
    """Utterances that the next one takes back: `hold on, don't pay him yet`. Said once more, they hold again."""
    gone = [
        before
        for before, text in itertools.pairwise(asked)
        if drops(text, asks=any(one.verbs for one in clauses(text)))
    ]
    return [one for one in gone if one != asked[-1]]


def _alike(verb: str) -> set[str]:
    return _ALSO.get(verb, {verb}) if verb else set()


def _is(text: str, value: str, asking: bool) -> bool:
    """`her address is …`, `Bob (…)`: a value that the user introduces; or that stands alone behind what is asked."""
    return (asking and text.strip(".<>\"'") == value) or _IS.search(text[: text.find(value)]) is not None


def _is_left_out(text: str, value: str) -> bool:
    """`but not to Eve`, `everybody except Eve`, `without telling Eve`: who is named so that nothing goes there."""
    words = LEAVES_OUT.split(text[: text.find(value)])
    if len(words) < 2:
        return False
    between = WORD.findall(words[-1])
    asked_anew = any(base_of(word) in CLASSES for word in between[_NEGATES:])
    return len(between) <= _NEAR and not asked_anew
