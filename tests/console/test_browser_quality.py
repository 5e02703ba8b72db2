"""Scores of live traffic in a real Chromium, in front of a whole Outrider: rules, their series, and people who review
what a judge said.
"""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import expect

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse as settings
from outrider.base import clock
from outrider.evals.online import rules
from outrider.evals.online.book import Changed, Scored
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.rules import Rule
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.console.house import NEEDED, PHONE, WIDE, House, Visit, press, width
from tests.evals.online.living import CHECK, JUDGE, Living

pytestmark = NEEDED

CONFIG = """
embedded: {{enabled: false}}
casebook: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
routes:
  support: {{deployments: [scripted/scripted-chat], retries: 0}}
evaluation:
  online:
    budget: {{usd: 5, calls: 1k}}
    rules:
      support:
        share: 10%
        evaluators:
          - {{regex: {{pattern: x}}, name: greets, unsure: [0, 0.5]}}
          - {{judge: {{model: claude, rubric: "Is it kind?"}}, name: kind}}
        measures: [seconds, dollars]
      errors: {{kind: errors, per_hour: 20}}
      odd: {{kind: rare, share: 1%, where: feedback=bad, evaluators: [refusal]}}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        found = House(outrider)
        living = Living(home)
        living.support = Rule("support", "default", share=0.1, steps=rules.chain([CHECK, JUDGE]),
                              measures=rules.measures(["seconds", "dollars"], ()))  # fmt: skip
        living.score(hours=60, each=3)
        _measure(living)
        runs = [found.say(f"scripted:text=A long-word-{'x' * 200} and more. Question {n}?") for n in range(3)]
        _judged(living, runs)
        living.close()
        yield found


def _measure(living: Living) -> None:
    key, now = ("default", "support"), clock.now_ns()
    changed = Changed(
        *key, "seconds", living.support.version("seconds"), 90, 60, now - 9 * clock.HOUR_NS, now, False, 3.2, 1.25,
        measure=True, unit="s",
    )  # fmt: skip
    living.book.changed(changed)


def _judged(living: Living, runs: list[str]) -> None:
    """Runs that are there, as the judge and the measures see them."""
    key = ("default", "support")
    for run in runs:
        at = clock.now_ns()
        living.book.drew(5, {key: State()}, {(*key, at // clock.HOUR_NS): 10}, [(*key, Drawn(run, at, 10.0))])
        (sample,) = living.book.due(*key, 1)
        sample.status = "done"
        said = [("kind", 1.0), ("seconds", 1.5), ("dollars", 0.0002)]
        living.book.record(
            sample,
            [Scored(*key, name, living.support.version(name), 0, run, at, at, value, 10.0, "first", "", "", 0)
             for name, value in said],
        )  # fmt: skip


def test_rules_and_their_series_are_read(visit: Visit) -> None:
    page = visit()
    page.goto("/quality")
    expect(page.get_by_role("heading", name="support", exact=True)).to_be_visible()
    expect(page.locator(".series-chart")).to_have_count(6)
    expect(page.get_by_text("never held against people")).to_be_visible()
    page.get_by_role("link", name="seconds", exact=True).click()
    expect(page.locator("main")).to_contain_text("from 1.25 s to 3.2 s (medians)")
    page.get_by_label("Evaluator").get_by_role("link", name="kind").click()
    expect(page.get_by_text("it says <so> & is rude").first).to_be_visible()
    page.get_by_label("Period").get_by_role("link", name="24 hours").click()
    expect(page.locator(".series-chart")).to_be_visible()


def test_people_review_what_a_judge_of_live_traffic_said(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/quality/support?evaluator=kind")
    page.get_by_role("link", name="Have people review it").click()
    expect(page.get_by_label("Name")).to_have_value("kind support")
    page.get_by_label("Items at most").fill("3")
    page.get_by_label("Reviewers for each").fill("1")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Review", exact=True).click()
    for _ in range(3):
        before = page.locator("input[name=item]").input_value()
        expect(page.get_by_label("What was asked")).to_contain_text("Question")
        press(page, "2", "Enter")
        expect(page.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    page.goto("/judges")
    expect(page.locator(".experiment")).to_contain_text("live traffic by support")
    page.locator(".experiment .what").click()
    expect(page.get_by_role("row", name="on live traffic, support")).to_contain_text("3")
    page.get_by_role("row", name="on live traffic, support").get_by_role("link").click()
    expect(page.get_by_role("heading", name="support", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, WIDE])
def test_pages_of_live_traffic_fit(visit: Visit, house: House, theme: str, screen: dict[str, int]) -> None:
    with closing(EvalsHandle(settings("", "test", {}), house.outrider.home, house.outrider.store_url)) as evals:
        queues = [one.name for one in evals.review.queues.newest("default")]
    page = visit(viewport=screen, color_scheme=theme)
    links = ["/quality", "/quality/support", "/quality/support?evaluator=dollars&since=24h", "/quality/errors"]
    for queue in queues:
        links += [f"/reviews/{queue}", f"/reviews/{queue}/next"]
    widths = {}
    for link in (*links, "/reviews", "/judges", "/judges/kind"):
        page.goto(link)
        for closed in page.locator("main details:not([open]) > summary").all():
            closed.click()
        widths[link] = width(page)
    assert widths == dict.fromkeys(widths, screen["width"])
