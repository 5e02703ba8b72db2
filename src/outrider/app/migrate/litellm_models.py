"""LiteLLM's `model_list`: every entry is one deployment. Entries with the same address and key share a provider."""

import re
from collections.abc import Container, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from outrider.app.migrate.draft import (
    MOST_A_MINUTE,
    MOST_AT_ONCE,
    WORD,
    Draft,
    ProviderDraft,
    label,
    per_million,
    plain,
    reference,
    variable,
)
from outrider.app.migrate.litellm_vendors import Meant, meant
from outrider.app.migrate.litellm_words import INFO, PARAMS
from outrider.app.migrate.notes import Notes, Section, one_line
from outrider.providers.presets import preset

_SHAM = re.compile(r"(none|null|fake.*|dummy.*|empty|not?[-_ ].*|anything|os|test|x+|sk-1234|\*+)", re.I)
_CREDENTIALS = ("authorization", "api-key", "x-api-key", "cookie", "proxy-authorization")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SERVED = ("", "chat", "embedding", "rerank", "responses", "completion")
_PRICES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cached",
    "cache_creation_input_token_cost": "cache_write",
}
_SEES = {
    "supports_vision": "image",
    "supports_audio_input": "audio",
    "supports_pdf_input": "file",
    "supports_video_input": "video",
}
_PLACES = {
    "region": ("aws_region_name", "vertex_location", "vertex_ai_location"),
    "project": ("vertex_project", "vertex_ai_project"),
}
_DEAREST = 1.0  # dollars per token


class Entry(msgspec.Struct):
    """One deployment of a group: where it goes, and what LiteLLM said of how it is chosen and called.

    `group` is the `model_name`; `target` our `provider/model`. `spare`: its weight is 0. `drops`: what it cannot be
    told is left out.
    """

    group: str
    target: str
    id: str = ""
    weight: float | None = None
    rpm: float | None = None
    tpm: float | None = None
    order: float | None = None
    timeout: float | None = None
    stream_timeout: float | None = None
    retries: float | None = None
    mode: str = "chat"
    tagged: bool = False
    spare: bool = False
    drops: bool = False


