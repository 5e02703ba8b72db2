"""Files and batches through the official client."""

from tests.gateway.batches.conftest import House, line


def test_a_batch_is_answered(house: House) -> None:
    batch = house.begin(*[line(f"r-{i}", f"scripted:words=3 {i}") for i in range(20)])
    assert (batch.status, batch.completion_window, batch.object) == ("validating", "24h", "batch")
    done = house.over(batch.id)
    assert done.status == "completed", done
    counts = done.request_counts
    assert counts is not None
    assert (counts.total, counts.completed, counts.failed) == (20, 20, 0)
    lines = house.read(done.output_file_id)
    assert [one["custom_id"] for one in lines] == [f"r-{i}" for i in range(20)]
    assert house.provider.counts["chat"] == 20
    print(done, lines[0])
