"""Our own words from INFO on, libraries' from WARNING on."""

import subprocess
import sys

CODE = """
import logging
from outrider.app.logs import set_up
set_up()
set_up()
logging.getLogger("outrider.x").info("ours")
logging.getLogger("library").info("theirs")
logging.getLogger("library").warning("their warning")
"""


def test_who_is_heard() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["I outrider.x: ours", "W library: their warning"]
    assert done.stdout == ""
