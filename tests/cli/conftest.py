"""The command line, run in this process: arguments in, exit code and both streams out."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from outrider.app.main import Installation, main
from outrider.base import clock, ids
from outrider.base.usage import Price, Usage
from outrider.journal.append import blob
from outrider.journal.events import RunRecorded, Step


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, an empty working directory, and an environment without keys."""
    import os

    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_BASE_URL", "_HOST", "_ENDPOINT")) or name.startswith(("OUTRIDER_", "OTEL_")):
            monkeypatch.delenv(name)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("OUTRIDER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def cli(home: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*args: str) -> Said:
        capfd.readouterr()
        code = main(list(args))
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Said(code, out, err)

    return run


REQUEST = b'{"model":"support","messages":[{"role":"user","content":"Where is my parcel?"}]}'
ANSWER = b'{"choices":[{"message":{"role":"assistant","content":"On its way."}}]}'


def a_run(**changes: object) -> RunRecorded:
    """A run with two steps; `changes` replace its fields."""
    fields: dict[str, object] = {
        "id": ids.new_id(),
        "project": "default",
        "at": clock.now_ns(),
        "name": "chat",
        "duration": 1_500_000_000,
        "http_status": 200,
        "model": "support",
        "route": "support",
        "deployment": "openai/gpt-4o-mini",
        "provider": "openai",
        "usage": Usage(input=100, output=20),
        "cost": 27_000,
        "ttft": 400_000_000,
        "overhead": 300_000,
        "request": blob(REQUEST),
        "response": blob(ANSWER),
        "preview": "Where is my parcel?",
        "steps": [
            Step(id=1, kind="cache", name="exact", duration=20_000),
            Step(
                id=2,
                kind="model",
                name="openai/gpt-4o-mini",
                start=100_000,
                duration=1_400_000_000,
                usage=Usage(input=100, output=20),
                cost=27_000,
                price=Price(input=150_000_000, output=600_000_000, source="list"),
            ),
            Step(
                id=3,
                kind="code",
                name="attempt 1",
                start=200_000,
                duration=9_000_000,
                parent=2,
                status="error",
                error="timeout",
            ),
        ],
    }
    return RunRecorded(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def record(home: Path) -> Callable[..., RunRecorded]:
    """Write a run into the spool, as a server would."""

    def write(**changes: object) -> RunRecorded:
        run = a_run(**changes)
        journal = Installation().open_journal()
        journal.append_now(run, [(run.request, REQUEST), (run.response, ANSWER)], run.project)  # type: ignore[list-item]
        journal.close()
        return run

    return write
