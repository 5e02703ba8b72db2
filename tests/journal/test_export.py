"""Exports: every run once, with its steps, in formats that others read."""

import base64
import io
import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.base.usage import Price, Usage
from outrider.journal import export
from outrider.journal.append import blob
from outrider.journal.events import RunRecorded, Step, StepsRecorded
from outrider.journal.export import export_runs
from outrider.journal.otlp.incoming import decode
from outrider.journal.rows import RunFilter
from tests.journal.place import Place

BODIES = {
    "json": b'{\n "big": 12345678901234567890, "x": [1.50]\n}',
    "text": b"data: {}\n\n",
    "base64": b"\xff\xfe",
    "gone": None,
}
STEP = Step(7, "model", "x/m", 1, 2, usage=Usage(3, 4, 1), cost=5, price=Price(1, 2, source="config"), attrs={"try": 1})


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def taken(place: Place, format_: export.Format, where: RunFilter | None = None, **options: Any) -> bytes:
    out = io.BytesIO()
    options.setdefault("bodies", False)
    export_runs(place.store, out, format_, where, **options)
    return out.getvalue()


def lines(plain: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in plain.splitlines()]


def runs(count: int) -> list[RunRecorded]:
    models = ("a", "b")
    return [RunRecorded(ids.new_id(), "p", n, f"run {n}", model=models[n % 2], steps=[STEP]) for n in range(count)]


def test_every_run_once_newest_first(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 10)
    given = runs(57)
    place.record(*given)
    seen: list[int] = []
    found = lines(taken(place, "jsonl", progress=seen.append))
    assert [r["id"] for r in found] == [ids.text(r.id) for r in reversed(given)]
    assert seen == list(range(1, 58))
    (step,) = found[0]["steps"]
    assert (step["id"], step["parent"], step["kind"], step["input"], step["cost"]) == (f"{7:016x}", "", "model", 3, 5)
    assert step["price"] == {"input": 1, "output": 2, "source": "config"}
    only = lines(taken(place, "jsonl", RunFilter(model="b")))
    assert [r["name"] for r in only] == [f"run {n}" for n in range(55, 0, -2)]


def test_steps_recorded_apart_are_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "STEPS", 10)
    monkeypatch.setattr(export, "GROUP_STEPS", 50)
    run = runs(1)[0]
    place.record(run)
    more = [Step(100 + n, "code", f"s{n}") for n in range(95)]
    for at in range(0, 95, 40):
        place.journal.append_now(StepsRecorded(run.id, "p", 0, more[at : at + 40]), (), "p")
    place.indexer.drain()
    (found,) = lines(taken(place, "jsonl"))
    assert [s["name"] for s in found["steps"]] == ["x/m", *(f"s{n}" for n in range(95))]
    table = pq.read_table(io.BytesIO(taken(place, "parquet")))
    assert len(table["steps"][0]) == 96
    assert sum(len(_spans(line)) for line in taken(place, "otlp").splitlines()) == 97


def _spans(line: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    return found


def test_bodies_as_they_were(place: Place) -> None:
    for name, body in BODIES.items():
        ref = blob(body or b"never stored")
        run = RunRecorded(ids.new_id(), "p", 1, name, request=ref)
        place.journal.append_now(run, [(ref, body)] if body is not None else (), "p")
    place.indexer.drain()
    plain = taken(place, "jsonl", bodies=True)
    assert b'"json":{"big":12345678901234567890,"x":[1.50]}' in plain
    found = {r["name"]: r["request"] for r in lines(plain)}
    assert found["text"]["text"] == "data: {}\n\n"
    assert base64.b64decode(found["base64"]["base64"]) == b"\xff\xfe"
    assert found["gone"]["gone"] is True
    assert all(len(r["sha256"]) == 64 for r in found.values())
    assert all(set(r["request"]) == {"sha256", "size"} for r in lines(taken(place, "jsonl")))
    table = pq.read_table(io.BytesIO(taken(place, "parquet", bodies=True))).to_pylist()
    assert {r["name"]: r["request"] for r in table}["text"] == "data: {}\n\n"


def test_parquet_is_read_by_duckdb(place: Place, tmp_path: Path) -> None:
    place.record(*runs(20))
    path = tmp_path / "runs.parquet"
    path.write_bytes(taken(place, "parquet"))
    steps = f"SELECT model, unnest(steps) s FROM '{path}'"
    sql = f"SELECT model, count(*), sum(s.input)::BIGINT FROM ({steps}) GROUP BY 1 ORDER BY 1"
    assert duckdb.sql(sql).fetchall() == [("a", 10, 30), ("b", 10, 30)]


def test_otlp_lines_are_trace_requests(place: Place) -> None:
    given = runs(3)
    place.record(*given)
    plain = taken(place, "otlp")
    events = [e for line in plain.splitlines() for e, _ in decode("application/json", line).events]
    assert [e.id for e in events if isinstance(e, RunRecorded)] == [r.id for r in reversed(given)]
    # Ids are hexadecimal, as the file format asks for; apart from that it is protobuf's JSON.
    tree = json.loads(plain.splitlines()[0])
    for span in tree["resourceSpans"][0]["scopeSpans"][0]["spans"]:
        assert len(bytes.fromhex(span.pop("traceId"))) == 16
        assert len(bytes.fromhex(span.pop("spanId"))) == 8
        span.pop("parentSpanId", None)
    json_format.ParseDict(tree, ExportTraceServiceRequest())


def test_an_otlp_file_moves_runs_to_another_place(place: Place, tmp_path: Path) -> None:
    place.record(*runs(2))
    once = taken(place, "otlp")
    with closing(Place(tmp_path / "other", f"sqlite:///{tmp_path / 'other.sqlite3'}")) as other:
        for line in once.splitlines():
            for event, bodies in decode("application/json", line, "q").events:
                other.journal.append_now(event, bodies, "q")
        other.indexer.drain()
        again = taken(other, "otlp")
    pick = ("traceId", "spanId", "parentSpanId", "name", "startTimeUnixNano", "endTimeUnixNano")
    first, second = ([{k: s.get(k) for k in pick} for x in t.splitlines() for s in _spans(x)] for t in (once, again))
    assert sorted(first, key=str) == sorted(second, key=str)


def test_nothing_to_export(place: Place) -> None:
    assert taken(place, "jsonl") == b""
    assert taken(place, "otlp") == b""
    assert pq.read_table(io.BytesIO(taken(place, "parquet"))).num_rows == 0


def test_parquet_without_pyarrow_says_what_to_do(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'outrider\[parquet\]'"):
        taken(place, "parquet")
