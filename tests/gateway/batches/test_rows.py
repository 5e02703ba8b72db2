"""Batches in the store: one holder at a time, each line once, all or nothing at the end."""

from collections.abc import Iterator
from typing import Any

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.base.usage import Usage
from outrider.gateway.batches.files import Files
from outrider.gateway.batches.rows import HOLD_NS, Batch, Batches, Done, Lost, Made
from outrider.store import Store, open_leases

HOUR = 3_600_000_000_000


def nobody(holder: str) -> bool:
    return False


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_leases(store_url)
    yield store
    store.close()


@pytest.fixture
def batches(leases: Store) -> Batches:
    return Batches(lambda: leases)


@pytest.fixture
def files(leases: Store) -> Files:
    return Files(lambda: leases)


def create(batches: Batches, files: Files, project: str = "p") -> Batch:
    writer = files.begin(project, "k", "batch", "in.jsonl", 0)
    writer.add(b"one\ntwo\n")
    made = Made("/v1/embeddings", "24h", {"a": "b"}, (("x-outrider-user", "u"),))
    return batches.create(project, "k", "openai", writer.finish().id, made, HOUR)


def claim(batches: Batches, holder: str) -> Batch:
    found = batches.claim(holder, clock.now_ns(), nobody)
    assert found is not None
    return found


