"""What the guides of a move show is what the settings take, and what they promise of headers is what is read."""

import re
from pathlib import Path

import pytest

from outrider.app.settings import parse
from outrider.gateway import aliases

GUIDES = Path(__file__).parents[3] / "docs" / "guides"
PAGES = ["from-litellm.md", "from-portkey.md", "from-helicone.md", "coding-agents.md"]
SET = dict.fromkeys(["OPENAI_API_KEY", "ANTHROPIC_API_KEY"], "x")


@pytest.mark.parametrize("page", PAGES)
def test_configurations_are_good(page: str) -> None:
    found = re.findall(r"```yaml\n(.*?)```", (GUIDES / page).read_text("utf-8"), re.DOTALL)
    for text in found:
        if "schema: v1" not in text:  # another program's
            parse(text, page, SET)


@pytest.mark.parametrize("page", PAGES[:3])
def test_headers_that_keep_working_are_read(page: str) -> None:
    text = (GUIDES / page).read_text("utf-8").partition("## Headers that keep working")[2].partition("\n\nOur own")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    names = {name.lower().encode() for cell in cells for name in re.findall(r"`([A-Za-z]+-[A-Za-z-]+)", cell)}
    assert names
    for name in names - {b"cache-control"}:
        example = b'{"_user": "a"}' if b"metadata" in name else b"Bearer sk-or-a-b" if name in KEYS else b"1"
        read = {name: example, b"x-codex-window-id": b""} if name == b"session-id" else {name: example}
        assert aliases.apply(read) != read, name


KEYS = (b"helicone-auth", b"x-litellm-api-key", b"x-portkey-api-key")


def test_all_that_is_read_is_promised() -> None:
    told = "".join((GUIDES / page).read_text("utf-8") for page in PAGES).lower()
    foreign = [name for name in aliases.READ if not name.startswith(b"x-codex")]
    assert [name for name in foreign if name.decode() not in told] == []
