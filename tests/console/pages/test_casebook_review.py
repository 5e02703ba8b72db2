import pytest
from starlette.testclient import TestClient

from outrider.casebook import review
from outrider.casebook.book import Casebook
from outrider.console.pages import casebook_review
from tests.console.conftest import World
from tests.console.pages.test_casebook_saved import csrf

NEW = {
    "title": "Lock keeper", "organisation": "Weir Works", "year": "2026", "kind": "talk", "url": "https://example.org/w",
    "what_it_does": "Answers boats.", "techniques": "rag",
    "text": "Weir Works answers boats with retrieval-augmented generation. Waiting fell by 20 %.",
}  # fmt: skip


def propose(client: TestClient, **more: str) -> TestClient:
    answer = client.post("/casebook/edit", data=NEW | {"csrf": csrf(client)} | more)
    assert answer.headers.get("location") == "/casebook/review?done=proposed", answer.text
    return client


def test_a_new_case_waits_and_is_published_when_it_is_accepted(world: World, book: Casebook) -> None:
    propose(world.client())
    desk = world.client(operator=True)
    [waiting] = desk.get("/casebook/review.json").json()["waiting"]
    assert waiting["new"]
    assert any(change["field"] == "organisation" for change in waiting["changes"])
    data = {"csrf": csrf(desk), "id": waiting["review"]["id"], "verdict": "accept", "reason": ""}
    assert desk.post("/casebook/review", data=data).headers["location"] == "/casebook/review?done=accepted"
    found = desk.get('/casebook.json?q=org:"Weir Works"').json()
    assert [line["organisation"] for line in found["lines"]] == ["Weir Works"]
    assert "accepted" in desk.get("/casebook/review").text


def test_a_correction_starts_from_what_is_there_and_needs_a_reason_to_be_rejected(world: World, book: Casebook) -> None:
    client = world.client(operator=True)
    form = client.get("/casebook/edit.json?id=quay-routing").json()["form"]
    assert form["organisation"] == "Quay Bank"
    assert "cheapest model" in form["text"]
    propose(client, **form | {"id": "quay-routing", "year": "2023", "why": "the talk was earlier"})
    page = client.get("/casebook/review").text
    assert "<del>2024</del>" in page
    assert "<ins>2023</ins>" in page
    assert "the talk was earlier" in page
    [one] = review.queue(book)
    data = {"csrf": csrf(client), "id": one.id, "verdict": "reject", "reason": " "}
    assert "say why it is rejected" in client.post("/casebook/review", data=data).text
    client.post("/casebook/review", data=data | {"reason": "it was in 2024"})
    assert "it was in 2024" in client.get("/casebook/review").text
    assert book.get("quay-routing").year == 2024


def test_who_wrote_on_an_older_version_is_told_and_may_send_it_again(world: World, book: Casebook) -> None:
    client = world.client(operator=True)
    form = client.get("/casebook/edit.json?id=quay-routing").json()["form"] | {"id": "quay-routing"}
    given = review.Contribution(id="quay-routing", system="Quay Router")
    review.accept(book, review.contribute(book, given, who="zoe").id, by="operator")
    page = client.post("/casebook/edit", data=form | {"csrf": csrf(client), "year": "2023"}).text
    assert "changed while you wrote" in page
    assert 'name="base" value="2"' in page
    assert review.queue(book) == []
    propose(client, **form | {"base": "2", "year": "2023"})
    propose(client, **form | {"base": "2", "year": "2022"})  # another who signed in by a link
    assert [one.case.year for one in review.queue(book)] == [2023, 2022]


def test_a_long_queue_says_how_many_more_wait(world: World, book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(3):
        given = review.Contribution(title=f"Case {place}", organisation="Weir Works", text=NEW["text"])
        review.contribute(book, given, who="ann")
    monkeypatch.setattr(casebook_review, "SHOWN", 2)
    page = world.client(operator=True).get("/casebook/review").text
    assert page.count('value="accept"') == 2
    assert "1 more wait" in page
    assert (review.waiting(book), review.waiting(book, "ann"), review.waiting(book, "bob")) == (3, 3, 0)


def test_a_mistake_in_the_form_is_told_and_nothing_is_lost(world: World, book: Casebook) -> None:
    client = world.client()
    for more, told in (
        ({"year": "soon"}, "is no year"),
        ({"techniques": "rga"}, "rag"),
        ({"title": ""}, "`title` is missing"),
    ):
        page = client.post("/casebook/edit", data=NEW | {"csrf": csrf(client)} | more).text
        assert told in page
        assert "Waiting fell by 20 %" in page
    assert review.queue(book) == []


def test_only_who_runs_outrider_decides(world: World, book: Casebook) -> None:
    client = propose(world.client())
    assert "outrider keys link" in client.get("/casebook/review").text
    [one] = review.queue(book)
    data = {"csrf": csrf(client), "id": one.id, "verdict": "accept"}
    assert "only who runs Outrider" in client.post("/casebook/review", data=data).text
    assert len(review.queue(book)) == 1
    assert casebook_review.contribution({"year": ""}).year == 0


def test_who_does_not_decide_sees_only_their_own_proposals(world: World, book: Casebook) -> None:
    propose(world.client(), text=NEW["text"] + " The password of the lock is heron.")
    assert len(world.client().get("/casebook/review.json").json()["waiting"]) == 1
    [one] = review.queue(book)
    assert review.queue(book, who=one.who) == [one]
    assert review.queue(book, "", who="somebody else") == []
    other = world.client(key=world.other_public)
    page = other.get("/casebook/review")
    assert "heron" not in page.text
    assert "Nothing waits" in page.text
    review.reject(book, one.id, by="operator", reason="the password stands in it")
    assert "the password stands" not in other.get("/casebook/review").text
    assert "the password stands" in world.client().get("/casebook/review").text
