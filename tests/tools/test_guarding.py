"""Guardrails at the tool URL: what is taken out of arguments and results, and what taints a session."""

from typing import Any

import pytest

from outrider.base.errors import RequestError
from outrider.guardrails import Rule, Rules
from outrider.limits.keys import Identity
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.identity import Who
from outrider.tools.guarding import Guarding
from outrider.tools.ports import Caller, Tool, ToolCall, ToolResult

KEY = "sk-ant-api03-" + "abcdefghijklmnopqrstuvwxyz0123"
RULES = Rules(
    {
        "mail": Rule("pii", at=("tool_args", "tool_result"), do="redact", options={"only": ["email"]}),
        "keys": Rule("secrets", at=("tool_args", "tool_result"), do="block"),
        "hidden": Rule("hidden_text", at=("tool_result",), do="flag"),
    }
)


class Heard:
    """What a session was told."""

    def __init__(self) -> None:
        self.results: list[tuple[str, Any, Declaration]] = []

    def returned(self, who: Who, tool: str, result: Any, declaration: Declaration) -> None:
        self.results.append((tool, result, declaration))


def call(**arguments: Any) -> ToolCall:
    caller = Caller(identity=Identity("p", "k"), who=Who("p", "s"))
    return ToolCall(
        id=b"1", caller=caller, tool=Tool(name="note"), arguments=arguments, declaration=UNDECLARED, attrs={}
    )


def guarding(rules: Rules = RULES) -> tuple[Guarding, Heard]:
    heard = Heard()
    return Guarding(lambda: rules, heard), heard  # type: ignore[arg-type]


def said(text: str) -> ToolResult:
    return ToolResult(content=[{"type": "text", "text": text}], structured={"rows": [text]})


async def test_arguments_are_redacted_or_refused() -> None:
    stage, _ = guarding()
    made = call(body={"text": "to bob@example.com"}, n=3)
    assert await stage.before(made) == {"body": {"text": "to [EMAIL]"}, "n": 3}
    assert made.attrs["guardrails"] == {"pii.email": 1}
    with pytest.raises(RequestError, match=r"argument 'body.text' of 'note'") as caught:
        await stage.before(call(body={"text": KEY}))
    assert KEY not in caught.value.message


async def test_results_are_redacted_or_withheld() -> None:
    stage, _ = guarding()
    result = await stage.after(call(), said("from bob@example.com"))
    assert result.content == [{"type": "text", "text": "from [EMAIL]"}]
    assert result.structured == {"rows": ["from [EMAIL]"]}
    withheld = await stage.after(call(), said(f"key {KEY}"))
    assert withheld.is_error
    assert withheld.structured is None
    assert KEY not in str(withheld)


async def test_what_is_flagged_taints() -> None:
    stage, heard = guarding()
    result = await stage.after(call(), said("log in to p\u0430ypal"))
    assert result == said("log in to p\u0430ypal")
    ((tool, _, declaration),) = heard.results
    assert (tool, declaration) == ("note", UNDECLARED)


async def test_without_rules_nothing_is_looked_at() -> None:
    stage, heard = guarding(Rules())
    made, result = call(text=KEY), said(KEY)
    assert await stage.before(made) is made.arguments
    assert await stage.after(made, result) is result
    assert heard.results == []


async def test_what_a_rule_asks_about_is_a_doubt_for_a_person() -> None:
    stage, _ = guarding(Rules({"mail": Rule("pii", at=("tool_args",), do="ask", options={"only": ["email"]})}))
    made = call(body="to bob@example.com")
    assert await stage.before(made) == {"body": "to bob@example.com"}
    (doubt,) = made.doubts
    assert "'body'" in doubt
    assert "bob@" not in doubt
