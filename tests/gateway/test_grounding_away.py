"""Answers from documents, and searches of them, while what makes their vectors is away: over real sockets."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from outrider.app import paths
from outrider.app.knowledge import works
from outrider.base import ids
from outrider.journal import read
from outrider.knowledge import embed
from outrider.knowledge.presence import Presence
from outrider.knowledge.records import Embedding, Settings
from outrider.knowledge.work import Bench
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.gateway.test_grounding import put

CONFIG = """
embedded: {{enabled: false}}
providers:
  far: {{base_url: "{url}", models: [scripted-embedding, scripted-chat]}}
routes:
  mine: {{deployments: [far/scripted-embedding], retries: 0}}
  quoted: {{deployments: [far/scripted-chat], knowledge: {{collection: docs, mode: extractive}}}}
  meaning: {{deployments: [far/scripted-chat], knowledge: {{collection: docs, mode: extractive, strategy: vector}}}}
"""
SEARCH = "/api/knowledge/collections/docs/search"
ASK = "When did the system of Acme go live?"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Running, contextlib.ExitStack]]:
    """Documents with vectors of the route `mine`, and what takes its provider away."""
    with contextlib.ExitStack() as provider:
        url = provider.enter_context(scripted_thread(ScriptedProvider()))
        with running(CONFIG.format(url=url), tmp_path, before=_address) as outrider:
            assert outrider.worker is not None
            knowledge = outrider.worker.knowledge
            library, jobs = knowledge.library(), knowledge.jobs()
            docs = library.create("default", "docs", Settings(embeddings={"default": Embedding("mine")}))
            put(outrider, "acme.md", "# Acme\n\nThe system of Acme went live in March 2024. It reads policies.")
            job = embed.request(library, jobs, docs)
            assert job is not None
            presence = Presence(tmp_path / "run" / "jobs")
            Bench(jobs, presence, works(knowledge)).one(job.id)
            presence.close()
            assert library.status(docs).vectors == {"default": 1}
            yield outrider, provider


def _address(outrider: Running) -> None:
    """Where the library finds its own server, as `outrider up` writes it."""
    told = paths.address(outrider.home)
    told.parent.mkdir(parents=True, exist_ok=True)
    told.write_text(outrider.url)


def test_words_alone_answer_and_every_answer_says_so(house: tuple[Running, contextlib.ExitStack]) -> None:
    outrider, provider = house
    with httpx.Client(base_url=outrider.url, headers={"authorization": f"Bearer {outrider.key}"}, timeout=60) as http:
        assert http.post(SEARCH, json={"query": "policies"}).json()["words_only"] == ""
        assert "x-outrider-words-only" not in chat(http, "quoted").headers
        provider.close()
        found = http.post(SEARCH, json={"query": "policies"})
        assert found.status_code == 200, found.text
        assert "the route 'mine' gives no embeddings" in found.json()["words_only"]
        told = chat(http, "quoted")
        assert told.status_code == 200, told.text
        assert "went live in March 2024" in told.json()["choices"][0]["message"]["content"]
        assert "the route 'mine' gives no embeddings" in told.headers["x-outrider-words-only"]
        (step,) = read.list_steps(outrider.store(), ids.parse(told.headers["x-request-id"]))
        assert step.attrs["words_only"].startswith(told.headers["x-outrider-words-only"][:100])
        streamed = chat(http, "quoted", stream=True)
        assert "the route 'mine' gives no embeddings" in streamed.headers["x-outrider-words-only"]


def test_by_meaning_alone_fails_clearly(house: tuple[Running, contextlib.ExitStack]) -> None:
    outrider, provider = house
    provider.close()
    with httpx.Client(base_url=outrider.url, headers={"authorization": f"Bearer {outrider.key}"}, timeout=60) as http:
        for told in (http.post(SEARCH, json={"query": "policies", "strategy": "vector"}), chat(http, "meaning")):
            assert told.status_code == 502, told.text
            assert "the route 'mine' gives no embeddings" in told.json()["error"]["message"]


def chat(http: httpx.Client, model: str, **more: Any) -> httpx.Response:
    asked = {"model": model, "messages": [{"role": "user", "content": ASK}], **more}
    return http.post("/v1/chat/completions", json=asked)
