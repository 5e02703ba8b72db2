"""Rules of guardrails from outrider.yaml: taken over, and refused by their field."""

from pathlib import Path

import pytest

from outrider.app.guardrails import GuardrailHandle, rules_of
from outrider.app.settings import parse
from outrider.base.errors import ConfigError

GOOD = (
    "guardrails: {rules: {mail: {check: pii, at: [input], do: redact, placeholders: true, options: {only: [email]}}}}"
)


def test_rules_are_those_of_the_configuration(tmp_path: Path) -> None:
    handle = GuardrailHandle(parse("{}", "outrider.yaml", {}), tmp_path, lambda: pytest.fail("no store is needed"))
    assert not handle.rules()
    handle.use(parse(GOOD, "outrider.yaml", {}))
    assert handle.rules()
    assert handle.rules().reversible
    assert rules_of(parse(GOOD, "outrider.yaml", {})).concern("input")
    assert not rules_of(parse(GOOD, "outrider.yaml", {})).concern("output")


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("guardrails: {rules: {a: {check: nothing}}}", "guardrails.rules.a.check"),
        ("guardrails: {rules: {a: {check: pii, options: {colour: 1}}}}", "guardrails.rules.a.options"),
        ("guardrails: {rules: {a: {check: pii, kinds: {moon: block}}}}", "guardrails.rules.a.kinds"),
        ("guardrails: {rules: {a: {check: system_prompt, at: [input]}}}", "guardrails.rules.a.at"),
        ("guardrails: {rules: {a: {check: pii, do: shout}}}", "guardrails.rules.a.do"),
        ("guardrails: {arguments: {run: pii}}", "guardrails.arguments.run"),
        ("guardrails: {arguments: {run.sql: nothing}}", "guardrails.arguments.run"),
    ],
)
def test_faults_name_their_field(text: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "outrider.yaml", {})
    assert field in caught.value.message


def test_a_threshold_is_a_number_from_nought_to_one() -> None:
    made = parse("guardrails: {rules: {a: {check: pii, threshold: 0.7}}}", "outrider.yaml", {})
    assert made.guardrails.rules["a"].threshold == 0.7
    for wrong in ("2", "much"):
        with pytest.raises(ConfigError, match=r"guardrails\.rules\.a\.threshold"):
            parse(f"guardrails: {{rules: {{a: {{check: pii, threshold: {wrong}}}}}}}", "outrider.yaml", {})
