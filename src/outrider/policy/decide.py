"""A proposed call, judged: labels, origins and intent become a context, and the rules decide.

Pure: who reads `state` here has it up to date. What this costs grows with the number of arguments and, for those whose
origin is not found among values, with the length of what was read.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.policy.aims import (
    GRAVE,
    READS_ONLY,
    WIDENS,
    by_name,
    going_out,
    is_aim,
    outright,
    steering,
    twice,
    unbounded,
)
from outrider.policy.asking import buys, either, wants
from outrider.policy.carried import confided, links_of, passed_on, reworded, share_said
from outrider.policy.choices import says_how_it_is
from outrider.policy.declarations import UNDECLARED, Declaration, Steer, words_of
from outrider.policy.disguise import is_disguised
from outrider.policy.grants import Grant
from outrider.policy.kinds import is_all_of, other_kind, other_right
from outrider.policy.normal import address, number, plain, strings
from outrider.policy.objects import about, stands_beside
from outrider.policy.origins import Origin, Traced, canonical, counts_things, spelled, trace, worst
from outrider.policy.picks import held
from outrider.policy.reading import stands
from outrider.policy.rules import Rule, Rules, Ruling, Verdict
from outrider.policy.state import Done, SessionState
from outrider.policy.tool_verbs import class_of, looks_up, only_reads, verb_in, verb_of
from outrider.policy.ways import goes_so
from outrider.policy.words import CONTENT, NOUNS, VERBS, word_set

_NAMED: frozenset[Steer] = frozenset(("recipient", "url", "path", "id"))
"""Kinds that the user has to have named for this effect."""
_MEANT: frozenset[Steer] = _NAMED | {"command"}
_ON_THINGS = frozenset(("create", "update", "delete", "run", "book", "share", "send", "post"))
_OF_ITS_OWN = frozenset(("update", "delete", "run"))
_MOSTLY, _NEARLY = 0.5, 0.7
_CODE = re.compile(r"\d{3}[\s-]?\d|\d{3}(?![\d.,]|\s?(?:€|euros?|%))")
_WORD = re.compile(r"[^\W_]+")
_SHORT = 2
"""Words of one or two letters that may stand in what a user dictates for many: more could spell a secret."""
_LONGEST_AIM = 120
_LONGEST_NAME = 40
_NAME = re.compile(r"[~./]*[^\W_][\w.:/#-]*")
_AIMED = re.compile(r"^[~./\\]|\w[/\\]\w|[@#$|;&<>`]|\w:\S")
_RANKS = word_set("role roles right rights level permission permissions access scope grade tier rank plan")
"""Choices that have a word for each rank: `true` is none of them."""


class Call(msgspec.Struct, frozen=True):
    """A call that an agent wants to make. `description` is the tool's."""

    tool: str
    arguments: Mapping[str, Any]
    declaration: Declaration = Declaration()
    description: str = ""
    agent: str = ""
    user_may: bool = True
    agent_may: bool = True


class Decision(msgspec.Struct, frozen=True):
    """What becomes of a call, and why. `traced` are its steering values with their origins, `links` what it carries,
    `steered` the values in one line, by which a repetition is known."""

    verdict: Verdict
    because: tuple[Rule, ...]
    context: dict[str, Any]
    traced: tuple[Traced, ...] = ()
    links: tuple[Traced, ...] = ()
    steered: str = ""
    verb: str = ""
    shadow: str = ""
    grant: int = -1


