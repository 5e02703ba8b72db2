"""Which name leads where: configured routes, listed models, `provider/model`, and the nearest name of none."""

import pytest

from outrider.base.errors import RequestError
from outrider.base.ports import Deployment
from outrider.gateway.table import LONGEST_NAME, PASS_THROUGH_MOST, ProviderEntry, Route, RouteTable
from outrider.testing import ScriptedProvider

WAY = ScriptedProvider().transport()


def entry(name: str, *models: str, open_: bool = False, path: str = "/v1/chat/completions") -> ProviderEntry:
    template = Deployment(name, name, "", "openai", WAY, {"chat": path})
    return ProviderEntry(template, Route(name, (), retries=1), models, open_)


def table(*entries: ProviderEntry, **routes: Route) -> RouteTable:
    return RouteTable(routes, {e.template.name: e for e in entries})


def served(table: RouteTable, model: str) -> list[str]:
    return [d.name for d in table.resolve(model).deployments]


def test_a_configured_route_wins_then_the_first_provider() -> None:
    configured = Route("x", (entry("b").deployment("y"),), why="configured")
    t = table(entry("a", "x", "z"), entry("b", "z", "w"), x=configured)
    assert served(t, "x") == ["b/y"]
    assert served(t, "z") == ["a/z"]
    assert served(t, "w") == ["b/w"]
    assert t.names() == ["w", "x", "z"]
    assert t.resolve("w").why == "model of provider 'b'"
    assert t.resolve("w").retries == 1


def test_provider_and_model_reach_what_no_list_has() -> None:
    t = table(entry("a", "x"))
    assert served(t, "a/some/model") == ["a/some/model"]
    assert t.resolve("a/new") is t.resolve("a/new")
    assert t.names() == ["x"]


def test_a_provider_that_has_not_listed_its_models_gets_every_name() -> None:
    t = table(entry("a", "x"), entry("b", open_=True))
    assert served(t, "anything") == ["b/anything"]
    t.learn("b", ["real"])
    assert served(t, "real") == ["b/real"]
    with pytest.raises(RequestError):
        t.resolve("other")


def test_an_empty_list_leaves_it_open() -> None:
    t = table(entry("b", open_=True))
    t.learn("b", [])
    assert served(t, "x") == ["b/x"]


def test_an_unknown_name_is_told_three_near_ones() -> None:
    t = table(entry("a", "gpt-4o", "gpt-4o-mini", "o3", "claude"))
    with pytest.raises(RequestError, match="'gpt-4o', 'gpt-4o-mini'") as caught:
        t.resolve("gpt4o")
    assert (caught.value.status, caught.value.code, caught.value.param) == (404, "model_not_found", "model")
    with pytest.raises(RequestError, match="outrider doctor"):
        table().resolve("x")


@pytest.mark.parametrize("name", ["a/", "a/x\r\nset-cookie: y", "a/\x00", "a/" + "x" * LONGEST_NAME, "/x", "nobody/x"])
def test_names_that_lead_nowhere(name: str) -> None:
    with pytest.raises(RequestError):
        table(entry("a", "x")).resolve(name)


def test_a_name_in_a_path_stays_one_segment() -> None:
    """The caller chooses it, and the operator's credentials go there."""
    t = table(entry("azure", path="/deployments/{model}/chat?v=1"))
    for name, segment in (
        ("gpt-4o", "gpt-4o"),
        ("../../admin?x=", "..%2F..%2Fadmin%3Fx%3D"),
        ("ö b#", "%C3%B6%20b%23"),
    ):
        (found,) = t.resolve(f"azure/{name}").deployments
        assert found.paths["chat"] == f"/deployments/{segment}/chat?v=1"
        assert found.model == name


def test_what_callers_make_up_is_not_kept_without_end() -> None:
    t = table(entry("a"))
    first = t.resolve("a/0")
    for number in range(1, PASS_THROUGH_MOST + 1):
        t.resolve(f"a/{number}")
    assert t.resolve("a/0") is not first
