"""Requests: `generateContent` as chat, chat as `generateContent`."""

from outrider.dialects import Fields, Lost, Translated, understood
from outrider.dialects.gemini.contents import to_messages
from outrider.dialects.gemini.messages import to_contents
from outrider.dialects.gemini.names import camel
from outrider.dialects.gemini.settings import settings_from_chat, settings_to_chat
from outrider.dialects.gemini.tools import tools_from_chat, tools_to_chat

_KNOWN = {"contents", "systemInstruction", "tools", "toolConfig", "safetySettings", "generationConfig", "cachedContent",
          "labels", "serviceTier", "model", "store"}  # fmt: skip
_READ = {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls", "n", "stop",
         "temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty", "max_tokens",
         "max_completion_tokens", "logprobs", "top_logprobs", "response_format", "reasoning_effort", "reasoning",
         "modalities", "audio", "provider_options", "safety_settings", "service_tier",
         "web_search_options"}  # fmt: skip
_SILENT = {"metadata", "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "cache_control",
           "cache"}  # fmt: skip
_USUAL = {"store": False, "verbosity": "medium", "logit_bias": {}, "min_p": 0, "functions": [], "function_call": "auto"}


def to_chat(fields: Fields, model: str = "", *, stream: bool = False) -> Translated:
    """A caller's request as chat. `model` and whether it is a stream are in the path, not in `fields`, whose names are
    made camelCase in place. Raises RequestError for what cannot be understood."""
    return understood(lambda said: _to_chat(said, model, stream), fields)


def _to_chat(fields: Fields, model: str, stream: bool) -> Translated:
    lost: Lost = []
    camel(fields)
    chat: Fields = {"model": model, "messages": to_messages(fields, lost)}
    tools_to_chat(fields, chat, lost)
    settings_to_chat(fields, chat, lost)
    if stream:
        chat["stream"] = True
        chat["stream_options"] = {"include_usage": True}
    lost += [name for name, value in fields.items() if name not in _KNOWN and value is not None]
    return Translated(chat, lost)


def from_chat(chat: Fields, model: str) -> Translated:
    """A chat request for a Gemini `model`, by the name of which it is known what that takes. Raises RequestError for
    what cannot be understood."""
    return understood(lambda said: _from_chat(said, model), chat)


def _from_chat(chat: Fields, model: str) -> Translated:
    lost: Lost = []
    fields = to_contents(chat.get("messages") or [], model, lost)
    tools_from_chat(chat, fields, lost)
    settings_from_chat(chat, fields, model, lost)
    lost += [
        name
        for name, value in chat.items()
        if name not in _READ and name not in _SILENT and value is not None and value != _USUAL.get(name, ...)
    ]
    return Translated(fields, lost)