def decide(
    call: Call, state: SessionState, rules: Rules, grants: Sequence[tuple[Grant, int]] = (), now: int | None = None
) -> Decision:
    """Judge a call. `grants` are those of the session's task with how often each was used."""
    declaration = _effective(call)
    effect = declaration.does
    traced, carried = _arguments(call, declaration, state)
    traced += unbounded(traced, declaration)
    traced = outright(traced, effect) if effect in GRAVE else by_name(traced)
    moment = clock.now_ns() if now is None else now
    intent = state.intent
    verb = _verb(call, declaration, state)
    traced = held(traced, verb, state, moment, acts=effect != "none" and state.taint is not None)
    aims = [one for one in (going_out(one, declaration) for one in traced) if is_aim(one, declaration, state)]
    links = tuple(links_of(carried, state, verb))
    told_apart = aims or [one for one in traced if one.kind == "choice"]  # a post goes to one account, then to another
    steered = "\n".join(sorted({canonical(one) for one in told_apart if one.value}))
    covering = [n for n, (one, used) in enumerate(grants) if one.covers(call.tool, traced, used, moment)]
    grant = next((n for n in covering if not grants[n][0].read), -1)
    asked = wants(call.tool, call.arguments, declaration, verb, traced, carried, state)
    fits = (asked or len(covering) > 0) and _fits(call, verb, traced, carried, state)
    read = next((n for n in covering if stands(grants[n][0], state, verb, traced, asked=asked, does=effect)), -1)
    read = read if fits else -1
    context = {
        "effect": effect,
        "leaves": declaration.leaves,
        "tainted": state.taint is not None,
        "private": state.private is not None,
        "asked": read >= 0
        or (
            asked
            and not buys(call.tool, verb, state)
            and fits
            and not intent.delegated
            and _object_said(call, declaration, traced, carried, state)
        ),
        "delegated": intent.delegated,
        "granted": grant >= 0,
        "steering": steering(
            aims,
            effect,
            verb,
            dictated=_dictated(verb, carried, links, state),
            said=effect == "external" and verb in ("send", "post") and _answers(carried, state),
        ).name.lower(),
        "address": worst(one for one in aims if one.kind == "url").name.lower(),
        "disguised": any(
            one.kind == "url" and one.origin >= Origin.MADE_UP and is_disguised(one.value) for one in aims
        ),
        "links": worst(links) >= (Origin.TRUSTED if state.taint is not None else Origin.MADE_UP),
        "relayed": effect != "none" and passed_on(carried, state, verb),
        "confided": effect != "none" and state.taint is not None and confided(carried, state, verb),
        "reworded": effect != "none" and reworded(carried, state, verb),
        "misplaced": effect != "none" and read < 0 and _misplaced(verb, aims, effect, state, either(call.tool, verb)),
        "hanging": effect in GRAVE and state.taint is not None and intent.hangs(verb),
        "repeated": any(_same(one, call.tool, verb, steered) for one in state.done) or twice(traced, effect),
        "user_may": call.user_may,
        "agent_may": call.agent_may,
        "verb": verb,
        "turns": len(state.asked),
    }
    ruling: Ruling = rules.decide(call.agent or "agent", call.tool, context)
    used = grant if grant >= 0 else read
    return Decision(ruling.verdict, ruling.because, context, tuple(traced), links, steered, verb, ruling.shadow, used)


def _answers(carried: Sequence[str], state: SessionState) -> bool:
    """Whether a text is the user's for the most part, has no number that could be a code, and is the first one sent:
    what was told by mail is not told once more in a reply."""
    told = any(one.verb in ("send", "post") for one in state.done)
    if told or not any(carried) or any(map(_CODE.search, carried)):
        return False
    return share_said(carried, state, gist=True) >= _NEARLY


def _verb(call: Call, declaration: Declaration, state: SessionState) -> str:
    """The class of a call's effect: as it is labelled, by the tool's name, by what an argument says is to be done, by
    the tool's description, or by the user's own word."""
    given = {name: call.arguments[name] for name in declaration.steers or () if name in call.arguments}
    declared = class_of(declaration.verb)
    return (
        (declared if declared in VERBS else declared and state.intent.adopt_word(declared))
        or verb_of(call.tool, "", state.intent.verbs)
        or verb_in(given)
        or verb_of(call.tool, call.description, state.intent.verbs)
        or state.intent.adopt(call.tool)
    )


def _effective(call: Call) -> Declaration:
    """The labels by which a call is judged. Of a tool that nobody declared, and that by its name and description
    reads and does nothing else, the arguments are taken to leave the house; the user need not have asked for it."""
    declaration = call.declaration
    if declaration == UNDECLARED and (
        only_reads(call.tool, call.arguments) or looks_up(call.tool, call.description, call.arguments)
    ):
        return READS_ONLY
    return declaration


