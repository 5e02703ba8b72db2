"""Everything under the home folder, and nothing outside it."""

from pathlib import Path

from outrider.app import paths


def test_all_is_under_home(tmp_path: Path) -> None:
    found = [paths.spool(tmp_path), paths.run(tmp_path), paths.keys(tmp_path)]
    assert len(set(found)) == 3
    assert all(p.parent == tmp_path for p in found)
