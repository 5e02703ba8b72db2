import base64
import json
import shlex

import pytest

from outrider.base import ids
from outrider.console.pages import run as page
from outrider.journal.append import blob
from outrider.journal.events import Step, StepsRecorded
from tests.console.conftest import ANSWER, REQUEST, World


def test_a_run_shows_its_facts_steps_and_how_to_repeat_it(world: World) -> None:
    run = world.run(session="s-1", why="first choice")
    text = world.client().get(f"/runs/{ids.text(run.id)}").text
    for shown in ("$0.0000114", "812 ms", "first choice", "s-1", "list@2026-11-20", "openai/gpt-4o-mini", "result"):
        assert shown in text
    assert f"outrider replay {ids.text(run.id)}" in text


def test_the_curl_line_sends_the_same_bytes(world: World) -> None:
    body = b'{"model": "m", "messages": [{"role": "user", "content": "it\'s $HOME `x`"}]}'
    run = world.run(request=body)
    line = world.client().get(f"/runs/{ids.text(run.id)}.json").json()["curl"]
    words = shlex.split(line)
    assert words[1] == "http://127.0.0.1:8720/v1/chat/completions"
    assert words[-1].encode() == body


def test_a_large_body_is_sent_from_a_file(world: World) -> None:
    run = world.run(request=b'{"x": "' + b"y" * page.IN_COMMAND + b'"}')
    assert "@request.json" in world.client().get(f"/runs/{ids.text(run.id)}.json").json()["curl"]


@pytest.mark.parametrize("path", ["", ".json", "/steps", "/body/request", "/body/request.json", "/body/request/raw"])
def test_a_run_of_another_project_is_not_there(world: World, path: str) -> None:
    theirs = world.run(project="other")
    assert world.client().get(f"/runs/{ids.text(theirs.id)}{path}").status_code == 404


def test_bodies_read_as_messages_json_and_raw(world: World) -> None:
    run = world.run()
    client, base = world.client(), f"/runs/{ids.text(run.id)}/body"
    messages = client.get(f"{base}/request").text
    assert "Is it open on &lt;Sunday&gt;?" in messages
    assert 'data-role="user"' in messages
    assert "&#34;messages&#34;: [" in client.get(f"{base}/request?form=json").text
    assert client.get(f"{base}/response.json?form=raw").json()["text"].encode() == ANSWER
    piece = client.get(f"{base}/response", headers={"hx-request": "true"}).text
    assert "<html" not in piece
    assert "Yes &amp; no." in piece


def test_bodies_are_read_in_the_language_of_their_run(world: World) -> None:
    asked = {"model": "m", "instructions": "Be brief.", "input": "Is it open?"}
    run = world.run(request=json.dumps(asked).encode(), name="responses")
    reading = world.client().get(f"/runs/{ids.text(run.id)}/body/request.json").json()["reading"]
    assert [message["role"] for message in reading["messages"]] == ["system", "user"]


def test_the_download_is_byte_for_byte(world: World) -> None:
    run = world.run()
    answer = world.client().get(f"/runs/{ids.text(run.id)}/body/request/raw")
    assert answer.content == REQUEST
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["content-security-policy"] == "sandbox"


def test_a_big_body_is_cut_with_a_link_to_all(world: World) -> None:
    big = json.dumps({"messages": [{"role": "user", "content": "z" * 3_000_000}]}).encode()
    run = world.run(request=big)
    answer = world.client().get(f"/runs/{ids.text(run.id)}/body/request")
    assert len(answer.content) < 2 * page.CUT
    assert "Download all 3.0 MB" in answer.text


def test_what_is_not_text_or_not_kept_is_said(world: World) -> None:
    odd = world.run(request=b"\xff\xfe\x00", response=b"<html>")
    assert "�" in world.client().get(f"/runs/{ids.text(odd.id)}/body/request").text
    gone = world.run(request=b"never stored", kept=False)
    base = f"/runs/{ids.text(gone.id)}/body/request"
    assert "no longer kept" in world.client().get(base).text
    assert world.client().get(f"{base}/raw").status_code == 404
    assert world.client().get(f"/runs/{ids.text(gone.id)}/body/sideways").status_code == 404
    assert world.client().get(f"{base}?form=neat").status_code == 400


def test_a_steps_own_body(world: World) -> None:
    body = b'{"input": "one text"}'
    run = ids.new_id()
    steps = [Step(2**63 + 5, "retrieval", "search", request=blob(body))]
    world.record(StepsRecorded(run, "default", 1, steps, "job"), (body,))
    client = world.client()
    assert "one text" in client.get(f"/runs/{ids.text(run)}/body/request?step={2**63 + 5}").text
    assert client.get(f"/runs/{ids.text(run)}/body/request/raw?step={2**63 + 5}").content == body
    assert client.get(f"/runs/{ids.text(run)}/body/request?step=7").status_code == 404


def test_a_long_run_comes_in_pages(world: World) -> None:
    run, total = ids.new_id(), 2 * page.STEPS + 10
    steps = [Step(i + 1, "tool", f"step-{i}", start=i, duration=1, parent=1 if i else 0) for i in range(total)]
    world.record(StepsRecorded(run, "default", 1_000, steps, "long"))
    client, address, seen = world.client(), f"/runs/{ids.text(run)}.json", 0
    while address:
        found = client.get(address).json()
        seen += _count(found["tree"])
        address = found["more"].replace("/steps?", "/steps.json?")
    assert seen == total
    text = client.get(f"/runs/{ids.text(run)}").text
    assert "still going on" in text
    assert "Load more steps" in text


def _count(nodes: list[dict]) -> int:  # type: ignore[type-arg]
    return sum(1 + _count(node.get("children", [])) for node in nodes)


def test_an_image_is_shown_and_an_address_is_not_fetched(world: World) -> None:
    data = "data:image/png;base64," + base64.b64encode(b"png").decode()
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in (data, "https://example.org/x.png")]
    run = world.run(request=json.dumps({"messages": [{"role": "user", "content": parts}]}).encode())
    text = world.client().get(f"/runs/{ids.text(run.id)}/body/request").text
    assert f'<img src="{data}"' in text
    assert 'src="https://example.org' not in text
