"""The official `openai` Node client, unmodified, against a whole Outrider. Needs node; npm installs the client once."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import House

PROGRAM = Path(__file__).with_name("client.mjs")
VERSION = "7"


@pytest.fixture(scope="module")
def program() -> Path:
    """The program beside an installed client, in a folder that is kept between test runs."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed; the Node client needs them")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outrider-tests" / f"openai-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    if not (cache / "node_modules" / "openai" / "package.json").is_file():
        (cache / "package.json").write_text('{"private": true, "type": "module"}')
        install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", f"openai@{VERSION}"]
        subprocess.run(install, cwd=cache, check=True, capture_output=True, timeout=300)
    return Path(shutil.copy(PROGRAM, cache / "client.mjs"))


@pytest.fixture
def results(program: Path, house: House) -> dict[str, Any]:
    command = ["node", str(program), f"{house.url}/v1", house.key]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_node_client(results: dict[str, Any], house: House) -> None:
    assert results["plain"] == ["This is a scripted answer.", 6, True]
    assert results["stream"] == ["naïve 東京", 2, 5]
    assert results["tool"] == ["look", {"q": "text"}]
    assert results["streamedTool"] == {"q": "text"}
    assert results["schema"] == {"city": "text"}
    assert results["several"] == ["a b ", "a b "]
    assert results["embeddings"] == [4, 4]
    assert {"plain", "once"} <= set(results["models"])
    assert results["retried"] == 1
    assert results["errors"] == {
        "badKey": ["AuthenticationError", 401],
        "unknownModel": ["NotFoundError", 404],
        "limited": ["RateLimitError", 429],
        "broken": ["InternalServerError", 502],
        "slow": ["InternalServerError", 504],
    }
    house.seen(cancelled=2)  # the slow one, and the stream that was left