def _dictated(verb: str, carried: Sequence[str], links: Sequence[Traced], state: SessionState) -> bool:
    """Whether a message for each of several says nothing but what the user did, bar words as short as a number."""
    if verb not in ("send", "post") or not any(carried) or not state.intent.reaches_all(verb):
        return False
    if worst(links) > Origin.OPERATOR or share_said(carried, state) < 1:
        return False
    said = {word for text in state.asked for word in _WORD.findall(text)}
    return sum(word not in said for text in carried for word in _WORD.findall(plain(text)) if len(word) < 3) <= _SHORT


def _same(done: Done, tool: str, verb: str, steered: str) -> bool:
    """Whether an effect took place before: by the same tool, or by another one that does the like to the same."""
    if done.steered == steered:
        return done.tool == tool or bool(steered and done.verb == verb)
    return bool(steered and verb and done.verb == verb and set(steered.split("\n")) <= set(done.steered.split("\n")))


def _object_said(
    call: Call, declaration: Declaration, traced: Sequence[Traced], carried: Sequence[str], state: SessionState
) -> bool:
    """Whether the user said what the effect is about, not only its kind: some of its values, the tool's own noun
    (`close_account`: the account), or, where it is nothing grave, most of the words that it carries."""
    if any(Origin.NEUTRAL < one.origin <= Origin.DESCRIBED and (one.by or one.kind != "date") for one in traced):
        return True
    if any(one.kind in _NAMED and one.origin != Origin.NEUTRAL for one in traced):
        return True  # it has an aim: where that came from is for the other rules
    said = state.intent.words
    own = [word for word in words_of(call.tool) if len(word) > 2]
    verbs = [word for word in own if verb_of(word)]
    nouns = [word for word in own if word not in verbs or (word in NOUNS and word != verbs[0])]  # `add_note`: the note
    if any(word in said or f"{word}s" in said or word.removesuffix("s") in said for word in nouns):
        return True
    words = any(len(word) > 2 for text in carried for word in _WORD.findall(plain(text)))
    return declaration.does not in GRAVE and words and share_said(carried, state) >= _MOSTLY


def _misplaced(verb: str, aims: Sequence[Traced], effect: str, state: SessionState, verbs: Sequence[str]) -> bool:
    """Whether something that the user named is the aim here, but was not named for this: `read Eve's mail and write to
    Bob` names Eve, and not to write to. Amounts belong to those who are named with them."""
    intent = state.intent
    said = [one for one in aims if one.origin in (Origin.USER, Origin.LINKED, Origin.DESCRIBED) and one.by]
    named = [one.by for one in said if one.kind in _NAMED]
    if any(not any(_is_meant(each, one, state) for each in verbs) for one in said if one.kind in _MEANT):
        return True
    taken = [plain(one.value) for one in aims]
    if any(
        one.kind == "id" and one.origin != Origin.USER and intent.names_another(plain(one.value), taken) for one in said
    ):
        return True
    written = [one.by for one in said if one.kind == "path"]
    if verb == "create" and len(written) == 1 and intent.only_read(verb, written[0]):
        return True
    sums = [number(plain(one.value)) for one in said if one.kind == "amount"]
    if any(not intent.paired(named, one) for one in sums if one is not None):
        return True
    money = [number(plain(one.value)) for one in said if one.kind == "amount" and not counts_things(one.path)]
    return any(intent.says_another(verb, one) for one in money if one is not None)


def _is_meant(verb: str, one: Traced, state: SessionState) -> bool:
    """Whether the user named a value for this effect, by any of the words that name its record."""
    intent = state.intent
    if intent.meant(verb, one.kind, one.by) or intent.calls_it(verb, one.by, words_of(one.path)[-1:]):
        return True
    if one.origin == Origin.USER:
        return False
    value = address(one.value) if one.kind == "recipient" else spelled(one.value)
    others = state.names_of(value, trusted=one.origin == Origin.LINKED) - {one.by}
    told = (other for other in others if one.kind != "recipient" or state.is_whom(value, other))
    return any(state.intent.meant(verb, one.kind, other) for other in told)


