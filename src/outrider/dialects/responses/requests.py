"""Requests, both ways: a caller's as chat, chat as a provider's."""

from typing import Any

from outrider.dialects.pivot import Fields, Lost, Translated
from outrider.dialects.responses import items, tools, turns
from outrider.dialects.responses.marks import FORMAT

_SAME = (
    "model", "stream", "temperature", "top_p", "parallel_tool_calls", "metadata", "service_tier", "prompt_cache_key",
    "prompt_cache_retention", "prompt_cache_options", "safety_identifier", "user", "moderation",
)  # fmt: skip
"""Fields that both languages have, by the same names."""

_EXTRA = (
    "top_k", "min_p", "seed", "stop", "frequency_penalty", "presence_penalty", "logit_bias", "safety_settings", "cache"
)  # fmt: skip
"""Chat's own, which servers of this language other than OpenAI's take too."""

_LABELS = ("store", "client_metadata", "stream_options", "instructions", "input", "include", "previous_response_id")
"""Handled elsewhere, or changing no answer."""

_LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"


def to_chat(fields: Fields) -> Translated:
    """A caller's request. `previous_response_id` must have been put before the input by then.

    What only this language has goes along as `provider_options`: it is there again for its own providers, and others
    name what they leave out.
    """
    lost: Lost = []
    chat: Fields = {name: fields[name] for name in (*_SAME, *_EXTRA) if fields.get(name) is not None}
    messages = turns.to_chat(fields.get("input") or [], lost)
    told = fields.get("instructions")
    if told:
        messages = [*([{"role": "system", "content": told}] if isinstance(told, str) else turns.to_chat(told, lost)),
                    *messages]  # fmt: skip
    chat["messages"] = messages
    if fields.get("stream"):
        chat["stream_options"] = {"include_usage": True}
    if fields.get("max_output_tokens") is not None:
        chat["max_completion_tokens"] = fields["max_output_tokens"]
    offered = tools.to_chat(fields.get("tools"), lost)
    if offered:
        chat["tools"] = offered
        choice = tools.choice_to_chat(fields.get("tool_choice"), lost)
        if choice is not None:
            chat["tool_choice"] = choice
    _thinking_to_chat(fields, chat, lost)
    _form_to_chat(fields, chat)
    if _LOGPROBS in (fields.get("include") or ()) or fields.get("top_logprobs"):
        chat["logprobs"] = True
        if fields.get("top_logprobs") is not None:
            chat["top_logprobs"] = fields["top_logprobs"]
    hosted = any(tool["type"] == "provider" for tool in offered)
    own = {name: v for name, v in fields.items() if name not in _KNOWN and _says(name, v, hosted=hosted)}
    if own:
        chat["provider_options"] = {"format": FORMAT, **own}
    return Translated(chat, lost)


_KNOWN = frozenset((*_SAME, *_EXTRA, *_LABELS, "max_output_tokens", "tools", "tool_choice", "reasoning", "text",
                    "top_logprobs", "format"))  # fmt: skip


def _says(name: str, value: Any, *, hosted: bool) -> bool:
    """Whether a field that chat does not have says anything."""
    if value in (None, False, [], {}):
        return False
    if name == "truncation":
        return bool(value != "disabled")
    return hosted if name == "max_tool_calls" else True


def _thinking_to_chat(fields: Fields, chat: Fields, lost: Lost) -> None:
    said = fields.get("reasoning") or {}
    if said.get("effort"):
        chat["reasoning_effort"] = said["effort"]
    summary = said.get("summary") or said.get("generate_summary")
    if summary:
        chat["reasoning"] = {"summary": summary}
    usual = {"context": "auto", "mode": "standard"}
    lost += [f"reasoning.{name}" for name, plain in usual.items() if said.get(name) not in (None, plain)]


def _form_to_chat(fields: Fields, chat: Fields) -> None:
    text = fields.get("text") or {}
    if text.get("verbosity"):
        chat["verbosity"] = text["verbosity"]
    form = text.get("format") or {}
    if form.get("type") == "json_schema":
        said = {k: v for k, v in form.items() if k != "type" and v is not None}
        chat["response_format"] = {"type": "json_schema", "json_schema": said}
    elif form.get("type") not in (None, "text"):
        chat["response_format"] = {"type": form["type"]}


# -- to a provider ----------------------------------------------------------------------------------------------------

