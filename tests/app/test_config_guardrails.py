from outrider.app.config_guardrails import Guardrails, problems_of
from outrider.guardrails import Rule


def test_what_can_be_read_may_still_be_wrong() -> None:
    assert list(problems_of(Guardrails({"a": Rule("pii")}, {"run.sql": "pii"}))) == []
    found = dict(problems_of(Guardrails({"a": Rule("moon")}, {"run": "pii"})))
    assert list(found) == [("rules", "a", "check"), ("arguments", "run")]
    assert "there are:" in found["rules", "a", "check"]
