"""Every guardrail keeps the contract, also those that nobody has written a test for."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.guardrails import Context, load, names

TEXTS = st.text(max_size=200) | st.lists(
    st.sampled_from(
        [
            "hello ", "<b style='color:#fff'>", "</b>", "http://x.y/?q=", "![a](", ")", "4111 1111 1111 1111", "AKIA",
            "-----BEGIN RSA PRIVATE KEY-----\n", "\u200b", "\U000e0041\U000e0042", "SELECT * FROM t; DROP", "rm -rf /",
            "bob@example.com", "aWdub3JlIHRoaXMgdGV4dCBub3c=", "%41%42%43", "\n", "eval(", "ignore all ",
        ]
    ),
    max_size=8,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("name", names())
def test_says_what_it_is(name: str) -> None:
    guardrail = load(name)
    assert name == guardrail.NAME
    assert guardrail.WHAT.endswith(".")
    assert set(guardrail.STAGES) <= {"input", "output", "tool_result", "tool_args"}
    assert msgspec.convert({}, guardrail.Options)


@pytest.mark.parametrize("name", names())
@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
def test_findings_are_parts_of_the_text(name: str, text: str) -> None:
    guardrail = load(name)
    for one in guardrail.check(text, Context(guardrail.STAGES[0], options=guardrail.Options())):
        assert 0 <= one.start <= one.end <= len(text)
        assert 0 <= one.score <= 1
        assert one.kind in getattr(guardrail, "KINDS", (one.kind,))


@pytest.mark.parametrize("name", [n for n in names() if hasattr(load(n), "unfinished")])
@settings(deadline=None, max_examples=60)
@given(text=TEXTS)
def test_what_may_go_on_begins_within_the_text(name: str, text: str) -> None:
    guardrail = load(name)
    assert 0 <= guardrail.unfinished(text, Context("output", options=guardrail.Options())) <= len(text)
