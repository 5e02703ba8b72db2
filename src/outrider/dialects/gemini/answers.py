"""Whole answers: `GenerateContentResponse` as a chat completion, and the other way."""

from datetime import datetime
from typing import Any

from outrider.base import clock
from outrider.base.errors import UpstreamError
from outrider.dialects import ODD, Fields, odd_answer, searched
from outrider.dialects.gemini import notes, usage
from outrider.dialects.gemini.names import BLOCKED, BROKEN, FINISH, camel
from outrider.dialects.gemini.speech import for_caller
from outrider.dialects.gemini.turn import Turn, unindexed

_BACK = {"stop": "STOP", "tool_calls": "STOP", "function_call": "STOP", "length": "MAX_TOKENS",
         "content_filter": "SAFETY"}  # fmt: skip


def to_chat(said: Fields) -> Fields:
    """The chat answer. Raises UpstreamError where the model failed to answer (a function call that cannot be read, …).
    A prompt that was blocked is answered with a refusal."""
    try:
        return _to_chat(said)
    except ODD:
        raise odd_answer() from None


def _to_chat(said: Fields) -> Fields:
    answer = said.get("responseId") or ""
    candidates = said.get("candidates") or []
    choices = [_choice(candidate, at, answer) for at, candidate in enumerate(candidates)]
    if not choices:
        choices = [_without(said)]
    elif len(choices) == 1:
        failed(candidates[0], choices[0]["message"])
    chat = {"id": answer, "object": "chat.completion", **head(said), "choices": choices}
    counts = said.get("usageMetadata")
    if counts:
        chat["usage"] = usage.to_chat(counts) | searched(usage.searches(candidates))
    return chat


def head(said: Fields) -> Fields:
    """What an answer and each of its chunks say about themselves."""
    fields: Fields = {"created": created(said.get("createTime")), "model": said.get("modelVersion") or ""}
    if tier := usage.tier(said.get("usageMetadata") or {}):
        fields["service_tier"] = tier
    return fields


def created(said: Any) -> int:
    """Seconds since 1970 of an RFC 3339 time, else of now."""
    if isinstance(said, str):
        try:
            return int(datetime.fromisoformat(said).timestamp())
        except ValueError:
            pass
    return clock.now_ns() // 1_000_000_000


def _choice(candidate: Fields, at: int, answer: str) -> Fields:
    turn, message = Turn(f"{answer}_{at}" if at and answer else answer), {"role": "assistant", "content": None}
    for part in (candidate.get("content") or {}).get("parts") or ():
        turn.take(camel(part), message)
    unindexed(message)
    choice: Fields = {"index": candidate.get("index") or at, "message": message}
    ended(candidate, choice, calls=bool(turn.calls))
    choice["finish_reason"] = choice["finish_reason"] or "stop"
    notes.to_chat(candidate, "".join(turn.text), message, choice)
    odds = candidate.get("logprobsResult")
    choice["logprobs"] = notes.odds_to_chat(odds) if odds else None
    return choice


def ended(candidate: Fields, choice: Fields, *, calls: bool) -> None:
    """Why a candidate ended, into its choice."""
    reason = candidate.get("finishReason")
    choice["finish_reason"] = None if reason is None else FINISH.get(reason, "stop")
    if calls and choice["finish_reason"] == "stop":
        choice["finish_reason"] = "tool_calls"
    if reason is not None:
        choice["native_finish_reason"] = reason
    if candidate.get("safetyRatings"):
        choice["safety_ratings"] = candidate["safetyRatings"]


def _without(said: Fields) -> Fields:
    """The choice of an answer that has none: its prompt was blocked. Raises UpstreamError if it was not."""
    if not (said.get("promptFeedback") or {}).get("blockReason"):
        raise UpstreamError("the model gave no answer, and no reason", code="upstream_no_answer")
    return refused(said["promptFeedback"])


def refused(feedback: Fields) -> Fields:
    """The choice that stands for a prompt which was blocked."""
    reason = feedback.get("blockReason") or "BLOCKED_REASON_UNSPECIFIED"
    why = feedback.get("blockReasonMessage") or f"The prompt was blocked ({reason})."
    choice: Fields = {
        "index": 0,
        "message": {"role": "assistant", "content": None, "refusal": why},
        "finish_reason": "content_filter",
        "native_finish_reason": BLOCKED + reason,
        "logprobs": None,
    }
    if feedback.get("safetyRatings"):
        choice["safety_ratings"] = feedback["safetyRatings"]
    return choice


def failed(candidate: Fields, message: Fields) -> None:
    """Raises UpstreamError if the model broke off without having said anything."""
    reason = candidate.get("finishReason")
    if reason in BROKEN and not (message.keys() & {"tool_calls", "images", "audio"} or message.get("content")):
        why = candidate.get("finishMessage") or "it says no more"
        raise UpstreamError(f"the model gave no answer: {reason} ({why})"[:500], code="upstream_no_answer")


def from_chat(chat: Fields, model: str = "", run: str = "") -> Fields:
    """A chat answer for a Gemini caller. `model` and `run` stand in for what the answer does not say. Raises
    UpstreamError for what is none."""
    try:
        return _from_chat(chat, model, run)
    except ODD:
        raise odd_answer() from None


def _from_chat(chat: Fields, model: str, run: str) -> Fields:
    said: Fields = {}
    choices = chat.get("choices") or []
    blocked = block_reason(choices[0]) if len(choices) == 1 else None
    if blocked is not None:
        said["promptFeedback"] = blocked
    else:
        said["candidates"] = [_candidate(choice) for choice in choices]
    if chat.get("usage"):
        said["usageMetadata"] = usage.from_chat(chat["usage"])
    said["modelVersion"] = chat.get("model") or model
    said["responseId"] = chat.get("id") or run
    return said


def block_reason(choice: Fields) -> Fields | None:
    """The `promptFeedback` of a choice that stands for a blocked prompt; None for others."""
    native = choice.get("native_finish_reason") or ""
    if not native.startswith(BLOCKED):
        return None
    feedback: Fields = {"blockReason": native.removeprefix(BLOCKED)}
    if choice.get("safety_ratings"):
        feedback["safetyRatings"] = choice["safety_ratings"]
    return feedback


def _candidate(choice: Fields) -> Fields:
    message = choice.get("message") or {}
    candidate: Fields = {"content": {"parts": for_caller(message) or [{"text": ""}], "role": "model"}}
    candidate["finishReason"] = reason_of(choice, refused=bool(message.get("refusal")))
    candidate["index"] = choice.get("index") or 0
    if choice.get("safety_ratings"):
        candidate["safetyRatings"] = choice["safety_ratings"]
    content = message.get("content")
    text = content if isinstance(content, str) else ""
    notes.from_chat(message.get("annotations") or [], choice.get("provider_metadata") or {}, text, candidate)
    notes.odds_from_chat(choice.get("logprobs") or {}, candidate)
    return candidate


def reason_of(choice: Fields, *, refused: bool) -> str:
    """Gemini's word for why a choice ended: its own, if it was Gemini's. It has no other word for a refusal."""
    native, finish = choice.get("native_finish_reason"), choice.get("finish_reason") or "stop"
    if native in FINISH or native in BROKEN:
        return str(native)
    if refused:
        return "SAFETY"
    return _BACK.get(finish, "OTHER")
