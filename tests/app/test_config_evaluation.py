"""`evaluation:` in outrider.yaml: read, checked, and made into rules and a budget."""

import pytest

from outrider.app import config_evaluation
from outrider.app.settings import parse
from tests.app.mistakes import problems

FILE = """
projects: [default, team]
evaluation:
  online:
    every: 10s
    budget: {usd: 2.50, calls: 1k}
    rules:
      support:
        project: team
        where: route=support cost>0.01
        share: 5%
        audit: null
        evaluators:
          - refusal
          - {regex: {pattern: "(?i)thank"}, name: thanks, unsure: [0, 0.5]}
          - {judge: {model: claude, rubric: "Is it kind?"}}
      broken: {kind: errors, per_hour: 20}
"""


def test_rules_as_they_are_drawn_by() -> None:
    settings = parse(FILE, "t", {})
    support, broken = config_evaluation.made(settings.evaluation, settings.projects)
    assert (support.name, support.project, support.share, support.audit) == ("support", "team", 0.05, 0.0)
    assert (support.where.route, support.where.min_cost) == ("support", 10_000_001)
    assert support.names() == ["verdict", "refusal", "thanks", "judge"]
    assert [step.unsure for step in support.steps] == [None, (0, 0.5), None]
    assert (broken.kind, broken.per_hour, broken.steps) == ("errors", 20, ())
    assert config_evaluation.limits(settings.evaluation) == (2_500_000_000, 1_000)


def test_measures_and_bad_feedback() -> None:
    text = (
        "evaluation: {online: {rules: {r: {where: 'feedback=bad route=a', share: 1%, measures: [seconds, dollars]}}}}"
    )
    settings = parse(text, "t", {})
    (rule,) = config_evaluation.made(settings.evaluation, settings.projects)
    assert (rule.by_feedback, rule.where.route, rule.names()) == (True, "a", ["seconds", "dollars"])


def test_the_days_dollars_are_a_budget_like_any_other() -> None:
    settings = parse(FILE, "t", {})
    rule = settings.budgets["evaluation.online"]
    assert (rule.usd, rule.window, rule.match.tag) == ("2.50", "day", ("eval:online",))
    assert parse("projects: [default]", "t", {}).budgets == {}


RULE = "evaluation: {online: {rules: {r: {%s}}}}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("share: 5%", "nobody scores what is drawn"),
        ("evaluators: [refusal]", "say how much is drawn"),
        ("evaluators: [refusal], share: 5%, per_hour: 3", "one of the two"),
        ("evaluators: [refusal], share: 500%", "more than all"),
        ("evaluators: [refusal], kind: rare, per_hour: 3", "draws a `share`"),
        ("evaluators: [refusal], share: 1%, where: since=7d", "still to come"),
        ("evaluators: [refusal], share: 1%, where: rout=x", "does not understand 'rout=x'"),
        ("evaluators: [refusal], kind: errors, share: 1%, where: status=ok", "leaves nothing"),
        ("evaluators: [refusal], share: 1%, project: x", "unknown project 'x'"),
        ("evaluators: [nothing], share: 1%", "evaluators.0: there is"),
        ("evaluators: [prefer: {model: m}], share: 1%", "evaluators.0: "),
        ("evaluators: [refusal, refusal], share: 1%", "evaluators.1: the name 'refusal' is taken"),
        ("evaluators: [{refusal: {}, unsure: [0, 1]}], share: 1%", "none after the last"),
        ("evaluators: [{refusal: {}, unsure: 3}, exact], share: 1%", "a lowest and a highest"),
        ("evaluators: [{refusal: {}, unsure: [1, 0]}, exact], share: 1%", "is above"),
        ("evaluators: [seconds, exact], share: 1%", "is a measure"),
        ("evaluators: [{a: 1, b: 2}], share: 1%", "one evaluator with its options"),
        ("evaluators: [refusal], measures: [exact], share: 1%", "measures.0: 'exact' is no measure"),
        ("evaluators: [refusal], measures: [breach], share: 1%", "measures.0: "),
        ("evaluators: [refusal], measures: [seconds, seconds], share: 1%", "measures.1: the name 'seconds' is taken"),
        ("measures: [{seconds: {until: never}}], share: 1%", "measures.0: "),
    ],
)
def test_mistakes_are_named(text: str, words: str) -> None:
    found = problems(RULE % text)
    assert len(found) == 1
    assert words in found[0]
    assert "evaluation.online.rules.r" in found[0]


def test_names_and_budgets_are_checked() -> None:
    (found,) = problems("evaluation: {online: {rules: {Bad Name: {evaluators: [refusal], share: 1%}}}}")
    assert "small letters" in found
    found = problems(FILE + "budgets: {evaluation.online: {usd: 3}}\n")[0]
    assert "is the name of this one" in found
    (found,) = problems("evaluation: {online: {embeddings: embedded/nothing}}")
    assert "there is no embedded model 'nothing'" in found
    (found,) = problems("evaluation: {online: {embeddings: embedded/smollm2-135m}}")
    assert "makes no embeddings" in found
    (found,) = problems("evaluation: {online: {budget: {usd: 0}}}")
    assert "more than 0" in found
