"""A caller that speaks Gemini's generateContent and streamGenerateContent."""

from collections.abc import Mapping, Sequence
from typing import Any

from outrider.testing.conformance.got import Got, Trouble, Wire, must
from outrider.testing.speaking.words import (
    Ask,
    Call,
    Cite,
    Counts,
    Given,
    Likely,
    Media,
    Part,
    Refusal,
    Result,
    Text,
    Thought,
    Tool,
    text_of,
)

NAME = "gemini"
CANNOT = frozenset(
    {
        "parallel",
        "verbosity",
        "cache_key",
        "user",
        "strict",
        "marks",
        "developer",
        "cited",
        "hidden",
        "stopped",
        "written",
    }
)
_PLAIN = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "n": "candidateCount",
}
_FINISH = {"STOP": "stop", "MAX_TOKENS": "length", "SAFETY": "filter", "PROHIBITED_CONTENT": "refusal"}


def write(ask: Ask) -> Wire:
    params = ask.params
    names: dict[str, str] = {}
    body: dict[str, Any] = {"contents": [_content(turn, names) for turn in ask.turns if turn.role != "system"]}
    system = [_said(part, names) for turn in ask.turns if turn.role == "system" for part in turn.parts]
    if system:
        body["systemInstruction"] = {"parts": system}
    config: dict[str, Any] = {_PLAIN[name]: value for name, value in params.items() if name in _PLAIN}
    if "logprobs" in params:
        config |= {"responseLogprobs": True, "logprobs": params["logprobs"]}
    if "budget" in params or "effort" in params:
        said = (
            {"thinkingBudget": params["budget"]} if "budget" in params else {"thinkingLevel": params["effort"].upper()}
        )
        config["thinkingConfig"] = {"includeThoughts": True, **said}
    if "schema" in params or params.get("json"):
        config["responseMimeType"] = "application/json"
    if "schema" in params:
        config["responseJsonSchema"] = params["schema"]
    if config:
        body["generationConfig"] = config
    if ask.tools:
        body["tools"] = [*_tools([tool for tool in ask.tools if not tool.kind]), *_own(ask)]
    if ask.choice:
        mode = {"auto": "AUTO", "none": "NONE", "required": "ANY"}.get(ask.choice, "ANY")
        calling = {"mode": mode} | ({"allowedFunctionNames": [ask.choice[1:]]} if ask.choice[0] == "=" else {})
        body["toolConfig"] = {"functionCallingConfig": calling}
    if "safety" in params:
        named = (one.split("=") for one in params["safety"])
        body["safetySettings"] = [{"category": category, "threshold": threshold} for category, threshold in named]
    if "tier" in params:
        body["serviceTier"] = params["tier"]
    if "metadata" in params:
        body["labels"] = params["metadata"]
    verb = "streamGenerateContent?alt=sse" if ask.stream else "generateContent"
    return Wire(f"/v1beta/models/{ask.model}:{verb}", body | ask.unknown)


