"""What agents found by tools before they answered: through the tool gateway, in the conversation, in handed steps."""

import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import msgspec
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from outrider.base import ids
from outrider.evals.diagnosis import Diagnosis, Shelves, diagnose
from outrider.evals.experiments import Done, Item
from outrider.evals.records import Case, Outcome
from outrider.evals.searched import Retrieved, retrieved
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.gateway.test_grounding import put

CODE = '''
import json
from typing import Any
import outrider

READS = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}
PETS = {"text": "Acme insures pets.", "source": "pets.md", "score": 0.4}

@outrider.tool(searches="docs", **READS)
def search(query: str) -> dict[str, Any]:
    """Searches our documents."""
    return {"results": [PETS]}

@outrider.tool(searches="elsewhere", **READS)
def library(words: str) -> str:
    """Searches another house."""
    return "claims.md says that Acme needs 12 minutes per claim"

@outrider.tool(**READS)
def web(q: str) -> str:
    """Finds pages."""
    return json.dumps([{"snippet": "Roses want sun.", "url": "https://x.example", "title": "Garden"}])

@outrider.tool(**READS)
def long_search(query: str) -> dict[str, Any]:
    """Finds much."""
    rows = [{"text": f"Page {n} " * 40, "source": f"{n}.md"} for n in range(20)]
    return {"hits": [*rows, {"text": "Acme needs 12 minutes per claim", "source": "claims.md"}]}

@outrider.tool(**READS)
def clock(place: str) -> str:
    """Tells the time."""
    return json.dumps({"time": "12 minutes past"})
'''
SAYS = "That depends on the claim."
ASK = "What is the handling time per claim at Acme?"


@pytest.fixture(scope="module")
def outrider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    (home / "search_tools.py").write_text(CODE)
    (home / "free.cedar").write_text("permit (principal, action, resource);")
    with scripted_thread(ScriptedProvider()) as url:
        config = {
            "embedded": {"enabled": False},
            "providers": {"scripted": {"base_url": url, "models": [f"scripted:text={SAYS}"]}},
            "policy": {"rules": str(home / "free.cedar")},
            "tools": {"largest": "2kB", "servers": {"mine": {"python": str(home / "search_tools.py")}}},
        }
        with running(msgspec.json.encode(config).decode(), home / "home") as made:
            put(made, "claims.md", "# Claims at Acme\n\nHandling time per claim at Acme fell to 12 minutes.")
            put(made, "pets.md", "# Pets\n\nAcme insures pets.")
            yield made


@contextlib.asynccontextmanager
async def client(one: Running, session: str) -> AsyncIterator[Client]:
    given = {"authorization": f"Bearer {one.key}", "x-outrider-session": session}
    async with (
        httpx2.AsyncClient(headers=given, timeout=30) as web,
        Client(streamable_http_client(f"{one.url}/mcp", http_client=web)) as made,
    ):
        yield made


