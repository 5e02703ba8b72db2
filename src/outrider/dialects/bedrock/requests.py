"""A chat request as a Converse request."""

from typing import Any

import msgspec

from outrider.dialects import Fields, Translated
from outrider.dialects.anthropic import schemas
from outrider.dialects.bedrock import asking, content, tools
from outrider.dialects.bedrock.content import Heard
from outrider.dialects.bedrock.families import OWN_FORMAT, family

_encode = msgspec.json.Encoder().encode

PASSED = (
    "additionalModelResponseFieldPaths",
    "guardrailConfig",
    "performanceConfig",
    "promptVariables",
    "requestMetadata",
)
"""Converse's own fields, which a chat request may have as they are."""
SILENT = {
    "additionalModelRequestFields", "cache", "cache_control", "max_completion_tokens", "max_tokens", "messages",
    "metadata", "model", "parallel_tool_calls", "prediction", "prompt_cache_key", "prompt_cache_options",
    "prompt_cache_retention", "provider_options", "reasoning", "reasoning_effort", "response_format",
    "safety_identifier", "service_tier", "stop", "stream", "stream_options", "temperature", "tool_choice", "tools",
    "top_k", "top_p", "user", *PASSED,
}  # fmt: skip
"""Fields that are translated, or that change no answer."""
DEFAULTS: dict[str, tuple[Any, ...]] = {
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "min_p": (0,),
    "modalities": (["text"],),
    "n": (1,),
    "presence_penalty": (0,),
    "repetition_penalty": (1,),
    "safety_settings": ([],),
    "store": (False,),
    "top_logprobs": (0,),
    "verbosity": ("medium",),
}
_TIERS = {"default": "default", "flex": "flex", "priority": "priority", "scale": "reserved"}


def from_chat(fields: Fields, model: str) -> Translated:
    """The body of a Converse request to `model`, and what of the chat request is not in it."""
    heard = Heard(family(model))
    fields = _with_options(fields, heard)
    facts = asking.claude(heard.family, model)
    out: Fields = {}
    _messages(fields, out, heard, late=facts is not None and facts.mid_system)
    _inference(fields, out)
    tools.configure(fields, out, heard)
    _form(fields.get("response_format"), out, heard)
    asking.special(fields, out, heard, facts)
    _tier(fields.get("service_tier"), out, heard)
    for name in PASSED:
        if fields.get(name) is not None:
            out[name] = fields[name]
    for name, value in fields.items():
        known = name in SILENT or name in heard.family.fields
        if not known and value is not None and value not in DEFAULTS.get(name, ()):
            heard.lost.append(name)
    return Translated(out, heard.lost)


def _with_options(fields: Fields, heard: Heard) -> Fields:
    """The request with what was carried as options of this provider among its own fields."""
    options = fields.get("provider_options")
    if not isinstance(options, dict):
        return fields
    given = {name: value for name, value in options.items() if name != "format"}
    if options.get("format") == OWN_FORMAT:
        return {**given, **fields}
    heard.lost += [f"provider_options.{name}" for name in given]
    return fields


def _messages(fields: Fields, out: Fields, heard: Heard, late: bool) -> None:
    """Sets `system` and `messages`. `late`: the model takes system messages between turns too."""
    talk = _Talk(late)
    for at, message in enumerate(fields["messages"]):
        path, role = f"messages[{at}]", message.get("role")
        if message.get("name") and role not in ("tool", "function"):
            heard.lost.append(f"{path}.name")
        if role == "tool":
            talk.say("user", content.result(message, path, heard), first=True)
            continue
        if role == "assistant":
            said = content.spoken(message, path, heard)
        elif role in ("system", "developer", "user"):
            said = content.blocks(message.get("content"), f"{path}.content", heard)
        else:
            heard.lost.append(f"{path} ({role})")
            continue
        content.mark(message, said, heard)
        if role in ("user", "assistant"):
            talk.say(role, said)
        else:
            talk.instruct(said)
    talk.end()
    if fields.get("cache_control") and talk.turns:
        content.mark(fields, talk.turns[-1]["content"], heard)
    if talk.system:
        out["system"] = talk.system
    out["messages"] = talk.turns