def _tools(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    declared = [{"name": t.name, "description": t.description, "parametersJsonSchema": t.schema} for t in tools]
    return [{"functionDeclarations": declared}] if declared else []


def _own(ask: Ask) -> list[dict[str, Any]]:
    return [{"googleSearch": {}} for tool in ask.tools if tool.kind]


def _content(turn: Any, names: dict[str, str]) -> dict[str, Any]:
    parts: list[Any] = []
    for part in turn.parts:
        if isinstance(part, Given):
            parts += part.wire["parts"]
            called = [one["functionCall"] for one in part.wire["parts"] if "functionCall" in one]
            names |= {call.get("id") or call["name"]: call["name"] for call in called}
        else:
            parts.append(_said(part, names))
    return {"role": "model" if turn.role == "assistant" else "user", "parts": parts}


def _said(part: Part, names: dict[str, str]) -> dict[str, Any]:
    match part:
        case Text(text=text) | Refusal(text=text):
            return {"text": text}
        case Media(mime=mime, url=url) if url:
            return {"fileData": {"mimeType": mime or "image/png", "fileUri": url}}
        case Media(mime=mime, content=content):
            return {"inlineData": {"mimeType": mime, "data": content}}
        case Call(id=id_, name=name, arguments=arguments):
            names[id_] = name
            return {"functionCall": {"id": id_, "name": name, "args": arguments}}
        case Result(id=id_, parts=parts, error=error):
            said = {"error" if error else "output": text_of(parts)}
            media = [_said(one, names) for one in parts if isinstance(one, Media)]
            response: dict[str, Any] = {"id": id_, "name": names[id_], "response": said}
            return {"functionResponse": response | ({"parts": media} if media else {})}
    raise TypeError(part)


def gather(events: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The pieces as one answer. Raises Wrong for one after the end, Trouble for an error among them."""
    body: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for _, said in events:
        if "error" in said:
            raise Trouble(said["error"]["code"], said["error"]["status"], said["error"]["message"], begun=bool(body))
        body |= {name: value for name, value in said.items() if name != "candidates"}
        for one in said.get("candidates") or []:
            found = candidates.setdefault(one.get("index", 0), {"content": {"role": "model", "parts": []}})
            parts = (one.get("content") or {}).get("parts") or []
            must("finishReason" not in found or not parts, "a part after the finishReason")
            for part in parts:
                _join(found["content"]["parts"], part)
            for name in ("chosenCandidates", "topCandidates") if "logprobsResult" in one else ():
                said_so_far = found.get("logprobsResult", {}).get(name) or []
                one["logprobsResult"][name] = said_so_far + (one["logprobsResult"].get(name) or [])
            found |= {name: value for name, value in one.items() if name != "content"}
    blocked = body.get("promptFeedback", {}).get("blockReason")
    must(bool(blocked) or all("finishReason" in one for one in candidates.values()), "no finishReason")
    return body | ({"candidates": [candidates[i] for i in sorted(candidates)]} if candidates else {})


def _join(parts: list[dict[str, Any]], part: Mapping[str, Any]) -> None:
    last = parts[-1] if parts else {}
    if "text" in part and "text" in last and last.get("thought") == part.get("thought"):
        parts[-1] = {**last, **part, "text": last["text"] + part["text"]}
    else:
        parts.append(dict(part))


def history(body: Mapping[str, Any]) -> list[Any]:
    """The answer as it is given back."""
    return [body["candidates"][0]["content"]]


def read(body: Mapping[str, Any]) -> Got:
    must(bool(body.get("modelVersion") and body.get("responseId")), "no modelVersion or responseId")
    unknown = {name: value for name, value in body.items() if name.startswith("x_")}
    counts = _counts(body.get("usageMetadata"))
    if body.get("promptFeedback", {}).get("blockReason"):
        return Got([], "refusal", counts=counts, unknown=unknown)
    first = body["candidates"][0]
    said = [_parts(one) for one in body["candidates"]]
    must(first["finishReason"] in _FINISH, f"finishReason {first['finishReason']}")
    finish = _FINISH[first["finishReason"]]
    if finish == "stop" and any(isinstance(part, Call) for part in said[0]):
        finish = "tool_calls"
    return Got(said[0], finish, "", counts, _likely(first.get("logprobsResult")), said[1:], "", unknown)


def _likely(said: Mapping[str, Any] | None) -> list[Likely]:
    if not said:
        return []
    chosen, top = said["chosenCandidates"], said.get("topCandidates") or []
    others = [tuple((o["token"], o["logProbability"]) for o in one.get("candidates") or []) for one in top]
    must(not others or len(others) == len(chosen), "topCandidates and chosenCandidates differ in length")
    return [Likely(one["token"], one["logProbability"], others[at] if others else ()) for at, one in enumerate(chosen)]


def _parts(candidate: Mapping[str, Any]) -> list[Part]:
    found: list[Part] = []
    cites = _cites(candidate.get("groundingMetadata") or {}, candidate.get("citationMetadata") or {})
    for part in candidate["content"]["parts"]:
        if "functionCall" in part:
            call = part["functionCall"]
            found.append(Call(call.get("id") or "", call["name"], call.get("args") or {}))
        elif part.get("thought"):
            found.append(Thought(part["text"], part.get("thoughtSignature") or ""))
        elif part.get("text"):
            found.append(Text(part["text"], cites))
            cites = ()
    return found


def _cites(grounds: Mapping[str, Any], cited: Mapping[str, Any]) -> tuple[Cite, ...]:
    chunks = [one["web"] for one in grounds.get("groundingChunks") or [] if "web" in one]
    used = {at for one in grounds.get("groundingSupports") or [] for at in one["groundingChunkIndices"]}
    must(used <= set(range(len(chunks))), "a grounding support points at nothing")
    found = [Cite(one["uri"], one.get("title") or "") for one in chunks]
    return tuple(found + [Cite(one["uri"], one.get("title") or "") for one in cited.get("citations") or []])


def _counts(usage: Mapping[str, Any] | None) -> Counts | None:
    if not usage:
        return None
    thoughts = usage.get("thoughtsTokenCount") or 0
    output = (usage.get("candidatesTokenCount") or 0) + thoughts
    must(usage["totalTokenCount"] == usage["promptTokenCount"] + output, "totalTokenCount is not the sum")
    return Counts(usage["promptTokenCount"], output, usage.get("cachedContentTokenCount") or 0, 0, thoughts)


def error(status: int, headers: Mapping[str, str], body: Any) -> Trouble:
    said = body["error"]
    must(said["code"] == status, f"the error's code is {said['code']}, the status {status}")
    retry = [one["retryDelay"] for one in said.get("details") or [] if "retryDelay" in one]
    return Trouble(status, said["status"], said["message"], headers.get("retry-after") or "".join(retry).rstrip("s"))
