"""LiteLLM's groups and its router's settings as routes."""

from typing import Any

import pytest

from outrider.app.migrate.litellm_routes import STRATEGIES
from tests.app.migrate.conftest import Read, model


@pytest.mark.parametrize(
    ("params", "weights"),
    [
        ([{"weight": 1}, {"weight": 1}], {}),
        ([{"weight": 9}, {"weight": 3}], {"openai/a": 3}),
        ([{"weight": 0.9}, {"weight": 0.1}], {"openai/a": 9}),
        ([{"rpm": 60}, {"rpm": 60000}], {"openai/b": 1000}),
        ([{"tpm": 10}, {}], {}),
    ],
)
def test_weights(read: Read, params: list[dict[str, Any]], weights: dict[str, int]) -> None:
    entries = [model("m", model=f"openai/{name}", **p) for name, p in zip("ab", params, strict=True)]
    route = read({"model_list": entries})[1].routes["m"]
    assert route.weights == weights


@pytest.mark.parametrize("params", [[{"weight": 0}, {"weight": 5}, {}], [{"order": 2}, {"order": 1}, {}]])
def test_some_are_asked_only_if_the_others_fail(read: Read, params: list[dict[str, Any]]) -> None:
    entries = [model("m", model=f"openai/{name}", **p) for name, p in zip("abc", params, strict=True)]
    route = read({"model_list": entries})[1].routes["m"]
    assert route.deployments == ("openai/b", "openai/c", "openai/a")
    assert route.weights == {"openai/a": 0}
    route = read({"model_list": entries[:2]})[1].routes["m"]
    assert (route.strategy, route.deployments) == ("fallback", ("openai/b", "openai/a"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("simple-shuffle", "balance"),
        ("least-busy", "least_busy"),
        ("latency-based-routing", "least_latency"),
        ("usage-based-routing-v2", "balance"),
        ("cost-based-routing", "cheapest"),
        ("of-tomorrow", "balance"),
    ],
)
def test_strategies(read: Read, theirs: str, ours: str) -> None:
    entries = [model("m", model="openai/a"), model("m", model="openai/b"), model("one")]
    _, made = read({"model_list": entries, "router_settings": {"routing_strategy": theirs}})
    assert (made.routes["m"].strategy, made.routes["one"].strategy) == (ours, "fallback")
    assert STRATEGIES.get(theirs, "balance") == ours


def test_fallbacks_come_behind_and_are_asked_last(read: Read) -> None:
    entries = [model("a", model="openai/a"), model("a", model="openai/b"), model("c", model="groq/c")]
    entries.append({**model("d", model="groq/d"), "model_info": {"id": "the-d"}})
    router = {"fallbacks": [{"a": ["c", {"model": "the-d"}]}, {"*": ["c"]}], "default_fallbacks": ["d"]}
    found, made = read({"model_list": entries, "router_settings": router})
    assert made.routes["a"].deployments == ("openai/a", "openai/b", "groq/c", "groq/d")
    assert made.routes["a"].weights == {"groq/c": 0, "groq/d": 0}
    assert made.routes["d"].deployments == ("groq/d", "groq/c")
    assert any(n.kind == "differs" and n.path.endswith("fallbacks") for n in found.notes)


def test_fallbacks_of_the_module_and_default_ones_between_kinds(read: Read) -> None:
    embedder = {**model("e", model="openai/embed"), "model_info": {"mode": "embedding"}}
    content = {
        "model_list": [model("a"), model("b", model="groq/b"), embedder],
        "litellm_settings": {"fallbacks": [{"a": ["b"]}], "default_fallbacks": ["b"]},
    }
    made = read(content)[1]
    assert made.routes["a"].deployments == ("openai/gpt-4o", "groq/b")
    assert made.routes["e"].deployments == ("openai/embed",)


def test_other_names(read: Read) -> None:
    router = {"model_group_alias": {"gpt-4": "m", "quiet": {"model": "m", "hidden": True}, "lost": "nowhere"}}
    found, made = read({"model_list": [model("m")], "router_settings": router})
    assert made.routes["gpt-4"] == made.routes["quiet"] == made.routes["m"]
    assert [n.path for n in found.notes] == ["router_settings.model_group_alias.lost"]


def test_times_and_retries(read: Read) -> None:
    content = {
        "model_list": [model("a"), model("b", timeout=5, stream_timeout=2, num_retries=7)],
        "router_settings": {"stream_timeout": 12.5, "num_retries": 30},
        "litellm_settings": {"request_timeout": 90, "num_retries": 1},
    }
    made = read(content)[1].routes
    assert (made["a"].timeout, made["a"].try_timeout, made["a"].stall_timeout, made["a"].retries) == (90, 90, 12.5, 10)
    assert (made["b"].timeout, made["b"].try_timeout, made["b"].stall_timeout, made["b"].retries) == (5, 5, 2, 7)
    assert read({"model_list": [model("a")]})[1].routes["a"].timeout == 600


def test_cooldowns_are_breakers(read: Read) -> None:
    router = {"allowed_fails": 3, "cooldown_time": 300}
    breaker = read({"model_list": [model("m")], "router_settings": router})[1].providers["openai"].breaker
    assert (breaker.consecutive, breaker.cooldown, breaker.longest) == (4, 300, 300)
    off = {"disable_cooldowns": True}
    assert not read({"model_list": [model("m")], "router_settings": off})[1].providers["openai"].breaker.on


def test_tags(read: Read) -> None:
    entries = [model("m", model="openai/a", tags=["eu"]), model("m", model="openai/b", tags=["default"]), model("n")]
    made = read({"model_list": entries, "router_settings": {"enable_tag_filtering": True}})[1]
    assert (made.routes["m"].strategy, made.routes["n"].strategy) == ("by_tag", "fallback")
    assert made.providers["openai"].facts["a"].tags == ("eu",)
    assert "b" not in made.providers["openai"].facts
