"""LiteLLM's `litellm_settings` and `general_settings`: cache, budgets, limits, health checks, sizes."""

import re
from typing import Any

from outrider.app.migrate.draft import LONGEST, MOST_AT_ONCE, WORD, Draft, plain, seconds
from outrider.app.migrate.litellm_words import GENERAL, SETTINGS
from outrider.app.migrate.notes import Section
from outrider.base import units
from outrider.limits import terms

USUAL_TTL = "1h"
LARGEST_KB = 10_000_000
_CALENDAR = {
    "1h": "hour", "60m": "hour", "1d": "day", "24h": "day", "7d": "week", "1w": "week", "30d": "month", "1mo": "month",
}  # fmt: skip
_MONTHS = re.compile(r"([0-9]{1,2})mo")
_EXACT = ("local", "redis", "redis-cluster", "s3", "gcs", "disk", "azure-blob", "")
_CACHED_CALLS = ("acompletion", "completion", "aembedding", "embedding")


def cache(settings: Section) -> dict[str, Any]:
    """What `litellm_settings.cache` means for every route: `{cache: …}`, or nothing."""
    on, params = settings.flag("cache"), settings.section("cache_params")
    kind, mode, ttl = params.text("type"), params.text("mode"), params.number("ttl")
    calls = {str(call) for call in params.entries("supported_call_types")}
    if not on:
        params.leave({}, "the cache is off")
        return {}
    if kind not in _EXACT:
        text = "only equal requests get the same answer; there is no cache by likeness"
        params.left("type", text)
        params.leave(dict.fromkeys(params, ""), "")
        return {}
    if kind not in ("local", ""):
        params.say("differs", "type", "answers are kept in the memory of each worker, 64 MB, not in a store beside it")
    for key in ("namespace", "max_connections"):
        params.take(key)
    params.leave({}, "" if kind != "local" else "it has no counterpart here")
    if mode == "default_off":
        text = 'callers ask for it: `Cache-Control: ttl=600`, or the body field cache: {"ttl": 600}'
        params.say("differs", "mode", text)
        return {}
    if calls and not calls & set(_CACHED_CALLS):
        params.left("supported_call_types", "the cache is for chat and embeddings")
        return {}
    return {"cache": {"ttl": seconds(max(1.0, ttl)) if ttl else USUAL_TTL}}


def lossy(settings: Section) -> dict[str, Any]:
    """What `drop_params` means for every route: `{lossy: allow}`, or nothing."""
    if not settings.flag("drop_params"):
        return {}
    text = "whatever a model cannot be told is left out, and named in `x-outrider-lost` and in the run"
    settings.say("differs", "drop_params", text)
    return {"lossy": "allow"}


def budgets(draft: Draft, settings: Section) -> None:
    """Budgets of the whole gateway, of its end users and of tags."""
    zone = settings.text("timezone")
    common = {"timezone": zone} if zone and _is_zone(zone) else {}
    if zone and not common:
        settings.left("timezone", "it is not an IANA time zone; write budgets.NAME.timezone")
    made: dict[str, Any] = draft.rest.setdefault("budgets", {})
    most, every = _money(settings, "max_budget"), settings.text("budget_duration")
    if most:
        made["everything"] = {"usd": most, **_window(settings, "budget_duration", every), **common}
    each = _money(settings, "max_end_user_budget")
    if each:
        made["each-user"] = {"usd": each, "window": "lifetime", "per": "user", **common}
    tags = settings.section("tag_budget_config")
    for tag in tags:
        rule = tags.section(tag)
        limit = _money(rule, "max_budget") or _money(rule, "budget_limit")
        key = "budget_duration" if "budget_duration" in rule else "time_period"
        if limit and not (tag.isprintable() and 0 < len(tag) <= 256):
            tags.left(tag, "it is not a tag: those have 1 to 256 printable characters")
        elif limit:
            name = ("tag-" + WORD.sub("-", tag).strip("-"))[:60] or "tag"
            name = name if name not in made else f"{name[:56]}-{len(made)}"
            window = _window(rule, key, rule.text(key))
            made[name] = {"usd": limit, **window, "match": {"tag": tag}, **common}
    if not made:
        del draft.rest["budgets"]


