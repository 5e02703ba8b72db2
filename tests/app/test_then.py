"""A replay as of a moment is answered by the configuration of then: by the whole command line, on both stores."""

import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import pytest

from outrider.app import config_files, config_record, paths, then
from outrider.app.settings import parse
from outrider.base import clock, ids
from outrider.journal import read, spool
from outrider.journal.append import Journal, blob
from outrider.journal.events import ConfigurationTaken, GrantGiven, GrantWithdrawn, PermissionSet
from outrider.policy.grants import Grant
from outrider.policy.rules import default_text
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.cli.conftest import Run, cli, home

__all__ = ["cli", "home"]

HEAD = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat, other], api_key: "${{env:THEIR_KEY}}"}}}}
"""
TODAY = "routes: {support: {deployments: [scripted/other]}}\n"
THEN = """
routes: {support: {deployments: [scripted/scripted-chat]}}
guardrails: {rules: {quiet: {check: pii, at: [output], do: block}}}
"""


WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


class House:
    """An Outrider under way, whose configuration of an hour ago was another one."""

    def __init__(self, url: str, outrider: Running, home: Path) -> None:
        self.head, self.outrider, self.home = HEAD.format(url=url), outrider, home
        self.said = b""

    def took(self, text: str, ago: int = 3600, head: str = "") -> None:
        settings = parse((head or self.head) + text, "then", {"THEIR_KEY": "gone", "OLD": "x"})
        self.put(config_record.written(settings, {config_record.RULES: default_text()}), ago)

    def put(self, record: bytes, ago: int = 3600) -> None:
        journal = Journal(paths.spool(self.home))
        place, kept = f"{spool.identity(paths.spool(self.home))}/{journal.slot}", blob(record)
        taken = ConfigurationTaken(clock.now_ns() - ago * 10**9, place, kept, "start", "0")
        journal.append_now(taken, [(kept, record)])
        journal.close()

    def ask(self, text: str, *, session: str = "", **more: object) -> str:
        body = json.dumps({"model": "support", "messages": [{"role": "user", "content": text}], **more}).encode()
        headers = {"authorization": f"Bearer {self.outrider.key}", "content-type": "application/json"}
        headers |= {"x-outrider-session": session, "x-outrider-on-ask": "refuse"} if session else {}
        request = urllib.request.Request(f"{self.outrider.url}/v1/chat/completions", body, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            self.said = answer.read()
            run: str = answer.headers["x-request-id"]
        self.outrider.store()
        return run


@pytest.fixture
def house(home: Path, monkeypatch: pytest.MonkeyPatch, store_url: str) -> Iterator[House]:
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", store_url)
    monkeypatch.setenv("THEIR_KEY", "a-key-of-today")
    with scripted_thread(ScriptedProvider()) as url:
        config = HEAD.format(url=url) + TODAY
        with running(config, home, store_url=store_url) as outrider:
            Path("outrider.yaml").write_text(f"server: {{port: {outrider.url.rpartition(':')[2]}}}\n{config}")
            monkeypatch.setenv("OUTRIDER_KEY", outrider.key)
            yield House(url, outrider, home)


def deployment(cli: Run, run: str) -> str:
    found: str = json.loads(cli("runs", "show", run, "--json").out)["deployment"]
    return found


def test_it_is_answered_by_the_routes_of_then(cli: Run, house: House) -> None:
    house.took(THEN)
    run = house.ask("scripted:text=yes")
    said = json.loads(cli("replay", run, "--as-of", "30m", "--json").out)
    assert (said["status"], said["same"]) == ("done", True)
    assert deployment(cli, said["replay"]) == "scripted/scripted-chat"
    assert deployment(cli, run) == "scripted/other"
    assert any("guardrails and masks: those of then" in line for line in said["as_of"])
    now = json.loads(cli("replay", run, "--as-of", "run", "--json").out)
    assert deployment(cli, now["replay"]) == "scripted/other", "the run's own configuration"
    past = json.loads(cli("config", "show", "--as-of", said["replay"], "--json").out)
    assert past["why"] == "replay"
    assert past["settings"]["routes"].keys() == {"support"}
    history = json.loads(cli("config", "history", "--json").out)
    assert [one["why"] for one in history] == ["start", "start"], "a replay puts nothing into force"


def test_guardrails_rules_and_permissions_are_those_of_then(cli: Run, house: House) -> None:
    """Then: no addresses of people, calls are held back, and agents may nothing but what was given over the API."""
    house.took(THEN + "policy: {proposed_calls: enforce, agents: {planner: {tools: [nothing]}}}\n")
    journal = Journal(paths.spool(house.home))
    journal.append_now(PermissionSet("default", "agent", "*", clock.now_ns() - 1800 * 10**9, [], ["book_*"]))
    journal.append_now(PermissionSet("default", "agent", "*", clock.now_ns() - 60 * 10**9, [], ["*"]))
    journal.close()
    said = house.ask("scripted:text=write to ann@example.com")
    past = json.loads(cli("replay", said, "--as-of", "20m", "--json").out)
    assert (past["status"], "ann@example.com" in past["after"]) == ("error", False), past
    called = house.ask("scripted:tool=weather", tools=[WEATHER])
    past = json.loads(cli("replay", called, "--as-of", "20m", "--json").out)
    assert "may not call weather" in past["steps"][0]["after"], past
    now = cli("replay", called, "--as-of", "20m", "--url", house.outrider.url)
    assert "routes, policy and guardrails: today's" in now.err


def test_what_is_gone_today_is_a_hold_that_names_it(cli: Run, house: House) -> None:
    gone = house.head.rstrip().removesuffix("}") + ', lost: {base_url: "http://127.0.0.1:9/v1", models: [x]}}\n'
    house.took("routes: {support: {deployments: [lost/x]}}\n", head=gone)
    run = house.ask("scripted:text=yes")
    held = cli("replay", run, "--as-of", "30m")
    assert (held.code, "HOLD at step 1: the route 'support' of then asks lost/x" in held.err) == (1, True), held
    assert cli("replay", run, "--as-of", "30m", "--set", "model=scripted/other").code == 0
    direct = cli("replay", run, "--as-of", "30m", "--set", "model=lost/x")
    assert (direct.code, "the provider 'lost' of then is not configured today" in direct.err) == (1, True)
    none = cli("replay", run, "--as-of", "2h")
    assert (none.code, "routes, policy and guardrails: today's" in none.err) == (0, True), "nothing is on record"


def test_what_means_nothing_any_more_is_named(cli: Run, house: House) -> None:
    settings = parse(house.head + THEN, "then", {"THEIR_KEY": "x"})
    old = json.loads(config_record.written(settings, {}))
    old["settings"]["routes"]["support"]["temperament"] = "mild"
    house.put(json.dumps(old).encode())
    run = house.ask("scripted:text=yes")
    said = json.loads(cli("replay", run, "--as-of", "30m", "--json").out)
    assert "routes.support.temperament means nothing to this Outrider and is left out" in said["as_of"]
    assert any("the Cedar text of then is not on record" in line for line in said["as_of"])
    old["settings"]["routes"]["support"]["strategy"] = "by_moon"
    house.put(json.dumps(old).encode(), ago=1000)
    refused = cli("replay", run, "--as-of", "10m")
    assert (refused.code, "by_moon" in refused.err, "the configuration of then" in refused.err) == (2, True, True)
    house.put(b"no record", ago=900)
    assert "cannot be read" in cli("replay", run, "--as-of", "10m").err


@pytest.mark.slow
def test_a_large_configuration_is_taken_and_used(cli: Run, house: House) -> None:
    """A megabyte: more than the file itself may have."""
    house.took(THEN)
    record = json.loads(
        config_record.written(
            parse(house.head + THEN, "then", {"THEIR_KEY": "x"}), {config_record.RULES: default_text()}
        )
    )
    routes = record["settings"]["routes"]
    routes |= {f"r{n}": routes["support"] for n in range(2200)}
    text = json.dumps(record).encode()
    assert len(text) > 1_000_000
    house.put(text, ago=1800)
    run = house.ask("scripted:text=yes")
    said = json.loads(cli("replay", run, "--as-of", "10m", "--json").out)
    assert deployment(cli, said["replay"]) == "scripted/scripted-chat"


def test_a_cohort_is_answered_by_the_configuration_of_then(cli: Run, house: House) -> None:
    house.took(THEN)
    runs = [house.ask(f"scripted:text=number {n}") for n in range(2)]
    done = cli("replay", "--where", "route=support", "--as-of", "30m", "--json")
    assert done.code == 0, done
    house.outrider.store()
    listed = json.loads(cli("runs", "list", "--json").out)
    found = [one["deployment"] for one in listed["runs"] if one["id"] not in runs]
    assert found == ["scripted/scripted-chat"] * 2


def test_what_keeps_it_from_starting_is_said(cli: Run, house: House) -> None:
    settings = parse(house.head + THEN + "policy: {rules: mine.cedar}", "then", {"THEIR_KEY": "x"})
    house.put(config_record.written(settings, {config_record.RULES: "permit nobody"}))
    run = house.ask("scripted:tool=weather", tools=[WEATHER])
    said = cli("replay", run, "--as-of", "30m")
    assert (said.code, "Cedar" in said.err) == (2, True), said


ASKS = """permit(principal, action, resource);
@id("always") @ask("everything is asked about")
forbid(principal, action == Action::"call", resource) when { !context.granted };"""


def test_what_a_session_was_granted_is_granted_to_its_replay(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = parse(house.head + THEN + "policy: {proposed_calls: enforce}\n", "then", {"THEIR_KEY": "x"})
    house.put(config_record.written(settings, {config_record.RULES: ASKS}))
    now = clock.now_ns()
    journal = Journal(paths.spool(house.home))
    until = msgspec.json.encode(Grant(("weather",), until=now - 900 * 10**9))
    journal.append_now(GrantGiven("default", "trip", 0, until, now - 1800 * 10**9))
    journal.append_now(GrantWithdrawn("default", "trip", 0, now - 1000 * 10**9))
    journal.close()
    today, store = parse(house.head + TODAY, "now", {"THEIR_KEY": "x"}), house.outrider.store()

    def may(ago: int) -> bool:
        past = then.found(store, paths.spool(house.home), today, now - ago * 10**9)
        assert past is not None
        with closing(then.Beside(past, house.home, None, house.outrider.store_url)) as beside:
            beside.allow("default", "trip", f"replay:{ago}")
            monkeypatch.setattr(house.outrider, "url", beside.url)
            house.ask("scripted:tool=weather", tools=[WEATHER], session=f"replay:{ago}")
        return b"tool_calls" in house.said and b'"weather"' in house.said

    assert [may(ago) for ago in (2400, 1200, 960)] == [False, True, False], "not given yet; given; withdrawn"
    assert house.outrider.worker is not None
    ((given, _),) = house.outrider.worker.policy.control.sessions.get("default", "replay:1200").grants
    assert now < given.until < now + 25 * 3600 * 10**9, "nobody may go on under it for ever"


def test_no_model_reads_the_words_of_a_replay(house: House) -> None:
    house.put(config_record.written(parse(house.head + THEN, "then", {"THEIR_KEY": "x"}), {}))
    today, store = parse(house.head + TODAY, "now", {"THEIR_KEY": "x"}), house.outrider.store()
    past = then.found(store, paths.spool(house.home), today, clock.now_ns())
    assert past is not None
    with closing(then.Beside(past, house.home, None, house.outrider.store_url)) as beside:
        key = house.outrider.new_key("default", "policy")
        url = f"{beside.url}/api/policy/sessions/s/proposals"
        got = httpx.post(url, json={"model": "m"}, headers={"authorization": f"Bearer {key}"}, timeout=20)
    assert (got.status_code, got.json()["error"]["message"]) == (503, "this process asks no models")


def test_files_that_changed_since_are_named(cli: Run, house: House) -> None:
    servers = "tools: {servers: {shop: {openapi: shop.json, url: 'http://127.0.0.1:9'}}}\n"
    Path("outrider.yaml").write_text(Path("outrider.yaml").read_text() + servers)
    Path("shop.json").write_text("{}")
    settings = parse(house.head + THEN + servers, "then", {"THEIR_KEY": "x"})
    house.put(
        config_record.written(settings, {config_record.RULES: default_text()}, config_files.digests(settings, Path()))
    )
    run = house.ask("scripted:text=yes")

    def told() -> list[str]:
        said = json.loads(cli("replay", run, "--as-of", "30m", "--json").out)["as_of"]
        return [line for line in said if "the file is not the one of then" in line]

    assert told() == []
    Path("shop.json").write_text("{ }")
    assert [line.partition(":")[0] for line in told()] == ["tools.servers.shop.openapi"]
    shown = cli("config", "show", "--as-of", "30m").out
    assert f"tools.servers.shop.openapi: {hashlib.sha256(b'{}').hexdigest()}" in shown


def test_prices_that_were_configured_then_say_what_it_would_have_cost(cli: Run, house: House) -> None:
    """Nothing was priced then, and today nobody knows what it costs."""
    run = house.ask("scripted:text=yes")
    house.took(THEN)
    unknown = json.loads(cli("replay", run, "--as-of", "30m", "--json").out)
    assert unknown["cost_then"] is None
    priced = house.head.rstrip().removesuffix("}}").rstrip() + ", prices: {scripted-chat: {input: 2, output: 4}}}}\n"
    house.took(THEN, ago=1200, head=priced)
    said = json.loads(cli("replay", run, "--as-of", "10m", "--json").out)
    usage = json.loads(cli("runs", "show", said["replay"], "--json").out)["usage"]
    assert said["cost_then"] == (2 * usage["input"] + 4 * usage["output"]) * 1000 > 0
    assert any("scripted/scripted-chat as configured then" in line for line in said["as_of"])


def test_budgets_that_change_meanwhile_hold_for_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a replay pays is paid today: of a changed file it takes over the budgets, and nothing else."""
    house.took(THEN)
    config, text = Path("outrider.yaml"), Path("outrider.yaml").read_text()
    today = parse(text, "now", {"THEIR_KEY": "x"})
    past = then.found(house.outrider.store(), paths.spool(house.home), today, clock.now_ns() - 1800 * 10**9)
    assert past is not None
    with closing(then.Beside(past, house.home, config, house.outrider.store_url)) as beside:
        monkeypatch.setattr(house.outrider, "url", beside.url)
        assert deployment_of(house, house.ask("scripted:text=yes")) == "scripted/scripted-chat"
        config.write_text(text + "budgets: {tiny: {calls: 1, window: lifetime}}\n")
        refused, until = 0, time.monotonic() + 60
        while refused != 429 and time.monotonic() < until:
            try:
                run = house.ask("scripted:text=again")
            except urllib.error.HTTPError as error:
                refused = error.code
            else:
                assert deployment_of(house, run) == "scripted/scripted-chat"
        assert refused == 429


def deployment_of(house: House, run: str) -> str:
    found = read.get_run(house.outrider.store(), ids.parse(run))
    assert found is not None
    return found.deployment
