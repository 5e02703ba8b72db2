"""Files of other tools through the whole journal: runs with their steps, once."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from outrider.base.errors import ConfigError
from outrider.journal.events import RunRecorded
from outrider.journal.imports import loading
from outrider.journal.imports.loading import Format, Report, load
from outrider.journal.read import get_body, get_run, list_runs, list_steps
from outrider.journal.rows import RunFilter
from tests.journal.imports import exported
from tests.journal.place import Place


@pytest.fixture
def place(tmp_path: Path, store_url: str) -> Iterator[Place]:
    with closing(Place(tmp_path, store_url)) as made:
        yield made


def taken(place: Place, path: Path, *lines: Any, form: Format = "auto", project: str = "p") -> Report:
    path.write_text("\n".join(json.dumps(one) for one in lines))
    write = lambda record: place.journal.append_now(*record)  # noqa: E731
    return load(path, form, project, place.store, write, place.indexer.drain)


LINES = {
    "langfuse": [exported.langfuse()],
    "langfuse rows": exported.langfuse_rows(),
    "langsmith": exported.langsmith(),
    "phoenix": exported.phoenix(),
    "phoenix rows": exported.phoenix_rows(),
    "otlp": [exported.otlp()],
}


@pytest.mark.parametrize("name", LINES)
def test_every_form_is_one_run_with_its_model_and_tool_steps(place: Place, tmp_path: Path, name: str) -> None:
    report = taken(place, tmp_path / "f", *LINES[name])
    assert (report.format, report.skipped, report.runs) == (name.partition(" ")[0], 0, 1)
    (row,) = list_runs(place.store, RunFilter(project="p")).rows
    assert (row.session, row.user, row.input, row.output, row.status) == ("s1", "ann", 20, 10, "ok")
    steps = list_steps(place.store, row.id)
    assert len(steps) == report.steps
    models = sorted((one for one in steps if one.kind == "model"), key=lambda one: one.start)
    bodies = [(_body(place, one.request), _body(place, one.response)) for one in models]
    assert [asked["model"] for asked, _ in bodies] == ["gpt-x", "gpt-x"]
    assert bodies[0][0]["messages"] == exported.ASKS
    assert bodies[0][0]["temperature"] == 0
    assert [one["content"] or None for one in bodies[1][0]["messages"][2:]] == [None, "sun in Rome"]
    call = bodies[0][1]["choices"][0]["message"]["tool_calls"][0]
    assert (call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])) == (
        "c1", "weather", {"city": "Rome"},
    )  # fmt: skip
    assert bodies[1][1]["choices"][0]["message"]["content"] == exported.SAYS["content"]
    (tool,) = [one for one in steps if one.kind == "tool"]
    assert (_body(place, tool.request), _raw(place, tool.response)) == ({"city": "Rome"}, b"sun in Rome")
    again = taken(place, tmp_path / "f", *LINES[name])
    assert (again.runs, again.steps, again.already) == (0, 0, report.steps)
    assert list_steps(place.store, row.id) == steps


def _raw(place: Place, ref: Any) -> bytes:
    body = get_body(place.store, "p", ref.sha256)
    assert body is not None
    return body


def _body(place: Place, ref: Any) -> Any:
    return msgspec.json.decode(_raw(place, ref))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
def test_a_trace_that_comes_in_two_files_is_one_run(place: Place, tmp_path: Path, order: tuple[int, ...]) -> None:
    spans = exported.phoenix()
    one, two = [spans[at] for at in order[:2]], [spans[at] for at in order[2:]]
    assert taken(place, tmp_path / "a", *one).steps == 2
    assert taken(place, tmp_path / "b", *two).steps == 2
    assert taken(place, tmp_path / "c", *spans).already == 4
    (row,) = list_runs(place.store, RunFilter()).rows
    assert (row.steps, row.input) == (4, 20)


def test_the_trace_is_the_root_of_what_stands_beside_it(place: Place, tmp_path: Path) -> None:
    trace = {**exported.langfuse(), "observations": None}
    del trace["observations"]
    rows = exported.langfuse()["observations"]
    assert taken(place, tmp_path / "f", rows[0], trace, *rows[1:]).steps == 4
    (row,) = list_runs(place.store, RunFilter()).rows
    assert (row.name, row.duration, row.steps) == ("agent", 2_600_000_000, 4)
    tops = [one for one in list_steps(place.store, row.id) if not one.parent]
    assert [one.name for one in tops] == ["agent"]


def test_ids_of_others_are_left_alone(place: Place, tmp_path: Path) -> None:
    place.record(RunRecorded(bytes.fromhex(exported.TRACE), "p", at=1, name="chat.completions"))
    report = taken(place, tmp_path / "f", exported.otlp())
    assert (report.runs, report.skipped) == (0, 1)
    assert "of the gateway itself" in report.faults[0].why
    taken(place, tmp_path / "f", *exported.langsmith())
    other = taken(place, tmp_path / "f", *exported.langsmith(), project="q")
    assert "of the project 'p'" in other.faults[0].why
    assert get_run(place.store, bytes.fromhex(exported.TRACE)) is not None


def test_long_traces_become_several_records(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_STEPS", 7)
    root = exported.phoenix()[2]
    lines = [
        {**root, "parent_id": root["context"]["span_id"], "name": f"n{at}",
         "context": {**root["context"], "span_id": f"{at + 100:016x}"}}
        for at in range(40)
    ]  # fmt: skip
    report = taken(place, tmp_path / "f", *lines[:20], root, *lines[20:])
    assert (report.steps, report.runs) == (41, 1)
    (row,) = list_runs(place.store, RunFilter()).rows
    assert (row.steps, row.name, row.status) == (41, "agent", "ok")
    assert taken(place, tmp_path / "f", *lines, root).already == 41


def test_faults_are_told_and_counted(place: Place, tmp_path: Path) -> None:
    odd: list[Any] = list(itertools.repeat({"context": {"span_id": "a"}}, 30))
    report = taken(place, tmp_path / "f", exported.phoenix()[0], 5, *odd)
    assert (report.steps, report.skipped, len(report.faults)) == (1, 31, 20)
    assert (report.faults[0].place, report.faults[1].place) == ("line 2", "line 3, span 1")
    with pytest.raises(ConfigError, match="not recognised"):
        taken(place, tmp_path / "f", {"a": 1})
    empty = taken(place, tmp_path / "f")
    assert (empty.format, empty.steps, empty.objects) == ("auto", 0, 0)


@pytest.mark.slow
def test_a_large_file_is_read_in_bounded_memory(tmp_path: Path) -> None:
    """Four times as large a file, and hardly more memory."""
    row = exported.langfuse()["observations"][0]
    most = {}
    for many in (5_000, 20_000):
        home, path = tmp_path / str(many), tmp_path / "f"
        with path.open("w") as out:
            for at in range(many):
                one = {**row, "id": f"o{at}", "traceId": f"t{at // 50}", "output": f"{at} " * 1_500}
                out.write(("," if at else "[") + json.dumps(one))
            out.write("]")
        code = (
            "import resource, sys\nfrom outrider.app.main import main\n"
            f"assert main(['journal', 'import', {str(path)!r}]) == 0\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        around = {name: value for name, value in os.environ.items() if not name.startswith("OUTRIDER_")}
        done = subprocess.run([sys.executable, "-c", code], env=around | {"OUTRIDER_HOME": str(home)}, cwd=tmp_path,
                              capture_output=True, text=True, check=True)  # fmt: skip
        assert f"{many // 50:,} runs with {many:,} steps" in done.stdout
        most[many] = int(done.stderr.split()[-1]) // 1024
    assert most[20_000] - most[5_000] < 60, "MB; the larger file has 120 MB more"
