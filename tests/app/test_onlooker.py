"""Live traffic of a whole server, scored by judges that it asks itself."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from outrider.app.onlooker import Onlooker
from outrider.base import clock
from outrider.base.errors import StoreUnavailable
from outrider.evals.online.book import DAY_NS
from outrider.evals.online.lead import NotLeading
from outrider.journal.alarm_query import list_alarms
from outrider.journal.read import RunFilter, get_run, list_runs
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

VERDICT = '{"reasons":"so","verdict":"pass"}'
CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat, {verdict}]
    prices: {{scripted-chat: {{input: 1, output: 2}}, {verdict}: {{input: 1, output: 2}}}}
routes:
  support: {{deployments: [scripted/scripted-chat]}}
  kind: {{deployments: [{judge}]}}
evaluation:
  online:
    every: 1s
    budget: {{usd: 1, calls: {calls}}}
    rules:
      all:
        share: "1"
        where: route=support
        audit: "1"
        evaluators:
          - {{regex: {{pattern: "."}}, name: says, unsure: [0.4, 0.6]}}
          - {{judge: {{model: kind, rubric: "Is it kind?", same_family: true}}}}
"""


@pytest.fixture
def outrider(tmp_path: Path) -> Iterator[Running]:
    model = f"'scripted:text={VERDICT}'"
    with scripted_thread(ScriptedProvider()) as url:
        config = CONFIG.format(url=url, verdict=model, judge=f"'scripted/scripted:text={VERDICT}'", calls=5)
        with running(config, tmp_path) as found:
            yield found


def ask(outrider: Running, text: str) -> None:
    body = json.dumps({"model": "support", "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"authorization": f"Bearer {outrider.key}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{outrider.url}/v1/chat/completions", body, headers)) as answer:
        assert answer.status == 200


def test_judges_are_asked_behind_users_and_booked_apart(outrider: Running) -> None:
    looking = Onlooker(outrider.settings, outrider.home, outrider.store_url, "me", url=outrider.url)
    try:
        assert looking.book.claim()
        looking.rounds.round()
        for n in range(7):
            ask(outrider, f"hi {n}")
        store = outrider.store()
        told = looking.rounds.round()
        assert (told.drawn, looking.book.spent(clock.now_ns() // DAY_NS).calls) == (7, 5)
        (rule,) = looking.rounds.rules
        said = looking.book.first("default", "all", "judge", rule.version("judge"), 0, 10)
        assert [value for _, value in said] == [1.0] * 5
        store = outrider.store()
        (judged, *_) = list_runs(store, RunFilter(route="kind")).rows
        found = get_run(store, judged.id)
        assert found is not None
        assert (found.tags, found.project) == (["eval:online"], "default")
        assert looking.rounds.round().drawn == 0, "what this asked is not drawn from"
        assert looking.book.spent(clock.now_ns() // DAY_NS).cost > 0
    finally:
        looking.close()


def test_a_route_tells_what_is_rare_within_the_budget(tmp_path: Path) -> None:
    with scripted_thread(ScriptedProvider()) as url:
        config = f"""
embedded: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat, scripted-embed]
    prices: {{scripted-chat: {{input: 1, output: 2}}, scripted-embed: {{input: 100, output: 0}}}}
routes:
  support: {{deployments: [scripted/scripted-chat]}}
  near: {{deployments: [scripted/scripted-embed]}}
evaluation:
  online:
    embeddings: near
    budget: {{usd: 1, calls: 2}}
    rules: {{odd: {{kind: rare, share: 10%, evaluators: [refusal]}}}}
"""
        with running(config, tmp_path) as outrider:
            looking = Onlooker(outrider.settings, outrider.home, outrider.store_url, "me", url=outrider.url)
            try:
                assert looking.book.claim()
                looking.rounds.round()
                for n in range(3):
                    ask(outrider, f"hi {n}")
                    outrider.store()
                    looking.rounds.round()
                (state,) = looking.book.states().values()
                assert state.told == "words: the day's budget for scores is used up"
                assert (state.near.space, state.near.count, state.kept.count) == ("near", 2, 3)
                spent = looking.book.spent(clock.now_ns() // DAY_NS)
                assert (spent.calls, spent.open) == (2, 0)
                assert spent.cost > 0
                (asked, *_) = list_runs(outrider.store(), RunFilter(route="near")).rows
                found = get_run(outrider.store(), asked.id)
                assert found is not None
                assert found.tags == ["eval:online"]
            finally:
                looking.close()


def test_an_alarm_goes_the_way_of_all_alarms(outrider: Running) -> None:
    looking = Onlooker(outrider.settings, outrider.home, outrider.store_url, "me", url=outrider.url)
    try:
        assert looking.book.claim()
        from outrider.evals.online.book import Changed

        change = Changed("default", "all", "says", "v", 90, 60, clock.now_ns(), clock.now_ns(), True, 0.4, 0.92)
        looking.book.changed(change)
        looking.rounds.look()
        looking.rounds.look()
    finally:
        looking.close()
    (row,) = list_alarms(outrider.store())
    event = row.event
    assert (event.what, event.subject, event.value, event.level, event.usual) == ("quality", "all", "says", 400, 920)
    assert event.amount == 30


def test_a_store_that_is_away_is_waited_for(outrider: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("outrider.app.onlooker.AGAIN", 0.0)
    looking, stop, tries = Onlooker(outrider.settings, outrider.home, outrider.store_url, "me"), threading.Event(), []

    def read(stopped: object) -> int:
        tries.append(1)
        if len(tries) < 3:
            raise StoreUnavailable("it is away")
        stop.set()
        return 0

    monkeypatch.setattr(looking.rounds, "read", read)
    monkeypatch.setattr(looking, "_every", 0.0)
    try:
        assert looking.book.claim()
        looking.run(stop)
    finally:
        looking.close()
    assert len(tries) == 3


def test_it_ends_when_another_leads_and_when_it_is_told_to(outrider: Running) -> None:
    looking = Onlooker(outrider.settings, outrider.home, outrider.store_url, "me", url=outrider.url)
    try:
        looking.run(threading.Event())
        with pytest.raises(NotLeading):
            looking.book.hold()
        assert looking.book.claim()
        stop = threading.Event()
        at = looking.book.ask_for_round()
        threading.Thread(target=lambda: (stop.wait(1.5), stop.set()), daemon=True).start()
        looking.run(stop)
        assert looking.book.lead().done > at
    finally:
        looking.close()
