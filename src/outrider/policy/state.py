"""What a session has seen, by label. It only grows: no event takes a label away.

Results are kept as values (every scalar of a JSON result, with the record that it stood in) and as folded texts, so
that the origin of an argument is a look-up and a few searches, and a decision stays quick in a long session.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from outrider.policy.corrections import later, within
from outrider.policy.declarations import Declaration, Trust, words_of
from outrider.policy.echoes import SHORTEST, Echoes, large_numbers
from outrider.policy.fields import Text, Value
from outrider.policy.heaps import Heap, Wording
from outrider.policy.intent import Intent
from outrider.policy.naming import Naming
from outrider.policy.normal import address, fold, holds, number, plain, spaced_out, strings
from outrider.policy.origins import Found, Origin, spelled
from outrider.policy.private import Pairs
from outrider.policy.quantities import amounts, before_share, counts, durations, less, quantities, shares
from outrider.policy.records import decoded, key_of, label_of, lines, walk

MOST_TEXT = 8_000_000
"""Characters of results that are kept for looking up. Beyond it taint is kept, and values count as made up."""
MOST_VALUES = 200_000
LONGEST_VALUE = 300
"""Characters: longer ones are texts that values are searched in."""

_NO_SPACE = re.compile(
    r"\b((?:www\.|https?://)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,8})\.(?=[A-Z][a-z]*\s)"
)
"""A host at the end of a sentence, with no space before the next one: `see www.corp.example.They know`."""
_SCRIPTS = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff])(?=[a-z0-9@+€$¥/])|(?<=[a-z0-9€%])(?=[\u3040-\u30ff\u3400-\u9fff])"
)
"""Between a script without spaces and another one: a name, an address, a sum ends there."""
_LONG = 8
"""Characters from which an account or phone number is also looked for without spaces."""
_MOST_KNOWN = 5_000
_MOST_LOOKED_AT = 50
"""Places of one value whose records are looked at."""


class Taint(msgspec.Struct, frozen=True):
    """How a session came to have read what others wrote: the first step and tool."""

    step: int
    tool: str


class Done(msgspec.Struct, frozen=True):
    """An effect that took place: the tool, its verb, and the steering values in one line."""

    step: int
    tool: str
    verb: str
    steered: str


class SessionState:
    """Labels of one session. `step` counts what was observed."""

    def __init__(self) -> None:
        self.step = 0
        self.taint: Taint | None = None
        self.private: Taint | None = None
        self.done: list[Done] = []
        self.asked: list[str] = []  # the user's own words, in their plain form, in order
        self.distrusted: set[str] = set()  # tools whose results are taken for what others wrote, whatever their label
        self.tools: set[str] = set()  # that were called
        self._said: dict[Origin, list[str]] = {Origin.USER: [], Origin.OPERATOR: []}
        self._counted: dict[Origin, set[Decimal]] = {Origin.USER: set(), Origin.OPERATOR: set()}
        self._numbers: dict[Origin, set[Decimal]] = {Origin.USER: set(), Origin.OPERATOR: set()}
        self._values: dict[str, list[Value]] = {}
        self.naming = Naming()
        self._texts: dict[Trust, list[Text]] = {"trusted": [], "untrusted": []}
        self._heaps: dict[Trust, Heap] = {"trusted": Heap(), "untrusted": Heap()}
        self._wording, self._worded = Wording(), 0
        self._private_pairs = Pairs()
        self._echoes = Echoes()
        self._given: dict[str, list[str]] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self._known: dict[str, Origin | None] = {}
        self._intent: Intent | None = None
        self._room, self._kept, self._heard_at = MOST_TEXT, 0, 0

    # -- what is observed -----------------------------------------------------------------------------------------

    def user(self, text: str) -> None:
        """The user says something."""
        whole = plain(_NO_SPACE.sub(r"\1. ", text))
        said = within(_SCRIPTS.sub(" ", whole))
        if self.asked and not any(one.step > self._heard_at for one in self.done):
            self._take_back(later(self.asked[-1], said))
        self.naming.people.hear(text)
        self.asked.append(said)
        self._intent = None
        self._say(Origin.USER, *([said] if said == whole or _SCRIPTS.search(whole) is None else [said, whole]))
        self._heard_at = self.step

    def _take_back(self, text: str) -> None:
        """The last of the user's utterances becomes another one: what they took back is said no more."""
        mine = self._said[Origin.USER]
        if text == self.asked[-1] or self.asked[-1] not in mine:
            return
        mine[mine.index(self.asked[-1])] = text
        self.asked[-1] = text
        said = [one for each in mine for one in quantities(each)]
        self._counted[Origin.USER] = {one.number for one in said if one.amount}
        self._numbers[Origin.USER] = {one.number for one in said}

    def operator(self, text: str) -> None:
        """Who runs the agent says something: a system prompt, a grant."""
        self._say(Origin.OPERATOR, plain(text))

    def _say(self, who: Origin, *said: str) -> None:
        self.step += 1
        self._said[who] += said
        counted = [one for each in said for one in quantities(each)]
        self._counted[who] |= {one.number for one in counted if one.amount}
        self._numbers[who] |= {one.number for one in counted}
        self.naming.hear()
        self._known.clear()

    def called(self, tool: str, arguments: Any) -> None:
        """The model asked for a call. What it said itself is no trusted data when a tool repeats it."""
        self.step += 1
        self.naming.called(tool, arguments)
        values = strings(arguments)
        own = strings([*arguments.values()]) if isinstance(arguments, dict) else values  # and no argument's name
        self._given[tool] = [plain(value) for value in own[:_MOST_LOOKED_AT] if len(value) <= LONGEST_VALUE]
        self._sources[tool] = (tool, *self._given[tool])
        self._echoes.add(self.step, own)
        for value in (*values, *map(spelled, large_numbers(arguments))):
            given = plain(value)
            if SHORTEST <= len(given) <= LONGEST_VALUE and self.said(given) is None:
                found = self.field(given)
                if found is None or found.origin == Origin.UNTRUSTED:
                    self._echoes.say(value)

    def given(self, tool: str) -> list[str]:
        """The texts that the last call of a tool had as arguments."""
        return self._given.get(tool, [])

    def effect(self, tool: str, verb: str, steered: str) -> None:
        """A call with an effect was made."""
        self.step += 1
        self.tools.add(tool)
        self.done.append(Done(self.step, tool, verb, steered))

    def result(self, tool: str, result: Any, declaration: Declaration) -> None:
        """A tool answered: text, or anything that JSON can say."""
        self.step += 1
        self.tools.add(tool)
        if isinstance(result, str):
            result = decoded(result)
        trust: Trust = "untrusted" if tool in self.distrusted else declaration.trust
        fields = {} if tool in self.distrusted else declaration.fields
        untrusted, private = False, declaration.privacy == "private"
        self.naming.begin(tool)
        for path, value, record in walk(self.naming.records, result):
            label = label_of(fields, path, trust)
            untrusted = untrusted or (label == "untrusted" and not isinstance(value, bool | int | float))
            self._keep(value, label, tool, record, private, key_of(path))
            if label == "trusted" and isinstance(value, str) and "\n" in value.strip():
                for chunk, line in lines(self.naming.records, value):
                    self._keep(chunk, label, tool, line, private)
        if untrusted and self.taint is None:
            self.taint = Taint(self.step, tool)
        if private and self.private is None:
            self.private = Taint(self.step, tool)

    def distrust(self, tool: str) -> None:
        """What this tool returns from here on was written while others had a say."""
        self.step += 1
        self.distrusted.add(tool)

    def _keep(self, value: Any, label: Trust, tool: str, record: int, private: bool, key: str = "") -> None:
        if isinstance(value, bool):
            return
        given = spelled(str(value)) if isinstance(value, int | float) else plain(str(value))
        folded = given if given.isascii() else fold(str(value))
        if not folded:
            return
        kept_as = given if label == "trusted" else folded
        if len(folded) <= LONGEST_VALUE and self._kept < MOST_VALUES:
            self._kept += 1
            origin = Origin.TRUSTED if label == "trusted" else Origin.UNTRUSTED
            kept = Value(origin, self.step, tool, record, private, key)
            self._values.setdefault(kept_as, []).append(kept)
            for other in {spelled(given), address(kept_as)} - {kept_as} if isinstance(value, str) else ():
                self._values.setdefault(other, []).append(kept)
            self.naming.keep(kept, kept_as, given, is_text=isinstance(value, str) and "\n" not in value.strip())
        source = self._sources.get(tool) or (tool,)
        self._private_pairs.count(folded, source, private=private)
        if isinstance(value, str) and self._room >= len(folded):
            self._room -= len(folded)
            self._texts[label].append(Text(kept_as, self.step, tool, private, self.given(tool)))
            self._heaps[label].add(kept_as)
            if private:
                self._private_pairs.add(folded, source)

    def inherit(self, parent: "SessionState") -> None:
        """A branch or a sub-agent begins with what its parent knows; joined, it keeps the labels of both."""
        offset = self.naming.take(parent.naming)
        for value, several in parent._values.items():
            moved = [Value(v.origin, v.step, v.tool, v.record + offset, v.private, v.key) for v in several]
            self._values.setdefault(value, []).extend(moved)
        for label, texts in parent._texts.items():
            self._texts[label] += texts
            for one in texts:
                self._heaps[label].add(one.text)
        for who, said in parent._said.items():
            self._said[who] += said
            self._counted[who] |= parent._counted[who]
            self._numbers[who] |= parent._numbers[who]
        self.asked = [*parent.asked, *self.asked]
        self.done = [*parent.done, *self.done]
        self.distrusted |= parent.distrusted
        self.tools |= parent.tools
        self._private_pairs.take(parent._private_pairs)
        self._echoes.take(parent._echoes)
        self.taint, self.private = self.taint or parent.taint, self.private or parent.private
        self.step = max(self.step, parent.step)
        self._intent = None
        self._known.clear()

    @property
    def intent(self) -> Intent:
        """What the user asks for."""
        if self._intent is None:
            self._intent = Intent(self.asked)
        return self._intent

    @property
    def told(self) -> Sequence[str]:
        """What the operator says."""
        return self._said[Origin.OPERATOR]

    # -- what is looked up (`origins.Seen`) -----------------------------------------------------------------------

    def said(self, value: str) -> Origin | None:
        if value not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[value] = self._heard(value)
        return self._known[value]

    def _heard(self, value: str) -> Origin | None:
        for who, texts in self._said.items():
            if any(holds(text, value) for text in texts):
                return who
            if len(value) >= _LONG and any(spaced_out(text, value) for text in texts):
                return who
        return None

    def begins(self, value: str) -> bool:
        pattern = re.compile(rf"(?<![\w.@-]){re.escape(value)}(?=/|$|[\s?#,;)\"'])")
        return any(value in text and pattern.search(text) for text in self._said[Origin.USER])

    def counted(self, value: str, *, how: Literal["number", "count", "money"] = "number") -> Origin | None:
        found = number(fold(value))
        if found is None:
            return None
        if how == "number":
            return next((who for who, all_ in self._numbers.items() if found in all_), None)
        if found in (amounts(self.asked) if how == "money" else counts(self.asked)):
            return Origin.USER
        return Origin.OPERATOR if found in self._counted[Origin.OPERATOR] else None

    def field(self, value: str, *, thing: bool = False) -> Found | None:
        """A value that both a trusted and an untrusted result had is trusted, unless the model had said it before the
        trusted one did: then it may be an echo. A `thing` is named, too, if it has most of the user's words."""
        kept = self._values.get(value, ())
        trusted = [one for one in kept if one.origin == Origin.TRUSTED]
        first_at = min((one.step for one in trusted), default=self.step)
        if not self._echoes.has(value) and not self._echoes.repeats(value, first_at):
            looked_at = trusted[:_MOST_LOOKED_AT]
            named = self.naming.outright(value, looked_at, self.asked)
            if thing and (named is None or (named.origin > Origin.LINKED and "/" in value)):
                by_words = self.naming.loosely(value, looked_at, self.asked, self.field, self._is_a_sum)
                named = by_words if by_words and (named is None or by_words.origin < named.origin) else named
            if named:
                return named
            if trusted:
                first = trusted[0]
                return Found(Origin.TRUSTED, first.step, first.tool, private=first.private, key=first.key)
            found = self._within("trusted", value)
            if found is not None:
                return Found(Origin.TRUSTED, found.step, found.tool, private=found.private)
        untrusted = next((one for one in kept if one.origin == Origin.UNTRUSTED), None)
        if untrusted is not None:
            return Found(Origin.UNTRUSTED, untrusted.step, untrusted.tool)
        found = self._within("untrusted", value)
        return None if found is None else Found(Origin.UNTRUSTED, found.step, found.tool)

    def reckoned(self, value: str, argument: str) -> Found | None:
        """The sum has to be of a record that the user named, in a field that is called like the argument, or that the
        user said: who wants the price raised wants no share of what is in stock."""
        sum_ = number(fold(value))
        if sum_ is None:
            return None
        wanted = [(one.text, factor) for one in self.intent.clauses for factor in shares(one.text)]
        for text, factor in wanted:
            for before in before_share(sum_, factor):
                found = self.field(spelled(str(before)))
                if found is not None and found.origin == Origin.LINKED and holds(text, found.by):
                    names = words_of(found.key)
                    if not set(names).isdisjoint(words_of(argument)) or not self.intent.words.isdisjoint(names):
                        return found
        return None

    def _is_a_sum(self, value: str) -> bool:
        return self.counted(value, how="money") == Origin.USER

    def in_other_words(self, value: str, argument: str) -> bool:
        found, unit = number(fold(value)), words_of(argument)[-1:]
        if found is None:
            return False
        if found < 0:
            return any(-found in less(text) for text in self.asked)
        one = 60 if unit in (["hours"], ["hrs"]) else 1 if unit in (["minutes"], ["mins"], ["duration"]) else 0
        return bool(one) and any(found * one in durations(text) for text in self.asked)

    def _within(self, label: Trust, value: str) -> Text | None:
        if not self._heaps[label].may_hold(value):
            return None
        return next((one for one in self._texts[label] if value in one.text and holds(one.text, value)), None)

    def names_of(self, value: str, *, trusted: bool) -> set[str]:
        """All words of the user's that name a record which has this value."""
        kept = [one for one in self._values.get(value, ()) if one.origin == Origin.TRUSTED][:_MOST_LOOKED_AT]
        return self.naming.names_of(value, kept, self.asked, trusted=trusted)

    def all_texts(self) -> list[str]:
        """Folded texts of everybody: what was said, and what results had."""
        said = [text for texts in self._said.values() for text in texts]
        return said + [one.text for texts in self._texts.values() for one in texts]

    def others_wrote(self, words: str) -> bool:
        """Whether a text that others wrote has these words in a row, whatever stands between them but letters."""
        texts = self._texts["untrusted"]
        for one in texts[self._worded :]:
            self._wording.add(one.text)
        self._worded = len(texts)
        return self._wording.has(words)

    def confided(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        """Pairs of words that private results have, of which the user and the operator said neither."""
        return self._private_pairs.unsaid(texts, [text for said in self._said.values() for text in said])

    def confided_numbers(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """The sources of large numbers that private results alone have, and nobody said, spoke of, or named the record
        of."""
        return [
            source
            for one, sources in self._private_pairs.numbers(texts, self.asked).items()
            if self.counted(str(one)) is None
            if (found := self.field(spelled(str(one)))) is None or found.origin > Origin.DESCRIBED
            for source in sources
        ]

    def sources_of(self, pair: tuple[str, str]) -> list[tuple[str, ...]]:
        """The tools that returned such a pair, each with what it was called with."""
        return self._private_pairs.sources(pair)

    def private_sources(self, word: str) -> list[tuple[str, ...]]:
        """What returned a word that private data alone have: the tool, and what it was called with; none otherwise."""
        heaps = [label for label in self._texts if self._heaps[label].may_hold(word)]
        having = [one for label in heaps for one in self._texts[label] if word in one.text and holds(one.text, word)]
        return [(one.tool, *one.given) for one in having] if all(one.private for one in having) else []

    def named_words(self) -> frozenset[str]:
        """The words of trusted fields in records that the user named."""
        return self.naming.words_of_named(self.asked)

    def read_from(self, paths: Sequence[str]) -> list[str]:
        """What results have that were asked for by one of these paths."""
        return [one.text for texts in self._texts.values() for one in texts if not set(paths).isdisjoint(one.given)]

    def beside(self, values: Sequence[str]) -> tuple[set[str], set[str]]:
        """The words of the records that have one of these values, and those that only say how they stand."""
        found: set[int] = set()
        for value in values:
            found.update(one.record for one in self._values.get(plain(value), ())[:_MOST_LOOKED_AT])
        return self.naming.records.words_in(found)

    def is_whom(self, value: str, by: str) -> bool:
        """Whether the user named a value's record by what somebody is called (`naming.Naming.is_whom`)."""
        kept = [one for one in self._values.get(value, ())[:_MOST_LOOKED_AT] if one.origin == Origin.TRUSTED]
        return self.naming.is_whom(kept, by, self.asked, self.intent)

    def untrusted_texts(self) -> list[str]:
        """Folded texts that others wrote, in order."""
        return [one.text for one in self._texts["untrusted"]]
