from outrider.casebook.book import Casebook
from outrider.limits.keys import Identity
from tests.console.conftest import World


def test_an_answer_shows_the_case_it_rests_on(world: World, book: Casebook) -> None:
    client = world.client()
    page = client.get("/casebook/ask.json", params={"q": "How does Quay Bank route each call?"}).json()
    assert page["narrowed"] == 'org:"Quay Bank"'
    assert not page["answer"]["abstained"]
    cites = [c for s in page["answer"]["sentences"] for c in s["cites"]]
    assert any("cheapest model" in c["quote"] for c in cites)
    assert all(c["href"].startswith("/casebook/quay-routing#:~:text=") for c in cites)


def test_it_is_streamed_sentence_by_sentence(world: World, book: Casebook) -> None:
    answer = world.client().get("/casebook/ask/stream", params={"q": "How does Quay Bank route each call?"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.index("event: sentence") < answer.text.index("event: whole")
    assert "popovertarget" in answer.text


def test_what_the_cases_do_not_say_is_refused_with_the_nearest(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/ask", params={"q": "Who won the cup in 1966?"}).text
    assert "Not answered" in page


def test_a_mistake_in_the_question_is_told_also_in_the_stream(world: World, book: Casebook) -> None:
    client = world.client()
    assert "did you mean" in client.get("/casebook/ask", params={"q": "technqiue:rag why?"}).text
    assert "did you mean" in client.get("/casebook/ask/stream", params={"q": "technqiue:rag why?"}).text
    assert client.get("/casebook/ask/stream").status_code == 400


class Written:
    """A route that says what it was given."""

    def __init__(self, who: Identity, route: str, tag: str) -> None:
        assert tag == "casebook"
        self.who, self.route, self.cost = who, route, 0

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        self.cost += 700
        return f"Quay Bank routes each call to the cheapest model [1]. {self.route} is right."


def test_a_question_is_a_run_in_the_record(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/ask.json", params={"q": "How does Quay Bank route each call?"}).json()
    shown = world.client().get(page["run"]).text
    assert "casebook.ask" in shown
    assert "retrieval" in shown


def test_a_route_writes_where_it_is_chosen_on_this_page(world: World, book: Casebook) -> None:
    world.writer = Written
    client = world.client(models=["large", "embedded/small"])
    asked = {"q": "How does Quay Bank route each call?", "route": "large"}
    page = client.get("/casebook/ask", params=asked).text
    assert "<option selected>large</option>" in page
    assert "embedded/small" not in page
    assert "by a model" not in page
    own = {"sec-fetch-site": "same-origin"}
    answer = client.get("/casebook/ask/stream", params=asked, headers=own).text
    assert "cheapest model" in answer
    assert client.get("/casebook/ask/stream", params=asked, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    other = {"q": "Why?", "route": "embedded/small"}
    assert client.get("/casebook/ask/stream", params=other, headers=own).status_code == 400
