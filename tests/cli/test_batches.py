"""`outrider batches` against a whole Outrider: sent, watched, fetched, ended; and what goes wrong on the way."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.cli import _http, batches
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import Running, running
from tests.cli.conftest import Run

CONFIG = 'embedded: {{enabled: false}}\nproviders: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("house")
    with scripted_thread(ScriptedProvider()) as url, running(CONFIG.format(url=url), home) as there:
        yield there


@pytest.fixture
def far(cli: Run, server: Running, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`far("show", …)`: `outrider batches` there."""
    monkeypatch.setenv("OUTRIDER_KEY", server.key)
    monkeypatch.setattr(batches, "EVERY", 0.02)
    return lambda *args: cli("batches", *args, "--url", server.url)


def written(path: Path, *texts: str, url: str = "/v1/chat/completions") -> str:
    lines = []
    for number, text in enumerate(texts):
        body = {"model": "scripted-chat", "messages": [{"role": "user", "content": text}]}
        lines.append(json.dumps({"custom_id": f"r-{number}", "method": "POST", "url": url, "body": body}))
    path.write_text("\n".join(lines))
    return str(path)


def test_sent_waited_for_and_fetched(far: Callable[..., Any], tmp_path: Path) -> None:
    file = written(tmp_path / 'in "two".jsonl', "scripted:words=2", "scripted:status=400", "scripted:words=3")
    done = far("create", file, "--wait", "--meta", "for=a=b", "--window", "2h")
    assert done.code == 1  # a line failed
    id_, *told = done.out.splitlines()
    assert told[:2] == [f"{id_}  completed  scripted-chat", "3 of 3 lines, 1 failed"]
    assert told[-1] == "  r-1: 400 scripted_error scripted: status 400"
    found = json.loads(far("show", id_, "--json").out)
    assert (found["batch"]["metadata"], found["batch"]["window"]) == ({"for": "a=b"}, "2h")
    assert [one["custom_id"] for one in found["errors"]["errors"]] == ["r-1"]
    answers = [json.loads(line) for line in far("results", id_).out.splitlines()]
    assert [one["custom_id"] for one in answers] == ["r-0", "r-2"]
    out = tmp_path / "errors.jsonl"
    assert far("results", id_, "--errors", "--to", str(out)).code == 0
    assert json.loads(out.read_text())["custom_id"] == "r-1"
    again = far("results", id_, "--to", str(out))
    assert (again.code, "is there already" in again.err) == (2, True)


def test_the_list_goes_on_behind_a_batch(far: Callable[..., Any], tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", "scripted:words=1")
    first, second = (far("create", file, "--wait").out.splitlines()[0] for _ in range(2))
    shown = far("list", "--limit", "1")
    assert shown.out.splitlines()[1].split("\t")[:3] == [second, "completed", "1 of 1"]
    assert f"outrider batches list --after {second}" in shown.err
    listed = json.loads(far("list", "--after", second, "--json").out)
    assert listed["batches"][0]["id"] == first
    assert listed["batches"][0]["cost_nano_usd"] == 0  # what a scripted model costs


def test_one_is_ended(far: Callable[..., Any], tmp_path: Path) -> None:
    file = written(tmp_path / "in.jsonl", *["scripted:delay=0.5,words=1"] * 100)
    id_ = json.loads(far("create", file, "--json").out)["id"]
    early = far("results", id_)
    assert (early.code, "its results are there when it is over" in early.err) == (1, True)
    assert far("cancel", id_).out.strip() == f"{id_} is cancelling"
    until = time.monotonic() + 30
    while json.loads(far("show", id_, "--json").out)["batch"]["status"] != "cancelled":
        assert time.monotonic() < until
        time.sleep(0.02)
    over = far("cancel", id_)
    assert (over.code, "Cannot cancel a batch with status 'cancelled'" in over.err) == (1, True)


def test_errors_of_message_batches_are_picked_from_the_results(
    far: Callable[..., Any], server: Running, tmp_path: Path
) -> None:
    asked = [
        {"custom_id": name, "params": {"model": "scripted-chat", "max_tokens": 9, "messages": [
            {"role": "user", "content": text}]}}
        for name, text in (("good", "scripted:words=2"), ("bad", "scripted:status=400"))
    ]  # fmt: skip
    body = json.dumps({"requests": asked}).encode()
    with _http.post(f"{server.url}/v1/messages/batches", {"x-api-key": server.key}, body, 30) as answer:
        id_ = json.loads(answer.read())["id"]
    until = time.monotonic() + 30
    while json.loads(far("show", id_, "--json").out)["batch"]["status"] != "completed":
        assert time.monotonic() < until
        time.sleep(0.02)
    assert [json.loads(line)["custom_id"] for line in far("results", id_).out.splitlines()] == ["good", "bad"]
    assert [json.loads(line)["custom_id"] for line in far("results", id_, "--errors").out.splitlines()] == ["bad"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), ("", "has no line"), ("\n[1]\n", "no request"), ("{nope", "no request")],
)
def test_files_that_are_none(far: Callable[..., Any], tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "in.jsonl"
    if content is not None:
        file.write_text(content)
    found = far("create", str(file))
    assert (found.code, said in found.err) == (2, True)


def test_wrong_lines_are_named(far: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    written(file, "scripted:words=1")
    file.write_text(file.read_text() + "\n{}\n")
    done = far("create", str(file), "--wait")
    assert (done.code, "  line 2: Missing required parameter: 'custom_id'." in done.out) == (1, True)
    assert far("create", written(file, "x", url="/v1/nothing")).err.count("is not served to batches") == 1
    assert far("create", written(file, "x"), "--meta", "novalue").code == 2


def test_who_may_not_and_nobody_there(
    far: Callable[..., Any], cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path / "in.jsonl", "x")
    assert far("show", "batch_none").err == "error: No batch found with id 'batch_none'.\n"
    monkeypatch.setenv("OUTRIDER_KEY", "sk-or-none-none")
    assert "this key is not known" in far("create", file).err
    assert "start one with `outrider up`" in cli("batches", "list", "--url", "http://127.0.0.1:9").err


def test_another_server_is_told_from_outrider(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTRIDER_KEY", "sk-or-a-b")
    with scripted_thread(ScriptedProvider()) as url:
        for args in (("list",), ("show", "batch_1"), ("cancel", "batch_1"), ("results", "batch_1")):
            said = cli("batches", *args, "--url", url)
            assert (said.code, len(said.err.splitlines())) == (1, 1), said.err
