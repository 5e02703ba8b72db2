"""The suite against Outrider: a part of it quickly, all of it with the slow tests; and the page that it writes."""

import re
import socket
from pathlib import Path

import pytest

from outrider.testing.conformance import PAIRS, SCENES, Target, config, failures, flows, own, run, tables
from outrider.testing.conformance.__main__ import main
from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.page import page
from outrider.testing.conformance.scenes import SPEAKERS
from outrider.testing.running import running

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "conformance.md"
QUICK = ("turns", "letters", "stop", "tool-rounds", "thoughts-kept", "image", "schema", "cached", "error-refused")


def test_the_chief_scenes_pass(target: Target) -> None:
    cells = run(target, [scene for scene in SCENES if scene.name in QUICK])
    assert not failures(cells)
    assert {cell.outcome for cell in cells} == {"pass", "named", "–"}


def test_the_gateways_own_errors_are_in_the_callers_shape(target: Target) -> None:
    assert not failures(own(target))


@pytest.mark.slow
def test_every_cell_passes_and_the_page_says_so(target: Target) -> None:
    cells = run(target) + flows(target, PAIRS) + own(target)
    assert not failures(cells)
    assert page(cells) == PAGE.read_text("utf-8"), "run `make conformance`"


def test_the_page_knows_every_scene_and_pair() -> None:
    """That it is fresh in every cell is seen when all of it is played."""
    text = PAGE.read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| .*\|$", text, re.MULTILINE)
    assert [title for title in {scene.title for scene in SCENES} if rows.count(title) != 4] == []
    assert text.count(f"| | {' | '.join(SPEAKERS)} |") == 4
    assert "FAIL" not in text


def test_names_and_titles_are_unique() -> None:
    assert len({scene.name for scene in SCENES}) == len({scene.title for scene in SCENES}) == len(SCENES)
    assert all(re.fullmatch(r"[a-z0-9-]+", scene.name) for scene in SCENES)


def test_needs_and_tells_are_words_that_are_known() -> None:
    known = {word for s in SPEAKERS.values() for word in {*s.lacks, *s.silent}}
    known |= {word for caller in CALLERS.values() for word in caller.CANNOT} | {"tool_image", "thoughts", "cites"}
    assert {word for scene in SCENES for word in scene.needs | scene.tells} <= known


def test_what_fails_is_told(target: Target) -> None:
    cells = run(Target(target.url, "sk-or-0000000000000000-wrong", target.provider), SCENES[:1], PAIRS[:2])
    assert len(failures(cells)) == 2
    assert "whole" in failures(cells)[0]
    assert "FAIL" in tables(cells)


def test_a_gateway_elsewhere_can_be_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    setup = config(f"http://127.0.0.1:{port}")
    with running(setup, tmp_path, environment={"SUITE_PROVIDER_KEY": "sk-elsewhere"}) as outrider:
        where = ["--url", outrider.url, "--key", outrider.key, "--port", str(port)]
        assert main([*where, "--scene", "tool-result", "--pair", "messages:gemini"]) == 0
    assert "1 cells" in capsys.readouterr().out


def test_the_command_plays_one_scene(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scene", "text", "--pair", "chat:chat"]) == 0
    assert "Plain text | pass" in capsys.readouterr().out
    assert main(["--setup", "--port", "9123"]) == 0
    assert "to-gemini" in capsys.readouterr().out
