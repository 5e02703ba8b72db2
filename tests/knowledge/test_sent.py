"""Files that come with a job: whole or in pieces, they are kept in parts and go with it."""

import tracemalloc
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge.jobs import Jobs, lock
from outrider.knowledge.library import Library
from outrider.knowledge.sent import PART, _cut


def kept(library: Library) -> int:
    """Rows that the store has of files."""
    count = "SELECT (SELECT count(*) FROM knowledge_job_files) + (SELECT count(*) FROM knowledge_job_parts)"
    return int(library.store.query(count)[0][0])


def test_a_large_file_comes_back_as_it_was_sent_and_is_never_whole_in_memory(library: Library) -> None:
    jobs, piece = Jobs(lambda: library.store), bytes(range(256)) * 1_000

    def pieces() -> Iterator[bytes]:
        for _ in range(80):
            yield piece

    tracemalloc.start()
    try:
        made = jobs.create("p", "docs", "ingest", files=[("a.bin", "x/y", pieces()), ("b.md", "", b"B")])
        first, second = jobs.files(made.id)
        assert sum(len(part) for part in first.parts()) == first.size == 80 * len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < first.size / 2
    assert (first.name, first.media, first.read()) == ("a.bin", "x/y", piece * 80)
    assert (second.place, second.read()) == (1, b"B")


def test_a_file_of_an_outrider_before_is_read(library: Library) -> None:
    jobs = Jobs(lambda: library.store)
    made = jobs.create("p", "docs", "ingest")
    with library.store.write((lock(made.id),)) as tx:
        tx.execute("INSERT INTO knowledge_job_files VALUES (?, 0, 'a.md', '', 3, ?)", (made.id, b"old"))
    (found,) = jobs.files(made.id)
    assert found.read() == b"old"


def test_a_job_that_is_cancelled_before_it_begins_leaves_no_file(library: Library) -> None:
    jobs = Jobs(lambda: library.store)
    made = jobs.create("p", "docs", "ingest", files=[("a.md", "", b"A" * (PART + 1))])
    assert kept(library) == 3
    assert jobs.cancel("p", made.id).status == "cancelled"
    assert kept(library) == 0


def test_a_collection_takes_the_files_of_its_jobs_along(library: Library) -> None:
    collection = library.create("p", "docs")
    Jobs(lambda: library.store).create("p", "docs", "ingest", files=[("a.md", "", b"A")])
    library.drop(collection)
    assert kept(library) == 0


@given(st.lists(st.binary(max_size=20)))
def test_pieces_are_cut_and_nothing_is_lost(pieces: list[bytes]) -> None:
    assert b"".join(_cut(iter(pieces))) == b"".join(pieces) == b"".join(_cut(b"".join(pieces)))
