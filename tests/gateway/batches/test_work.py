"""What becomes of a batch: lines that fail, wait, are cut off; keys that end; others that hold it."""

import time
from collections.abc import Callable

import openai
import pytest

from outrider.gateway.batches import pace, queue
from outrider.journal import read
from outrider.journal.events import BatchCancelled, BatchCreated, BatchEnded
from outrider.journal.rows import RunFilter
from tests.gateway.batches.conftest import House, jsonl, line


def faults(house: House, content: bytes) -> list[tuple[str | None, int | None]]:
    file = house.upload(content)
    batch = house.client.batches.create(input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h")
    done = house.over(batch.id)
    assert (done.status, done.output_file_id, done.error_file_id) == ("failed", None, None)
    assert done.failed_at is not None
    assert done.request_counts is not None
    assert (done.request_counts.total, house.provider.counts["chat"]) == (0, 0)
    assert done.errors is not None
    return [(one.code, one.line) for one in done.errors.data or []]


def test_a_batch_with_bad_lines_costs_nothing(house: House) -> None:
    bad = jsonl(line("a"), line("b")) + b"{no json\n\n" + jsonl(line("a"), {**line("c"), "url": "/v1/embeddings"})
    assert faults(house, bad) == [("invalid_json_line", 3), ("duplicate_custom_id", 5), ("url_mismatch", 6)]
    assert faults(house, b"\n\n") == [("empty_file", None)]
    many = faults(house, b"x\n" * 1000)
    assert (len(many), many[-1]) == (50, ("invalid_json_line", 50))


def test_too_many_lines(house: House) -> None:
    assert faults(house, b"".join(jsonl(line(str(i))) for i in range(50_001))) == [("too_many_tasks", None)]


def test_lines_that_fail_are_in_the_error_file(house: House) -> None:
    done = house.over(house.begin(line("good"), line("bad", "scripted:status=400"), line("gone", model="nowhere")).id)
    assert (done.status, done.request_counts.completed, done.request_counts.failed) == (  # type: ignore[union-attr]
        "completed", 1, 2,
    )  # fmt: skip
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["good"]
    bad, gone = house.read(done.error_file_id)
    assert (bad["custom_id"], bad["response"]["status_code"], bad["error"]) == ("bad", 400, None)
    assert "scripted: status 400" in bad["response"]["body"]["error"]["message"]
    assert (gone["response"]["status_code"], gone["response"]["body"]["error"]["code"]) == (404, "model_not_found")


def test_lines_that_are_refused_for_now_wait_and_go_on(house: House) -> None:
    limited = "scripted:status=429,retry-after=0.05,fail-times=20,key=limited"
    done = house.over(house.begin(*[line(f"r-{i}", limited) for i in range(30)]).id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert len(house.read(done.output_file_id)) == 30
    assert house.provider.counts["chat"] == 50


def test_models_do_not_wait_for_each_other(build: Callable[..., House]) -> None:
    house = build()
    slow = [line(f"s-{i}", "scripted:status=429,retry-after=700") for i in range(40)]
    quick = [line(f"q-{i}", "hello", model="scripted/other") for i in range(20)]
    batch = house.begin(*slow, *quick)
    seen = house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed == 20)
    assert seen.status == "in_progress"
    waits = house.until(batch.id, lambda b: b.outrider["waits_for"] is not None)  # type: ignore[attr-defined]
    assert waits.outrider == {"waits_for": "scripted-chat: 429 scripted_error"}  # type: ignore[attr-defined]


def test_a_batch_that_is_cancelled_ends_with_what_it_has(house: House) -> None:
    lines = [line(f"r-{i}", "scripted:words=2" if i < 5 else "scripted:delay=0.4") for i in range(60)]
    batch = house.begin(*lines)
    house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed >= 5)
    asked = house.client.batches.cancel(batch.id)
    assert (asked.status, asked.cancelling_at is not None) == ("cancelling", True)
    done = house.over(batch.id)
    assert (done.status, done.cancelled_at is not None) == ("cancelled", True)
    counts = done.request_counts
    assert counts is not None
    good, bad = house.read(done.output_file_id), house.read(done.error_file_id)
    assert (len(good), len(bad), counts.completed + counts.failed) == (counts.completed, counts.failed, 60)
    assert house.provider.counts["chat"] == len(good) < 60
    assert {(one["response"], one["error"]["code"]) for one in bad} == {(None, "batch_cancelled")}
    assert sorted(one["custom_id"] for one in good + bad) == sorted(f"r-{i}" for i in range(60))


def test_a_batch_whose_time_is_over_has_expired_lines(house: House) -> None:
    lines = [line("quick"), *[line(f"s-{i}", "scripted:status=503,retry-after=700") for i in range(4)]]
    done = house.over(house.begin(*lines, window="2s").id)
    assert (done.status, done.expired_at is not None) == ("expired", True)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["quick"]
    assert [one["error"]["code"] for one in house.read(done.error_file_id)] == ["batch_expired"] * 4
    assert done.request_counts is not None
    assert done.request_counts.failed == 4


