"""A route of an Outrider, asked over HTTP as any caller asks it: so what it does is a run, priced and recorded.

Streams are not asked for unless the variant says so: what a case costs is the call, and little beside it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import money
from outrider.base.errors import OutriderError, UpstreamError
from outrider.base.ports import WireRequest
from outrider.evals.records import Call, Case, Outcome, Variant
from outrider.gateway.upstream import HttpPool, Origin

LARGEST_ANSWER = 64 << 20
PATIENCE = 600.0
TRIES = 4
"""How often a call is made that met a full house (429, 503) or no house at all."""
LONGEST_PAUSE = 30.0
_json = msgspec.json.Encoder()


class _Function(msgspec.Struct, frozen=True):
    name: str = ""
    arguments: str | None = None


class _ToolCall(msgspec.Struct):
    function: _Function = _Function()


class _Message(msgspec.Struct):
    content: Any = None
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Counts(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Counts | None = None
    outrider: dict[str, Any] | None = None


class _Fault(msgspec.Struct):
    message: str = ""
    code: Any = None


class _Failed(msgspec.Struct):
    error: _Fault


_completion = msgspec.json.Decoder(_Completion)
_failed = msgspec.json.Decoder(_Failed)


class RouteSubject:
    """Asks the server at `url`. `headers` says who asks, `tags` what for."""

    def __init__(self, url: str, headers: Callable[[], Mapping[str, str]], tags: Sequence[str] = ()) -> None:
        self._origin = Origin(url)
        self._headers, self._tags = headers, ",".join(tags)
        self._pool: HttpPool | None = None

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        try:
            body = _json.encode(request(case, variant))
        except (KeyError, IndexError, ValueError) as error:
            return Outcome("error", error=f"the variant's prompt names a field that the case lacks: {error}")
        pause = 0.5
        for turn in range(TRIES):
            status, headers, said, seconds = await self._send(body, again)
            if status not in (0, 429, 503) or turn == TRIES - 1 or (status == 429 and b"budget_exceeded" in said):
                break
            await asyncio.sleep(min(LONGEST_PAUSE, _wanted_pause(headers) or pause))
            pause *= 2
        return _outcome(status, headers, said, seconds)

    async def _send(self, body: bytes, again: str) -> tuple[int, dict[bytes, bytes], bytes, float]:
        """Status (0: nobody answered, and the body says why), headers, body, seconds."""
        self._pool = self._pool or HttpPool(self._origin)
        sent = {
            "content-type": "application/json", "x-outrider-tags": self._tags, "idempotency-key": again,
            **self._headers(),
        }  # fmt: skip
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items() if value]
        began = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                path = f"{self._origin.prefix}/v1/chat/completions"
                response = await self._pool.send(WireRequest("POST", path, headers, body))
                said = await response.read(LARGEST_ANSWER)
        except UpstreamError as error:
            return 0, {}, error.message.encode(), time.monotonic() - began
        except TimeoutError:
            return -1, {}, f"no answer within {PATIENCE:g} s".encode(), time.monotonic() - began
        return response.status, dict(response.headers), said, time.monotonic() - began

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()


def request(case: Case, variant: Variant) -> dict[str, Any]:
    """The request that a variant makes of a case. Raises KeyError for a field that its prompt names in vain."""
    messages = case.messages()
    if variant.prompt:
        system = variant.prompt.format_map(_Context(case.context)) if "{" in variant.prompt else variant.prompt
        if plant := case.context.get("plant"):  # what an attack is after stands in every prompt that is tried
            system = f"{system}\n\n{plant}"
        rest = [one for one in messages if one.get("role") not in ("system", "developer")]
        messages = [{"role": "system", "content": system}, *rest]
    return {**case.fields(), "model": variant.model, "messages": messages, **variant.set}


class _Context(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise KeyError(name)


def _wanted_pause(headers: Mapping[bytes, bytes]) -> float:
    try:
        return float(headers.get(b"retry-after", b"0"))
    except ValueError:
        return 0.0


def _outcome(status: int, headers: Mapping[bytes, bytes], said: bytes, seconds: float) -> Outcome:
    """An answer that is given again is the run that was paid for, and costs what that cost: nobody wrote it down."""
    run = (headers.get(b"x-outrider-replay-of") or headers.get(b"x-request-id", b"")).decode("latin-1")
    try:
        paid = headers.get(b"x-outrider-replay-cost") or headers.get(b"x-outrider-cost", b"0")
        cost = money.nano(paid.decode("latin-1"))
    except (ValueError, ArithmeticError):
        cost = 0
    if status != 200:
        return Outcome("error", error=_why(status, said), run=run, cost=cost, seconds=seconds)
    try:
        answer = _completion.decode(said)
        return _answered(answer, run, cost, seconds)
    except (msgspec.DecodeError, OutriderError, IndexError) as error:
        return Outcome("error", error=f"the answer cannot be read: {error}", run=run, cost=cost, seconds=seconds)


def _answered(answer: _Completion, run: str, cost: int, seconds: float) -> Outcome:
    choice = answer.choices[0]
    counts = answer.usage or _Counts()
    calls = [Call(one.function.name, _arguments(one.function.arguments)) for one in choice.message.tool_calls or ()]
    refused = bool(choice.message.refusal)
    return Outcome(
        "refused" if refused else "ok",
        choice.message.refusal or text_of(choice.message.content),
        calls,
        run=run,
        cost=cost,
        seconds=seconds,
        tokens=(counts.prompt_tokens or 0, counts.completion_tokens or 0),
        finish=choice.finish_reason or "",
        about=answer.outrider or {},
    )


def text_of(content: Any) -> str:
    """The text of a message's content, in either form."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(str(one.get("text", "")) for one in parts if isinstance(one, Mapping) and one.get("type") == "text")


def _arguments(said: str | None) -> Any:
    try:
        return msgspec.json.decode(said or "{}")
    except msgspec.DecodeError:
        return said


def _why(status: int, said: bytes) -> str:
    try:
        message = _failed.decode(said).error.message
    except msgspec.DecodeError:
        message = said[:300].decode("utf-8", "replace")
    return f"HTTP {status}: {message}" if status > 0 else message
