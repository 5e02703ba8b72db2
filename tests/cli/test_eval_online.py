"""`outrider eval online`: how live traffic stands, in the terminal."""

import itertools
import json
from pathlib import Path

import pytest

from outrider.app.main import Installation
from outrider.base import clock, ids
from outrider.evals.online import drawing, rules
from outrider.evals.online.book import Book
from tests.cli.conftest import ANSWER, REQUEST, Run, a_run
from tests.evals.online.living import CHECK, JUDGE, Living

CONFIG = """
embedded: {enabled: off}
evaluation:
  online:
    budget: {usd: 5, calls: 1k}
    rules:
      support: {share: 10%, evaluators: [{regex: {pattern: x}, name: greets, unsure: [0, 0.5]},
                                         {judge: {model: claude, rubric: "Is it kind?"}, name: kind}]}
      parcels: {share: "1", evaluators: [{regex: {pattern: way}}]}
      errors: {kind: errors, per_hour: 20}
"""


@pytest.fixture
def config(home: Path) -> Path:
    Path("outrider.yaml").write_text(CONFIG)
    return home


def test_without_rules_it_says_where_they_go(cli: Run) -> None:
    Path("outrider.yaml").write_text("embedded: {enabled: off}")
    assert "evaluation.online.rules" in cli("eval", "online", "status").err
    said = cli("eval", "online", "now")
    assert (said.code, "no rules" in said.err) == (2, True)


def test_how_it_stands_and_how_it_was(cli: Run, config: Path) -> None:
    config.mkdir(exist_ok=True)
    living = Living(config)
    living.score(hours=30)
    assert living.support.steps == rules.chain([CHECK, JUDGE])
    said = cli("eval", "online", "status")
    assert said.code == 0
    assert "1 of 1000 calls, $1.25 of $5" in said.out
    assert "never held against people" in said.err
    assert "went down from 0.90 to 0.41" in said.err
    told = json.loads(cli("eval", "online", "status", "--json").out)
    assert [one["name"] for one in told["rules"]] == ["support", "parcels", "errors"]
    shown = cli("eval", "online", "series", "support", "--evaluator", "kind", "--hours", "--since", "2d")
    assert len(shown.out.splitlines()) == 31
    assert "went down" in shown.err
    assert len(json.loads(cli("eval", "online", "series", "support", "--json").out)["points"]) == 8
    assert "only proposes cases" in cli("eval", "online", "series", "errors").err
    assert "there are: support" in cli("eval", "online", "series", "nothing").err
    assert "there is no project" in cli("eval", "online", "status", "--project", "x").err
    living.close()


def test_a_round_at_once(cli: Run, config: Path) -> None:
    assert "drew 0 runs" in cli("eval", "online", "now").out
    here = Installation()
    journal = here.open_journal()
    left_out = (id_ for id_ in iter(ids.new_id, None) if drawing.lot("support", ids.text(id_)) > 0.1)
    for id_ in itertools.islice(left_out, 3):  # whose lot is not support's, so that parcels alone draws them
        run = a_run(id=id_, at=clock.now_ns(), name="chat.completions", status="ok")
        assert run.request is not None
        assert run.response is not None
        journal.append_now(run, ((run.request, REQUEST), (run.response, ANSWER)), "default")
    journal.close()
    said = cli("eval", "online", "now", "--json")
    assert json.loads(said.out) == {"by": "here", "round": {"drawn": 3, "scored": 3, "changes": 0}}
    points = json.loads(cli("eval", "online", "series", "parcels", "--json").out)["points"]
    (point,) = [one for one in points if one["seen"]]
    assert (point["scored"], point["estimate"]) == (3, 1.0)


def test_where_another_works_on_it_that_is_waited_for(cli: Run, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.mkdir(exist_ok=True)
    living = Living(config)
    book = Book(lambda: living.store, "server")
    assert book.claim()
    monkeypatch.setattr("outrider.cli._eval_online.LONGEST", 0.0)
    assert cli("eval", "online", "now").code == 1
    book.ended(clock.now_ns() + 60 * 10**9)
    assert "the server has looked" in cli("eval", "online", "now").out
    living.close()