def test_a_key_that_is_revoked_ends_its_batch(house: House) -> None:
    batch = house.begin(*[line(f"r-{i}", "scripted:delay=0.2") for i in range(200)])
    house.until(batch.id, lambda b: b.status == "in_progress")
    worker, key = house.outrider.worker, house.outrider.key
    assert worker is not None
    worker.keys._revoked.add(key.split("-")[2])
    second = openai.OpenAI(
        base_url=f"{house.outrider.url}/v1", api_key=house.outrider.new_key("default"), max_retries=0
    )
    house.client = second
    done = house.over(batch.id)
    assert done.status == "failed"
    assert done.errors is not None
    assert done.errors.data is not None
    assert [one.code for one in done.errors.data] == ["key_revoked"]
    failed = house.read(done.error_file_id)
    assert failed[-1]["error"]["code"] == "batch_failed"
    assert house.provider.counts["chat"] < 200


def test_lines_are_runs_of_whom_the_batch_counts_for(house: House) -> None:
    file = house.upload(jsonl(*[line(f"r-{i}") for i in range(3)]))
    batch = house.client.batches.create(
        input_file_id=file,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        extra_headers={"x-outrider-user": "ada", "x-outrider-tags": "nightly"},
    )
    house.over(batch.id)
    store = house.outrider.store()
    runs = read.list_runs(store, RunFilter(project="default", session=batch.id)).rows
    assert len(runs) == 3
    whole = read.get_run(store, runs[0].id)
    assert whole is not None
    assert (whole.user, whole.tags, whole.key) == ("ada", ["nightly", batch.id], house.outrider.key.split("-")[2])


def test_interactive_calls_go_before_lines(build: Callable[..., House]) -> None:
    house = build("rates: {all: {concurrent: 2, match: {project: default}}}\nbatches: {concurrency: 8}")
    batch = house.begin(*[line(f"r-{i}", "scripted:delay=0.05") for i in range(40)])
    done = house.over(batch.id)
    assert (done.status, done.error_file_id) == ("completed", None)
    assert house.provider.counts["chat"] == 40


@pytest.mark.slow
def test_failures_are_tried_again_and_then_stand(build: Callable[..., House], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(pace, "SHORTEST", 0.01)
    monkeypatch.setattr(pace, "LONGEST", 0.05)
    house = build(breaker="breaker: {on: false}")
    broken = line("broken", "scripted:status=500")
    mended = line("mended", "scripted:status=500,fail-times=5,key=mended")
    done = house.over(house.begin(broken, mended).id)
    assert [one["custom_id"] for one in house.read(done.output_file_id)] == ["mended"]
    (failed,) = house.read(done.error_file_id)
    assert failed["response"]["status_code"] == 502


def test_two_batches_share_what_a_worker_may_do(build: Callable[..., House]) -> None:
    house = build("batches: {concurrency: 4}")
    first = house.begin(*[line(f"a-{i}", "scripted:delay=0.05") for i in range(60)])
    second = house.begin(*[line(f"b-{i}", "scripted:delay=0.05") for i in range(8)])
    early = house.over(second.id)
    assert early.status == "completed"
    assert house.client.batches.retrieve(first.id).status == "in_progress"
    assert house.over(first.id).status == "completed"


def test_a_stop_gives_lines_back_and_the_next_process_goes_on(build: Callable[..., House]) -> None:
    house = build()
    batch = house.begin(*[line(f"r-{i}", "scripted:delay=0.1") for i in range(150)])
    house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed > 10)
    began = time.monotonic()
    house.outrider.stop()
    assert time.monotonic() - began < 20
    seen = house.provider.counts["chat"]
    assert seen < 150
    second = house.again()
    done = second.over(batch.id)
    assert (done.status, len(second.read(done.output_file_id))) == ("completed", 150)
    assert house.provider.counts["chat"] == 150


def test_who_asked_and_how_it_ended_is_in_the_journal(house: House) -> None:
    batch = house.begin(line("a"), line("b", "scripted:delay=0.5"))
    house.until(batch.id, lambda b: b.request_counts is not None and b.request_counts.completed == 1)
    house.client.batches.cancel(batch.id)
    house.client.batches.cancel(batch.id)
    done = house.over(batch.id)
    key = house.outrider.key.split("-")[2]

    def told() -> list[BatchCreated | BatchCancelled | BatchEnded]:
        events = [event for _, event in read.export_records(house.outrider.store())]
        return [e for e in events if isinstance(e, BatchCreated | BatchCancelled | BatchEnded)]

    created, cancelled, ended = house.wait(told, lambda found: len(found) == 3)
    assert isinstance(created, BatchCreated)
    assert (created.id, created.key, created.project, created.file) == (batch.id, key, "default", batch.input_file_id)
    assert (created.size, len(created.sha256)) == (house.client.files.retrieve(batch.input_file_id).bytes, 32)
    assert isinstance(cancelled, BatchCancelled)
    assert (cancelled.id, cancelled.key) == (batch.id, key)
    assert isinstance(ended, BatchEnded)
    assert (ended.status, ended.total, ended.completed, ended.output) == ("cancelled", 2, 2, done.output_file_id)
