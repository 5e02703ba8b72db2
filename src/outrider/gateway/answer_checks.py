"""Is a cheap model's answer good enough? Checks of a cascade: what speaks against an answer sends the call on.

Pure and quick: no model is asked. Whether a value fits a schema is `gateway.structured`'s concern and comes in as a
function.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, get_args

import msgspec

from outrider.base.ports import Answer
from outrider.base.sse import SSESplitter, payload
from outrider.gateway.surface.chat import ChatRequest

Ground = Literal["invalid_schema", "refusal", "empty", "length", "low_agreement", "guardrail"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)

SEARCHED = 20_000
"""Characters of an answer in which a configured pattern is looked for."""
LONGEST_REFUSAL = 600
"""Characters: longer answers that begin with an apology usually go on to help."""

_NO = r"(?:can['’]?t|cannot|can not|won['’]?t|will not|am unable to|['’]m unable to|am not able to|['’]m not able to"
_NO += r"|must decline|have to decline|need to decline|must refuse|am not comfortable|['’]m not comfortable)"
_SORRY = r"(?:i['’]m (?:very |really |so )?sorry|i am (?:very |really |so )?sorry|sorry|i apologi[sz]e|my apologies)"
_DO = (
    r"(?:to )?(?:assist|help|provide|comply|fulfil|support|engage|generate|create|write|produce|answer|continue|discuss"
    r"|share|give|participate|do (?:that|this)|offer|respond|facilitate|promote|encourage|proceed|complete)"
)
_REFUSAL = re.compile(
    rf"\s*(?:{_SORRY}[,.!;:]*\s*(?:but|however)?,?\s*(?:(?:as an ai[^,.]*,\s*)?i ?{_NO}|that['’]s not something i)"
    rf"|(?:unfortunately,? )?i ?{_NO} {_DO}"
    r"|i(?: am|['’]m) not comfortable (?:with|writing|doing|helping|creating|discussing|providing|answering)"
    rf"|as an ai[^,.]*, i ?(?:{_NO}|do not|don['’]t)"
    rf"|(?:this|that|your) request (?:violates|goes against|is not something)"
    rf"|{_SORRY}[,.!;:]*\s*(?:but )?this (?:request|content) (?:violates|goes against|may violate))",
    re.IGNORECASE,
)


class CascadeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an answer is not good enough. `escalate_on` names grounds (`guardrail`: one flagged or refused the answer),
    `pattern` is a regular expression that a bad answer contains ("": none), `min_length` the characters that a good one
    has at least. With `samples` above 1 so many answers are asked for at once, and have to agree by `agreement` (0 to
    1, see `gateway.agreement`).
    """

    escalate_on: tuple[Ground, ...] = GROUNDS
    pattern: str = ""
    min_length: int = 0
    samples: int = 1
    agreement: float = 0.5

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"`pattern` is not a regular expression: {error}") from None


class _Message(msgspec.Struct):
    content: Any = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None
    function_call: Any = None
    audio: Any = None


class _Choice(msgspec.Struct):
    message: _Message | None = None
    delta: _Message | None = None


class _Choices(msgspec.Struct):
    choices: list[_Choice] = []


_decoder = msgspec.json.Decoder(_Choices)


def check(
    answer: Answer,
    request: ChatRequest,
    rule: CascadeRule,
    *,
    misfit: Callable[[str], str | None] | None = None,
    blocks: Sequence[bytes] = (),
) -> str | None:
    """Why the call should go on to the next deployment, in words; None: the answer is good enough.

    `misfit` says why a text does not fit the schema that was asked for, None if it does; without it JSON that was
    asked for must only be JSON. `blocks` are the events of an answer that was streamed.
    """
    said = _whole(answer, blocks)
    on = rule.escalate_on
    if "refusal" in on and (answer.finish == "content_filter" or any(m.refusal for m in said) or refuses(answer.text)):
        return "the model refused"
    if "length" in on and answer.finish in ("length", "max_tokens"):
        return "the answer was cut off by its token limit"
    if any(m.tool_calls or m.function_call or m.audio for m in said):
        return None  # what follows looks at text
    if "empty" in on and not answer.text.strip():
        return "the answer is empty"
    if "invalid_schema" in on and (flaw := _flaw(answer.text, request, misfit)):
        return flaw
    if len(answer.text) < rule.min_length:
        return f"the answer has {len(answer.text)} characters, fewer than {rule.min_length}"
    if rule.pattern and _pattern(rule.pattern).search(answer.text[:SEARCHED]):
        return f"the answer matches {rule.pattern!r}"
    return None


def refuses(text: str) -> bool:
    """Whether a short answer begins as refusals do."""
    return len(text) <= LONGEST_REFUSAL and _REFUSAL.match(text) is not None


def _flaw(text: str, request: ChatRequest, misfit: Callable[[str], str | None] | None) -> str | None:
    form = request.response_format
    if form is None or form.type not in ("json_object", "json_schema"):
        return None
    if misfit is not None:
        why = misfit(text)
        return None if why is None else f"the answer does not fit its schema: {why}"
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return "the answer is not JSON"
    return None


def _whole(answer: Answer, blocks: Sequence[bytes]) -> list[_Message]:
    """What the answer says beside its text: one message, or the deltas of a stream."""
    if blocks:
        splitter = SSESplitter()
        events = [payload(event) for event in [*splitter.feed(b"".join(blocks)), splitter.rest()]]
    else:
        events = [answer.body]
    found = []
    for event in events:
        if event and event != b"[DONE]":
            for choice in _decoder.decode(event).choices:
                found += [m for m in (choice.message, choice.delta) if m is not None]
    return found


@lru_cache(100)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
