"""LiteLLM's module and general settings: cache, budgets, limits, sizes, and what has no counterpart."""

from typing import Any

import pytest

from outrider.app.migrate import litellm_rest
from outrider.app.migrate.draft import Draft
from outrider.app.migrate.litellm_words import GENERAL, INFO, PARAMS, ROUTER, SETTINGS, TOP
from outrider.app.migrate.notes import Notes, Section
from outrider.app.settings import Settings
from tests.app.migrate.conftest import Read, model, said

SECTIONS = {"litellm_settings": SETTINGS, "general_settings": GENERAL, "router_settings": ROUTER, "": TOP}


def made(read: Read, **sections: dict[str, Any]) -> Settings:
    return read({"model_list": [model("m")], **sections})[1]


@pytest.mark.parametrize(
    ("settings", "ttl"),
    [
        ({"cache": True}, 3600),
        ({"cache": True, "cache_params": {"ttl": 90, "type": "redis", "host": "h", "namespace": "n"}}, 90),
        ({"cache": True, "cache_params": {"type": "local", "ttl": 0.2}}, 1),
        ({"cache": True, "cache_params": {"mode": "default_off"}}, None),
        ({"cache": True, "cache_params": {"type": "redis-semantic", "similarity_threshold": 0.8}}, None),
        ({"cache": True, "cache_params": {"supported_call_types": ["atranscription"]}}, None),
        ({"cache": False, "cache_params": {"ttl": 90}}, None),
        ({}, None),
    ],
)
def test_cache(read: Read, settings: dict[str, Any], ttl: float | None) -> None:
    rule = made(read, litellm_settings=settings).routes["m"].cache
    assert (rule and rule.ttl) == ttl


def test_a_cache_beside_the_gateway_is_told(read: Read) -> None:
    settings = {"cache": True, "cache_params": {"type": "redis"}}
    notes = said(read, {"model_list": [model("m")], "litellm_settings": settings})
    assert "memory of each worker" in notes["litellm_settings.cache_params.type"]


def test_params_that_are_dropped(read: Read) -> None:
    content = {"model_list": [model("a", drop_params=True), model("b")]}
    assert [read(content)[1].routes[name].lossy for name in "ab"] == ["allow", "refuse"]
    found, settings = read({**content, "litellm_settings": {"drop_params": True}})
    assert settings.routes["b"].lossy == "allow"
    assert [n.kind for n in found.notes if n.path == "litellm_settings.drop_params"] == ["differs"]


@pytest.mark.parametrize(
    ("duration", "window"),
    [("30d", "month"), ("1mo", "month"), ("24h", "day"), ("7d", "week"), ("1h", "hour"), ("", "lifetime"),
     ("2mo", "60d"), ("12h", "12h"), ("3600", "3600s"), ("some day", "month")],
)  # fmt: skip
def test_windows_of_budgets(read: Read, duration: str, window: str) -> None:
    settings = {"max_budget": 12.5, "budget_duration": duration}
    budget = made(read, litellm_settings=settings).budgets["everything"]
    assert (budget.usd, budget.window, budget.timezone) == ("12.5", window, "UTC")


def test_budgets_of_users_and_tags(read: Read) -> None:
    settings = {
        "max_end_user_budget": 0.00005,
        "timezone": "Europe/Berlin",
        "tag_budget_config": {"a:b": {"max_budget": 10, "budget_duration": "1d"}, "a/b": {"budget_limit": 5}},
    }
    budgets = made(read, litellm_settings=settings).budgets
    assert (budgets["each-user"].usd, budgets["each-user"].per) == ("0.000050000", "user")
    assert (budgets["tag-a-b"].match.tag, budgets["tag-a-b"].window) == (("a:b",), "day")
    assert {b.timezone for b in budgets.values()} == {"Europe/Berlin"}
    assert len(budgets) == 3


def test_general_settings(read: Read) -> None:
    general = {
        "global_max_parallel_requests": 200, "max_parallel_requests": 5, "max_request_size_mb": 0.5,
        "background_health_checks": True, "health_check_interval": 60, "maximum_spend_logs_retention_period": "90d",
    }  # fmt: skip
    found = made(read, general_settings=general)
    assert found.rates["everybody"].concurrent == 200
    assert found.server.max_body == 500_000
    assert found.journal.retention == 90 * 86_400
    provider = found.providers["openai"]
    assert provider.check is not None
    assert provider.check.every == 60
    assert provider.limits is not None
    assert provider.limits.models["gpt-4o"].concurrent == 5


def test_each_deployment_has_the_usual_limit_unless_it_has_its_own(read: Read) -> None:
    content = {
        "model_list": [model("a"), model("b", model="openai/b", max_parallel_requests=2)],
        "router_settings": {"default_max_parallel_requests": 7},
    }
    limits = read(content)[1].providers["openai"].limits
    assert limits is not None
    assert {name: one.concurrent for name, one in limits.models.items()} == {"gpt-4o": 7, "b": 2}


@pytest.mark.parametrize(("section", "words"), SECTIONS.items())
def test_every_known_key_has_its_remedy_or_nothing_to_say(read: Read, section: str, words: dict[str, str]) -> None:
    values = dict.fromkeys(words, "x")
    content = {"model_list": [model("m")], **(values if not section else {section: values})}
    told = " ".join(f"{note.path} {note.text}" for note in read(content)[0].notes)
    for key, remedy in words.items():
        assert (not remedy) or (key in told and remedy in told)


def test_keys_of_deployments_too(read: Read) -> None:
    entry = model("m", **{k: "x" for k in PARAMS if k not in ("model_info",)})
    entry["model_info"] = dict.fromkeys(INFO, "x") | {"mode": "chat"}
    told = " ".join(note.text for note in read({"model_list": [entry]})[0].notes)
    for key, remedy in (PARAMS | INFO).items():
        assert remedy in told or key == "model_info"


def test_breakers_are_left_alone_without_a_word() -> None:
    draft, notes = Draft("LiteLLM"), Notes()
    litellm_rest.breakers(draft, Section({}, "router_settings", notes), Section({}, "litellm_settings", notes))
    assert list(notes) == []
