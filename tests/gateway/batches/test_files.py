"""Files in the lease store: whole or not there, kept once, removed when nobody needs them."""

from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.gateway.batches.files import ABANDONED_NS, PIECE, File, Files
from outrider.gateway.batches.rows import Batches, Made
from outrider.store import Store, open_leases

HOUR = 3_600_000_000_000


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def files(leases: Store) -> Files:
    return Files(lambda: leases)


def put(files: Files, content: bytes, *, project: str = "p", expires: int = 0, name: str = "a.jsonl") -> File:
    writer = files.begin(project, "key", "batch", name, expires)
    for at in range(0, len(content), 300_000):
        writer.add(content[at : at + 300_000])
    return writer.finish()


def parts(leases: Store) -> int:
    return int(leases.query("SELECT count(*) FROM file_parts")[0][0])


def test_a_file_is_read_as_it_was_written(files: Files) -> None:
    content = b"".join(b"line %d\n" % i for i in range(400_000))
    file = put(files, content)
    assert (file.size, files.get("p", file.id)) == (len(content), file)
    assert b"".join(piece for _, piece in files.pieces(file)) == content
    at = PIECE + 17
    starts, piece = next(files.pieces(file, at))
    assert starts <= at < starts + len(piece)
    assert files.piece(file, at) == (starts, piece)


def test_a_file_is_seen_when_it_is_whole_and_by_its_project_alone(files: Files, leases: Store) -> None:
    writer = files.begin("p", "", "batch", "a", 0)
    writer.add(b"x" * PIECE * 2)
    assert files.find("p", writer.file.id) is None
    assert files.list("p", after="", most=10, purpose="", newest_first=True) == []
    file = writer.finish()
    assert files.find("p", file.id) == file
    with pytest.raises(RequestError, match="No such File object") as refused:
        files.get("other", file.id)
    assert refused.value.status == 404
    gone = files.begin("p", "", "batch", "b", 0)
    gone.add(b"y" * PIECE)
    gone.discard()
    assert parts(leases) == 2


def test_the_same_content_is_kept_once_for_a_project(files: Files, leases: Store) -> None:
    content = b"z" * (PIECE + 1)
    first, second, foreign = put(files, content), put(files, content, name="b"), put(files, content, project="q")
    assert (first.content, first.content == foreign.content) == (second.content, False)
    assert parts(leases) == 4
    assert files.used() == 2 * len(content)
    files.delete(first)
    assert b"".join(piece for _, piece in files.pieces(second)) == content
    files.delete(second)
    assert parts(leases) == 2


def test_listing_in_both_orders_page_by_page(files: Files) -> None:
    ids = [put(files, b"%d" % i).id for i in range(5)]

    def listed(after: str, newest_first: bool) -> list[str]:
        found = files.list("p", after=after, most=2, purpose="batch", newest_first=newest_first)
        return [file.id for file in found]

    assert (listed("", True), listed(ids[3], True)) == (ids[:2:-1], [ids[2], ids[1]])
    assert (listed("", False), listed(ids[1], False)) == (ids[:2], ids[2:4])
    assert files.list("p", after="", most=9, purpose="batch_output", newest_first=True) == []


def test_a_file_that_a_batch_reads_stays(files: Files, leases: Store) -> None:
    file = put(files, b"x", expires=1)
    batches = Batches(lambda: leases)
    batch = batches.create("p", "key", "openai", file.id, Made("/v1/embeddings", "24h"), HOUR)
    with pytest.raises(RequestError, match="is the input of") as refused:
        files.delete(file)
    assert refused.value.status == 409
    assert files.sweep(clock.now_ns()) == 0
    held = batches.claim("m/a", clock.now_ns(), lambda _: False)
    assert held is not None
    batches.end(held, "completed", {}, 0)
    assert (files.sweep(clock.now_ns()), files.find("p", file.id)) == (1, None)
    assert batch.input_file == file.id


def test_what_is_expired_or_was_never_finished_goes(files: Files, leases: Store) -> None:
    now = clock.now_ns()
    kept = put(files, b"kept", expires=now + HOUR)
    put(files, b"old", expires=now)
    begun = files.begin("p", "", "batch", "half", 0)
    begun.add(b"x" * PIECE)
    assert files.sweep(now) == 1
    assert parts(leases) == 2
    assert files.sweep(now + ABANDONED_NS + HOUR // 2) == 2 - (kept.expires > now + ABANDONED_NS + HOUR // 2)
