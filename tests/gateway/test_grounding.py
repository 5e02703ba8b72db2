"""Routes with `knowledge`, through HTTP with the official clients: any client gets answers that rest on documents."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic
from openai import APIStatusError, OpenAI

from outrider.app.settings import parse
from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal import read
from outrider.journal.events import RunRecorded
from outrider.knowledge.answer.written import INSTRUCTIONS, MARK
from outrider.knowledge.parse import parse as read_document
from outrider.knowledge.records import Fetched
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running

DOCUMENT = """# Claims at Acme

Acme Insurance handles motor claims with a retrieval system that reads 12,000 policy documents. The system went live in
March 2024. Handling time per claim fell from 90 minutes to 12 minutes. The team of 14 engineers chose pgvector.
"""
SECRET = "# Umbra\n\nProject Umbra saved 40 million dollars in a year."
TRUE = "Acme needs 12 minutes per claim now [1]. It was 90 minutes before [1]."
LIE = "Acme needs 12 minutes per claim [1]. That saves 77% of the cost [1]. Globex does the same [1]."
CONFIG = """
embedded: {{enabled: false}}
providers:
  honest:
    base_url: "{url}"
    models: ["scripted:text={true}"]
    prices: {{"scripted:text={true}": {{input: 1, output: 1}}}}
  liar: {{base_url: "{url}", models: ["scripted:text={lie}"]}}
  formed: {{base_url: "{url}", models: ['scripted:text={{"minutes": 12, "cost": 77}}']}}
  plain: {{base_url: "{url}", models: ["scripted-chat", "scripted:tool=look"]}}
routes:
  honest: {{deployments: ["honest/scripted:text={true}"], knowledge: docs}}
  marked: {{deployments: ["liar/scripted:text={lie}"], knowledge: {{collection: docs, unsupported: mark}}}}
  dropped: {{deployments: ["liar/scripted:text={lie}"], knowledge: {{collection: docs, unsupported: drop}}}}
  kept: {{deployments: ["liar/scripted:text={lie}"], knowledge: {{collection: docs, unsupported: keep}}}}
  quoted: {{deployments: [plain/scripted-chat], knowledge: {{collection: docs, mode: extractive}}, cache: {{ttl: 60s}}}}
  passing: {{deployments: [plain/scripted-chat], knowledge: {{collection: docs, on_nothing: pass}}}}
  formed: {{deployments: ['formed/scripted:text={{"minutes": 12, "cost": 77}}'], knowledge: docs}}
  tools: {{deployments: ["plain/scripted:tool=look"], knowledge: docs}}
  cached: {{deployments: ["honest/scripted:text={true}"], knowledge: docs, cache: {{ttl: 60s}}}}
  absent: {{deployments: [plain/scripted-chat], knowledge: dcos}}
  without: {{deployments: [plain/scripted-chat]}}
