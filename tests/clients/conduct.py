"""What the providers answer, the same in every language: the scene that the user names decides."""

import msgspec

from outrider.testing.conformance.scenes import SPEAKERS, sealed
from outrider.testing.speaking import Ask, Failure, Reply, Script
from outrider.testing.speaking.words import Call, Counts, Result, Text, Thought, dumps, text_of

GREETING = "Grüße aus 東京 – this is an answer."
TRIP = {"city": "Rome", "days": 3}
CALLED = [["look", {"q": "rome"}], ["look", {"q": "oslo"}]]
THOUGHT = "Both cities,\nI think."
TOLD = "The tool said 42 and 42."
COUNTS = Counts(12, 7)

HELLO, LOOK_UP, THINK, PLAN, LIMIT = (f"scene:{name} Go." for name in ("hello", "look", "think", "plan", "limit"))
FAILURES = {"refused": 400, "limited": 429, "broken": 502}
"""What a provider may say instead, as the scene of that name, and the status in which callers get it."""
HOLD = "scripted:chunks=3000,gap=0.01"


def scenes() -> dict[str, Script]:
    """New ones: what is told once is told once again."""
    failing = {kind: _fail(kind) for kind in FAILURES}
    return {"hello": _hello, "look": _look, "think": _think, "plan": _plan, "limit": _limit_once(), **failing}


def _hello(language: str, ask: Ask) -> Reply:
    return Reply((Text(GREETING),), counts=COUNTS)


def _look(language: str, ask: Ask) -> Reply:
    """Two calls at once; when their results are there, what they said."""
    told = [text_of(tuple(p for p in part.parts if isinstance(p, Text))) for part in _results(ask)]
    if told:
        good = len(told) == len(CALLED) and all("42" in one for one in told)
        return Reply((Text(TOLD if good else f"The tool said {told}."),), counts=COUNTS)
    calls = [Call(f"call_{number}", str(name), dict(given)) for number, (name, given) in enumerate(CALLED)]
    return Reply(tuple(calls), finish="tool_calls", counts=COUNTS)


def _think(language: str, ask: Ask) -> Reply:
    """The same after a thought, which the provider has signed and will see again."""
    reply = _look(language, ask)
    if _results(ask):
        return reply
    return sealed(msgspec.structs.replace(reply, parts=(Thought(THOUGHT), *reply.parts)), SPEAKERS[language])


def _results(ask: Ask) -> list[Result]:
    return [part for turn in ask.turns for part in turn.parts if isinstance(part, Result)]


def _plan(language: str, ask: Ask) -> Reply:
    """By a call if one is demanded; else as text."""
    named = ask.choice[1:] if ask.choice.startswith("=") else ask.tools[0].name if ask.choice == "required" else ""
    if named:
        return Reply((Call("call_0", named, TRIP),), finish="tool_calls", counts=COUNTS)
    return Reply((Text(dumps(TRIP)),), counts=COUNTS)


def _fail(kind: str) -> Script:
    return lambda language, ask: Failure(kind, f"The provider's words: {kind}.")


def _limit_once() -> Script:
    times = iter([Failure("limited", "Too many.", retry_after=0)])
    return lambda language, ask: next(times, None) or _hello(language, ask)