def _fits(call: Call, verb: str, traced: Sequence[Traced], carried: Sequence[str], state: SessionState) -> bool:
    """Whether a tool has the way that the user named; and the kind of record, unless the call has a value of theirs."""
    if not goes_so(verb, call.tool, call.description, state.intent.clauses):
        return False
    asking = state.intent.clauses
    given = [name for name, value in call.arguments.items() if value not in (None, "", [], {})]
    if is_all_of(verb, call.tool, given, asking):
        return False
    if call.declaration.does == "credentials" and other_right(verb, call.tool, asking):
        return False
    said = [one for one in traced if one.origin == Origin.USER and one.kind not in ("date", "choice")]
    said = [one for one in said if one.kind in _NAMED] or said
    if any(
        verb not in _OF_ITS_OWN or one.kind not in _NAMED or not stands_beside(one.by or plain(one.value), verb, asking)
        for one in said
    ):
        return True
    if state.taint is not None and verb in _ON_THINGS:
        known = {word for one in traced for word in _WORD.findall(f"{plain(one.value)} {one.by}")}
        words, standing = state.beside([one.value for one in traced if one.kind in _NAMED])
        known = (known - standing) | words
        known |= {word for text in carried for word in _WORD.findall(plain(text))}
        if not about(verb, call.tool, call.description, given, known, state.intent.clauses):
            return False
    states = [plain(one.value) for one in traced if one.kind == "choice" and one.origin == Origin.USER]
    return not other_kind(verb, call.tool, given, state.intent.clauses, state.tools, states)


def _arguments(call: Call, declaration: Declaration, state: SessionState) -> tuple[list[Traced], list[str]]:
    """The steering values with their origins, and the texts that the call carries."""
    traced: list[Traced] = []
    carried: list[str] = []
    effect = declaration.does != "none" and state.taint is not None
    for name, value in call.arguments.items():
        kind = declaration.kind(name)
        if kind in ("other", "recipient") and declaration.steers is None and _is_content(name):
            kind = None
        if kind == "other" and effect and declaration.steers is None and _is_a_name(value):
            kind = "id"
        if isinstance(value, bool) and value:
            if not WIDENS.isdisjoint(words_of(name)):
                traced.append(Traced(name, "true", "choice", Origin.MADE_UP))
            elif kind == "choice" and not _RANKS.isdisjoint(words_of(name)):
                traced.append(Traced(name, "true", "id", Origin.MADE_UP))
            elif effect and says_how_it_is(name):
                traced.append(Traced(name, "true", "choice", Origin.MADE_UP))
            continue
        if kind is not None:
            traced += trace(state, name, value, kind)
        elif effect and _is_stray(name, declaration):
            traced += _strays(name, value, declaration, state)
        if kind is None or kind in ("other", "query", "choice"):
            carried += strings(value)
    return traced, carried


def _is_a_name(value: Any) -> bool:
    """Whether an argument that nobody declared may say which record an effect is about."""
    return isinstance(value, str) and len(value) <= _LONGEST_NAME and _NAME.fullmatch(value.strip()) is not None


def _is_stray(name: str, declaration: Declaration) -> bool:
    """Whether the labels of an effect leave an argument out, whose name does not say that it is content."""
    return declaration.steers is not None and name not in declaration.carries and not _is_content(name)


def _strays(name: str, value: Any, declaration: Declaration, state: SessionState) -> list[Traced]:
    """What of an argument that labels leave out may decide where an effect goes, or make more of it: `every month`,
    or, where it is money, a number that nobody said (`times=12`)."""
    found = [one for one in trace(state, name, value, "id") if _leads(one)]
    if isinstance(value, str) and len(value) < _LONGEST_NAME and not WIDENS.isdisjoint(words_of(value)):
        found.append(Traced(name, value, "choice", Origin.MADE_UP))
    if declaration.does == "money" and isinstance(value, int | float) and not isinstance(value, bool) and value != 1:
        found += trace(state, name, value, "amount")
    return found


def _leads(one: Traced) -> bool:
    """Whether the value of such an argument may decide where an effect goes, whatever it is called: others wrote it,
    or the model made up what looks like a path, an address or a command."""
    if len(one.value) > _LONGEST_AIM:
        return False
    return one.origin == Origin.UNTRUSTED or (one.origin == Origin.MADE_UP and _AIMED.search(one.value) is not None)


def _is_content(name: str) -> bool:
    words = words_of(name)
    return bool(words) and words[-1] in CONTENT
