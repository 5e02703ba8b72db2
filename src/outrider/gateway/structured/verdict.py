"""Whether an answer has the form that was asked for, and what to do if not. Pure decisions; nothing is sent here."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from outrider.base.errors import UpstreamError
from outrider.base.ports import Answer
from outrider.gateway.structured import repair
from outrider.gateway.structured.schema import Flaw, parse
from outrider.gateway.structured.wanted import Wanted, instruction
from outrider.gateway.surface import body as json_body

Result = Literal["valid", "repaired", "re-asked", "failed", "skipped"]
CUT = ("length", "content_filter")
"""Reasons to end at which an answer is not whole: it is passed on as it is, and its caller is told so by the reason."""
LONGEST_SHOWN = 20_000
"""Characters of a misfit that its model is shown again; half a JSON would only mislead it."""

NO_JSON = Flaw("", "syntax", "is not JSON")
SEVERAL = Flaw("", "syntax", "holds several JSON values, where one was asked for")
_AGAIN = (
    "Your answer does not have the form that was asked for:\n{flaws}\nAnswer again, in full and from its beginning.\n"
)


class Verdict(msgspec.Struct, frozen=True):
    """What became of an answer.

    `answer` is what the caller gets (`valid`, `repaired`, `skipped`), `again` the body of the request to send next
    (`re-asked`), `flaws` what is wrong with it (`re-asked`, `failed`). `attrs` are for the step.
    """

    result: Result
    answer: Answer | None = None
    again: bytes | None = None
    flaws: Sequence[Flaw] = ()
    attrs: dict[str, Any] = {}


class Text(msgspec.Struct, frozen=True):
    """One text judged: what it should be instead (`mended`, None: as it is), or why it is wrong."""

    mended: str | None = None
    flaws: Sequence[Flaw] = ()


class _Message(msgspec.Struct):
    content: Any = None
    refusal: Any = None
    tool_calls: Any = None
    function_call: Any = None


class _Choice(msgspec.Struct):
    finish_reason: str | None = None
    message: _Message | None = None


class _Body(msgspec.Struct):
    choices: list[_Choice] = []


_body = msgspec.json.Decoder(_Body)
_raws = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list = msgspec.json.Decoder(list[msgspec.Raw])


def check(want: Wanted, answer: Answer, request: bytes, *, left: int) -> Verdict:
    """The verdict on a complete answer to `request`. `left`: how often the model may still be asked again."""
    mended: dict[int, str] = {}
    skipped = 0
    choices = _body.decode(answer.body).choices
    for index, choice in enumerate(choices):
        message = choice.message or _Message()
        if exempt(choice.finish_reason, message):
            skipped += 1
            continue
        text = text_of(message.content)
        judged = judge(want, text)
        if judged.flaws:
            return misfit(want, request, text, judged.flaws, left)
        if judged.mended is not None:
            mended[index] = judged.mended
    if mended:
        body = _with_contents(answer.body, mended)
        answer = Answer(body, answer.usage, answer.finish, mended.get(0, answer.text))
        return Verdict("repaired", answer, attrs={"result": "repaired"})
    result: Result = "skipped" if skipped == len(choices) else "valid"
    return Verdict(result, answer, attrs={"result": result})


def exempt(finish: str | None, message: Any) -> bool:
    """Whether a choice is not meant to be the JSON: a refusal, a call of tools, or text that was cut off."""
    return bool(finish in CUT or message.refusal or message.tool_calls or message.function_call)


def text_of(content: Any) -> str:
    """The text of a message; of several parts those that are text (others are a model's thoughts)."""
    if isinstance(content, list):
        return "".join(p.get("text") or "" for p in content if isinstance(p, dict) and p.get("type") == "text")
    return content if isinstance(content, str) else ""


def judge(want: Wanted, text: str) -> Text:
    """Whether `text` is JSON that fits, or what it should be, or why it is not."""
    try:
        value = parse(text)
    except ValueError:
        return _mended(want, text)
    return Text() if want.schema.fits(value, text) else Text(flaws=want.schema.flaws(value) or (NO_JSON,))


def _mended(want: Wanted, text: str) -> Text:
    """The one JSON value that the text may mean. Several that fit are as bad as none."""
    flaws: Sequence[Flaw] = (NO_JSON,)
    fitting = []
    for candidate in repair.candidates(text) if want.rules.repair else ():
        try:
            value = parse(candidate)
        except ValueError:
            continue
        if want.schema.fits(value, candidate):
            fitting.append(candidate)
        else:
            flaws = want.schema.flaws(value)
    if len(fitting) == 1:
        return Text(fitting[0])
    return Text(flaws=(SEVERAL,) if fitting else flaws)


def misfit(want: Wanted, request: bytes, text: str, flaws: Sequence[Flaw], left: int) -> Verdict:
    """Asked again while that is allowed, else an error (`failure` makes it)."""
    attrs = {"errors": places(flaws)}
    if left > 0:
        return Verdict(
            "re-asked", again=again(want, request, text, flaws), flaws=flaws, attrs={"result": "re-asked", **attrs}
        )
    return Verdict("failed", flaws=flaws, attrs={"result": "failed", **attrs})


def again(want: Wanted, request: bytes, text: str, flaws: Sequence[Flaw]) -> bytes:
    """The request with the misfit and what is wrong with it as further messages."""
    messages = msgspec.json.decode(json_body.fields(request)["messages"])
    if text and len(text) <= LONGEST_SHOWN:
        messages.append({"role": "assistant", "content": text})
    listed = "\n".join(f"- {flaw.path or 'the answer'}: {flaw.message}" for flaw in flaws)
    messages.append({"role": "user", "content": _AGAIN.format(flaws=listed) + instruction(want)})
    return json_body.with_fields(request, messages=messages)


def places(flaws: Sequence[Flaw]) -> list[str]:
    """The flaws as the record has them: where, and the keyword that is broken; never what the model said."""
    return [str(flaw) for flaw in flaws]


def failure(flaws: Sequence[Flaw]) -> UpstreamError:
    """What the caller is told: where the answer is wrong, not what it said."""
    where = ", ".join(places(flaws))
    return UpstreamError(
        f"the model's answer does not have the form that `response_format` asks for, wrong at: {where}; "
        "simplify the schema, raise `structured.retries` of the route, or take a model that keeps to schemas",
        code="invalid_structured_output",
        retryable=False,
    )


def _with_contents(body: bytes, contents: dict[int, str]) -> bytes:
    """The answer with the text of some choices replaced. Everything else is as it was, also what we do not know."""
    fields: dict[str, Any] = dict(_raws.decode(body))
    choices: list[Any] = list(_list.decode(fields["choices"]))
    for index, text in contents.items():
        choice: dict[str, Any] = dict(_raws.decode(choices[index]))
        choice["message"] = {**_raws.decode(choice["message"]), "content": text}
        choices[index] = choice
    return msgspec.json.encode({**fields, "choices": choices})
