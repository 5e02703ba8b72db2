"""How an answer is made (`generationConfig` and its neighbours), in both directions."""

import msgspec

from outrider.dialects import Fields, Lost
from outrider.dialects.gemini.names import FORMAT, budget, camel, level, major, of_ours, thinks, within
from outrider.dialects.gemini.schemas import json_schema

_json = msgspec.json.Encoder()
_SAME = {
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
    "maxOutputTokens": "max_completion_tokens",
    "stopSequences": "stop",
}
_KNOWN = {*_SAME, "candidateCount", "responseLogprobs", "logprobs", "responseMimeType", "responseSchema",
          "responseJsonSchema", "_responseJsonSchema", "thinkingConfig", "responseModalities",
          "speechConfig"}  # fmt: skip
_TIERS = {"standard": "default", "flex": "flex", "priority": "priority"}
MOST_STOPS = 5


def settings_to_chat(fields: Fields, chat: Fields, lost: Lost) -> None:
    config = camel(fields.get("generationConfig") or {})
    for name, kept in _SAME.items():
        if config.get(name) is not None:
            chat[kept] = config[name]
    if isinstance(chat.get("top_k"), float) and chat["top_k"].is_integer():
        chat["top_k"] = int(chat["top_k"])  # Google's SDKs send 40.0
    if (config.get("candidateCount") or 1) > 1:
        chat["n"] = config["candidateCount"]
    if config.get("responseLogprobs"):
        chat["logprobs"] = True
        if config.get("logprobs"):
            chat["top_logprobs"] = config["logprobs"]
    _form_to_chat(config, chat, lost)
    if config.get("thinkingConfig"):
        _thinking_to_chat(camel(config["thinkingConfig"]), chat)
    _voices_to_chat(config, chat)
    others = {name: value for name, value in config.items() if name not in _KNOWN and value is not None}
    if others:
        chat.setdefault("provider_options", {"format": FORMAT})["generationConfig"] = others
    if fields.get("safetySettings"):
        chat["safety_settings"] = fields["safetySettings"]
    if fields.get("cachedContent"):
        chat.setdefault("provider_options", {"format": FORMAT})["cachedContent"] = fields["cachedContent"]
    if fields.get("labels"):
        chat["metadata"] = fields["labels"]
    tier = str(fields.get("serviceTier") or "unspecified").lower()
    if tier in _TIERS:
        chat["service_tier"] = _TIERS[tier]


def _form_to_chat(config: Fields, chat: Fields, lost: Lost) -> None:
    schema = config.get("responseJsonSchema", config.get("_responseJsonSchema"))
    if schema is None and config.get("responseSchema") is not None:
        schema = json_schema(config["responseSchema"])
    media = config.get("responseMimeType") or "text/plain"
    if schema is not None:
        chat["response_format"] = {"type": "json_schema", "json_schema": {"name": "response", "schema": schema}}
        if media not in ("application/json", "text/plain"):
            lost.append(f"generationConfig.responseMimeType ({media})")
    elif media == "application/json":
        chat["response_format"] = {"type": "json_object"}
    elif media != "text/plain":
        lost.append(f"generationConfig.responseMimeType ({media})")


def _thinking_to_chat(thinking: Fields, chat: Fields) -> None:
    """A level is an effort; a budget is one, in tokens (-1: as the model likes, 0: none)."""
    reasoning: Fields = {}
    depth, tokens = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if depth and depth != "THINKING_LEVEL_UNSPECIFIED":
        chat["reasoning_effort"] = depth.lower()
    elif tokens == 0:
        chat["reasoning_effort"] = "none"
    elif tokens == -1:
        reasoning["enabled"] = True
    elif tokens is not None:
        reasoning["max_tokens"] = tokens
    if thinking.get("includeThoughts") is not None:
        reasoning["display"] = "summarized" if thinking["includeThoughts"] else "omitted"
    if reasoning:
        chat["reasoning"] = reasoning


def _voices_to_chat(config: Fields, chat: Fields) -> None:
    kinds = [kind.lower() for kind in config.get("responseModalities") or ()]
    if kinds and kinds != ["text"]:
        chat["modalities"] = kinds
    speech = camel(config.get("speechConfig") or {})
    voice = camel(camel(speech.get("voiceConfig") or {}).get("prebuiltVoiceConfig") or {}).get("voiceName")
    if voice and len(speech) == 1:
        chat["audio"] = {"voice": voice, "format": "pcm16"}
    elif speech:
        chat.setdefault("provider_options", {"format": FORMAT})["generationConfig"] = {"speechConfig": speech}


