"""Whole requests: `to_chat` for callers who speak this language, `from_chat` for its providers."""

from typing import Any

from outrider.dialects.anthropic import FORMAT, messages, schemas, thinking, tools
from outrider.dialects.anthropic.models import Model, model
from outrider.dialects.pivot import Fields, Lost, Translated

DEFAULT_LIMIT = 8192
"""Tokens of an answer where neither the caller nor the model's facts give a limit: the API demands one."""

_SAME = ("temperature", "top_p", "top_k")
_TAKEN = {
    *("model", "messages", "system", "max_tokens", "stream", "stop_sequences", "tools", "tool_choice", "thinking"),
    *("metadata", "output_config", "output_format", "service_tier", "cache_control", *_SAME),
}
_BOOKKEEPING = {"context_management", "diagnostics", "user_profile_id", "workspace_id", "betas"}
"""What tunes or watches the provider's own housekeeping; no answer depends on it."""
_TIERS = {"auto": "auto", "standard_only": "default"}


def to_chat(fields: Fields) -> Translated:
    """A checked request as chat. What only Anthropic's own service knows goes along as `provider_options`."""
    lost: Lost = []
    chat: Fields = {
        "model": fields["model"],
        "messages": messages.to_chat(fields.get("system"), fields["messages"]),
        "max_tokens": fields["max_tokens"] or 1,
    }
    if not fields["max_tokens"]:
        lost.append("max_tokens (0: nothing but its cache is to be filled)")
    for name in _SAME:
        if (value := fields.get(name)) is not None:
            chat[name] = value
    if fields.get("stream"):
        chat["stream"] = True
        chat["stream_options"] = {"include_usage": True}
    if stop := fields.get("stop_sequences"):
        chat["stop"] = stop
    if user := (fields.get("metadata") or {}).get("user_id"):
        chat["user"] = user
    if mark := fields.get("cache_control"):
        chat["cache_control"] = mark
    if tier := fields.get("service_tier"):
        chat["service_tier"] = _TIERS.get(tier, tier)
    tools.to_chat(fields, chat)
    thinking.to_chat(fields, chat, lost)
    _form_to_chat(fields, chat, lost)
    own = {
        name: value
        for name, value in fields.items()
        if name not in _TAKEN and name not in _BOOKKEEPING and value not in (None, [], {}, "standard")
    }
    if own:
        chat["provider_options"] = {"format": FORMAT, **own}
    return Translated(chat, lost)


def _form_to_chat(fields: Fields, chat: Fields, lost: Lost) -> None:
    config = fields.get("output_config") or {}
    for name, value in config.items():
        if name not in ("format", "effort") and value is not None:
            lost.append(f"output_config.{name}")
    if form := config.get("format") or fields.get("output_format"):
        schema = form["schema"]
        title = schema.get("title")
        name = title if isinstance(title, str) and title.isascii() and title.isidentifier() else "answer"
        chat["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": name[:64], "schema": schema, "strict": True},
        }


# -- out of chat ----------------------------------------------------------------------------------------------------

_DONE = {
    *("model", "messages", "max_tokens", "max_completion_tokens", "stream", "stream_options", "stop", "tools"),
    *("tool_choice", "parallel_tool_calls", "web_search_options", "reasoning", "reasoning_effort", "response_format"),
    *("service_tier", "cache_control", "provider_options", *_SAME),
}
_SILENT = {
    *("user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"),
    *("prediction", "cache"),
}
"""Labels, which the gateway keeps in the run, and hints that change no answer."""
_NOTHING: dict[str, Any] = {
    "n": 1,
    "logprobs": False,
    "top_logprobs": 0,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "min_p": 0,
    "logit_bias": {},
    "store": False,
    "modalities": ["text"],
    "verbosity": "medium",
    "safety_settings": [],
    "repetition_penalty": 1,
}
"""Values that say what is so anyway."""