def test_one_holder_until_it_is_gone(batches: Batches, files: Files) -> None:
    made = create(batches, files)
    held = claim(batches, "m/a")
    assert (held.id, held.holder, held.made) == (made.id, "m/a", made.made)
    now = clock.now_ns()
    assert batches.claim("m/b", now, nobody) is None
    assert batches.hold("m/a", {made.id: "429"}, now + HOLD_NS) == {made.id: 0}
    assert batches.get("p", "openai", made.id).waits == "429"
    assert batches.claim("m/b", now + HOLD_NS + HOLD_NS // 2, nobody) is None
    assert batches.claim("m/b", now, lambda holder: holder == "m/a", [made.id]) is None
    taken = batches.claim("m/b", now, lambda holder: holder == "m/a")
    assert taken is not None
    assert batches.hold("m/a", {made.id: ""}, now) == {}
    for write in (lambda: batches.move(held, "in_progress"), lambda: batches.end(held, "completed", {}, 0)):
        with pytest.raises(Lost):
            write()
    with pytest.raises(Lost):
        batches.record(held, [Done(1, True, b"{}", Usage())])
    assert batches.done(made.id) == set()
    batches.release(made.id, "m/b")
    assert claim(batches, "m/c").id == made.id


def test_a_holder_of_which_nothing_is_heard_loses_its_batch(batches: Batches, files: Files) -> None:
    create(batches, files)
    claim(batches, "x/a")
    assert batches.claim("m/b", clock.now_ns() + HOLD_NS + 1, nobody) is not None


def test_a_line_counts_once(batches: Batches, files: Files) -> None:
    create(batches, files)
    held = claim(batches, "m/a")
    first = Done(1, True, b'{"one":1}\n', Usage(10, 5, 4, reasoning=2))
    batches.record(held, [first, Done(2, False, b'{"two":2}\n', Usage())])
    batches.record(held, [Done(1, False, b'{"other":1}\n', Usage(99, 99)), Done(3, True, b"{}\n", Usage(1, 1))])
    assert batches.done(held.id) == {1, 2, 3}
    assert list(batches.lines(held.id)) == [
        (1, True, b'{"one":1}\n'), (2, False, b'{"two":2}\n'), (3, True, b"{}\n"),
    ]  # fmt: skip
    seen = batches.get("p", "openai", held.id)
    assert (seen.completed, seen.failed) == (2, 1)
    assert (seen.input_tokens, seen.cached_tokens, seen.output_tokens, seen.reasoning_tokens) == (11, 4, 6, 2)


def test_the_end_comes_with_its_files_or_not_at_all(batches: Batches, files: Files) -> None:
    create(batches, files)
    held = claim(batches, "m/a")
    batches.record(held, [Done(1, True, b"{}\n", Usage())])
    output = files.begin("p", "k", "batch_output", "out", 0)
    output.add(b"{}\n")
    batches.end(held, "expired", {"output": output}, 1)
    over = batches.get("p", "openai", held.id)
    assert (over.status, over.completed, over.failed, over.holder) == ("expired", 1, 1, "")
    assert files.get("p", over.about.output_file).size == 3
    second = files.begin("p", "k", "batch_output", "out", 0)
    second.add(b"other\n")
    with pytest.raises(Lost):
        batches.end(held, "completed", {"output": second}, 0)
    assert files.find("p", second.file.id) is None
    assert batches.claim("m/b", clock.now_ns(), nobody) is None
    while batches.forget_lines(held.id, 1):
        pass
    assert batches.done(held.id) == set()


def test_a_cancellation_is_not_overwritten(batches: Batches, files: Files) -> None:
    made = create(batches, files)
    held = claim(batches, "m/a")
    assert batches.cancel("p", "openai", made.id).status == "cancelling"
    assert batches.cancel("p", "openai", made.id).status == "cancelling"
    batches.move(held, "in_progress")
    assert batches.get("p", "openai", made.id).status == "cancelling"
    assert batches.hold("m/a", {made.id: ""}, clock.now_ns())[made.id] > 0
    batches.move(held, "finalizing")
    batches.end(held, "cancelled", {}, 0)
    with pytest.raises(RequestError, match="Cannot cancel") as refused:
        batches.cancel("p", "openai", made.id)
    assert refused.value.status == 409


def test_batches_are_seen_by_their_project_and_kind_alone(batches: Batches, files: Files) -> None:
    ids = [create(batches, files).id for _ in range(4)]
    create(batches, files, "q")

    def listed(after: str = "", before: str = "") -> list[str]:
        return [b.id for b in batches.list("p", "openai", after=after, before=before, most=2)]

    assert (listed(), listed(after=ids[2])) == ([ids[3], ids[2]], [ids[1], ids[0]])
    assert listed(before=ids[0]) == [ids[2], ids[1]]
    for project, kind in (("q", "openai"), ("p", "anthropic")):
        for ask in (batches.get, batches.cancel, batches.delete):
            with pytest.raises(RequestError, match="No batch found"):
                ask(project, kind, ids[0])  # type: ignore[arg-type]


def test_a_batch_needs_an_input_file_of_its_project(batches: Batches, files: Files) -> None:
    writer = files.begin("p", "k", "batch_output", "out", 0)
    writer.add(b"x")
    output = writer.finish()
    for project, file, said in (("p", "file-none", "No such File"), ("q", output.id, "No such File"),
                                ("p", output.id, "purpose")):  # fmt: skip
        with pytest.raises(RequestError, match=said):
            batches.create(project, "k", "openai", file, Made("/v1/embeddings", "24h"), HOUR)


def test_what_is_old_goes_and_what_a_dead_process_left_too(batches: Batches, files: Files) -> None:
    made = create(batches, files)
    held = claim(batches, "m/a")
    with pytest.raises(RequestError, match="not over"):
        batches.delete("p", "openai", made.id)
    batches.record(held, [Done(i, True, b"{}\n", Usage()) for i in range(1, 4)])
    batches.end(held, "completed", {}, 0)
    batches.sweep(0)
    assert batches.done(made.id) == set()
    assert batches.get("p", "openai", made.id).completed == 3
    batches.sweep(clock.now_ns() + 1)
    with pytest.raises(RequestError, match="No batch found"):
        batches.get("p", "openai", made.id)
    again = create(batches, files)
    batches.end(claim(batches, "m/a"), "completed", {}, 0)
    batches.delete("p", "openai", again.id)
    assert batches.list("p", "openai", after="", before="", most=9) == []


def test_who_asked_for_the_end_has_it_though_the_batch_ended_meanwhile(
    batches: Batches, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = create(batches, files)
    held, get = claim(batches, "m/a"), batches.get

    def ended_first(project: str, kind: Any, id_: str) -> Batch:
        if not get(project, kind, id_).ended:
            batches.end(held, "cancelled", {}, 0)
        return get(project, kind, id_)

    monkeypatch.setattr(batches, "get", ended_first)
    assert batches.cancel("p", "openai", made.id).status == "cancelled"
    with pytest.raises(RequestError, match="Cannot cancel a batch with status 'cancelled'"):
        batches.cancel("p", "openai", made.id)
