import msgspec

from outrider.casebook.book import Casebook
from outrider.casebook.evidence import cite
from outrider.casebook.records import CaseStudy, Result, Source
from tests.console.conftest import World


def test_every_claim_shown_opens_the_passage_that_says_it(world: World, book: Casebook) -> None:
    case = world.client().get("/casebook/harbour-claims.json").json()
    passages = {p["number"]: p for p in case["passages"]}
    [figure] = case["results"]
    assert figure["text"] == "31\u00a0% → 58\u00a0%"
    assert figure["status"] == "vendor-claim"
    assert "31 % to 58 %" in passages[figure["passages"][0]]["quote"]
    shown = [*case["results"], *case["lessons"], *case["failures"], *(m for _, g in case["groups"] for m in g)]
    assert all(m["passages"] and m["status"] != "unsupported" for m in shown)
    text = "\n".join("".join(piece["text"] for piece in p) for told in case["texts"] for p in told["paragraphs"])
    assert all(p["href"] == f"#p-{p['number']}" and p["quote"] in text for p in case["passages"])


def test_what_no_passage_says_is_set_apart(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/harbour-claims")
    apart = page.text.split("Not shown as facts")[1]
    assert "99\u00a0%" in apart
    assert "99\u00a0%" not in page.text.split("Not shown as facts")[0]


def test_cards_need_no_script_and_texts_are_text(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/harbour-claims").text
    assert 'popovertarget="c-' in page
    assert page.count(" popover id=") == len(world.client().get("/casebook/harbour-claims.json").json()["passages"])
    assert "&lt;without&gt;" in page
    assert "<without>" not in page


def test_an_earlier_version_is_shown_as_it_was(world: World, book: Casebook) -> None:
    case = book.get("quay-routing")
    book.put(msgspec.structs.replace(case, system="Cheapest first"), who="ann", why="its own name")
    client = world.client()
    assert "Cheapest first" in client.get("/casebook/quay-routing").text
    page = client.get("/casebook/quay-routing?version=1").text
    assert "Model routing" in page
    assert "its own name" in page
    assert client.get("/casebook/quay-routing?version=7").status_code == 404


def test_an_unknown_case_is_told_with_the_nearest(world: World, book: Casebook) -> None:
    answer = world.client().get("/casebook/quay-route")
    assert answer.status_code == 404
    assert "quay-routing" in answer.text


def test_sources_that_disagree_are_shown_side_by_side(world: World, book: Casebook) -> None:
    own, page = "The deflection rate was 62 %.", "Deflection <rate>: 48 % was measured."
    sources = (
        Source("text", "vendor", "https://example.org/own", "Own"),
        Source("page", "article", "https://example.org/page", "Page"),
    )

    def figure(source: str, quote: str, value: int) -> Result:
        evidence = (cite(source, quote, 0, len(quote)),)
        return Result("deflection_rate", value, unit="%", status="verified", evidence=evidence)

    results = (figure("text", own, 62), figure("page", page, 48))
    made = CaseStudy("two-ways", "Two ways", "Lock Ltd", "Desk", year=2025, sources=sources, results=results)
    book.put(made, {"text": own, "page": page})
    later = "The deflection rate was 20 %."
    other = CaseStudy("third", "Third", "Lock Ltd", "Desk", year=2025, sources=sources[:1])
    book.put(msgspec.structs.replace(other, results=(figure("text", later, 20),)), later)
    found = world.client().get("/casebook/two-ways.json").json()
    assert {r["status"] for r in found["results"]} == {"contradicted"}
    sides = [(side["says"], side["quote"]) for one in found["disputes"] for side in (*one["here"], *one["others"])]
    assert {quote for _, quote in sides} == {own, page, later}
    text = world.client().get("/casebook/two-ways").text
    for shown in ("Sources disagree", own, "Deflection &lt;rate&gt;: 48 % was measured.", later, "/casebook/third#p-"):
        assert shown in text
    assert "Sources disagree" not in world.client().get("/casebook/harbour-claims").text
    assert world.client().get("/casebook/two-ways?version=1").status_code == 200


def test_an_author_is_named_to_who_runs_outrider_only(world: World, book: Casebook) -> None:
    case = book.get("quay-routing")
    changed = msgspec.structs.replace(case, system="Cheapest first")
    book.put(changed, who="orc_ann", why="new name (accepted by orc_desk)")
    for path in ("/casebook/quay-routing", "/casebook/quay-routing.json", "/casebook/quay-routing?version=1"):
        page = world.client().get(path).text
        assert "a contributor" in page
        assert "orc_ann" not in page
        assert "orc_desk" not in page
    desk = world.client(operator=True).get("/casebook/quay-routing").text
    assert "by orc_ann" in desk
    assert "accepted by orc_desk" in desk
