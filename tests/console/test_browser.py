"""The console in a real Chromium, in front of a whole Outrider: what a person does on every page, and nothing else.

A test fails on any console error, uncaught exception, refused resource or failed request, whatever it is about.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running
from tests.console.house import NEEDED, PHONE, House, Visit, painted, press, width

pytestmark = NEEDED

CONFIG = """
embedded: {{enabled: false}}
casebook: {{enabled: false}}
providers:
  scripted:
    base_url: "{url}"
    models: [scripted-chat]
    prices: {{scripted-chat: {{input: 2.5, output: 10}}}}
routes:
  support: {{deployments: [scripted/scripted-chat], retries: 0}}
  drafts: {{deployments: [scripted/scripted-chat], retries: 0}}
"""
LONG = "scripted:text=" + "a-word-that-does-not-end" * 20
PAGES = (
    "/runs", "/costs", "/budgets", "/deployments", "/playground", "/keys", "/batch", "/quality", "/reviews", "/judges",
    "/redteam", "/configuration", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("home")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as outrider:
        yield House(outrider)


def rows(page: Page) -> Any:
    return page.locator("#runs [data-row]")


def test_a_link_signs_in_once_and_signing_out_ends_it(visit: Visit, house: House) -> None:
    link, page = house.link(), visit(link=False)
    page.goto("/costs?by=model")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.goto(link)
    expect(page).to_have_url(f"{house.url}/runs")
    expect(page.locator(".whoami")).to_have_text("default")
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    again = visit(link=False, allow="^401 GET .*/login")
    again.goto(link)
    expect(again.get_by_role("alert")).to_contain_text("used already")
    page.get_by_label("Sign out").click()
    expect(page).to_have_url(f"{house.url}/login")
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_pasted_key_leads_on_to_the_page_that_was_asked_for(visit: Visit, house: House) -> None:
    page = visit(link=False, allow="^401 POST .*/login")
    page.goto("/costs?by=model")
    page.get_by_label("Your key").fill("sk-or-nobody-nothing")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_contain_text("not a key that works")
    page.get_by_label("Your key").fill(house.outrider.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{house.url}/costs?by=model")


def test_the_first_run_of_a_project_replaces_the_empty_page(visit: Visit, house: House) -> None:
    key = house.outrider.new_key("beginners")
    page = visit(key=key, project="beginners")
    expect(page.get_by_role("heading", name="No runs yet")).to_be_visible()
    house.say("the very first", key=key)
    expect(rows(page)).to_have_count(1)
    expect(page.get_by_role("heading", name="No runs yet")).to_have_count(0)


def test_new_runs_come_on_top_without_a_reload(visit: Visit, house: House) -> None:
    house.say("before the page was opened")
    page = visit()
    expect(page.locator(".live")).to_have_text("Live")
    page.evaluate("window.kept = true")
    house.say("while it was open")
    expect(rows(page).first).to_contain_text("while it was open")
    page.locator(".live").click()
    expect(page.locator(".live")).to_have_text("Paused")
    house.say("while it was paused")
    page.locator(".live").click()
    expect(rows(page).first).to_contain_text("while it was paused")
    assert page.evaluate("window.kept") is True
    texts = rows(page).locator(".preview").all_inner_texts()
    assert texts[:2] == ["while it was paused", "while it was open"]


def test_runs_are_filtered_and_filters_taken_away(visit: Visit, house: House) -> None:
    house.say("where is my parcel", route="drafts")
    house.say("scripted:status=500 where is my refund", route="drafts")
    page = visit()
    press(page, "/")
    page.keyboard.type("parcel")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/runs\?text=parcel$"))
    expect(rows(page)).to_have_count(1)
    page.locator(".chip", has_text="parcel").click()
    expect(page).to_have_url(f"{house.url}/runs")
    page.get_by_label("Status").get_by_role("link", name="Error").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page).locator(".preview")).to_contain_text("refund")
    page.locator("summary", has_text="Filters").click()
    page.get_by_label("Route").fill("drafts")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"status=error"))
    expect(page.locator(".chip:not(.clear)")).to_have_count(2)
    house.say("no failure, so not for this list", route="drafts")
    house.say("scripted:status=500 a second failure", route="drafts")
    expect(rows(page).first).to_contain_text("a second failure")
    expect(rows(page)).to_have_count(2)
    page.get_by_role("combobox", name="Period").select_option("24h")
    expect(page).to_have_url(re.compile("since=24h"))
    expect(rows(page)).to_have_count(2)
    page.goto("/runs?text=nothing-like-this")
    expect(page.get_by_role("heading", name="No run matches")).to_be_visible()


def test_older_runs_are_loaded_below(visit: Visit, house: House) -> None:
    key = house.outrider.new_key("busy")
    for number in range(52):
        house.say(f"call {number}", key=key)
    page = visit(key=key, project="busy")
    expect(rows(page)).to_have_count(50)
    page.get_by_role("link", name="Load older runs").click()
    expect(rows(page)).to_have_count(52)
    expect(page.get_by_role("link", name="Load older runs")).to_have_count(0)


def test_a_run_is_read_step_by_step_and_body_by_body(visit: Visit, house: House) -> None:
    house.say("scripted:text=Nine to five, <b>daily</b>.", temperature=0.5)
    page = visit()
    rows(page).first.locator(".what").click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}$"))
    step = page.locator(".step[data-kind=model]")
    expect(step.locator(".step-body")).to_be_hidden()
    step.locator("summary").click()
    expect(step.locator(".step-body")).to_contain_text("Tokens")
    request, response = page.get_by_label("Request", exact=True), page.get_by_label("Response", exact=True)
    expect(request.locator(".message[data-role=user]")).to_contain_text("Nine to five")
    expect(request.locator(".params")).to_contain_text("temperature 0.5")
    expect(response.locator(".message[data-role=assistant]")).to_contain_text("Nine to five, <b>daily</b>.")
    for form, piece in (("JSON", '"choices": ['), ("Raw", '"choices"'), ("Messages", "assistant")):
        response.get_by_role("link", name=form).click()
        expect(response.get_by_role("link", name=form)).to_have_attribute("aria-current", "true")
        expect(response.locator(".body-pane")).to_contain_text(piece)
    with page.expect_download() as download:
        response.get_by_role("link", name="Download").click()
    assert b"Nine to five" in download.value.path().read_bytes()
    expect(page.locator("or-copy", has_text="curl").get_by_role("button")).to_have_text("Copy")
    expect(page.locator("or-copy", has_text="outrider replay")).to_be_visible()
    press(page, "u")
    expect(page).to_have_url(f"{house.url}/runs")


def test_costs_are_drawn_and_tabled(visit: Visit, house: House) -> None:
    house.say("what does it cost")
    page = visit()
    page.get_by_role("link", name="Costs").click()
    expect(page.locator("or-chart canvas")).to_have_count(2)
    assert painted(page, 0)
    assert painted(page, 1)
    page.locator("or-chart .u-over").first.hover(position={"x": 5, "y": 50})
    expect(page.locator("or-chart .u-legend").first).to_contain_text("$")
    page.get_by_label("By", exact=True).get_by_role("link", name="Deployment").click()
    expect(page.locator(".label-cell", has_text="scripted/scripted-chat")).to_be_visible()
    page.get_by_label("Period").get_by_role("link", name="24 hours").click()
    expect(page).to_have_url(re.compile("by=deployment"))
    expect(page.locator("or-chart canvas")).to_have_count(2)
    page.locator("summary", has_text="Dates").click()
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"since=\d{4}-\d\d-\d\d&until="))
    expect(page.locator("or-chart canvas")).to_have_count(2)


def test_the_playground_streams_two_routes_and_stops(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/playground")
    page.get_by_label("Route").select_option("support")
    page.get_by_label("Beside it").select_option("drafts")
    page.get_by_label("Prompt").fill("scripted:text=Streamed in pieces.")
    press(page, "Control+Enter")
    lanes = page.locator(".lane")
    expect(lanes.locator("h2")).to_have_text(["support", "drafts"])
    expect(lanes.locator(".out")).to_have_text(["Streamed in pieces."] * 2)
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()
    house.index()
    expect(lanes.first.locator("footer")).to_contain_text("cost $")
    first, second = lanes.nth(0).bounding_box(), lanes.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert first["y"] == second["y"], "the two lanes are not side by side"
    page.get_by_label("Prompt").fill("scripted:endless,gap=0.05")
    page.get_by_role("button", name="Send").click()
    expect(lanes.locator(".out").first).not_to_be_empty()
    expect(lanes.locator(".out").last).not_to_be_empty()
    page.get_by_role("button", name="Stop").click()
    expect(lanes.locator("footer", has_text="stopped after")).to_have_count(2)
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()
    page.get_by_label("Beside it").select_option("Nothing")
    page.get_by_label("Prompt").fill("scripted:text=Only one now.")
    page.get_by_role("button", name="Send").click()
    expect(lanes.locator(".out")).to_have_text(["Only one now."])
    house.index()
    lanes.get_by_role("link", name="Open run").click()
    expect(page.get_by_label("Response", exact=True)).to_contain_text("Only one now.")


def test_the_playground_says_what_went_wrong(visit: Visit, house: House) -> None:
    page = visit(allow="^50. POST .*/v1/chat/completions")
    page.goto("/playground?route=support&prompt=scripted:status=500")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".lane .err")).to_contain_text("500")
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()


def test_a_key_is_shown_once_works_and_is_revoked(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/keys")
    page.get_by_label("A new key for default").fill("night shift")
    page.get_by_role("button", name="Create key").click()
    made = page.locator(".made code").first.inner_text().strip()
    assert made.startswith("sk-or-")
    house.index()
    run = house.say("with the new key", key=made)
    page.goto("/keys")
    assert made not in page.content()
    line = page.locator("tr", has_text="night shift")
    expect(line).to_contain_text("works")
    line.locator("summary", has_text="Revoke").click()
    line.get_by_role("button", name="Revoke it").click()
    expect(page).to_have_url(f"{house.url}/keys")
    house.index()
    page.reload()
    expect(page.locator("tr.gone", has_text="night shift")).to_contain_text("revoked")
    page.locator("tr.gone a", has_text="night shift").click()
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_have_id(f"r-{run}")


def test_the_theme_is_kept_and_charts_follow_it(visit: Visit, house: House) -> None:
    house.say("in any light")
    page = visit(color_scheme="light")
    page.goto("/costs")
    background = "getComputedStyle(document.body.parentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_label("Change theme").click()
    assert page.evaluate(background) != light
    expect(page.locator("or-chart canvas")).to_have_count(2)
    page.goto("/keys")
    assert page.evaluate(background) != light
    page.get_by_label("Change theme").click()
    page.get_by_label("Change theme").click()
    assert page.evaluate(background) == light
    assert page.evaluate("document.documentElement.dataset.theme ?? ''") == ""


def test_keys_of_the_keyboard(visit: Visit, house: House) -> None:
    house.say("first")
    house.say("second")
    page = visit()
    press(page, "?")
    expect(page.get_by_role("dialog")).to_be_visible()
    press(page, "Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    press(page, "j", "j", "Enter")
    expect(page.get_by_role("heading", name="first")).to_be_visible()
    press(page, "g", "k")
    expect(page).to_have_url(f"{house.url}/keys")


def test_a_revoked_key_ends_the_open_page_too(visit: Visit, house: House) -> None:
    key, working = house.outrider.new_key("leavers"), house.outrider.new_key("leavers")
    page = visit(key=key, project="leavers", allow="MIME type")  # of the sign-in page, where events were expected
    desk = visit(key=working, project="leavers")
    house.say("seen by both", key=working)
    expect(rows(page)).to_have_count(1)
    desk.goto("/keys")
    line = desk.locator("tr", has_text=key.split("-")[2])
    line.locator("summary").click()
    line.get_by_role("button", name="Revoke it").click()
    house.index()
    house.say("not for those who left", key=working)
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fruns$"))


def test_a_piece_of_a_page_asked_for_after_signing_out_leads_to_the_sign_in_page(visit: Visit, house: House) -> None:
    run = house.say("left open over the weekend")
    page = visit()
    page.goto(f"/runs/{run}")
    response = page.get_by_label("Response", exact=True)
    expect(response.locator(".message")).to_be_visible()
    page.context.clear_cookies()
    response.get_by_role("link", name="Raw").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Your key").fill(house.outrider.key)
    press(page, "Enter")
    expect(page).to_have_url(f"{house.url}/runs/{run}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_every_page_without_moving_sideways(visit: Visit, house: House, theme: str) -> None:
    house.outrider.new_key("default")
    runs = [house.say(LONG), house.say(f"scripted:status=500 {LONG}", route="drafts")]
    page = visit(viewport=PHONE, color_scheme=theme, has_touch=True, is_mobile=True, allow="^404 GET .*/nowhere")
    widths = {}
    taken = page.request.get("/configuration.json").json()["entries"][0]["href"]
    for path in (*PAGES, taken, "/runs?text=a-word&status=error", *(f"/runs/{run}" for run in runs)):
        page.goto(path)
        for closed in page.locator("main details:not([open]) > summary").all():
            if closed.is_visible():
                closed.click()
        for pane in page.locator("[hx-trigger]").all():
            pane.scroll_into_view_if_needed()
            expect(pane.locator(".body-pane")).to_be_visible()
        widths[path] = width(page)
    assert widths == dict.fromkeys(widths, PHONE["width"])


def test_a_long_tag_does_not_make_a_page_wider(visit: Visit, house: House) -> None:
    run = house.say("one of an experiment", tags="eval:exp_632b5b4fb267ae6ce0797fae")
    page = visit(viewport={"width": 1280, "height": 800})
    page.goto(f"/runs/{run}")
    expect(page.get_by_text("eval:exp_")).to_be_visible()
    assert width(page) == 1280


def test_pages_work_without_scripts(visit: Visit, house: House) -> None:
    run = house.say("read me without a script")
    for number in range(50):
        house.say(f"filler {number}")
    page = visit(link=False, java_script_enabled=False)
    page.goto("/runs")
    page.get_by_label("Your key").fill(house.outrider.new_key("default", "keys"))
    page.get_by_role("button", name="Sign in").click()
    expect(rows(page)).to_have_count(50)
    page.get_by_role("link", name="Load older runs").click()
    expect(page.locator(f"#r-{run}")).to_be_visible()
    page.get_by_role("link", name="← Newest").click()
    page.get_by_role("searchbox").fill("without a script")
    press(page, "Enter")
    expect(rows(page)).to_have_count(1)
    rows(page).locator(".what").click()
    page.locator(".step summary").last.click()
    expect(page.locator(".step .step-body").last).to_be_visible()
    page.get_by_label("Request", exact=True).get_by_role("link").click()
    expect(page.locator(".message")).to_contain_text("read me without a script")
    page.get_by_role("link", name="Raw").click()
    expect(page.locator("pre")).to_contain_text('"messages"')
    page.get_by_label("Pages").get_by_role("link", name="Costs").click()
    expect(page.locator(".label-cell", has_text="support")).to_be_visible()
    page.get_by_label("Pages").get_by_role("link", name="Playground").click()
    expect(page.locator("noscript .notice")).to_be_visible()
    page.get_by_label("Pages").get_by_role("link", name="Keys").click()
    page.get_by_label("A new key for default").fill("plain hand")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator(".made code").first).to_contain_text("sk-or-")
    house.index()
    page.goto("/keys")
    line = page.locator("tr", has_text="plain hand")
    line.locator("summary").click()
    line.get_by_role("button", name="Revoke it").click()
    house.index()
    page.goto("/keys")
    expect(page.locator("tr.gone", has_text="plain hand")).to_be_visible()
    page.get_by_label("Sign out").click()
    expect(page).to_have_url(f"{house.url}/login")


def test_a_budget_is_made_seen_live_raised_and_removed(visit: Visit, house: House) -> None:
    page = visit()
    page.goto("/budgets")
    page.get_by_text("New budget").click()
    page.get_by_label("Name").fill("browser")
    page.get_by_label("Limit").fill("0.5")
    page.get_by_label("For each").select_option("user")
    page.get_by_label("Why").fill("a pilot")
    page.get_by_role("button", name="Make budget").click()
    expect(page.get_by_role("status")).to_contain_text("browser is recorded")
    expect(page.locator(".live")).to_have_text("Live")
    page.evaluate("window.kept = true")
    house.index()
    expect(page.get_by_role("link", name="browser")).to_be_visible()
    house.say("whose call it is", user="anna")
    expect(page.locator(".budget", has_text="browser")).to_contain_text("anna")
    assert page.evaluate("window.kept") is True
    page.get_by_role("link", name="browser").click()
    expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    page.get_by_label("More by, dollars").fill("0.25")
    page.get_by_label("Why").first.fill("a demo")
    page.get_by_role("button", name="Raise", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("is raised")
    house.index()
    expect(page.locator(".figures")).to_contain_text("$0.75")
    page.get_by_text("Remove", exact=True).click()
    page.locator("form[action$='/remove'] input[name=why]").fill("over")
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("status")).to_contain_text("browser is removed")
    house.index()
    expect(page.get_by_role("link", name="browser")).to_have_count(0)