class Models:
    """Reads entries one after another into `draft`."""

    def __init__(self, draft: Draft, notes: Notes, credentials: Mapping[str, object], taken: Container[str]) -> None:
        """`taken` are variables that the old file reads: a secret of the file is given another name."""
        self._draft, self._notes, self._credentials, self._taken = draft, notes, credentials, taken
        self._by_reach: dict[str, ProviderDraft] = {}
        self._secrets: dict[str, str] = {}

    def read(self, value: object, index: int) -> Entry | None:
        """One entry of the list, None if it cannot be called from here; why not is noted."""
        path = f"model_list[{index}]"
        entry = Section(value, path, self._notes, _name(value))
        group = one_line(entry.text("model_name")) or f"model-{index}"
        params = Section(self._params(entry), f"{path}.litellm_params", self._notes, group)
        info = entry.section("model_info")
        found = self._deployment(group, params, info)
        if found is not None:
            params.leave(PARAMS, "it has no counterpart here; callers may send it if the provider takes it")
            info.leave(INFO, "it has no counterpart here")
            entry.leave({}, "it has no counterpart here")
        return found

    def _params(self, entry: Section) -> dict[str, Any]:
        """`litellm_params`, with what a named credential adds."""
        value = entry.take("litellm_params")
        own = {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}
        name = own.pop("litellm_credential_name", None)
        shared = self._credentials.get(str(name)) if name else None
        if name and not isinstance(shared, dict):
            entry.left("litellm_params.litellm_credential_name", "no such credential is in the file; write api_key")
        return {**(shared if isinstance(shared, dict) else {}), **own}

    def _deployment(self, group: str, params: Section, info: Section) -> Entry | None:
        model = params.text("model")
        if model == "*":
            text = "every provider: name those that you use, or leave `providers` out to have those of the environment"
            params.left("model", text)
            return None
        base = reference(params.text("api_base") or params.text("base_url"))
        kind = meant(model, params.text("custom_llm_provider"), base)
        why_not = _why_not(kind, info, base)
        if why_not:
            params.left("model", f"{why_not}; the deployment was left out")
            return None
        provider = self._provider(kind, base, params)
        if kind.model == "*" or kind.model.endswith("*"):
            provider.open = True
            self._wildcard(group, provider, kind, params)
            return None
        if kind.model not in provider.models:
            provider.models.append(kind.model)
        facts = _facts(provider, kind.model, params, info)
        _prices(provider, kind.model, params, info)
        rpm, tpm = _limits(provider, kind.model, params)
        return Entry(
            group,
            f"{provider.name}/{kind.model}",
            id=info.text("id"),
            weight=params.number("weight"),
            rpm=rpm,
            tpm=tpm,
            order=params.number("order"),
            timeout=params.number("timeout"),
            stream_timeout=params.number("stream_timeout"),
            retries=params.number("num_retries") or params.number("max_retries"),
            mode=info.text("mode") or "chat",
            tagged=bool(facts.get("tags")),
            drops=bool(params.flag("drop_params")),
            spare=str(params.take("weight")) in ("0", "0.0"),
        )

    def _wildcard(self, group: str, provider: ProviderDraft, kind: Meant, params: Section) -> None:
        """`openai/*`: our provider of that name serves every model as `openai/MODEL`, and by its bare name."""
        names = (f"{provider.name}/*", "*")
        if kind.model != "*":
            params.say("differs", "model", f"every model of {provider.name!r} can be called, not only {kind.model}")
        elif group not in names:
            wanted = f"callers put {provider.name}/MODEL into `model`, or the model's bare name"
            params.say("differs", "model", f"the pattern {group} is not kept; {wanted}")

    # -- providers ----------------------------------------------------------------------------------------------------

    def _provider(self, kind: Meant, base: str, params: Section) -> ProviderDraft:
        """The provider of this address and key: one that is there, or a new one."""
        vendor = kind.vendor
        assert vendor is not None
        settings: dict[str, Any] = {}
        url = _base_url(kind, base)
        compatible = vendor.preset == "openai" and url and not _is_openais(url)
        chosen = "" if compatible else vendor.preset
        if chosen:
            settings["preset"] = chosen
        if url:
            settings["base_url"] = url
        settings |= _place(kind, params)
        wanted = chosen or label(url) or kind.prefix
        settings |= self._key(kind, params, wanted, needed=not compatible)
        headers = self._headers(params)
        if headers:
            settings["headers"] = headers
        reach = repr(sorted(settings.items()))
        if reach not in self._by_reach:
            made = ProviderDraft(self._free_name(wanted, url, settings.get("api_key", "")), settings)
            self._by_reach[reach] = self._draft.providers[made.name] = made
        return self._by_reach[reach]

    def _key(self, kind: Meant, params: Section, wanted: str, *, needed: bool) -> dict[str, str]:
        """The key by reference, nothing if it needs none."""
        given = params.text("api_key")
        assert kind.vendor is not None
        if not given:
            usual = kind.vendor.key if needed and not kind.vendor.keyless else ""
            return {"api_key": "${env:" + usual + "}"} if usual else {}
        if variable(reference(given)):
            return {"api_key": reference(given)}
        if _SHAM.fullmatch(given):
            return {}
        return {"api_key": self._secret(params, "api_key", given, kind.vendor.key or f"{wanted}_API_KEY")}

    def _secret(self, params: Section, key: str, value: str, wanted: str) -> str:
        """A reference in the place of a secret that stands in the old file; the same one for the same secret."""
        name = WORD.sub("_", wanted).strip("_").upper()
        if value not in self._secrets:
            names = (name, *(f"{name}_{n}" for n in range(2, 10_000)))
            used = self._secrets.values()
            self._secrets[value] = next(free for free in names if free not in self._taken and free not in used)
        name = self._secrets[value]
        params.say("todo", key, f"it is in plain text in the old file and was not copied: export it as {name}")
        return "${env:" + name + "}"

    def _headers(self, params: Section) -> dict[str, str]:
        """Headers that go with every request; credentials among them by reference."""
        found = {}
        for name, value in _mapping(params.take("extra_headers")).items():
            text = reference(str(value))
            if not _HEADER.fullmatch(name) or not _sendable(text):
                params.left(f"extra_headers.{name}", "it cannot be sent as a header")
            elif name.lower() in _CREDENTIALS and not variable(text):
                found[name] = self._secret(params, f"extra_headers.{name}", text, f"{name}_HEADER")
            else:
                found[name] = text
        organization = params.take("organization")
        if isinstance(organization, str) and _sendable(organization):
            found["openai-organization"] = reference(organization)
        elif organization:
            params.left("organization", "add a provider for each organization, with the header openai-organization")
        return found

    def _free_name(self, wanted: str, url: str, key: str) -> str:
        """A name for a provider: that of its preset, with what sets it apart if that is taken."""
        taken = self._draft.providers
        name = WORD.sub("-", wanted).strip("-").lower() or "provider"
        name = "local-" + name if name.isdigit() else "provider-embedded" if name == "embedded" else name
        if name not in taken:
            return name
        ending = WORD.sub("-", variable(key).lower().rpartition("api_key")[2]).strip("-") if variable(key) else ""
        host = label(url)
        for more in ("" if host.isdigit() else host, ending):
            made = more if more.startswith(name) else f"{name}-{more}"
            if more and made not in taken:
                return made
        return next(made for n in range(2, 10_000) if (made := f"{name}-{n}") not in taken)


def _name(value: object) -> str:
    return str(value.get("model_name") or "") if isinstance(value, dict) else ""


def _mapping(value: object) -> dict[str, object]:
    return {str(key): inner for key, inner in value.items()} if isinstance(value, dict) else {}


