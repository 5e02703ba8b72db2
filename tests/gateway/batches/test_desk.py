"""Batches as people look at them: one list, what they cost, which lines went wrong."""

from collections.abc import Iterator

import pytest

from outrider.base import ids
from outrider.base.errors import RequestError
from outrider.gateway.batches import desk as desk_module
from outrider.gateway.batches.desk import LineErrors, read_error
from outrider.gateway.batches.rows import About, Batch, Made, Part
from outrider.limits.keys import Identity
from outrider.store import Store, open_leases, open_store
from tests.gateway.batches.kept import Kept


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    yield store
    store.close()


@pytest.fixture
def kept(store: Store, leases: Store) -> Kept:
    return Kept(store, leases)


def names(found: LineErrors) -> list[str]:
    return [one.custom_id for one in found.errors]


def test_batches_of_both_apis_are_one_list_in_pages(kept: Kept) -> None:
    made = [kept.begin("p", 1, kind="anthropic" if n % 2 else "openai").id for n in range(5)]
    kept.begin("other", 1)
    newest = made[::-1]
    first = kept.desk.list("p", most=2)
    assert ([one.id for one in first.batches], first.next) == (newest[:2], newest[1])
    second = kept.desk.list("p", after=first.next, most=2)
    assert ([one.id for one in second.batches], second.next) == (newest[2:4], newest[3])
    last = kept.desk.list("p", after=second.next, most=2)
    assert ([one.id for one in last.batches], last.next) == (newest[4:], "")
    for after in ("nonsense", "resp_1", "batch_", "batch_%"):
        with pytest.raises(RequestError, match="`after` is the id of a batch"):
            kept.desk.list("p", after=after)


def test_errors_by_line_while_it_is_worked_on_and_afterwards(kept: Kept) -> None:
    batch = kept.begin("p", 9)
    kept.answer(batch, 1, 3, 5)
    kept.answer(batch, 2, 4, 6, status=400)
    found = kept.desk.get("p", batch.id)
    now = kept.desk.errors(found, most=2)
    assert (names(now), [one.line for one in now.errors], now.next) == (["r-2", "r-4"], [2, 4], 4)
    assert names(kept.desk.errors(found, after=now.next, most=2)) == ["r-6"]
    over = kept.end(batch, "cancelled", missing=3)
    rest = kept.desk.errors(over, most=4)
    assert names(rest) == ["r-2", "r-4", "r-6", "r-7"]
    first, last = rest.errors[0], rest.errors[-1]
    assert (first.status, first.code, first.message, first.run) == (400, "bad_word", "no <b>such</b> word", "run-1")
    assert (last.status, last.code, last.run) == (0, "batch_cancelled", "")
    further = kept.desk.errors(over, after=rest.next, most=4)
    assert (names(further), further.next, further.gone) == (["r-8", "r-9"], 0, False)


def test_errors_of_message_batches_stand_among_their_results(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = kept.begin("p", 40, kind="anthropic")
    kept.answer(batch, *range(1, 30))
    kept.answer(batch, 30, 31, status=400)
    over = kept.end(batch, "cancelled", missing=9)
    found = kept.desk.errors(over)
    assert names(found) == [f"r-{n}" for n in range(30, 41)]
    assert [one.code for one in found.errors[1:3]] == ["invalid_request_error", "canceled"]
    monkeypatch.setattr(desk_module, "LOOKED_THROUGH", 500)
    seen, after, looks = list[str](), 0, 0
    while after or not looks:
        part = kept.desk.errors(over, after=after, most=3)
        seen, after, looks = [*seen, *names(part)], part.next, looks + 1
    assert (seen, looks > 5) == ([f"r-{n}" for n in range(30, 41)], True)


def test_results_that_are_gone(kept: Kept) -> None:
    batch = kept.begin("p", 2)
    kept.answer(batch, 1)
    kept.answer(batch, 2, status=400)
    with pytest.raises(RequestError, match="it is not over"):
        kept.desk.results(kept.desk.get("p", batch.id), "results")
    over = kept.end(batch)
    file, pieces = kept.desk.results(over, "errors")
    assert b'"custom_id":"r-2"' in b"".join(pieces)
    kept.files.delete(file)
    assert kept.desk.errors(over) == LineErrors([], 0, gone=True)
    with pytest.raises(RequestError, match="not kept any more"):
        kept.desk.results(over, "errors")


@pytest.mark.parametrize(
    ("parts", "where"),
    [
        ([], "here"),
        ([Part(1, 4, "open", lines=4)], "provider"),
        ([Part(1, 2, "home", lines=2), Part(3, 4, "given_up", lines=2)], "both"),
        ([Part(1, 4, "given_up", lines=4)], "here"),
    ],
)
def test_where_it_is_asked(parts: list[Part], where: str) -> None:
    made, about = Made("/v1/embeddings", "24h"), About(started=1, parts=parts)
    batch = Batch(
        "batch_1", "p", "k", "openai", "in_progress", 1, 2, 0, 0, "f", 4, 0, 0, 0, 0, 0, 0, 0, "", 0, "", made, about
    )
    assert desk_module.where(batch) == where


def test_what_it_cost_is_not_told_where_its_session_has_other_runs(kept: Kept) -> None:
    own, shared = kept.begin("p", 1), kept.begin("p", 1, session="mine")
    assert (kept.desk.whole("p", own.id).session, kept.desk.whole("p", own.id).cost) == (own.id, 0)
    found = kept.desk.whole("p", shared.id)
    assert (found.session, found.taken, found.cost) == ("mine", None, None)
    assert found.input is not None
    assert found.input.name == "in.jsonl"


async def test_cancelling_is_of_the_own_project(kept: Kept) -> None:
    batch = kept.begin("p", 1)
    for id_ in (batch.id.replace("batch_", "msgbatch_"), "resp_1", "batch_\0", f"batch_{ids.new_id().hex()}"):
        with pytest.raises(RequestError) as missing:
            await kept.desk.cancel(Identity("p", "k"), id_)
        assert missing.value.status == 404
    with pytest.raises(RequestError):
        await kept.desk.cancel(Identity("other", "k"), batch.id)
    assert (await kept.desk.cancel(Identity("p", "k"), batch.id)).status == "cancelling"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"custom_id":"a","response":{"status_code":200,"request_id":"r","body":{}},"error":null}', None),
        (b'{"custom_id":"a","result":{"type":"succeeded","message":{}}}', None),
        (b'{"custom_id":"a","response":{"status_code":502,"request_id":"r","body":"<html>"}}', (502, "", '"<html>"')),
        (b'{"custom_id":"a","result":{"type":"errored","error":[]}}', (0, "", "[]")),
        (b'{"custom_id":"a","response":{"status_code":400,"body":{"error":{"code":7,"message":[]}}}}', (400, "", "")),
        (b"\xff", (0, "unreadable", "This line of the results cannot be read.")),
    ],
)
def test_lines_of_results(text: bytes, said: tuple[int, str, str] | None) -> None:
    found = read_error(text)
    assert (None if found is None else (found.status, found.code, found.message)) == said