def general(draft: Draft, section: Section) -> None:
    """`general_settings`: how many calls at once, the size of requests, checks of health, how long records are kept."""
    at_once = section.number("global_max_parallel_requests")
    if at_once and at_once >= 1:
        draft.rest["rates"] = {"everybody": {"concurrent": min(MOST_AT_ONCE, int(at_once))}}
    size = section.number("max_request_size_mb")
    if size:
        draft.rest["server"] = {"max_body": f"{min(LARGEST_KB, max(1, round(size * 1000)))}kB"}
    kept = section.text("maximum_spend_logs_retention_period")
    if kept:
        if 60 <= _duration(kept) <= LONGEST:
            draft.rest["journal"] = {"retention": seconds(_duration(kept)) if kept.isdigit() else kept}
        else:
            section.left("maximum_spend_logs_retention_period", "write journal.retention, such as 30d")
    each = section.number("max_parallel_requests")
    if each and each >= 1:
        for provider in draft.providers.values():
            for model in provider.models:
                provider.limits.setdefault(model, {}).setdefault("concurrent", min(MOST_AT_ONCE, int(each)))
    if section.flag("background_health_checks"):
        every = section.number("health_check_interval") or 300
        text = "providers that nobody has called for so long are asked for their models, which costs nothing"
        section.say("differs", "background_health_checks", text)
        for provider in draft.providers.values():
            provider.settings["check"] = {"every": seconds(max(1.0, every))}
    section.take("health_check_interval")
    section.leave(GENERAL, "it is not known here")


def breakers(draft: Draft, router: Section, settings: Section) -> None:
    """Cooldowns become breakers, for every provider the same."""
    fails = router.number("allowed_fails") or settings.number("allowed_fails")
    rest = router.number("cooldown_time") or settings.number("cooldown_time")
    for section in (router, settings):
        for key in ("allowed_fails", "cooldown_time"):
            section.take(key)
    found: dict[str, Any] = {}
    if router.flag("disable_cooldowns"):
        found = {"on": False}
    else:
        if fails:
            found["consecutive"] = min(1000, int(fails) + 1)
            text = (
                "a breaker counts failures one after another, and the part of calls that failed, not those of a minute"
            )
            (router if "allowed_fails" in router else settings).say("differs", "allowed_fails", text)
        if rest:
            found["cooldown"] = seconds(max(0.1, rest))
            if rest > 120:
                found["longest"] = found["cooldown"]
    if found:
        for provider in draft.providers.values():
            provider.settings["breaker"] = dict(found)


def leave(settings: Section) -> None:
    """Name what is left of `litellm_settings`."""
    settings.leave(SETTINGS, "it is not known here")


def _window(section: Section, key: str, text: str) -> dict[str, str]:
    """LiteLLM's budgets end with the calendar's day, week and month where their length is one."""
    if not text:
        return {"window": "lifetime"}
    if text in _CALENDAR:
        return {"window": _CALENDAR[text]}
    months = _MONTHS.fullmatch(text)
    wanted = f"{int(months[1]) * 30}d" if months else f"{text}s" if text.isdigit() else text
    try:
        terms.window(wanted)
    except ValueError:
        section.left(key, "it is not a window of a budget here; `month` was written")
        return {"window": "month"}
    section.say("differs", key, f"a window of {wanted} rolls: it has no beginning")
    return {"window": wanted}


def _money(section: Section, key: str) -> str:
    """Dollars, "" if there is no limit."""
    number = section.number(key)
    if not number:
        return ""
    text = f"{plain(number)}" if number >= 0.0001 else f"{number:.9f}"
    try:
        terms.amount("usd", text)
    except ValueError:
        section.left(key, "it is not an amount of dollars; write budgets.NAME.usd")
        return ""
    return text


def _is_zone(name: str) -> bool:
    try:
        terms.zone(name)
    except ValueError:
        return False
    return True


def _duration(text: str) -> float:
    """Seconds, 0.0 if it cannot be read."""
    try:
        return float(text) if text.isdigit() else units.duration(text)
    except ValueError:
        return 0.0
