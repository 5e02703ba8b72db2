"""A file's lines, forward and again at any place, over the borders of pieces."""

from pathlib import Path

from outrider.gateway.batches.files import PIECE, Files
from outrider.gateway.batches.reading import Reader
from outrider.store import open_leases


async def test_lines_are_found_again_where_they_were(tmp_path: Path) -> None:
    store = open_leases(f"sqlite:///{tmp_path}/outrider.sqlite3")
    files = Files(lambda: store)
    texts = [b"%07d-" % i + b"x" * (i % 2000) for i in range(6000)] + [b"y" * (3 * PIECE), b"last"]
    writer = files.begin("p", "", "batch", "a", 0)
    writer.add(b"\n".join(texts))
    file = writer.finish()
    reader = Reader(files, file, 10 * PIECE)
    found = []
    while more := await reader.next():
        found += more
    assert [text for _, text in found] == texts
    assert (reader.count, reader.ended, await reader.next()) == (len(texts), True, [])
    for place, text in found[::501] + found[-3:]:
        assert await reader.line(place) == text
    assert [text for _, text in Reader(files, file, 10 * PIECE).all()] == texts
    assert len(reader._kept) <= 4
    store.close()