"""
ASK = "How long does Acme take per claim?"
NOTHING = "How many people does Hooli employ?"


class House:
    def __init__(self, outrider: Running, provider: ScriptedProvider) -> None:
        self.outrider, self.provider, self.url, self.key = outrider, provider, outrider.url, outrider.key

    def run(self, run_id: str) -> RunRecorded:
        store = self.outrider.store()
        found = read.get_run(store, ids.parse(run_id))
        assert found is not None
        found.steps = read.list_steps(store, found.id)
        return found


def put(outrider: Running, name: str, text: str, **labels: Any) -> None:
    assert outrider.worker is not None
    library = outrider.worker.knowledge.library()
    known = [c.name for c in library.collections("default")]
    docs = library.collection("default", "docs") if "docs" in known else library.create("default", "docs")
    fetched = Fetched(source=name, name=name, media="text/markdown", body=text.encode())
    library.put(docs, name, read_document(fetched), **labels)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    provider, home = ScriptedProvider(), tmp_path_factory.mktemp("home")
    with scripted_thread(provider) as url, running(CONFIG.format(url=url, true=TRUE, lie=LIE), home) as outrider:
        put(outrider, "https://acme.example/claims", DOCUMENT)
        put(outrider, "secret.md", SECRET, readers=("user:ann",))
        yield House(outrider, provider)


@pytest.fixture
def client(house: House) -> Iterator[OpenAI]:
    house.provider.forget()
    with OpenAI(base_url=f"{house.url}/v1", api_key=house.key, max_retries=0, timeout=30) as client:
        yield client


def say(text: str) -> Any:
    return [{"role": "user", "content": text}]


def notes_fit(text: str, notes: list[Any]) -> None:
    assert notes
    for note in notes:
        cited = note.url_citation
        assert note.type == "url_citation"
        assert cited.url == "https://acme.example/claims"
        assert text[cited.start_index : cited.end_index].strip()
        whole = read_document(Fetched("d", "d.md", "text/markdown", DOCUMENT.encode())).text
        assert whole[slice(*cited.quoted)] == cited.cited_text


def test_a_model_answers_from_the_passages_and_cites_them(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="honest", messages=say(ASK))
    message = raw.parse().choices[0].message
    assert message.content == TRUE
    notes_fit(TRUE, message.annotations or [])
    sent = house.provider.requests[-1]["messages"]
    assert sent[0] == {"role": "system", "content": INSTRUCTIONS}
    assert "Handling time per claim fell" in sent[1]["content"]
    assert sent[1]["content"].endswith(ASK)
    run = house.run(raw.headers["x-request-id"])
    look, model = run.steps
    assert (look.kind, look.name, look.attrs["mode"], look.attrs["kept"]) == ("retrieval", "docs", "abstractive", 1)
    assert (look.attrs["sentences"], look.attrs["cited"]) == (2, 2)
    assert model.kind == "model"
    assert look.response is not None
    body = json.loads(read.get_body(house.outrider.store(), "default", look.response.sha256) or b"{}")
    assert body["query"] == ASK
    assert "Handling time" in body["kept"][0]["text"]
    assert body["kept"][0]["score"] > 0
    assert run.cost > 0


def test_a_stream_goes_on_sentence_by_sentence_with_its_citations(client: OpenAI, house: House) -> None:
    text, notes, pieces = "", list[Any](), 0
    with client.chat.completions.create(model="honest", messages=say(ASK), stream=True) as stream:
        for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                pieces += 1
                text += chunk.choices[0].delta.content
                notes += getattr(chunk.choices[0].delta, "annotations", None) or []
    assert text == TRUE
    assert pieces == 2
    ends = [note["url_citation"]["end_index"] for note in notes]
    assert ends == [TRUE.index("[1]") + 4, len(TRUE)]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("marked", LIE.replace("cost [1].", f"cost [1].{MARK}") + MARK),
        ("dropped", "Acme needs 12 minutes per claim [1]."),
        ("kept", LIE),
    ],
)  # fmt: skip
def test_what_is_made_up(client: OpenAI, house: House, model: str, text: str, stream: bool) -> None:
    raw = client.chat.completions.with_raw_response.create(model=model, messages=say(ASK), stream=stream)
    if stream:
        said = "".join(c.choices[0].delta.content or "" for c in raw.parse() if c.choices)
    else:
        said = raw.parse().choices[0].message.content
    assert said == text
    facts = house.run(raw.headers["x-request-id"]).steps[0].attrs
    assert facts["unsupported"] == ["77%", "Globex"]
    assert facts["dropped"] == (2 if model == "dropped" else 0)


def test_without_evidence_no_model_is_asked(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="honest", messages=say(NOTHING))
    answer = raw.parse()
    assert answer.choices[0].message.content == "The documents do not answer this: no passage mentions Hooli."
    assert answer.usage is not None
    assert answer.usage.total_tokens == 0
    assert house.provider.counts["requests"] == 0
    run = house.run(raw.headers["x-request-id"])
    assert [(s.kind, s.attrs["mode"]) for s in run.steps] == [("retrieval", "refusal")]
    assert run.cost == 0
    assert raw.headers["x-outrider-cost"] == "0"


def test_or_the_model_answers_without_documents(client: OpenAI, house: House) -> None:
    answer = client.chat.completions.create(model="passing", messages=say(NOTHING))
    assert answer.choices[0].message.content == "This is a scripted answer."
    assert house.provider.requests[-1]["messages"] == say(NOTHING)


@pytest.mark.parametrize("stream", [False, True])
def test_passages_answer_by_themselves(client: OpenAI, house: House, stream: bool) -> None:
    if stream:
        chunks = list(
            client.chat.completions.create(
                model="quoted", messages=say(ASK), stream=True, stream_options={"include_usage": True}
            )
        )
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert chunks[-1].usage is not None
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    else:
        message = client.chat.completions.create(model="quoted", messages=say(ASK)).choices[0].message
        text = message.content or ""
        notes_fit(text, message.annotations or [])
    assert "Handling time per claim fell from 90 minutes to 12 minutes. [1]" in text
    assert house.provider.counts["requests"] == 0


def test_readers_are_asked_by_their_names(client: OpenAI) -> None:
    ask = say("How much did Project Umbra save?")
    told = client.chat.completions.create(model="quoted", messages=ask, user="ann").choices[0].message.content
    assert "40 million dollars" in (told or "")
    told = client.chat.completions.create(model="quoted", messages=ask, user="bob").choices[0].message.content
    assert told == "The documents do not answer this: no passage mentions Project Umbra."


def test_the_cache_knows_what_was_found(client: OpenAI, house: House) -> None:
    first = client.chat.completions.with_raw_response.create(model="cached", messages=say(ASK))
    second = client.chat.completions.with_raw_response.create(model="cached", messages=say(ASK))
    assert (first.headers["x-outrider-cache"], second.headers["x-outrider-cache"]) == ("miss", "hit")
    put(house.outrider, "more.md", "# More\n\nAcme takes 11 minutes per claim since June.")
    third = client.chat.completions.with_raw_response.create(model="cached", messages=say(ASK))
    assert third.headers["x-outrider-cache"] == "miss"
    library = house.outrider.worker.knowledge.library()  # type: ignore[union-attr]
    docs = library.collection("default", "docs")
    library.remove(docs, library.sources(docs)["more.md"][0], erase=True)


def test_a_question_that_leans_on_the_one_before(client: OpenAI, house: House) -> None:
    turns = [*say("Tell me about Acme."), {"role": "assistant", "content": "Yes?"}, *say("And when did it go live?")]
    told = client.chat.completions.create(model="quoted", messages=turns).choices[0].message.content
    assert "March 2024" in (told or "")


def test_tools_are_not_touched(client: OpenAI, house: House) -> None:
    tool: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    for question in (ASK, NOTHING):
        answer = client.chat.completions.create(model="tools", messages=say(question), tools=[tool])
        assert answer.choices[0].message.tool_calls
        with client.chat.completions.create(model="tools", messages=say(question), tools=[tool], stream=True) as stream:
            assert any(c.choices[0].delta.tool_calls for c in stream if c.choices)


def test_forms_are_respected(client: OpenAI, house: House) -> None:
    schema = {"type": "object", "properties": {"minutes": {"type": "integer"}, "cost": {"type": "integer"}}}
    form: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    raw = client.chat.completions.with_raw_response.create(model="formed", messages=say(ASK), response_format=form)
    assert json.loads(raw.parse().choices[0].message.content or "") == {"minutes": 12, "cost": 77}
    assert house.run(raw.headers["x-request-id"]).steps[0].attrs["unsupported"] == ["77"]
    with pytest.raises(APIStatusError, match="answers in sentences of its documents"):
        client.chat.completions.create(model="quoted", messages=say(ASK), response_format=form)
    with pytest.raises(APIStatusError) as refused:
        client.chat.completions.create(model="formed", messages=say(NOTHING), response_format=form)
    assert (refused.value.status_code, refused.value.code) == (422, "no_evidence")


def test_responses_have_annotations(client: OpenAI) -> None:
    for model in ("honest", "quoted"):
        content: Any = client.responses.create(model=model, input=ASK).output[0].content[0]  # type: ignore[union-attr]
        assert content.annotations
        assert {a.type for a in content.annotations} == {"url_citation"}
        assert content.annotations[0].url == "https://acme.example/claims"
    kinds = [event.type for event in client.responses.create(model="honest", input=ASK, stream=True)]
    assert kinds.count("response.output_text.annotation.added") == 2
    assert kinds[-1] == "response.completed"


def test_claudes_callers_get_citations(house: House) -> None:
    with Anthropic(base_url=house.url, api_key=house.key, max_retries=0, timeout=30) as client:
        for model in ("honest", "quoted", "dropped"):
            made = client.messages.create(model=model, max_tokens=500, messages=say(ASK))
            cited = [c for block in made.content for c in (getattr(block, "citations", None) or [])]
            assert cited, made
            assert all(c.url == "https://acme.example/claims" for c in cited)
            assert any("90 minutes to 12 minutes" in c.cited_text for c in cited)
        with client.messages.stream(model="honest", max_tokens=500, messages=say(ASK)) as stream:
            final = stream.get_final_message()
        assert final.content[0].text == TRUE  # type: ignore[union-attr]
        assert len(final.content[0].citations or []) == 2  # type: ignore[union-attr]


def test_geminis_callers_get_grounding(house: House) -> None:
    for model in ("honest", "quoted"):
        body = json.dumps({"contents": [{"role": "user", "parts": [{"text": ASK}]}]}).encode()
        request = urllib.request.Request(
            f"{house.url}/v1beta/models/{model}:generateContent",
            body,
            {"x-goog-api-key": house.key, "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            (candidate,) = json.load(answer)["candidates"]
        chunks = candidate["groundingMetadata"]["groundingChunks"]
        assert chunks[0]["web"]["uri"] == "https://acme.example/claims"


def test_an_unknown_collection_is_told_with_the_nearest(client: OpenAI, house: House) -> None:
    with pytest.raises(APIStatusError, match="docs") as told:
        client.chat.completions.create(model="absent", messages=say(ASK))
    assert told.value.status_code == 404
    text = (
        "knowledge: {collections: {docs: {}}}\nroutes: {a: {deployments: [embedded/smollm2-135m], knowledge: dosc}}"
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"routes\.a\.knowledge\.collection: .*did you mean 'docs'"):
        parse(text, "test", {})


def test_other_routes_know_nothing_of_it(client: OpenAI, house: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="without", messages=say(ASK))
    assert [s.kind for s in house.run(raw.headers["x-request-id"]).steps] == ["model"]
