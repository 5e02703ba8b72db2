"""Nothing that a model reads of a result may be without a label."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outrider.tools.labels import values
from outrider.tools.ports import ToolResult
from outrider.tools.session import named

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


def strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return {text for part in parts for text in strings(part)}


@given(
    st.lists(st.text(min_size=1, max_size=30), max_size=4),
    st.none() | st.dictionaries(st.text(max_size=8), json_values),
)
def test_every_text_and_field_is_in_it(texts: list[str], structured: Any) -> None:
    content = [{"type": "text", "text": text} for text in texts]
    found = values(ToolResult(content=content, structured=structured))
    assert found
    there = strings(found)
    assert strings(structured) <= there
    for text in texts:
        assert text in there or text.lstrip()[:1] in ("{", "[")


def test_the_same_said_twice_is_labelled_by_its_fields() -> None:
    result = ToolResult(content=[{"type": "text", "text": '{"id": "a1"}'}], structured={"id": "a1"})
    assert values(result) == [{"id": "a1"}]
    more = ToolResult(content=[{"type": "text", "text": "and more"}], structured={"id": "a1"})
    assert values(more) == [{"id": "a1"}, "and more"]


def test_pictures_resources_and_links_say_something() -> None:
    content: list[dict[str, Any]] = [
        {"type": "image", "data": "AAAA", "mimeType": "image/png"},
        {"type": "resource", "resource": {"uri": "x://y", "text": "inside", "blob": "AAAA"}},
        {"type": "resource_link", "uri": "https://evil.example", "name": "n"},
    ]
    there = strings(values(ToolResult(content=content)))
    assert {"[image image/png]", "inside", "x://y", "https://evil.example"} <= there
    assert "AAAA" not in there
    assert values(ToolResult()) == [""]


@given(
    st.dictionaries(st.binary(max_size=20), st.binary(max_size=60)), st.dictionaries(st.text(max_size=20), json_values)
)
def test_names_are_printable_and_bounded(headers: dict[bytes, bytes], meta: dict[str, Any]) -> None:
    said = named({**headers, b"x-outrider-session": headers.get(b"", b"s\x00\n")}, {**meta, "outrider/session": meta})
    for one in (*said.sessions, said.user, said.agent, said.parent):
        assert one.isprintable()
        assert len(one) <= 256
