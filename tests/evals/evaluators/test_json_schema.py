"""JSON of the right form."""

from pathlib import Path

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def score(text: str) -> Score:
    return named("json_schema", {"schema": SCHEMA}).score(Case("a", "x"), Outcome(text=text), Ports())


def test_what_is_wrong_is_said() -> None:
    assert score('{"n": 1}').value == 1.0
    assert score('```json\n{"n": 1}\n```').value == 1.0
    assert "n" in score('{"n": "one"}').reason
    assert "no JSON" in score("n = 1").reason
    assert named("json_schema").score(Case("a", "x"), Outcome(text="{}"), Ports()).value is None
    own = Case("a", "x", context={"schema": SCHEMA})
    assert named("json_schema").score(own, Outcome(text="{}"), Ports()).value == 0.0


def test_a_schema_opens_no_file_and_no_address(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"type": "integer"}', "utf-8")
    for ref in ((tmp_path / "secret.json").as_uri(), "http://127.0.0.1:9/schema.json"):
        found = named("json_schema", {"schema": {"$ref": ref}}).score(Case("a", "x"), Outcome(text='"x"'), Ports())
        assert found.value is None
        assert found.reason.startswith("the schema is none"), found.reason