def _why_not(kind: Meant, info: Section, base: str) -> str:
    """Why a deployment cannot be called from here, "" if it can."""
    mode = info.text("mode")
    if not kind.model:
        return "a model is missing"
    if kind.vendor is None:
        return f"the provider {kind.prefix!r} is not known here; if it speaks OpenAI's language, give its base_url"
    if kind.vendor.why_not:
        return kind.vendor.why_not
    if mode not in _SERVED:
        return f"the mode {mode} is not served"
    if mode == "embedding" and kind.vendor.chat_only:
        return f"embeddings of {kind.prefix} are not spoken"
    if kind.vendor.only and not kind.model.startswith((*kind.vendor.only, "*")):
        return f"of {kind.prefix} only models whose names begin with {' or '.join(kind.vendor.only[:2])} are spoken"
    if kind.vendor.preset and preset(kind.vendor.preset) is None:
        return f"the provider {kind.prefix!r} is not spoken by this version"
    if not kind.vendor.preset and not base and not kind.vendor.base:
        return f"the provider {kind.prefix!r} needs an api_base"
    if base and not variable(base) and "${env:" not in base and not _is_url(base):
        return "its api_base is not a URL"
    return ""


def _sendable(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return good and text.isprintable() and " " not in text and not parts.username


def _is_openais(url: str) -> bool:
    return (urlsplit(url).hostname or "").endswith("openai.com")


def _base_url(kind: Meant, base: str) -> str:
    """Our base URL, "" if the preset's is meant."""
    vendor = kind.vendor
    assert vendor is not None
    known = preset(vendor.preset) if vendor.preset else None
    base = base or ("${env:" + vendor.base + "}" if vendor.base else "")
    base = base.rstrip("/")
    for end in vendor.ends:
        base = base.removesuffix(end)
    if not base or variable(base):
        return base + vendor.path if base else ""
    if vendor.preset == "azure":  # the resource alone: paths are added
        parts = urlsplit(base)
        return f"{parts.scheme}://{parts.netloc}"
    if known and known.base_url and not urlsplit(base).path:
        return base + urlsplit(known.base_url).path
    return base


def _place(kind: Meant, params: Section) -> dict[str, Any]:
    """Region and project of the clouds."""
    assert kind.vendor is not None
    found = {}
    for field, usual in kind.vendor.needs.items():
        said = [params.text(name) for name in _PLACES[field]]
        found[field] = (kind.region if field == "region" else "") or next(
            (reference(text) for text in said if text), ""
        )
        if not found[field]:
            params.say("todo", field, f"the file does not say it: write providers.NAME.{field}, or export {usual}")
    return {key: value for key, value in found.items() if value}


# -- what is known about a model --------------------------------------------------------------------------------------


def _prices(provider: ProviderDraft, model: str, params: Section, info: Section) -> None:
    found = {}
    for theirs, ours in _PRICES.items():
        for section in (info, params):
            value = section.take(theirs)
            if value is None or ours in found:
                continue
            try:
                cost = float(str(value))
            except ValueError:
                cost = -1.0
            if 0 <= cost <= _DEAREST:
                found[ours] = per_million(cost)
            else:
                section.left(theirs, "it is not a price per token; write providers.NAME.prices yourself")
    if found and "input" not in found:
        found = {"input": "0", **found}
    if found:
        provider.prices[model] = found


def _facts(provider: ProviderDraft, model: str, params: Section, info: Section) -> dict[str, Any]:
    found: dict[str, Any] = provider.facts.get(model, {})
    context, output = info.number("max_input_tokens"), info.number("max_output_tokens")
    longest = info.number("max_tokens")
    for key, value in (("context", context), ("max_output", output or longest)):
        if value:
            found[key] = int(value)
    said = {sense: flag for key, sense in _SEES.items() if (flag := info.flag(key)) is not None}
    if said:
        found["sees"] = [sense for sense, flag in said.items() if flag]
    for theirs, ours in (("supports_function_calling", "tools"), ("supports_response_schema", "json_schema")):
        flag = info.flag(theirs)
        if flag is not None:
            found[ours] = flag
    tags = [str(tag).strip() for tag in (*params.entries("tags"), *info.entries("tags"))]
    tags = [tag for tag in tags if tag and tag != "default"]
    if tags:
        found["tags"] = list(dict.fromkeys([*found.get("tags", []), *tags]))
    if found:
        provider.facts[model] = found
    return found


def _limits(provider: ProviderDraft, model: str, params: Section) -> tuple[float | None, float | None]:
    """LiteLLM's limits of a deployment; two entries for the same deployment: the larger ones."""
    rpm, tpm = params.number("rpm"), params.number("tpm")
    concurrent = params.number("max_parallel_requests")
    found = provider.limits.get(model, {})
    for key, value, unit in (("requests", rpm, "/min"), ("tokens", tpm, "/min"), ("concurrent", concurrent, "")):
        if value and value >= 1:
            before = float(str(found.get(key, 0)).removesuffix(unit) if unit else found.get(key, 0))
            most = plain(int(min(MOST_A_MINUTE, max(before, value))))
            found[key] = f"{most}{unit}" if unit else min(int(most), MOST_AT_ONCE)
    if found:
        provider.limits[model] = found
        for key in ("rpm", "tpm"):
            if key in params:
                params.say("differs", key, "a limit that holds: calls above it go to another deployment, or wait")
    return rpm, tpm
