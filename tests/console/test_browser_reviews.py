"""Review queues and judges in a real Chromium, in front of a whole Outrider: by keyboard, by two people, on a phone."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse as settings
from outrider.evals import planning
from outrider.evals.experiments import Done
from outrider.evals.records import Case, Outcome, Score
from outrider.evals.suite import parse
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.console.house import NEEDED, PHONE, House, Visit, press, width

pytestmark = NEEDED

CONFIG = """
embedded: {{enabled: false}}
casebook: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat]}}
routes:
  support: {{deployments: [scripted/scripted-chat], retries: 0}}
"""
SUITE = (
    "name: weekly\ndataset: d\nvariants: {now: x/claude-1, next: x/claude-2}\n"
    "evaluators: [{judge: {model: x/gpt-5, rubric: It is even.}}]\n"
)
RUBRIC = (
    "right: yes/no | Is it right by our terms?\ntone: kind, neutral, rude\nbetter: text | What should it have said?"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        with closing(EvalsHandle(settings("", "test", {}), home, outrider.store_url)) as evals:
            evals.datasets.save("default", "d", [Case(f"c{n}", f"number {n}") for n in range(30)])
            begun = planning.begin(parse(SUITE, "s.yaml", Path()), evals.datasets, evals.experiments, "default")
            done = []
            for item in evals.experiments.waiting(begun.id):
                word = "pass" if item.place % 4 else "fail"
                verdict = Score(float(word == "pass"), "so it is", word, 0, {"judge": "x/gpt-5"})
                done.append(Done(item, Outcome(text=f"answer {item.place} " * 20), {"judge": verdict}))
            evals.experiments.record(begun.id, done)
        found = House(outrider)
        for number in range(4):
            found.say(f"scripted:text=On Monday at {number}, and not before. When does parcel {number * 31} come?")
        yield found


def begin(page: Page, queue: str) -> None:
    if not page.get_by_label("Name").is_visible():  # open only where there is no queue yet
        page.get_by_role("heading", name="New queue").click()
    page.get_by_label("Name").fill(queue)
    page.get_by_label("Runs that a rule keeps").fill("route=support")
    page.get_by_label("Rubric").fill(RUBRIC)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name=queue)).to_be_visible()


def test_two_review_by_keyboard_and_a_third_decides(visit: Visit, house: House) -> None:
    page = visit()
    press(page, "g", "v")
    expect(page.get_by_role("heading", name="No queue yet")).to_be_visible()
    begin(page, "parcels")
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_label("What was asked")).to_contain_text("When does parcel")
    expect(page.locator("[data-here] legend")).to_have_text("right")
    press(page, "2", "1")  # yes, kind
    expect(page.locator("[data-here] legend")).to_contain_text("better")
    press(page, "Enter")
    expect(page.get_by_text("1 done by you")).to_be_visible()
    press(page, "u")
    expect(page.get_by_text("0 done by you")).to_be_visible()
    expect(page.locator("input[name=f-right][value=yes]")).to_be_checked()
    press(page, "Enter")
    expect(page.get_by_text("1 done by you")).to_be_visible()
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    press(page, "Escape")
    for _ in range(3):
        before = page.locator("input[name=item]").input_value()
        press(page, "k", "k", "1", "2", "Enter")
        expect(page.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    expect(page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    other = visit(key=house.outrider.new_key("default"))
    other.goto("/reviews/parcels/next")
    for _ in range(4):
        before = other.locator("input[name=item]").input_value()
        press(other, "1", "2", "i")
        other.keyboard.type("On Friday.")
        press(other, "Control+Enter")
        expect(other.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    other.goto("/reviews/parcels")
    expect(other.locator(".facts-line")).to_contain_text("3 of 4")
    third = visit(key=house.outrider.new_key("default"), viewport=PHONE)
    third.goto("/reviews/parcels")
    third.get_by_role("button", name="Decide 1").click()
    expect(third.get_by_text("they disagree").first).to_be_visible()
    third.locator("input[name=f-right][value=no]").check()
    third.locator("input[name=f-tone][value=kind]").check()
    third.get_by_role("button", name="Decide").click()
    expect(third.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    third.goto("/reviews/parcels")
    third.get_by_label("Dataset").fill("golden")
    third.get_by_role("button", name="Make cases").click()
    expect(third.get_by_role("status")).to_contain_text("reviewed cases are in golden")
    assert width(third) == PHONE["width"]


def test_a_run_is_judged_and_kept(visit: Visit, house: House) -> None:
    run = house.say("scripted:text=On Monday. When will it come?")
    page = visit()
    page.goto(f"/runs/{run}")
    page.get_by_role("button", name="Bad").click()
    expect(page.get_by_role("status")).to_contain_text("Written down")
    page.get_by_label("Dataset, there or new").fill("from pages")
    page.get_by_role("button", name="Make this a test").click()
    expect(page).to_have_url(re.compile("/datasets/from%20pages"))
    expect(page.locator(".cases")).to_contain_text("When will it come?")


def test_a_judge_is_held_against_people(visit: Visit) -> None:
    page = visit()
    press(page, "g", "j")
    expect(page.locator(".standing")).to_contain_text("never held against people")
    page.locator(".experiment .what").click()
    page.get_by_role("link", name="Have people review it").click()
    page.get_by_label("Items at most").fill("24")
    page.get_by_label("Reviewers for each").fill("1")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Review", exact=True).click()
    for number in range(24):
        before = page.locator("input[name=item]").input_value()
        press(page, "1" if number % 3 == 0 else "2", "Enter")
        expect(page.locator(f"input[name=item][value='{before}']")).to_have_count(0)
    page.goto("/judges/judge")
    expect(page.locator(".confusion td")).to_have_count(4)
    expect(page.locator(".portions li")).to_have_count(1)


def test_pages_fit_a_phone_in_the_dark(visit: Visit) -> None:
    page = visit(viewport=PHONE, color_scheme="dark")
    page.goto("/reviews")
    begin(page, "handy")
    for link in ("/reviews", "/reviews/handy", "/reviews/handy/next", "/judges", "/judges/judge", "/runs"):
        page.goto(link)
        assert width(page) == PHONE["width"], link
    page.goto(str(page.locator("[data-row] .what").first.get_attribute("href")))
    assert width(page) == PHONE["width"]
