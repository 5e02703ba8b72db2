"""The Casebook and collections in a real Chromium, in front of a whole Outrider, as a person uses them.

A test fails on any console error, uncaught exception, refused resource or failed request, whatever it is about.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from outrider.knowledge.library import Library
from outrider.store import open_knowledge
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.console import cases
from tests.console.conftest import parsed
from tests.console.house import NEEDED, PHONE, House, Visit, painted, press, width

pytestmark = NEEDED

CONFIG = """
embedded: {{enabled: false}}
casebook: {{enabled: true}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
routes: {{support: {{deployments: [scripted/scripted-chat], retries: 0}}}}
"""
SEARCH = "Search the Casebook"
PAGES = (
    "/casebook", "/casebook?q=RAG+in+insurance", "/casebook/harbour-claims", "/casebook/patterns",
    "/casebook/patterns/guardrails", "/casebook/trends", "/casebook/saved", "/casebook/review", "/casebook/edit",
    "/casebook/compare?id=harbour-claims&id=quay-routing&id=sluice-letters", "/casebook/ask?q=What+does+Quay+Bank+use?",
    "/knowledge", "/knowledge/handbook", "/knowledge/handbook/jobs",
    "/knowledge/handbook/ask?q=When+is+the+tea+served?",
    "/knowledge/handbook/search?q=tea&strategy=keyword&strategy=vector",
    "/knowledge/handbook/search?q=flagstaff&strategy=keyword&strategy=graph",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    book = cases.casebook(home)
    library = Library(open_knowledge(f"sqlite:///{home / 'outrider.sqlite3'}"), home)
    handbook = library.create("default", "handbook")
    library.put(handbook, "tea.md", parsed("# Tea\n\nThe tea is served at 4 pm in the garden."))
    library.put(handbook, "long.md", parsed(f"# {'Longword' * 60}\n\n{'unbroken' * 90} flagstaff."))
    for store in (book.store, book.library.store, library.store):
        store.close()
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        yield House(outrider)


def found(page: Page) -> Any:
    return page.locator(".case .what")


def test_a_new_user_sees_the_casebook_first_and_finds_while_typing(visit: Visit, house: House) -> None:
    page = visit(key=house.outrider.new_key("beginners"), project="beginners")
    expect(page).to_have_url(f"{house.url}/casebook")
    count = found(page).count()
    page.evaluate("window.kept = true")
    press(page, "/")
    page.keyboard.type("org:Harbour technique:rag")
    expect(found(page)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=org%3AHarbour"))
    expect(page.locator(".chip", has_text="Harbour Mutual")).to_be_visible()
    page.locator(".chip.clear").click()
    expect(found(page)).to_have_count(count)
    expect(page.get_by_label(SEARCH)).to_have_value("")
    page.go_back()
    expect(found(page)).to_have_count(1)
    assert page.evaluate("window.kept") is True


def test_what_was_found_is_taken_away_as_files_and_followed_by_feed(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/casebook?q=org:Harbour")
    page.locator("summary", has_text="Keep or export").click()
    for link in page.locator(".menu .panel a").all():
        answer = page.request.get(link.get_attribute("href") or "")
        assert answer.ok, answer.url
        assert len(answer.body()) > 100
    page.get_by_label("Save this search as").fill("Ours")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Ours")).to_be_visible()
    feed = page.get_by_role("link", name="RSS").get_attribute("href") or ""
    assert page.request.get(feed).headers["content-type"].startswith("application/rss+xml")


def test_arrows_lead_through_the_results_and_facets_narrow(visit: Visit, house: House) -> None:
    page = visit()
    page.goto('/casebook?q=org:Harbour,Sluice,"Quay Bank"')
    expect(found(page)).to_have_count(3)
    page.get_by_label("Industry", exact=True).get_by_role("link", name="Banking").click()
    expect(found(page)).to_have_count(1)
    expect(page.get_by_label("Industry", exact=True).locator("[aria-current]")).to_have_count(1)
    page.get_by_label(SEARCH).click()
    press(page, "ArrowDown")
    expect(found(page).first).to_be_focused()
    press(page, "ArrowUp")
    expect(page.get_by_label(SEARCH)).to_be_focused()
    press(page, "ArrowDown", "Enter")
    expect(page).to_have_url(f"{house.url}/casebook/quay-routing")
    press(page, "u")
    expect(page).to_have_url(f"{house.url}/casebook")


def test_evidence_opens_by_pointing_by_clicking_and_by_keyboard(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/casebook/harbour-claims")
    figure, card = page.locator(".results-table .ev").first, page.locator(".ev-card:popover-open")
    figure.hover()
    expect(card).to_contain_text("rose from 31 % to 58 %")
    expect(card).to_contain_text("Vendor claim")
    expect(page.locator(".told mark.now")).to_contain_text("rose from 31 %")
    page.mouse.move(5, 5)
    expect(card).to_have_count(0)
    figure.click()
    page.mouse.move(5, 5)
    expect(card).to_be_visible()
    press(page, "Escape")
    expect(card).to_have_count(0)
    figure.focus()
    press(page, "Enter")
    card.get_by_role("link", name="Read it in the text").click()
    expect(page).to_have_url(re.compile(r"#p-\d+$"))
    expect(card).to_have_count(0)
    expect(page.locator(".told mark:target")).to_be_in_viewport()


def test_evidence_opens_by_a_tap_on_a_phone(visit: Visit, house: House) -> None:
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page.goto("/casebook/harbour-claims")
    page.locator(".results-table .ev").first.tap()
    card = page.locator(".ev-card:popover-open")
    expect(card).to_contain_text("rose from 31 %")
    box = card.bounding_box()
    assert box is not None
    assert box["width"] == PHONE["width"]
    assert round(box["y"] + box["height"]) == PHONE["height"]


def test_an_answer_comes_sentence_by_sentence(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/casebook/ask")
    page.get_by_label("Question").fill("How does Quay Bank route each call?")
    press(page, "Enter")
    expect(page.locator(".answer .sentence").first).to_contain_text("cheapest model")
    expect(page.get_by_role("heading", name="Rests on")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/casebook/ask\?q=How"))
    page.locator(".cite[popovertarget]").first.click()
    expect(page.locator(".ev-card:popover-open")).to_contain_text("cheapest model")
    page.get_by_label("Question").fill("Who won the cup in 1966?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".refusal")).to_contain_text("Not answered")


def test_cases_are_ticked_and_compared(visit: Visit, house: House) -> None:
    page = visit()
    page.goto('/casebook?q=org:Harbour,"Quay Bank"')
    expect(page.locator(".compare-bar")).to_be_hidden()
    for tick in page.get_by_label("Compare", exact=True).all():
        tick.check()
    page.locator(".compare-bar").get_by_role("button").click()
    expect(page.locator(".beside thead th")).to_have_count(3)
    expect(page.locator(".beside b", has_text="=")).not_to_have_count(0)


def test_trends_are_drawn_and_downloaded(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/casebook/trends")
    expect(page.locator("or-chart canvas")).to_have_count(1)
    assert painted(page, 0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.path().read_bytes().startswith(b"technique,label,year")


def test_a_proposal_is_looked_at_and_published(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/casebook/quay-routing")
    page.get_by_role("link", name="Correct it").click()
    page.get_by_label("Year").fill("2023")
    page.get_by_label("Why").fill("the talk was earlier")
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator(".diff ins")).to_contain_text("2023")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_have_text("It is published.")
    page.goto("/casebook/quay-routing")
    expect(page.locator(".facts").first).to_contain_text("2023")
    page.get_by_role("link", name="Version 1").click()
    expect(page.locator(".facts").first).to_contain_text("2024")


def test_a_file_is_sent_and_its_job_is_shown(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/knowledge/handbook")
    page.locator("summary", has_text="Add documents").click()
    file = {"name": "pay.md", "mimeType": "text/markdown", "buffer": b"# Pay\n\nOn Friday."}
    page.get_by_label("Files").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Upload").click()
    expect(page.locator(".job").first).to_contain_text("Read documents")
    page.locator(".job").first.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("status")).to_have_text("The job ends.")


def test_strategies_stand_side_by_side_and_the_run_shows_them(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/knowledge/handbook/search")
    page.get_by_label("Query").fill("tea in the garden")
    page.get_by_role("button", name="Search").click()
    lanes = page.locator(".lane-found")
    expect(lanes.first.locator(".hits li")).to_have_count(1)
    house.index()
    lanes.first.get_by_role("link", name="run").click()
    expect(page.locator(".retrieval")).to_contain_text("tea.md")
    page.locator(".retrieval a").click()
    expect(page.locator("#here")).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_every_page_without_moving_sideways(visit: Visit, house: House, theme: str) -> None:
    page = visit(viewport=PHONE, color_scheme=theme, has_touch=True, is_mobile=True)
    widths = {}
    for path in PAGES:
        page.goto(path)
        for closed in page.locator("main details:not([open]) > summary").all():
            if closed.is_visible():
                closed.click()
        widths[path] = width(page)
    page.locator(".hit-head a").first.click()  # of the document that was found last
    expect(page.locator(".doc-text")).to_contain_text("flagstaff")
    widths["document"] = width(page)
    assert widths == dict.fromkeys(widths, PHONE["width"])


def test_pages_work_without_scripts(visit: Visit, house: House) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/casebook")
    page.get_by_label(SEARCH).fill("org:Harbour")
    press(page, "Enter")
    expect(found(page)).to_have_count(1)
    found(page).first.click()
    page.locator(".results-table .ev").first.click()
    expect(page.locator(".ev-card:popover-open")).to_contain_text("rose from 31 %")
    page.goto("/casebook/ask")
    page.get_by_label("Question").fill("How does Quay Bank route each call?")
    press(page, "Enter")
    expect(page.locator(".answer")).to_contain_text("cheapest model")