class _Talk:
    """Turns as Converse wants them: user and assistant in turn, results of tools first in the user's.

    System messages between turns keep their place, after the user's turn, where the model takes them there; elsewhere
    they join those at the beginning.
    """

    __slots__ = ("_late", "_results", "_waiting", "system", "turns")

    def __init__(self, late: bool) -> None:
        self._late = late
        self._results = 0
        self._waiting: list[Fields] = []
        self.system: list[Fields] = []
        self.turns: list[Fields] = []

    def instruct(self, said: list[Fields]) -> None:
        if self._late and self.turns:
            self._waiting += said
        else:
            self.system += said

    def say(self, role: str, said: list[Fields], *, first: bool = False) -> None:
        if not said:
            return
        if not self.turns or self.turns[-1]["role"] != role:
            if role == "assistant":
                self._settle()
            self.turns.append({"role": role, "content": []})
            self._results = 0
        kept: list[Fields] = self.turns[-1]["content"]
        if first:
            kept[self._results : self._results] = said
            self._results += len(said)
        else:
            kept += said

    def _settle(self) -> None:
        if self._waiting and self.turns and self.turns[-1]["role"] == "user":
            self.turns.append({"role": "system", "content": self._waiting})
            self._waiting = []

    def end(self) -> None:
        self._settle()
        self.system += self._waiting
        for turn in self.turns:
            _introduce(turn["content"])
        if not self.turns and self.system:  # nobody asked anything: Converse demands that somebody does
            self.turns, self.system = [{"role": "user", "content": self.system}], []
        elif self.turns and self.turns[-1]["role"] == "assistant":  # it must not end in white space, to be gone on with
            last = self.turns[-1]["content"][-1]
            if "text" in last:
                last["text"] = last["text"].rstrip()


def _introduce(said: list[Fields]) -> None:
    """Converse takes no document without a text beside it: its name then has to do."""
    names = [block["document"]["name"] for block in said if "document" in block]
    if names and not any("text" in block for block in said):
        said.append({"text": ", ".join(names)})


def _inference(fields: Fields, out: Fields) -> None:
    """What Converse asks all models in the same words; temperature and its like are in `asking`."""
    config: Fields = {}
    given = [limit for name in ("max_completion_tokens", "max_tokens") if (limit := fields.get(name)) is not None]
    if given:
        config["maxTokens"] = max(given)
    stop = fields.get("stop")
    stops = [stop] if isinstance(stop, str) else stop or []
    if any(stops):
        config["stopSequences"] = [one for one in stops if one]
    if config:
        out["inferenceConfig"] = config


def _form(wanted: Any, out: Fields, heard: Heard) -> None:
    """A JSON schema is told as text; other forms cannot be."""
    if not wanted or wanted.get("type") == "text":
        return
    said = wanted.get("json_schema") or {}
    if wanted.get("type") != "json_schema" or not said.get("schema"):
        heard.lost.append(f"response_format ({wanted.get('type')})")
        return
    loose: list[str] = []
    schema: Fields = {"schema": _encode(schemas.fitted(said["schema"], loose)).decode()}
    if loose:
        heard.lost.append("response_format.json_schema.schema (additionalProperties)")
    for name in ("name", "description"):
        if said.get(name):
            schema[name] = said[name]
    out.setdefault("outputConfig", {})["textFormat"] = {"type": "json_schema", "structure": {"jsonSchema": schema}}


def _tier(wanted: Any, out: Fields, heard: Heard) -> None:
    if wanted is None or wanted == "auto":
        return
    if wanted in _TIERS:
        out["serviceTier"] = {"type": _TIERS[wanted]}
    else:
        heard.lost.append("service_tier")