def settings_from_chat(chat: Fields, fields: Fields, model: str, lost: Lost) -> None:
    config: Fields = {}
    for name, kept in _SAME.items():
        if chat.get(kept) is not None:
            config[name] = chat[kept]
    limits = [limit for limit in (chat.get("max_completion_tokens"), chat.get("max_tokens")) if limit is not None]
    if limits:
        config["maxOutputTokens"] = max(limits)
    if "stopSequences" in config:
        _stops(config, lost)
    if (chat.get("n") or 1) > 1:
        config["candidateCount"] = chat["n"]
    if chat.get("logprobs"):
        config["responseLogprobs"] = True
        if chat.get("top_logprobs"):
            config["logprobs"] = chat["top_logprobs"]
    _form_from_chat(chat, fields, config, model, lost)
    thinking = _thinking_from_chat(chat, model)
    if thinking and thinks(model):
        config["thinkingConfig"] = thinking
    elif thinking:
        lost += [name for name in ("reasoning_effort", "reasoning") if chat.get(name) not in (None, "none", "minimal")]
    _voices_from_chat(chat, config, lost)
    _neighbours(chat, fields, config, lost)
    if config:
        fields["generationConfig"] = config


def _stops(config: Fields, lost: Lost) -> None:
    stops = config["stopSequences"]
    if isinstance(stops, str):
        stops = [stops]
    lost += [f"stop[{at}]" for at in range(MOST_STOPS, len(stops))]
    if stops:
        config["stopSequences"] = stops[:MOST_STOPS]
    else:
        del config["stopSequences"]


def _form_from_chat(chat: Fields, fields: Fields, config: Fields, model: str, lost: Lost) -> None:
    """Before the third generation a form and functions exclude each other: then the form is told in words."""
    form: Fields = chat.get("response_format") or {}
    kind = form.get("type")
    if kind in ("json_object", "json_schema") and (major(model) or 3) < 3 and "tools" in fields:
        schema = (form.get("json_schema") or {}).get("schema")
        words = f" that fits this JSON Schema: {_json.encode(schema).decode()}" if schema is not None else ""
        told = f"If you call no function, answer with nothing but one JSON object{words}"
        fields.setdefault("systemInstruction", {"parts": []})["parts"].append({"text": told})
    elif kind in ("json_object", "json_schema"):
        config["responseMimeType"] = "application/json"
        schema = (form.get("json_schema") or {}).get("schema")
        if schema is not None:
            config["responseJsonSchema"] = schema
    elif kind not in (None, "text"):
        lost.append(f"response_format ({kind})")


def _thinking_from_chat(chat: Fields, model: str) -> Fields:
    """From the third generation on a level; a budget in tokens for those before, and where one is given."""
    reasoning = chat.get("reasoning") or {}
    effort = chat.get("reasoning_effort") or reasoning.get("effort")
    tokens, enabled = reasoning.get("max_tokens"), reasoning.get("enabled")
    thinking: Fields = {}
    if tokens is not None:
        thinking["thinkingBudget"] = within(tokens, model)
    elif effort or enabled is False:
        effort = effort or "none"
        if (major(model) or 0) >= 3:
            thinking["thinkingLevel"] = level(effort, model)
        else:
            thinking["thinkingBudget"] = budget(effort, model)
    elif enabled:
        thinking["thinkingBudget"] = -1
    display = reasoning.get("display")
    if display or reasoning.get("summary"):
        thinking["includeThoughts"] = display != "omitted"
    elif tokens or enabled:
        thinking["includeThoughts"] = True
    return thinking


def _voices_from_chat(chat: Fields, config: Fields, lost: Lost) -> None:
    kinds = chat.get("modalities") or []
    if kinds and kinds != ["text"]:
        config["responseModalities"] = [kind.upper() for kind in kinds]
    audio = chat.get("audio")
    if audio and "audio" in kinds:
        voice = audio.get("voice")
        if isinstance(voice, str):
            config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": voice}}}
        if audio.get("format") not in (None, "pcm16"):
            lost.append(f"audio.format ({audio['format']})")


def _neighbours(chat: Fields, fields: Fields, config: Fields, lost: Lost) -> None:
    """What stands beside the settings."""
    options = chat.get("provider_options") or {}
    if options and not of_ours(options):
        lost += [f"provider_options.{name}" for name in options if name != "format"]
    elif options:
        config.update(options.get("generationConfig") or {})
        if options.get("cachedContent"):
            fields["cachedContent"] = options["cachedContent"]
        if options.get("retrievalConfig"):
            fields.setdefault("toolConfig", {})["retrievalConfig"] = options["retrievalConfig"]
    if chat.get("safety_settings"):
        fields["safetySettings"] = chat["safety_settings"]
    tier = chat.get("service_tier")
    if tier in ("flex", "priority"):
        fields["serviceTier"] = tier
    elif tier not in (None, "auto", "default", "standard"):
        lost.append(f"service_tier ({tier})")
