"""Who holds jobs is known to be dead as soon as its process is gone, not only when its lease ends."""

import subprocess
import sys
from pathlib import Path

from outrider.knowledge.presence import Presence


def test_a_holder_that_lives_is_not_dead(tmp_path: Path) -> None:
    one, other = Presence(tmp_path / "run"), Presence(tmp_path / "run")
    assert not other.dead(one.name)
    assert not one.dead(one.name)
    one.close()
    other.close()


def test_a_killed_process_is_dead_and_its_file_goes(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from outrider.knowledge.presence import Presence\n"
        f"here = Presence(Path({str(tmp_path)!r})); print(here.name, flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    name = child.stdout.readline().strip()
    here = Presence(tmp_path)
    assert not here.dead(name)
    child.kill()
    child.wait()
    assert here.dead(name)
    here.sweep()
    assert [path.name for path in tmp_path.iterdir()] == [here.name]
    assert not here.dead(name), "nothing is known of one without a file: its lease decides"
    here.close()
    child.stdout.close()


def test_names_from_elsewhere_are_not_looked_up_outside(tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"")
    here = Presence(tmp_path / "run")
    assert not here.dead("../outside")
    here.close()
