"""From settings to routes: presets, credentials, proxies, kept connections."""

from typing import Any

import msgspec
import pytest

from outrider.app.reach import Reach
from outrider.app.settings import parse
from outrider.base.errors import ConfigError, UpstreamError
from outrider.gateway.table import ProviderEntry, RouteTable
from outrider.gateway.upstream import HttpPool
from outrider.testing import ScriptedProvider, scripted_server

ENV = {"K": "secret-key"}


def table(reach: Reach, text: str, embedded: Any = None) -> RouteTable:
    head = "" if embedded else "embedded: {enabled: false}\n"
    return reach.table(parse(head + text, "test", ENV), embedded)


async def test_a_preset_and_a_key_become_a_deployment() -> None:
    t = table(Reach(), "providers: {groq: {preset: groq, api_key: '${env:K}', models: [m]}}")
    (found,) = t.resolve("m").deployments
    assert isinstance(found.transport, HttpPool)
    assert found.transport.origin.tls
    assert (b"authorization", b"Bearer secret-key") in list(found.headers)
    assert found.paths["chat"].endswith("/chat/completions")


async def test_a_provider_that_writes_on_when_its_reader_left() -> None:
    text = "providers: {groq: {preset: groq, api_key: '${env:K}', models: [m]%s}}"
    for more, runs_on in (("", False), (", when_left: stops", False), (", when_left: runs_on", True)):
        assert table(Reach(), text % more).resolve("m").deployments[0].runs_on is runs_on
    with pytest.raises(ConfigError, match="when_left"):
        parse(text % ", when_left: perhaps", "test", ENV)


async def test_routes_take_their_rules_and_there_is_always_a_default() -> None:
    text = (
        'providers: {a: {base_url: "http://127.0.0.1:9/v1", models: [m, n]}}\n'
        "routes: {r: {deployments: [a/m, a/n], retries: 5, timeout: 9s, try_timeout: 3s, cache: {ttl: 1m}}}"
    )
    t = table(Reach(), text)
    r = t.resolve("r")
    assert ([d.name for d in r.deployments], r.retries, r.timeout, r.try_timeout) == (["a/m", "a/n"], 5, 9.0, 3.0)
    assert r.cache_ttl == 60.0
    assert [d.name for d in t.resolve("default").deployments] == ["a/m"]


async def test_the_embedded_model_is_the_default() -> None:
    t = table(Reach(), "", ScriptedProvider().transport())
    assert t.resolve("default").deployments[0].provider == "embedded"


async def test_an_unchanged_provider_keeps_its_connections() -> None:
    reach = Reach()
    text = 'providers: {{a: {{base_url: "http://127.0.0.1:{}/v1", models: [{}]}}}}'
    first, second, moved = (table(reach, text.format(*w)) for w in ((9, "x"), (9, "x, y"), (10, "x")))
    ways = [t.resolve("x").deployments[0].transport for t in (first, second, moved)]
    assert ways[0] is ways[1]
    assert ways[1] is not ways[2]
    await reach.close()


@pytest.mark.parametrize(
    ("settings", "url", "proxied"),
    [
        ({"HTTPS_PROXY": "http://p:3128"}, "https://a.example/v1", True),
        ({"https_proxy": "http://p:3128"}, "https://a.example/v1", True),
        ({"HTTP_PROXY": "http://p:3128"}, "https://a.example/v1", False),
        ({"HTTP_PROXY": "http://p:3128"}, "http://a.example/v1", True),
        ({"HTTP_PROXY": "http://p:3128"}, "http://127.0.0.1/v1", False),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "b.example, .example"}, "https://a.example/v1", False),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "other.example"}, "https://a.example/v1", True),
        ({"HTTPS_PROXY": "http://p:3128", "NO_PROXY": "*"}, "https://a.example/v1", False),
    ],
)
async def test_proxies_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], url: str, proxied: bool
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    t = table(Reach(), f'providers: {{a: {{base_url: "{url}", models: [m]}}}}')
    way = t.resolve("m").deployments[0].transport
    assert isinstance(way, HttpPool)
    assert (way.origin.proxy is not None) is proxied


async def test_a_credential_that_http_cannot_carry_is_refused_without_telling_it() -> None:
    text = "embedded: {enabled: false}\nproviders: {a: {base_url: 'http://h/v1', api_key: '${env:K}'}}"
    settings = parse(text, "t", {"K": "sée\ncret"})
    with pytest.raises(ConfigError) as caught:
        Reach().table(settings, None)
    assert "cret" not in caught.value.message


async def test_models_are_listed_by_the_provider_itself() -> None:
    async with scripted_server(ScriptedProvider(models=("x", "y"))) as url:
        reach = Reach()
        text = f'providers: {{a: {{base_url: "{url}"}}}}'
        t = table(reach, text)
        entry = t.providers["a"]
        assert entry.open
        t.learn("a", await reach.list_models("a", entry))
        assert {"x", "y"} <= set(t.names())
        assert not table(reach, text).providers["a"].open  # remembered over a reload
        await reach.close()


async def test_what_is_no_list_of_models_is_an_error() -> None:
    async with scripted_server() as url:
        reach = Reach()
        t = table(reach, f'providers: {{a: {{base_url: "{url}/nothing"}}}}')
        entry = t.providers["a"]
        template = msgspec.structs.replace(entry.template, paths={"models": "/nowhere"})
        missing = ProviderEntry(template, entry.route, open=True)
        with pytest.raises(UpstreamError, match="404"):
            await reach.list_models("a", missing)
        await reach.close()
