"""YAML of others: what would end the process, or grow, is refused with its line."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import yaml_text

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 50_000, "- " * 100_000, "? " * 50_000, b"[" * 100_000])
def test_what_is_nested_too_deeply_is_refused(text: str | bytes) -> None:
    for read in (yaml_text.load, yaml_text.compose, yaml_text.check):
        with pytest.raises(yaml_text.TooMuch, match="nested more than 100 levels") as caught:
            read(text)
        assert caught.value.line == 1


def test_a_hundred_levels_are_read() -> None:
    assert str(yaml_text.load("[" * 100 + "]" * 100)) == "[" * 100 + "]" * 100
    with pytest.raises(yaml_text.TooMuch):
        yaml_text.load("\n" + "[" * 101 + "]" * 101)


def test_aliases_are_read_until_they_repeat_too_much() -> None:
    assert yaml_text.load("a: &x {b: 1}\nc: *x\nd: {<<: *x}\n") == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1}}
    with pytest.raises(yaml_text.TooMuch, match="repeat too much") as caught:
        yaml_text.load(LAUGHS)
    assert caught.value.line == 5
    with pytest.raises(yaml_text.TooMuch, match="repeats what it stands in"):
        yaml_text.load("a: &x [1, *x]")


@pytest.mark.parametrize("text", ["a: \0", "a: [", "a: *gone", "a: 1\n---\nb: 2", "!!python/object:os.system {}"])
def test_what_is_no_yaml_is_told_by_the_usual_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        yaml_text.load(text)


def test_only_what_is_too_much_is_refused_where_another_loader_tells_the_rest() -> None:
    yaml_text.refuse_too_much("a: [")
    yaml_text.refuse_too_much("a: \0")
    with pytest.raises(yaml_text.TooMuch):
        yaml_text.refuse_too_much("[" * 200)


def test_nodes_have_values() -> None:
    node = yaml_text.compose("- {a: 1}\n- two\n")
    assert isinstance(node, yaml.SequenceNode)
    assert [yaml_text.values(one) for one in node.value] == [{"a": 1}, "two"]
    assert yaml_text.compose("") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab: -#'é"),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
)


@given(JSON)
def test_everything_else_is_read_as_it_is(value: object) -> None:
    assert yaml_text.load(yaml.safe_dump(value)) == value
