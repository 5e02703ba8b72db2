"""Datasets and experiments in a real Chromium, in front of a whole Outrider: begun, watched, compared."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from outrider.evals.datasets import Datasets
from outrider.evals.records import Case
from outrider.store import open_evals
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
SUITE = """name: kinder
dataset: questions
variants: {now: support, next: {model: support, set: {max_tokens: 2}}}
evaluators: [exact, seconds]
gates: ["next: exact >= now - 0.02"]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        assert outrider.worker is not None
        outrider.worker.experiments.url = outrider.url  # it listens at a port of its own
        store = open_evals(outrider.store_url)
        cases = [Case(f"c{n}", f"scripted:text=the answer is {n}", f"the answer is {n}") for n in range(25)]
        Datasets(lambda: store).save("default", "questions", cases)
        store.close()
        yield House(outrider)


def test_an_experiment_is_begun_watched_and_compared(visit: Visit) -> None:
    page = visit()
    press(page, "g", "e")
    expect(page.get_by_role("heading", name="No experiment yet")).to_be_visible()
    page.locator("summary", has_text="New experiment").click()
    page.get_by_label("Suite").fill("dataset: nothing\n")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("variants")
    page.get_by_label("Suite").fill(SUITE)
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(re.compile(r"/experiments/exp_"))
    expect(page.locator("#experiment .state").first).to_have_text("done", timeout=60_000)
    expect(page.locator(".gates .verdict")).to_have_text("✕ failed")
    assert page.locator(".whisker .span").count() == 4
    page.reload()
    page.get_by_role("link", name="Case by case").click()
    page.get_by_label("Change").get_by_role("link", name="worse").click()
    expect(page.locator(".pair")).to_have_count(10)
    expect(page.locator(".pair .base mark").first).to_be_visible()
    page.get_by_label("By").select_option("seconds")
    expect(page).to_have_url(re.compile("score=seconds"))
    press(page, "u")
    expect(page).to_have_url(re.compile(r"/experiments/exp_\w+$"))


def test_pages_fit_a_phone(visit: Visit) -> None:
    page = visit(viewport=PHONE, color_scheme="dark")
    page.goto("/experiments")
    links = ["/experiments", "/datasets", "/datasets/questions"]
    if page.locator(".experiment .what").count():
        one = page.locator(".experiment .what").first.get_attribute("href")
        links += [f"{one}", f"{one}/diff", f"{one}/case?case=c0"]
    for link in links:
        page.goto(link)
        assert width(page) <= PHONE["width"], link


def test_a_route_is_attacked_and_its_page_says_how_often_attacks_got_through(visit: Visit) -> None:
    page = visit()
    page.goto("/experiments")
    page.get_by_role("link", name="Red team").click()
    page.get_by_role("combobox", name="Route").fill("nowhere")
    page.get_by_label("Attempts at most").fill("20")
    for name in ("encodings", "foreign", "jailbreak", "multiturn", "tools", "unreadable"):
        page.locator(f"[name=family-{name}]").uncheck()
    page.get_by_role("button", name="Attack").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no route 'nowhere'")
    expect(page.locator("[name=family-encodings]")).not_to_be_checked()
    expect(page.get_by_label("Attempts at most")).to_have_value("20")
    page.get_by_role("combobox", name="Route").fill("support")
    page.get_by_role("button", name="Attack").click()
    expect(page).to_have_url(re.compile(r"/experiments/exp_"))
    expect(page.locator(".gauge-words").first).to_contain_text("20 of 20 answers", timeout=60_000)
    expect(page.locator("#experiment .state").first).to_have_text("done", timeout=60_000)
    expect(page.locator(".rates .variant")).to_have_count(3)
    assert page.locator(".rates .whisker").count() == 6
    page.set_viewport_size(PHONE)
    assert width(page) <= PHONE["width"]
