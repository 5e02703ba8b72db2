"""Structured answers, field by field."""

import json

from outrider.evals.evaluators import Ports, named
from outrider.evals.records import Case, Outcome, Score

WANTED = {"name": "Ada", "born": 1815, "jobs": [{"title": "Mathematician"}, {"title": "Writer"}]}


def score(said: object, **options: object) -> Score:
    text = said if isinstance(said, str) else json.dumps(said)
    return named("fields", options).score(Case("a", "x", expected=WANTED), Outcome(text=text), Ports())


def test_the_share_of_right_fields() -> None:
    assert score(WANTED).value == 1.0
    part = score({"name": "ada", "born": 1816, "jobs": [{"title": "Mathematician"}]})
    assert part.value == 0.5
    assert set(part.about["wrong"]) == {"born", "jobs[1].title"}
    assert score({**WANTED, "born": 1816}, tolerance=0.01).value == 1.0
    assert score({**WANTED, "born": 1}, leave_out=["born"]).value == 1.0
    assert score({"name": "Ada"}, only=["name"]).value == 1.0
    assert score({**WANTED, "born": 1}, all=True).value == 0.0
    assert score("nothing").value == 0.0
    assert score({**WANTED, "born": "1815"}).value == 0.75, "a number is no text"
