"""Files and batches through the official client."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest

from outrider.testing import ScriptedProvider
from tests.gateway.batches.conftest import House, jsonl, line


def refused(error: openai.APIStatusError) -> tuple[int, str | None, str | None]:
    return error.status_code, error.code, error.param


def test_a_batch_is_answered(house: House) -> None:
    batch = house.begin(*[line(f"r-{i}", f"scripted:words=3 {i}") for i in range(20)])
    assert (batch.status, batch.completion_window, batch.object) == ("validating", "24h", "batch")
    assert batch.expires_at == batch.created_at + 86_400
    done = house.over(batch.id)
    assert (done.status, done.error_file_id, done.errors, done.model) == ("completed", None, None, "scripted-chat")
    counts, usage = done.request_counts, done.usage
    assert counts is not None
    assert usage is not None
    assert (counts.total, counts.completed, counts.failed) == (20, 20, 0)
    assert (usage.output_tokens, usage.total_tokens) == (60, usage.input_tokens + 60)
    moments = [done.created_at, done.in_progress_at, done.finalizing_at, done.completed_at]
    assert moments == sorted(m for m in moments if m)
    lines = house.read(done.output_file_id)
    assert [one["custom_id"] for one in lines] == [f"r-{i}" for i in range(20)]
    assert len({one["id"] for one in lines}) == 20
    assert {(one["error"], one["response"]["status_code"]) for one in lines} == {(None, 200)}
    assert lines[0]["response"]["body"]["choices"][0]["message"]["content"]
    assert house.provider.counts["chat"] == 20


def test_files(house: House) -> None:
    content = jsonl(line("a"))
    file = house.client.files.create(file=("größe.jsonl", content), purpose="batch")
    assert (file.filename, file.bytes, file.purpose, file.status) == ("größe.jsonl", len(content), "batch", "processed")
    assert file.expires_at == file.created_at + 30 * 86_400
    assert house.client.files.retrieve(file.id) == file
    assert house.client.files.content(file.id).read() == content
    short = house.client.files.create(
        file=("b", content), purpose="batch", expires_after={"anchor": "created_at", "seconds": 3600}
    )
    assert short.expires_at == short.created_at + 3600
    assert [found.id for found in house.client.files.list()] == [short.id, file.id]
    assert [found.id for found in house.client.files.list(limit=1, order="asc")] == [file.id, short.id]
    assert not list(house.client.files.list(purpose="batch_output"))
    assert house.client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError, match="No such File object"):
        house.client.files.retrieve(file.id)


def test_another_project_sees_nothing(house: House) -> None:
    batch = house.over(house.begin(line("a")).id)
    key = house.outrider.new_key("other")
    other = openai.OpenAI(base_url=f"{house.outrider.url}/v1", api_key=key, max_retries=0)
    assert not list(other.files.list())
    assert not list(other.batches.list())
    for ask in (other.files.retrieve, other.files.content, other.files.delete):
        with pytest.raises(openai.NotFoundError):
            ask(batch.input_file_id)
    for look in (other.batches.retrieve, other.batches.cancel):
        with pytest.raises(openai.NotFoundError):
            look(batch.id)
    with pytest.raises(openai.NotFoundError):
        other.batches.create(
            input_file_id=batch.input_file_id, endpoint="/v1/chat/completions", completion_window="24h"
        )
    nobody = openai.OpenAI(base_url=f"{house.outrider.url}/v1", api_key="sk-or-no-one", max_retries=0)
    for ask in (nobody.files.list, nobody.batches.list):
        with pytest.raises(openai.AuthenticationError):
            ask()


def test_listing_batches_page_by_page(house: House) -> None:
    made = [house.begin(line("a")).id for _ in range(5)]
    assert [batch.id for batch in house.client.batches.list(limit=2)] == made[::-1]
    with pytest.raises(openai.BadRequestError) as wrong:
        house.client.batches.list(limit=0)
    assert refused(wrong.value) == (400, "invalid_value", "limit")


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"endpoint": "/v1/files"}, "endpoint"),
        ({"endpoint": "/v1/nothing"}, "endpoint"),
        ({"completion_window": "25h"}, "completion_window"),
        ({"completion_window": "soon"}, "completion_window"),
        ({"completion_window": 24}, "completion_window"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": {str(i): "v" for i in range(17)}}, "metadata"),
        ({"output_expires_after": {"anchor": "created_at", "seconds": 1}}, "output_expires_after.seconds"),
        ({"output_expires_after": {"anchor": "now", "seconds": 3600}}, "output_expires_after.anchor"),
        ({"input_file_id": ""}, "input_file_id"),
    ],
)
def test_what_a_batch_must_be(house: House, change: dict[str, Any], param: str) -> None:
    asked = {"input_file_id": "file-1", "endpoint": "/v1/embeddings", "completion_window": "24h", **change}
    with pytest.raises(openai.BadRequestError) as wrong:
        house.client.batches.create(**asked)
    assert (wrong.value.param or "").startswith(param)


def test_what_is_kept_of_a_batch(house: House) -> None:
    file = house.upload(jsonl(line("a")))
    batch = house.client.batches.create(
        input_file_id=file,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata={"job": "nightly"},
        extra_body={"output_expires_after": {"anchor": "created_at", "seconds": 7200}},
    )
    assert batch.metadata == {"job": "nightly"}
    done = house.over(batch.id)
    assert done.output_file_id is not None
    output = house.client.files.retrieve(done.output_file_id)
    assert (output.purpose, output.filename) == ("batch_output", f"{batch.id}_output.jsonl")
    assert output.expires_at is not None
    assert abs(output.expires_at - output.created_at - 7200) <= 1
    assert [found.id for found in house.client.files.list(purpose="batch_output")] == [output.id]
    with pytest.raises(openai.NotFoundError) as wrong:
        house.client.batches.create(input_file_id="file-0", endpoint="/v1/chat/completions", completion_window="24h")
    assert refused(wrong.value) == (404, "file_not_found", "input_file_id")
    with pytest.raises(openai.ConflictError):
        house.client.batches.cancel(batch.id)


def test_the_input_stays_while_its_batch_is_not_over(house: House) -> None:
    batch = house.begin(line("a", "scripted:delay=30"))
    house.until(batch.id, lambda b: b.status == "in_progress")
    with pytest.raises(openai.ConflictError) as wrong:
        house.client.files.delete(batch.input_file_id)
    assert wrong.value.code == "file_in_use"


def multipart(*parts: tuple[str, str, bytes], closed: bool = True) -> bytes:
    made = b"".join(
        b'--B\r\ncontent-disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (name.encode(), more.encode(), content)
        for name, more, content in parts
    )
    return made + (b"--B--\r\n" if closed else b"")


FILE = ("file", '; filename="f"', b"x")
PURPOSE = ("purpose", "", b"batch")


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "unsupported_media_type"),
        ("multipart/form-data", b"", 415, "unsupported_media_type"),
        ("multipart/form-data; boundary=B", b"", 400, "invalid_body"),
        ("multipart/form-data; boundary=B", b"nonsense", 400, "invalid_body"),
        ("multipart/form-data; boundary=B", multipart(FILE, PURPOSE, closed=False), 400, "invalid_body"),
        ("multipart/form-data; boundary=B", multipart(FILE), 400, "missing_required_parameter"),
        ("multipart/form-data; boundary=B", multipart(PURPOSE), 400, "missing_required_parameter"),
        ("multipart/form-data; boundary=B", multipart(FILE, FILE, PURPOSE), 400, "invalid_body"),
        ("multipart/form-data; boundary=B", multipart(("file", "", b""), PURPOSE), 400, "empty_file"),
        ("multipart/form-data; boundary=B", multipart(FILE, ("purpose", "", b"vision")), 400, "invalid_value"),
        ("multipart/form-data; boundary=B", multipart(FILE, ("purpose", "", b"x" * 5000)), 400, "invalid_body"),
        ("multipart/form-data; boundary=B", multipart(*[PURPOSE] * 21, FILE), 400, "invalid_body"),
        (
            "multipart/form-data; boundary=B",
            multipart(FILE, PURPOSE, ("expires_after[seconds]", "", b"x")),
            400,
            "invalid_value",
        ),
    ],
)
def test_uploads_that_are_refused_leave_nothing(house: House, kind: str, body: bytes, status: int, code: str) -> None:
    parts = urlsplit(house.outrider.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"authorization": f"Bearer {house.outrider.key}", "content-type": kind}
    connection.request("POST", "/v1/files", body, headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    assert (answer.status, said["error"]["code"]) == (status, code)
    assert not list(house.client.files.list())


def test_files_have_a_size_in_all(build: Callable[..., House]) -> None:
    house = build("batches: {max_size: 1MB}")
    house.upload(b"x" * 600_000)
    with pytest.raises(openai.APIStatusError) as wrong:
        house.upload(b"y" * 600_000)
    assert refused(wrong.value) == (413, "files_full", "file")


def test_embeddings_too(house: House) -> None:
    made = {"url": "/v1/embeddings", "model": "scripted-embedding", "input": "hello"}
    asked = [{**line(f"e-{i}", **made)} for i in range(3)]  # type: ignore[arg-type]
    for one in asked:
        del one["body"]["messages"]
    done = house.over(house.begin(*asked, endpoint="/v1/embeddings").id)
    assert done.status == "completed"
    assert house.provider.counts["embeddings"] == 3
    assert house.read(done.output_file_id)[2]["response"]["body"]["data"][0]["embedding"]


def test_without_keys_everything_is_one_project(build: Callable[..., House]) -> None:
    house = build("auth: off", provider=ScriptedProvider())
    assert house.over(house.begin(line("a")).id).status == "completed"


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        ("/v1/responses", {"input": "scripted:words=3"}),
        ("/v1/messages", {"max_tokens": 50, "messages": [{"role": "user", "content": "scripted:words=3"}]}),
    ],
)
def test_lines_in_other_languages(house: House, endpoint: Any, body: dict[str, Any]) -> None:
    made = {"custom_id": "a", "method": "POST", "url": endpoint, "body": {"model": "scripted-chat", **body}}
    done = house.over(house.begin(made, endpoint=endpoint).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert done.usage is not None
    assert done.usage.output_tokens == 3
    (one,) = house.read(done.output_file_id)
    assert one["response"]["body"]["model"]