def answered(one: Running, session: str, messages: list[dict[str, Any]] | None = None) -> Outcome:
    body = {"model": f"scripted/scripted:text={SAYS}", "messages": messages or [{"role": "user", "content": ASK}]}
    headers = {"authorization": f"Bearer {one.key}", "content-type": "application/json", "x-outrider-session": session}
    request = urllib.request.Request(f"{one.url}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return Outcome(text=SAYS, run=answer.headers["x-request-id"])


def told(one: Running, outcome: Outcome, *, library: bool = True, **case: Any) -> Diagnosis:
    found = retrieved(one.store(), "default", outcome)
    assert one.worker is not None
    shelves = Shelves(one.worker.knowledge.library if library else None, "default")
    done = Done(Item(0, "c", "d", "now", 0, "k"), outcome, {})
    return diagnose(Case("c", ASK, **{"expected": "12 minutes", **case}), done, found, shelves, False)


async def test_an_agents_search_of_a_collection_is_made_again(outrider: Running) -> None:
    async with client(outrider, "s1") as made:
        await made.call_tool("search", {"query": ASK})
        await made.call_tool("clock", {"place": "Rome"})
    outcome = answered(outrider, "s1")
    found = retrieved(outrider.store(), "default", outcome)
    assert found is not None
    assert (found.tool, [one.source for one in found.kept]) == ("search", ["pets.md"])
    assert (found.searches[0].query, found.searches[0].collection) == (ASK, "docs")
    wrong = told(outrider, outcome)
    assert (wrong.stage, wrong.place) == ("not ranked", 1), wrong.why
    assert told(outrider, outcome, expected="They live 900 years").stage == "not indexed"
    assert told(outrider, outcome, expected="Acme insures pets").stage == "not used"
    assert told(outrider, outcome, context={"relevant": ["pets.md"]}).stage == "not used"
    assert told(outrider, outcome, library=False).stage == "unknown"
    assert retrieved(outrider.store(), "theirs", outcome) is None


async def test_a_text_of_a_tool_that_searches_elsewhere_is_a_passage(outrider: Running) -> None:
    async with client(outrider, "s2") as made:
        await made.call_tool("library", {"words": "claims at Acme"})
    outcome = answered(outrider, "s2")
    assert told(outrider, outcome).stage == "not used"
    assert told(outrider, outcome, context={"relevant": ["claims.md"]}).stage == "not used"
    missed = told(outrider, outcome, expected="900 years")
    assert (missed.stage, "not kept here" in missed.why) == ("not retrieved", True)


async def test_what_was_cut_off_was_not_ranked(outrider: Running) -> None:
    async with client(outrider, "s3") as made:
        await made.call_tool("web", {"q": "roses"})
        await made.call_tool("long_search", {"query": "claims"})
    outcome = answered(outrider, "s3")
    found = retrieved(outrider.store(), "default", outcome)
    assert found is not None
    assert (found.tool, found.kept[0].text) == ("web, long_search", "Roses want sun.")
    cut = told(outrider, outcome)
    assert (cut.stage, "cut off" in cut.why) == ("not ranked", True), cut.why


async def test_what_came_after_the_answer_was_no_help(outrider: Running) -> None:
    outcome = answered(outrider, "s4")
    async with client(outrider, "s4") as made:
        await made.call_tool("web", {"q": "roses"})
    assert retrieved(outrider.store(), "default", outcome) is None
    assert told(outrider, outcome).stage == "unknown"


async def test_what_the_gateway_knows_of_a_result_in_the_conversation_counts(outrider: Running) -> None:
    async with client(outrider, "s5") as made:
        await made.call_tool("web", {"q": "roses"})
        said = await made.call_tool("library", {"words": "claims"})
        cut = await made.call_tool("long_search", {"query": "claims"})
    texts = ["\n".join(block.text for block in one.content if block.type == "text") for one in (said, cut)]
    talk = [*_talk("library", {"words": "claims"}, texts[0]), *_talk("long", {}, texts[1])[1:]]
    outcome = answered(outrider, "s5", talk)
    found = retrieved(outrider.store(), "default", outcome)
    assert found is not None
    assert found.tool == "library, long_search", "the web was not read"
    assert told(outrider, outcome).stage == "not used"


def _talk(name: str, arguments: dict[str, Any], said: Any) -> list[dict[str, Any]]:
    call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
    return [
        {"role": "user", "content": f"{ASK} {ids.token(6)}"},  # of no session that there is
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": said if isinstance(said, str) else json.dumps(said)},
    ]


def test_results_in_the_conversation_are_found(outrider: Running) -> None:
    rows = {"documents": [{"page_content": "Acme needs 12 minutes", "metadata": {"source": "claims.md"}}]}
    given = _talk("call_tool", {"name": "find", "arguments": {"question": "Acme?"}}, rows)
    outcome = answered(outrider, "", given)
    found = retrieved(outrider.store(), "default", outcome)
    assert found is not None
    assert (found.tool, found.searches[0].query, found.kept[0].source) == ("find", "Acme?", "claims.md")
    assert told(outrider, outcome).stage == "not used"
    assert told(outrider, outcome, expected="900 years").stage == "not retrieved"
    for nothing in ("It is 12 o'clock", {"rows": [{"text": "12 minutes"}]}, [{"text": "12 minutes"}], [1, 2], "[["):
        assert retrieved(outrider.store(), "default", answered(outrider, "", _talk("find", {}, nothing))) is None


def test_an_answer_of_our_api_that_a_tool_hands_on_says_which_search_it_was(outrider: Running) -> None:
    asked = urllib.request.Request(
        f"{outrider.url}/api/knowledge/collections/docs/search", json.dumps({"query": "pets", "limit": 1}).encode(),
        {"authorization": f"Bearer {outrider.key}", "content-type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=20) as answer:
        hits = json.load(answer)
    outrider.store()  # indexes what the search recorded
    outcome = answered(outrider, "", _talk("ask", {"x": 1}, hits))
    found = retrieved(outrider.store(), "default", outcome)
    assert found is not None
    assert (found.searches[0].query, found.searches[0].collection, found.kept[0].source) == ("pets", "docs", "pets.md")
    assert told(outrider, outcome).stage in ("not ranked", "not retrieved")


def test_programs_hand_over_what_they_found(outrider: Running) -> None:
    steps: list[dict[str, Any]] = [
        {"kind": "retrieval", "query": ASK, "collection": "docs", "passages": [{"source": "pets.md", "text": "Pets."}]},
        {"kind": "tool", "name": "web", "arguments": {"q": "x"}, "result": [{"text": "12 minutes", "url": "u"}]},
        {"kind": "model", "name": "m"},
    ]
    found = retrieved(outrider.store(), "default", Outcome(steps=steps))
    assert isinstance(found, Retrieved)
    assert [one.source for one in found.kept] == ["pets.md", "u"]
    assert told(outrider, Outcome(text=SAYS, steps=steps)).stage == "not used"
    alone = Outcome(text=SAYS, steps=steps[:1])
    assert told(outrider, alone).stage == "not ranked"
    assert retrieved(outrider.store(), "default", Outcome(steps=steps[2:])) is None
