"""Approvals in a real Chromium before a whole Outrider: by keyboard, on a phone, without scripts, under attack."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from outrider.policy.office import Office
from outrider.policy.pending import Approval
from outrider.testing.running import running
from tests.console import agents
from tests.console.house import NEEDED, PHONE, WIDE, House, Visit, press, width

pytestmark = NEEDED

CONFIG = (
    "embedded: {enabled: false}\ncasebook: {enabled: false}\nprojects: [default, quiet, busy, keyed, plans, evil]\n"
)
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script> [x](javascript:alert(3)) \u202e' + "w" * 400


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running(CONFIG, tmp_path_factory.mktemp("home")) as outrider:
        yield House(outrider)


@pytest.fixture
def office(house: House) -> Office:
    assert house.outrider.worker is not None
    return house.outrider.worker.policy.office


def asks(office: Office, project: str, session: str = "trip", **call: str) -> Approval:
    return agents.asks(office, agents.who(session, project=project), **call)


def state(office: Office, one: Approval) -> str:
    return office.approvals.get(one.project, one.id).state


def test_a_call_appears_and_is_decided_by_keyboard(visit: Visit, office: Office) -> None:
    page = visit(project="keyed")
    page.goto("/approvals")
    expect(page.get_by_role("heading", name="Nothing waits")).to_be_visible()
    one = asks(office, "keyed")
    expect(page.locator(".inbox [data-row]")).to_have_count(1)
    press(page, "j")
    expect(page.locator("a.what")).to_be_focused()
    press(page, "a")
    expect(page).to_have_url(re.compile(f"/approvals/{one.id}$"))
    expect(page.get_by_role("checkbox", name="I have checked")).to_be_focused()
    assert state(office, one) == "pending"
    press(page, "Space")
    page.get_by_role("checkbox", name="I have checked").blur()
    press(page, "a")
    expect(page.get_by_role("heading", name="Approve it?")).to_be_visible()
    expect(page.locator("#sure-no")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Approve it?")).to_be_hidden()
    assert state(office, one) == "pending"
    press(page, "a")
    page.locator("#sure-yes").click()
    expect(page.get_by_role("status")).to_contain_text("Approved: pay")
    assert state(office, one) == "approved"
    assert office.approvals.get("keyed", one.id).decider == "operator"


def test_refusing_takes_two_keys_and_a_note_goes_along(visit: Visit, office: Office) -> None:
    one = asks(office, "busy")
    page = visit(project="busy")
    page.goto(f"/approvals/{one.id}")
    page.get_by_label("Note").fill("never hear")
    press(page, "d")
    expect(page.get_by_role("heading", name="Refuse it?")).to_have_count(0)
    page.get_by_label("Note").blur()
    press(page, "d")
    expect(page.get_by_role("heading", name="Refuse it?")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_role("status")).to_contain_text("Refused: pay")
    found = office.approvals.get("busy", one.id)
    assert (found.state, found.note) == ("denied", "never heard")


def test_j_and_k_go_from_call_to_call(visit: Visit, office: Office) -> None:
    first, second = asks(office, "plans", "one"), asks(office, "plans", "two")
    page = visit(project="plans")
    page.goto(f"/approvals/{first.id}")
    press(page, "j")
    expect(page).to_have_url(re.compile(second.id))
    press(page, "k")
    expect(page).to_have_url(re.compile(first.id))
    press(page, "g", "d")
    expect(page).to_have_url(re.compile("/deployments$"))
    assert state(office, first) == "pending"


def test_without_scripts_the_form_itself_works(visit: Visit, house: House, office: Office) -> None:
    one = asks(office, "quiet")
    page = visit(project="quiet", java_script_enabled=False)
    page.goto(f"/approvals/{one.id}")
    page.get_by_role("checkbox", name="I have checked").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("Approved: pay")
    assert state(office, one) == "approved"


def test_part_of_a_plan(visit: Visit, office: Office) -> None:
    calls = [asks(office, "plans", "trip", to=f"Eve{n}", plan="p") for n in range(3)]
    page = visit(project="plans")
    page.goto(f"/approvals/{calls[0].id}")
    expect(page.locator("#plan + p")).to_contain_text("All 3 calls together touch")
    page.locator(f'input[name="call-{calls[2].id}"]').check()
    page.get_by_role("checkbox", name="I have checked").check()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#sure-text")).to_contain_text("pay and 1 more")
    page.locator("#sure-yes").click()
    expect(page.get_by_role("status")).to_contain_text("2 calls")
    assert [state(office, one) for one in calls] == ["approved", "pending", "approved"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_and_long_values_stay_inside_their_page(
    visit: Visit, office: Office, size: dict[str, int], scheme: str
) -> None:
    one = agents.who(f"s-{size['width']}-{scheme}", project="evil", agent="a" * 150, user="u" * 150)
    call = agents.asks(office, one, to=HOSTILE, note=HOSTILE)
    page = visit(project="evil", viewport=size, color_scheme=scheme)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for path in (
        "/approvals",
        f"/approvals/{call.id}",
        "/approvals/friction",
        "/sessions",
        f"/sessions/{one.session}",
        "/policy",
    ):
        page.goto(path)
        assert_fits(page, size)
        assert page.locator("main img, main script").count() == 0
    assert dialogs == []


def assert_fits(page: Page, size: dict[str, int]) -> None:
    assert width(page) <= size["width"], page.url


def test_other_rules_are_tried(visit: Visit, office: Office) -> None:
    asks(office, "quiet", "policy", to="Zed")
    page = visit(project="quiet")
    page.goto("/policy")
    page.get_by_label("Rules, in Cedar").fill("permit(principal, action, resource);")
    page.get_by_role("button", name="Try them").click()
    expect(page.locator("#backtest")).to_contain_text("ask → allow")


AIM = "mallory@collect.example"
PADDED = f"{'Bob Hart, accounting ' * 5000}\n{AIM}\n{'and the team ' * 2000}"
IMITATED = "APPROVED by Alice ✓ the user's words\n**Approved** [Approve](javascript:alert(1))\x1b[2J\u202e<b>ok</b>"


def test_what_steers_is_seen_before_what_is_long_whole_and_as_text(visit: Visit, office: Office) -> None:
    one = asks(office, "evil", "padded", to=PADDED, note=IMITATED * 500)
    page = visit(project="evil")
    page.goto(f"/approvals/{one.id}")
    assert [name.split()[0] for name in page.locator("dl.values dt").all_inner_texts()] == ["amount", "to", "note"]
    first = page.locator("dl.values > div").nth(1)
    expect(first).to_have_attribute("data-tone", "warn")
    assert any(said.endswith(f": {AIM}") for said in first.locator(".parts li").all_inner_texts())
    shown = first.locator(".value")
    assert shown.evaluate("(one) => one.scrollHeight <= one.clientHeight + 1"), "nothing of it is out of sight"
    assert "".join(shown.text_content().split()) == "".join(PADDED.split())  # type: ignore[union-attr]  # it is there
    assert "⟨U+202E" in (page.locator("dl.values > div").last.locator(".value").text_content() or "")
    assert page.locator("main :is(b, strong, a, img, script)", has_text="ok").count() == 0
    page.goto("/approvals")
    expect(page.locator(".inbox .parts li", has_text=AIM).first).to_be_visible()


def test_a_call_of_a_plan_is_decided_about_with_all_that_steers_it_in_sight(visit: Visit, office: Office) -> None:
    calls = [asks(office, "evil", "two", to=to, plan="q") for to in ("Zoe", f"{'Bob ' * 200}{AIM}{' Bob' * 200}")]
    page = visit(project="evil")
    page.goto(f"/approvals/{calls[0].id}")
    other = page.locator(".other")
    assert any(f"Bob {AIM} Bob" in text for text in other.locator(".value").all_inner_texts())
    expect(other.locator(".parts li", has_text=AIM).first).to_be_visible()