_NO_LOSS = (
    "messages", "stream_options", "store", "prediction", "cache", "max_tokens", "max_completion_tokens", "tools",
    "tool_choice", "functions", "function_call", "reasoning_effort", "reasoning", "response_format", "verbosity",
    "logprobs", "top_logprobs", "modalities", "web_search_options", "provider_options",
)  # fmt: skip
_TAKEN = frozenset((*_SAME, *_NO_LOSS))
_DEFAULTS = {"n": 1, "frequency_penalty": 0, "presence_penalty": 0, "stop": [], "logit_bias": {}}
_WITHOUT_THOUGHTS = ("gpt-3.5", "gpt-4", "chatgpt-", "ft:gpt-3.5", "ft:gpt-4")
_LONGEST_USER = 64
_LOW, _MEDIUM = 2048, 8192
"""Tokens for thinking up to which an effort stands for them."""


def from_chat(fields: Fields, model: str) -> Translated:
    """A provider's request, which keeps nothing there: thoughts come back sealed by the provider."""
    lost: Lost = []
    out: Fields = {name: fields[name] for name in _SAME if fields.get(name) is not None}
    out["model"], out["store"] = model, False
    if len(str(fields.get("user") or "")) > _LONGEST_USER:
        del out["user"]  # a label, which the provider would refuse
    out["input"] = items.from_chat(fields.get("messages") or [], lost)
    limits = [n for n in (fields.get("max_completion_tokens"), fields.get("max_tokens")) if n is not None]
    if limits:
        out["max_output_tokens"] = max(limits)
    _tools_from_chat(fields, out, lost)
    _thinking_from_chat(fields, out)
    _form_from_chat(fields, out, lost)
    include = []
    if thinks(model):
        include.append(ENCRYPTED)
    if fields.get("logprobs"):
        include.append(_LOGPROBS)
        if fields.get("top_logprobs") is not None:
            out["top_logprobs"] = fields["top_logprobs"]
    if include:
        out["include"] = include
    if fields.get("modalities") not in (None, ["text"]):
        lost.append("modalities")
    options = fields.get("provider_options") or {}
    for name, value in options.items():
        if options.get("format") == FORMAT and name not in _KNOWN:
            out[name] = value
        elif name != "format":
            lost.append(f"provider_options.{name}")
    lost += [n for n, v in fields.items() if n not in _TAKEN and v not in (None, False) and v != _DEFAULTS.get(n)]
    return Translated(out, lost)


def thinks(model: str) -> bool:
    """Whether the provider takes the wish for sealed thoughts: it refuses that for models that never think."""
    return not model.startswith(_WITHOUT_THOUGHTS) and "-chat" not in model


def _tools_from_chat(fields: Fields, out: Fields, lost: Lost) -> None:
    old = [{"type": "function", "function": one} for one in fields.get("functions") or ()]
    offered = tools.from_chat([*(fields.get("tools") or ()), *old], lost)
    search = fields.get("web_search_options")
    if search is not None:
        offered.append(_web_search(search))
    if not offered:
        return
    out["tools"] = offered
    choice = fields.get("tool_choice")
    if choice is None and isinstance(fields.get("function_call"), dict):
        choice = {"type": "function", "function": fields["function_call"]}
    elif choice is None:
        choice = fields.get("function_call")
    said = tools.choice_from_chat(choice, lost)
    if said is not None:
        out["tool_choice"] = said


def _web_search(options: Fields) -> Fields:
    tool: Fields = {"type": "web_search"}
    if options.get("search_context_size"):
        tool["search_context_size"] = options["search_context_size"]
    where = (options.get("user_location") or {}).get("approximate")
    if where:
        tool["user_location"] = {"type": "approximate", **where}
    return tool


def _thinking_from_chat(fields: Fields, out: Fields) -> None:
    """Effort and whether thoughts are shown. A budget in tokens stands for the effort that it is enough for."""
    said = fields.get("reasoning") or {}
    effort = fields.get("reasoning_effort") or said.get("effort")
    budget = said.get("max_tokens")
    if not effort and budget is not None:
        effort = "low" if budget <= _LOW else "medium" if budget <= _MEDIUM else "high"
    if not effort and said.get("enabled") is False:
        effort = "none"
    summary = said.get("summary")
    display = said.get("display") or ("summarized" if said.get("enabled") or budget else "omitted")
    if not summary and display != "omitted":
        summary = "auto"
    wanted = {**({"effort": effort} if effort else {}), **({"summary": summary} if summary else {})}
    if wanted:
        out["reasoning"] = wanted


def _form_from_chat(fields: Fields, out: Fields, lost: Lost) -> None:
    form, text = fields.get("response_format") or {}, {}
    if form.get("type") == "json_schema":
        said = {k: v for k, v in (form.get("json_schema") or {}).items() if v is not None}
        text["format"] = {"type": "json_schema", "name": "answer", "schema": {}, **said}
    elif form.get("type") == "json_object":
        text["format"] = {"type": "json_object"}
    elif form.get("type") not in (None, "text"):
        lost.append(f"response_format ({form['type']})")
    if fields.get("verbosity"):
        text["verbosity"] = fields["verbosity"]
    if text:
        out["text"] = text
