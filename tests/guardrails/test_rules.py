"""Which texts a rule covers, and what its findings lead to."""

import pytest

from outrider.base.errors import ConfigError
from outrider.guardrails import Context, Rule, Rules, inspect, load


def test_a_rule_covers_what_it_names() -> None:
    rules = Rules({"hidden": Rule("hidden_text", do="block", routes=("gpt*",), projects=("a",), tools=("mail__*",))})
    text = ["pаypal"]
    assert inspect(text, Context("tool_result", route="gpt-5", project="a", tool="mail__read"), rules).act == "block"
    assert inspect(text, Context("tool_result", route="o1", project="a", tool="mail__read"), rules).act == "allow"
    assert inspect(text, Context("tool_result", route="gpt-5", project="b", tool="mail__read"), rules).act == "allow"
    assert inspect(text, Context("tool_result", route="gpt-5", project="a", tool="web"), rules).act == "allow"


def test_kinds_have_their_own_acts() -> None:
    rules = Rules({"hidden": Rule("hidden_text", do="block", kinds={"look_alikes": "flag"})})
    assert inspect(["pаypal"], Context(), rules).act == "flag"
    assert inspect(["pаypal \u202egnp\u202c"], Context(), rules).act == "block"


def test_an_argument_has_its_guardrail() -> None:
    rules = Rules(arguments={"send.body": "hidden_text"})
    assert inspect(["pаypal"], Context("tool_args", tool="send", argument="body"), rules).act == "block"
    assert inspect(["pаypal"], Context("tool_args", tool="send", argument="to"), rules).act == "allow"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule("nothing"), "guardrails.rules.one.check"),
        (Rule("hidden_text", options={"colour": 1}), "guardrails.rules.one.options"),
        (Rule("hidden_text", kinds={"email": "block"}), "guardrails.rules.one.kinds"),
        (Rule("shell", do="ask"), "guardrails.rules.one.do: `ask` lets a person decide about a call of a tool"),
        (Rule("pii", at=("input", "tool_args"), do="ask"), "write `at: [tool_args]`"),
        (Rule("pii", at=("output",), kinds={"email": "ask"}), "`ask`"),
    ],
)
def test_a_faulty_rule_is_refused_by_its_field(rule: Rule, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Rules({"one": rule})
    assert field in caught.value.message


def test_a_person_may_be_asked_about_arguments() -> None:
    rules = Rules({"shell": Rule("shell", at=("tool_args",), do="ask")})
    assert inspect(["rm -rf /"], Context("tool_args", tool="bash", argument="command"), rules).act == "ask"


@pytest.mark.parametrize("name", ["nope", "way"])
def test_what_is_no_guardrail_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(LookupError, match=f"no guardrail '{name}'; there are: code, .*, system_prompt$"):
        load(name)
