"""Asking a collection over the API: an answer with its passages, or a refusal; every one is a run."""

from tests.api.conftest import ApiWorld
from tests.api.test_casebook_ask import events
from tests.api.test_knowledge import URL, House, filled

ASK = f"{URL}/docs/ask"


def test_an_answer_shows_what_it_rests_on(world: ApiWorld) -> None:
    house = House(world)
    filled(house)
    said = house.reader.post(ASK, json={"question": "When are salaries paid?"})
    assert said.status_code == 200, said.text
    made = said.json()
    assert made["text"] == "Salaries are paid on the last day of the month. [1]"
    (sentence,) = made["sentences"]
    (cited,) = sentence["citations"]
    assert cited["quote"] == "Salaries are paid on the last day of the month."
    assert (made["abstained"], made["written"], sentence["flaws"]) == (False, "extractive", [])
    assert made["evidence"][0]["document"]["id"] == cited["document"]


def test_a_refusal_says_why(world: ApiWorld) -> None:
    house = House(world)
    filled(house)
    made = house.reader.post(ASK, json={"question": "Who is the dentist of Hooli?"}).json()
    assert made["abstained"]
    assert made["why"] == "no passage mentions Hooli"
    assert made["sentences"][0]["citations"] == []


def test_readers_are_kept_to(world: ApiWorld) -> None:
    house = House(world)
    filled(house, pay=["user:ann"])
    asked = {"question": "When are salaries paid?"}
    assert house.reader.post(ASK, json=asked).json()["abstained"]
    assert not house.reader.post(ASK, json=asked | {"user": "ann"}).json()["abstained"]


def test_bad_questions(world: ApiWorld) -> None:
    house = House(world)
    filled(house)
    for body, status in (({"question": " "}, 400), ({"question": "x" * 20_000}, 400), ({}, 400), ({"q": "x"}, 400)):
        told = house.reader.post(ASK, json=body)
        assert told.status_code == status, told.text
    assert house.reader.post(f"{URL}/dosc/ask", json={"question": "What?"}).status_code == 404


def test_sentences_come_as_events_and_then_the_whole(world: ApiWorld) -> None:
    house = House(world)
    filled(house)
    asked = {"question": "When are salaries paid?"}
    streamed = house.reader.post(ASK, json=asked | {"stream": True})
    *sentences, (last, whole) = events(streamed.text)
    assert (last, [said for _, said in sentences]) == ("answer", whole["sentences"])
    assert whole["text"] == house.reader.post(ASK, json=asked).json()["text"]
    assert house.reader.post(ASK, json={"question": " ", "stream": True}).status_code == 400


LIMITS = """# Upload limit

```yaml
server:
  upload_limit: 50MB   # the upload limit of the server
```

The server refuses what is larger than its upload limit, which is fifty megabytes unless you set another.

```sh
$ shop serve --upload-limit 80MB --log upload
```

Each refused upload is written to the log.
"""
SCRIPT = b'''"""Books trains."""

# Trains are booked at night, when the operator of the railway has time.
def book(train, night=True):
    return operator.book(train, night, time=railway.time())
'''


def test_code_is_quoted_only_where_it_is_asked_for(world: ApiWorld) -> None:
    house = House(world)
    house.client.post(URL, json={"name": "docs"})
    for name, body in (("limits.md", LIMITS.encode()), ("book.py", SCRIPT)):
        house.client.post(f"{URL}/docs/files", files=[("file", (name, body, "application/octet-stream"))])
    house.work()

    def said(question: str) -> str:
        text: str = house.reader.post(ASK, json={"question": question}).json()["text"]
        return text

    prose = said("What is the upload limit of the server?")
    assert "fifty megabytes" in prose
    assert "upload_limit" not in prose
    assert "--upload-limit" not in prose
    assert "--upload-limit 80MB" in said("How do I set the upload limit of shop serve?")
    assert "upload_limit: 50MB" in said("What does the upload limit look like in the configuration of the server?")
    assert "upload_limit: 50MB" in said("What does upload_limit say for the server?"), "a name of code asks for code"
    trains = said("When are trains booked by the operator?")
    assert "Trains are booked at night" in trains
    assert "return operator" not in trains