def from_chat(chat: Fields, *, name: str, most: int | None = None) -> Translated:
    """The request for the model called `name`, which can answer with at most `most` tokens (None: nobody says)."""
    lost: Lost = []
    known = model(name)
    system, turns = messages.from_chat(chat["messages"], known, lost)
    fields: Fields = {"model": name, "max_tokens": _limit(chat) or most or DEFAULT_LIMIT, "messages": turns}
    if system:
        plain = len(system) == 1 and len(system[0]) == 2
        fields["system"] = system[0]["text"] if plain else system
    if chat.get("stream"):
        fields["stream"] = True
    if mark := chat.get("cache_control"):
        fields["cache_control"] = mark
    _stops(chat.get("stop"), fields, lost)
    _user(chat, fields)
    _tier(chat.get("service_tier"), fields, lost)
    tools.from_chat(chat, fields, lost)
    thinking.from_chat(chat, fields, known, lost)
    _form(chat.get("response_format"), fields, lost)
    _sampling(chat, fields, known, lost)
    _own(chat.get("provider_options"), fields, lost)
    for field, value in chat.items():
        if field in _DONE or field in _SILENT or value is None:
            continue
        if field not in _NOTHING or value != _NOTHING[field]:
            lost.append(field)
    return Translated(fields, lost)


def _own(options: Any, fields: Fields, lost: Lost) -> None:
    """Settings that only this language has; those of another are lost."""
    if not isinstance(options, dict):
        return
    own = options.get("format") == FORMAT
    for name, value in options.items():
        if own and name not in ("format", *fields):
            fields[name] = value
        elif name != "format":
            lost.append(f"provider_options.{name}")


def _limit(chat: Fields) -> int | None:
    given = [limit for limit in (chat.get("max_completion_tokens"), chat.get("max_tokens")) if limit is not None]
    return max(given) if given else None


def _stops(stop: str | list[str] | None, fields: Fields, lost: Lost) -> None:
    stops = [stop] if isinstance(stop, str) else stop or []
    kept = [one for one in stops if one and not one.isspace()]
    if len(kept) < len([one for one in stops if one]):
        lost.append("stop (white space alone)")
    if kept:
        fields["stop_sequences"] = kept


def _user(chat: Fields, fields: Fields) -> None:
    """The caller's name for its user, unless it is an address: the API wants nothing that tells who it is."""
    user = chat.get("safety_identifier") or chat.get("user")
    if isinstance(user, str) and "@" not in user and len(user) <= 256:
        fields["metadata"] = {"user_id": user}


def _tier(tier: str | None, fields: Fields, lost: Lost) -> None:
    if tier in ("auto", "priority"):
        fields["service_tier"] = "auto"
    elif tier in ("default", "standard"):
        fields["service_tier"] = "standard_only"
    elif tier is not None:
        lost.append(f"service_tier ({tier})")


def _form(form: Any, fields: Fields, lost: Lost) -> None:
    if not isinstance(form, dict) or form.get("type") == "text":
        return
    schema = (form.get("json_schema") or {}).get("schema") if form.get("type") == "json_schema" else None
    if not isinstance(schema, dict):
        lost.append(f"response_format ({form.get('type')})")
        return
    loose: list[str] = []
    fitted = schemas.fitted(schema, loose)
    if loose:
        lost.append("response_format.json_schema.schema (additionalProperties)")
    fields.setdefault("output_config", {})["format"] = {"type": "json_schema", "schema": fitted}


def _sampling(chat: Fields, fields: Fields, known: Model, lost: Lost) -> None:
    """Temperature and its like, as far as the model takes them; models that think want them left alone."""
    thinks = fields.get("thinking", {}).get("type", "disabled") != "disabled"
    temperature, top_p, top_k = (chat.get(name) for name in _SAME)
    if temperature is not None and temperature != 1:
        if temperature > 1 or not known.sampling or thinks:
            lost.append("temperature" + (" (with thoughts)" if thinks and known.sampling else ""))
        else:
            fields["temperature"] = temperature
    elif temperature is not None and known.sampling and (top_p is None or known.both):
        fields["temperature"] = temperature
    if top_p is not None and top_p != 1:
        if not known.sampling or (thinks and top_p < 0.95) or ("temperature" in fields and not known.both):
            lost.append("top_p")
        else:
            fields["top_p"] = top_p
    if top_k is not None:
        if known.sampling and not thinks:
            fields["top_k"] = top_k
        else:
            lost.append("top_k")
