"""Arguments of proposed calls: what can be judged, and what cannot."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.control.calls import LONGEST_ARGUMENTS, Judged, Unreadable, arguments, explanation, facts, told
from outrider.policy.turns import Proposal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON))
def test_every_object_is_read(said: dict[str, object]) -> None:
    assert arguments(json.dumps(said)) == said


@pytest.mark.parametrize(
    "said",
    [
        '{"to": "bob", "to": "eve"}',
        '{"a": {"to": "bob", "to": "eve"}}',
        '{"t\\u006f": "bob", "to": "eve"}',
        '{"to": "bob"',
        '{"to": "bob"}{"to": "eve"}',
        "{'to': 'bob'}",
        '["bob"]',
        '"bob"',
        "null",
        '{"n": NaN}',
        '{"n": Infinity}',
        "[" * 100_000,
    ],
)
def test_what_clients_read_differently_is_unreadable(said: str) -> None:
    with pytest.raises(Unreadable):
        arguments(said)


def test_no_arguments_and_too_many() -> None:
    assert arguments("") == arguments("  ") == arguments("{}") == {}
    assert arguments('{"\\u0074o": "b\\u006fb"}') == {"to": "bob"}
    with pytest.raises(Unreadable, match="longer"):
        arguments('{"a": "' + "x" * LONGEST_ARGUMENTS + '"}')


def test_what_is_said_instead() -> None:
    one = Judged((0, 0), Proposal("i", "pay", "{}"), "deny", ("no-money: nobody may pay",))
    assert "`pay` is refused: no-money" in explanation([one])
    assert "refused" in told(one)
    assert facts(one) == {"tool": "pay", "verdict": "deny", "reasons": ["no-money: nobody may pay"]}
    assert "approved" not in explanation([one])


@pytest.mark.parametrize("name", ["pay", "mail__send", "a.b/c:d", "größe"])
def test_usual_names_stand_as_they_are(name: str) -> None:
    assert f"`{name}`" in explanation([Judged((0, 0), Proposal("i", name, "{}"), "deny")])


@pytest.mark.parametrize(
    "name", ["x` ![y](https://z.example)", "https://z.example/q", "a\n# b", "x" * 129, "", "a\u202eb"]
)
def test_a_made_up_name_is_no_markup(name: str) -> None:
    one = Judged((0, 0), Proposal("i", name, "{}"), "deny", ("why", "a is 'v'"), private=frozenset(["a is 'v'"]))
    for text in (explanation([one]), told(one), str(facts(one))):
        assert "z.example" not in text
        assert "'v'" not in text
        assert "\n#" not in text
        assert "x" * 129 not in text
    assert facts(one, record=True)["tool"] == name
    assert facts(one, record=True)["reasons"] == ["why", "a is 'v'"]
