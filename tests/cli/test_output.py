"""What commands print: JSON of anything recorded, numbers for people, no control characters."""

import json

import pytest

from outrider.base import ids
from outrider.cli import _output
from outrider.journal.append import blob
from outrider.journal.events import RunRecorded


def test_json_spells_ids_and_digests(capsys: pytest.CaptureFixture[str]) -> None:
    id_ = ids.new_id()
    _output.emit_json(RunRecorded(id=id_, project="p", at=1, name="x", request=blob(b"x")))
    shown = json.loads(capsys.readouterr().out)
    assert shown["id"] == ids.text(id_)
    assert len(shown["request"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0 µs"), (850_000, "850 µs"), (12_300_000, "12.3 ms"), (4_560_000_000, "4.56 s"), (200 * 10**9, "3 min 20 s")],
)
def test_durations(ns: int, text: str) -> None:
    assert _output.took(ns) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2 * 10**9, "2.0 GB"), (10**16, "10000.0 TB")]
)
def test_sizes(count: int, text: str) -> None:
    assert _output.size(count) == text


def test_counts() -> None:
    assert [_output.many(n, "run") for n in (0, 1, 1200)] == ["0 runs", "1 run", "1,200 runs"]


@pytest.mark.parametrize("text", ["a\x1b[31mb", "a\nb", "a\u202eb", "a\x9bb", "\x00a b"])
def test_clean_is_one_harmless_line(text: str) -> None:
    assert _output.clean(text).isprintable()


def test_headings_are_harmless_lines_too(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    _output.table(("\x1b[31mann", "[/b] bob\nsays"), [("1", "2")])
    assert capsys.readouterr().out == "[31mann\t[/b] bob says\n1\t2\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _output.table(("\x1b[31mann", "[/b] bob\nsays"), [("1", "2")])
    assert "[/b] bob says" in capsys.readouterr().out


def test_a_piped_table_has_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    _output.table(("a", "b"), [("1", "x\ty")])
    assert capsys.readouterr().out == "a\tb\n1\tx y\n"
