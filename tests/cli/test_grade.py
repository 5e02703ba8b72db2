"""`outrider grade`, also as `outrider replay grade`."""

import json
from pathlib import Path

from tests.cli.conftest import Run
from tests.journal.imports import exported


def taken_in(cli: Run) -> None:
    Path("runs.json").write_text(json.dumps(exported.langfuse()))
    assert cli("journal", "import", "runs.json").code == 0


def test_a_session_is_graded(cli: Run, home: Path) -> None:
    taken_in(cli)
    said = cli("grade", "s1", "--outcome", "sun in Rome", "--check", "SUN")
    assert said.code == 0
    assert said.out.startswith("The system knew, and no person said it. 4 steps in the session.\n")
    assert "given to the system      step 3" in said.out
    shown = json.loads(
        cli("replay", "grade", "s1", "--outcome", "sun in Rome", "--evaluator", "contains", "--json").out
    )
    assert (shown["verdict"], shown["known"]["step"], shown["given"]["step"]) == ("only the system", 4, 3)


def test_what_is_wrong_is_named(cli: Run, home: Path) -> None:
    taken_in(cli)
    assert "how the outcome is known" in cli("grade", "s1", "--outcome", "x").err
    assert "no session 'none'" in cli("grade", "none", "--outcome", "x", "--check", "x").err
    assert "there is no project" in cli("grade", "s1", "--outcome", "x", "--check", "x", "--project", "q").err
    assert "--evaluator" in cli("grade", "s1", "--outcome", "x", "--evaluator", "exakt").err
    assert "no regular expression" in cli("grade", "s1", "--outcome", "x", "--check", "(").err
    unsure = cli("grade", "s1", "--outcome", "x", "--evaluator", "{regex: {pattern: '('}}")
    assert "got no score: '(' is no regular expression" in unsure.out + unsure.err, "why, in words"
    assert "not YAML" in cli("grade", "s1", "--outcome", "x", "--evaluator", "{a: [").err
    assert "say what came of it" in cli("grade", "s1", "--outcome", "", "--check", "x").err
