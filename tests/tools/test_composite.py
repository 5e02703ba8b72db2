"""Composite tools: references, labels of the parts, what is wrong with a definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.tools import composite
from outrider.tools.composite import CallStep, Composite, derived, filled, gravest
from outrider.tools.ports import Tool

KNOWN = {"input": {"to": "ann", "n": 3}, "found": {"items": [{"id": 7, "tags": ["a"]}]}}


def test_references_stand_for_values() -> None:
    asked = {
        "to": "$input.to",
        "id": "$found.items.0.id",
        "all": "$found",
        "text": "costs $5",
        "deep": [{"n": "$input.n"}],
    }
    assert filled(asked, KNOWN) == {
        "to": "ann",
        "id": 7,
        "all": KNOWN["found"],
        "text": "costs $5",
        "deep": [{"n": 3}],
    }


def test_what_is_not_there_is_named() -> None:
    for reference in ("$found.items.9.id", "$found.nix", "$input.nix"):
        with pytest.raises(RequestError) as fault:
            filled({"x": reference}, KNOWN)
        assert reference in fault.value.message


def test_optional_arguments_are_left_out() -> None:
    assert filled({"cc": "$input.cc", "to": "$input.to"}, KNOWN, ["cc"]) == {"to": "ann"}
    assert filled(["$input.cc", 1], KNOWN, ["cc"]) == [1]


_DATA = st.recursive(
    st.text(max_size=8) | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(_DATA)
def test_what_a_tool_said_is_never_read_as_a_reference(value: object) -> None:
    """Values are put in as they are: a `$input.to` inside a result stays a text."""
    known = {"found": {"v": value, "trap": "$input.secret"}, "input": {"secret": "s"}}
    assert filled({"a": "$found.v", "b": "$found.trap"}, known) == {"a": value, "b": "$input.secret"}


def test_mistakes_are_told() -> None:
    made = Composite(
        description="d",
        arguments={"q": {"type": "string"}},
        optional=("z",),
        steps=(
            CallStep("a", arguments={"x": "$input.nix", "y": "$later.z"}),
            CallStep("b", name="later"),
            CallStep("b", name="later"),
        ),
        result="$gone",
    )
    said = "\n".join(made.problems())
    for part in ("$input.nix", "$later is no earlier step", "'later' is no name of its own", "result: $gone", "'z'"):
        assert part in said
    assert list(Composite(description="d", steps=()).problems())


def test_labels_derive_from_the_parts() -> None:
    clean = Declaration(trust="trusted", privacy="public", does="internal", idempotent=True)
    assert derived([clean, clean]).trust == "trusted"
    assert derived([clean, clean]).privacy == "public"
    assert derived([clean, UNDECLARED]) == Declaration(does="none", steers={})
    assert derived([Declaration(trust="trusted", fields={"a": "untrusted"})]).trust == "untrusted"
    assert derived([]).trust == "untrusted"
    assert gravest([clean, Declaration(does="money")]) == "money"


def test_a_composite_is_a_tool() -> None:
    made = Composite(
        description="d", arguments={"q": {"type": "string"}, "r": {}}, optional=("r",), steps=(CallStep("a"),)
    )
    tool = made.tool("c", {"a": Tool(name="a", idempotent=True)}, {})
    assert tool.input_schema["required"] == ["q"]
    assert tool.idempotent
    assert tool.declaration == derived([UNDECLARED])
    assert list(composite.references({"a": ["$x.y.z"]})) == [("x", ["y", "z"])]
