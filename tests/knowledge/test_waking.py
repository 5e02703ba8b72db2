"""The file that says when the process for jobs is wanted: whoever makes a job is never overheard."""

from pathlib import Path

from outrider.knowledge import waking


def test_nobody_is_wanted_where_there_never_was_a_job(tmp_path: Path) -> None:
    assert waking.due(tmp_path) is None


def test_woken_and_at_rest(tmp_path: Path) -> None:
    waking.wake(tmp_path)
    assert waking.due(tmp_path) == 0
    assert not waking.rest(tmp_path, lambda: 0), "there is work"
    assert waking.due(tmp_path) == 0
    assert waking.rest(tmp_path, lambda: 123)
    assert waking.due(tmp_path) == 123
    assert waking.rest(tmp_path, lambda: None)
    assert waking.due(tmp_path) is None


def test_a_damaged_file_is_nothing(tmp_path: Path) -> None:
    (tmp_path / waking.FILE).write_text("soon")
    assert waking.due(tmp_path) is None
