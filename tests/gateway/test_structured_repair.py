"""Broken JSON made whole: what is mended, what is left alone, and that nothing is ever invented."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.structured.repair import LONGEST, candidates
from outrider.gateway.structured.schema import parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
CONTAINERS = VALUES.filter(lambda value: isinstance(value, dict | list))


def written(value: Any, indent: int | None = None, *, ascii: bool = False) -> str:
    """JSON text; a lone surrogate, which is no Unicode, does not come out of the strategies."""
    return json.dumps(value, ensure_ascii=ascii, indent=indent)


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('Sure! Here it is:\n```\n{"a": [1,2]}\n```\nHope this helps.', '{"a": [1,2]}'),
        ('Use {this} form [see below]: {"a": 1}', '{"a": 1}'),
        ('<think>maybe {"a": 0}</think>{"a": 1}', '{"a": 1}'),
        ('maybe {"a": 0}</think>{"a": 1}', '{"a": 1}'),
        ('{"a": [1,2,],}', '{"a": [1,2]}'),
        ("{'a': 'it's \"so\"', 'b': 'don\\'t'}", '{"a": "it\'s \\"so\\"", "b": "don\'t"}'),
        ("{'a': True, b: None, $c: False}", '{"a": true, "b": null, "$c": false}'),
        ('{"a": 1 "b": 2}', '{"a": 1 ,"b": 2}'),
        ('{"a": 1, // the a\n "b": /* two */ 2}', '{"a": 1, \n "b":  2}'),
        ('{"a": "two\nlines\tand a tab"}', '{"a": "two\\nlines\\tand a tab"}'),
        ('{"a": "\\d+ \\$ \\\\ \\u00e9"}', '{"a": "\\\\d+ \\\\$ \\\\ \\u00e9"}'),
        ('{"a": [1, {"b": "x"}', '{"a": [1, {"b": "x"}]}'),
        ('{"a": [1, 2}', '{"a": [1, 2]}'),
        ('{"a": 1}}', '{"a": 1}'),
        ('{"a": 1};', '{"a": 1}'),
        ('\ufeff{"a":\u00a01}', '{"a": 1}'),
        ('{"a": 1.10, "b": 1e400, "c": 123456789012345678901234567890,}', None),
        ('```json\n"yes"\n```', '"yes"'),
    ],
)
def test_mended(broken: str, mended: str | None) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(broken)
    (found,) = candidates(broken)
    assert found == (mended or broken.replace(",}", "}"))
    parse(found)


@pytest.mark.parametrize(
    "broken",
    [
        '{"a": "hel',  # nobody knows how the string ends,
        '{"a": 12',  # nor the number,
        '{"a": tr',
        '{"a": 1, "b',
        '{"a": 1, "b":',  # and there is no value
        '{"a": 1,',
        '{"a": [',
        '{"a": "say "hi" now"}',  # quotes in quotes
        '{"a": "x\\u12"}',
        '{"a": NaN}',
        '{"a": 0x1F}',
        '{"a": [1, 2, ...]}',
        '{"a": 1 oops {"b": 2}}',  # what stands inside broken JSON is not the answer
        '{"a": 1,, "b": 2}',
        "[" * 500,
        "",
        "I am sorry, I cannot do that.",
    ],
)
def test_left_alone(broken: str) -> None:
    for found in candidates(broken):
        with pytest.raises(ValueError, match=r"\w"):
            parse(found)


def test_two_values_are_two() -> None:
    assert candidates('{"a": 1}\n{"a": 2}') == ['{"a": 1}', '{"a": 2}']


@given(CONTAINERS, st.sampled_from([None, 2]), st.booleans())
def test_json_is_taken_as_it_is(value: Any, indent: int | None, ascii: bool) -> None:
    text = written(value, indent, ascii=ascii)
    assert candidates(text) == [text]


@given(CONTAINERS, st.sampled_from(["```json\n{}\n```", "Here: {}", "{}\nDone.", "<think>so [1]</think>\n{}"]))
def test_what_stands_around_is_taken_away(value: Any, around: str) -> None:
    text = written(value, 2)
    assert candidates(around.replace("{}", text)) == [text]


@given(CONTAINERS, st.data())
def test_a_cut_text_is_continued_by_brackets_or_given_up(value: Any, choice: st.DataObject) -> None:
    text = written(value)
    cut = text[: choice.draw(st.integers(0, len(text)))]
    for found in candidates(cut):
        if found.startswith(cut) and len(found) > len(cut):
            assert set(found[len(cut) :]) <= {"]", "}"}
            parse(found)


@given(CONTAINERS)
def test_broken_punctuation_gives_the_same_value(value: Any) -> None:
    text = written(value)
    assert candidates("x " + text[:-1] + ("," if len(text) > 2 else "") + text[-1]) == [text]


@given(st.text(alphabet="{}[]\"':,\\ \n1aT/*`<>think", max_size=60))
def test_any_text_is_survived(text: str) -> None:
    for found in candidates(text):
        assert isinstance(found, str)


def test_hostile_text_takes_linear_time() -> None:
    """Each would take minutes if something were read again and again; the whole runs in about a second."""
    for piece in ("[", '{"a":', '"', "{'", "```json\n", "/*", "[1]", '{"a":1 ', "{a", "//", '{"\\', "' "):
        for before in ("", "{", '["a", '):
            text = before + piece * (LONGEST // len(piece) - 8)
            assert all(isinstance(found, str) for found in candidates(text))
    assert candidates('{"a": 1,}' + " " * LONGEST) == []


def test_nothing_is_invented() -> None:
    """Every word and number of what is mended stands in the text, in the same order."""
    text = "So: {'a': [1, 2,], b: \"x\" \"c\": {'d': None}} // end"
    (found,) = candidates(text)
    assert re.findall(r"\w+", found) == ["a", "1", "2", "b", "x", "c", "d", "null"]
