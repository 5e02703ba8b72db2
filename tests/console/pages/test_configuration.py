"""The page of configurations: history, one of them, what it changed; and the way to it from a run."""

import json

import pytest

from outrider.app import config_record
from outrider.app.settings import parse
from outrider.base import clock, ids
from outrider.console.pages import configuration
from outrider.journal import spool
from outrider.journal.append import blob
from outrider.journal.events import ConfigurationTaken
from tests.console.conftest import World

SECOND = 10**9
FIRST = "embedded: {enabled: off}\n"
SECOND_TEXT = "embedded: {enabled: off}\nserver: {most_calls: 7}\n"


def take(world: World, text: str, ago: float, why: str = "start", house: str = "") -> str:
    record = config_record.written(parse(text, "t", {}), {config_record.RULES: "permit(principal, action, resource);"})
    return put(world, record, ago, why, house)


def put(world: World, record: bytes, ago: float, why: str = "start", house: str = "") -> str:
    place = f"{house or spool.identity(world.home / 'spool')}/{world.journal.slot}"
    kept = blob(record)
    taken = ConfigurationTaken(clock.now_ns() - int(ago * SECOND), place, kept, why, "1.2.3")  # type: ignore[arg-type]
    world.record(taken, (record,), project="")
    return kept.sha256.hex()


def test_the_history_is_listed_newest_first(world: World) -> None:
    client = world.client(operator=True)
    assert "Nothing is on record yet" in client.get("/configuration").text
    one = take(world, FIRST, 300)
    two = take(world, SECOND_TEXT, 200, "reload")
    assert take(world, SECOND_TEXT, 100) == two, "the same again"
    take(world, "server: {most_calls: 9}", 50, "replay")
    entries = client.get("/configuration.json").json()["entries"]
    assert [(e["sha256"], e["why"], e["times"]) for e in entries] == [(two, "reload", 2), (one, "start", 1)]
    assert (entries[0]["until"], entries[1]["until"]) == (0, entries[0]["since"])
    page = client.get("/configuration").text
    assert page.index(two[:12]) < page.index(one[:12])
    assert "a change of the file" in page


def test_one_is_shown_with_what_it_changed(world: World) -> None:
    one, two = take(world, FIRST, 300), take(world, SECOND_TEXT, 200, "reload")
    other = take(world, "server: {most_calls: 9}", 250, house="elsewhere")
    client = world.client(operator=True)
    page = client.get(f"/configuration/{two[:12]}.json").json()
    assert page["before"] == one, "what was in force before in the same installation"
    said = {(each["what"], each["text"].strip()) for each in page["changes"]}
    assert ("new", "most_calls: 7") in said
    assert all(text != "most_calls: 7" for what, text in said if what == "gone")
    assert "most_calls: 7" in page["text"]
    assert "permit(principal, action, resource);" in page["text"]
    against = client.get(f"/configuration/{two}.json?before={other}").json()
    assert ("gone", "most_calls: 9") in {(each["what"], each["text"].strip()) for each in against["changes"]}
    shown = client.get(f"/configuration/{two}").text
    assert "<ins>  most_calls: 7</ins>" in shown
    assert "Nothing was in force before it" in client.get(f"/configuration/{one}").text
    for missing in (f"/configuration/{'0' * 64}", f"/configuration/{one}?before={'0' * 64}"):
        assert client.get(missing).status_code == 404


def test_a_text_that_is_gone_or_unreadable_is_said(world: World) -> None:
    bad = put(world, b"no record", 10)
    page = world.client(operator=True).get(f"/configuration/{bad}")
    assert page.status_code == 200
    assert "cannot be read" in page.text


def test_a_large_one_is_cut_and_the_command_is_named(world: World) -> None:
    one = take(world, FIRST, 20)
    settings = json.loads(config_record.written(parse(FIRST, "t", {}), {}))
    settings["files"] = {"policy.rules": "\n".join(f"// {n}" for n in range(7_000))}
    large = put(world, json.dumps(settings).encode(), 10)
    page = world.client(operator=True).get(f"/configuration/{large}")
    assert f"outrider config diff {one[:12]} {large[:12]}" in page.text
    assert "// 6999" not in page.text


def test_it_is_not_compared_with_the_beginning_of_a_large_one(world: World) -> None:
    settings = json.loads(config_record.written(parse(FIRST, "t", {}), {}))
    settings["files"] = {"policy.rules": "\n".join(f"// {n}" for n in range(7_000))}
    large = put(world, json.dumps(settings).encode(), 20)
    settings["files"] = {"policy.rules": "// 6999"}
    small = put(world, json.dumps(settings).encode(), 10)
    client = world.client(operator=True)
    assert client.get(f"/configuration/{small}.json").json()["changes"] == []
    page = client.get(f"/configuration/{small}").text
    assert f"outrider config diff {large[:12]} {small[:12]}" in page
    assert "most_calls" in page
    assert "The beginning" not in page


def test_a_run_of_a_replay_leads_to_what_answered_it(world: World) -> None:
    take(world, FIRST, 300)
    then = take(world, "server: {most_calls: 9}", 50, "replay")
    run = world.run()
    client = world.client(operator=True)
    assert client.get(f"/runs/{ids.text(run.id)}.json").json()["configuration"] == then
    page = client.get(f"/configuration/{then}")
    assert page.status_code == 200
    assert "most_calls: 9" in page.text
    assert "As of a replay" in page.text


def test_a_long_history_says_where_it_begins(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "LOOKED_AT", 3)
    client = world.client(operator=True)
    for n in range(4):
        take(world, FIRST, 300 - n)
        shown = client.get("/configuration.json").json()
        assert (shown["entries"][0]["times"], shown["looked_at"]) == (min(n + 1, 3), 3 if n >= 2 else 0)
        assert ("The newest 3 starts" in client.get("/configuration").text) is (n >= 2)


@pytest.mark.parametrize("digest", ["zz" * 32, "0" * 65, "ab cd ef", "12345", "%25%25%25%25%25%25", "______"])
def test_what_is_no_digest_is_not_found(world: World, digest: str) -> None:
    one = take(world, FIRST, 300)
    client = world.client(operator=True)
    assert client.get(f"/configuration/{digest}").status_code == 404
    assert client.get(f"/configuration/{one}?before={digest}").status_code == 404
    assert client.get(f"/configuration/{one[:7].upper()}.json").json()["sha256"] == one


def test_a_key_of_a_project_does_not_see_it(world: World) -> None:
    digest = take(world, FIRST, 100)
    run = world.run()
    client = world.client()
    for path in ("/configuration", f"/configuration/{digest}", f"/configuration/{digest}.json"):
        refused = client.get(path)
        assert (refused.status_code, "most_calls" in refused.text) == (403, False)
    shown = client.get(f"/runs/{ids.text(run.id)}")
    assert "/configuration" not in shown.text
    assert client.get(f"/runs/{ids.text(run.id)}.json").json()["configuration"] == ""


@pytest.mark.parametrize("taken", [True, False])
def test_a_run_leads_to_the_configuration_that_answered_it(world: World, taken: bool) -> None:
    digest = take(world, FIRST, 100) if taken else ""
    run = world.run()
    client = world.client(operator=True)
    assert client.get(f"/runs/{ids.text(run.id)}.json").json()["configuration"] == digest
    page = client.get(f"/runs/{ids.text(run.id)}").text
    assert (f'href="/configuration/{digest}"' in page) is taken
    if taken:
        assert client.get(f"/configuration/{digest}").status_code == 200
