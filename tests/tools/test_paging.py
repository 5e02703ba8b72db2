"""Large results: the beginning, the rest in parts, for the session that they belong to."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.identity import Who
from outrider.store import Store, open_leases
from outrider.tools import paging
from outrider.tools.paging import Kept, KeptResults, Wanted
from outrider.tools.ports import Tool, ToolResult, text_result

WHO = Who("p", "s1")
TEXT = "".join(f"line {n}: the quick brown fox\n" for n in range(1000))


@pytest.fixture
def kept(store_url: str) -> Any:
    store: Store = open_leases(store_url)
    yield KeptResults(lambda: store, lambda: 60.0)
    store.close()


def texts(result: ToolResult) -> list[str]:
    return [block["text"] for block in result.content]


def test_what_is_kept_is_for_its_session_until_it_expires(kept: KeptResults, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = Declaration(trust="trusted", privacy="public", fields={"a": "untrusted"})
    handle = kept.keep(WHO, "t", TEXT + "\ud800", labels)
    found = kept.readable(WHO, handle)
    assert found == Kept("t", TEXT + "\ud800", labels)
    assert kept.readable(Who("p", "s2"), handle) is None
    assert kept.readable(Who("q", "s1"), handle) is None
    assert kept.readable(WHO, "r_other") is None
    later = clock.now_ns() + 61_000_000_000
    monkeypatch.setattr(clock, "now_ns", lambda: later)
    assert kept.readable(WHO, handle) is None


def test_what_composite_tools_keep_is_not_read(kept: KeptResults) -> None:
    handle = paging.handle_for("p", "s1", "t", "{}")
    kept.keep(WHO, "t", "secret", UNDECLARED, handle)
    kept.keep(WHO, "t", "secret 2", UNDECLARED, handle)
    assert kept.get(WHO, handle) == Kept("t", "secret 2", UNDECLARED)
    assert kept.readable(WHO, handle) is None
    kept.forget(handle)
    assert kept.get(WHO, handle) is None


def test_reading_on_gives_all_of_it_once() -> None:
    whole, at, steps = "", 0, 0
    while True:
        result = paging.read_more(Kept("t", TEXT, UNDECLARED), Wanted("r_x", at, 9_000), 5_000)
        part, note = texts(result)
        whole, steps = whole + part, steps + 1
        assert len(part) <= 5_000
        if "Go on with" not in note:
            break
        at = int(note.rpartition("offset ")[2].rstrip("."))
    assert whole == TEXT
    assert steps == -(-len(TEXT) // 5_000)


@given(st.text(max_size=400), st.integers(0, 500), st.integers(1, 100))
def test_any_part_is_a_part(text: str, offset: int, limit: int) -> None:
    kept = Kept("t", text, UNDECLARED)
    if offset >= max(len(text), 1):
        with pytest.raises(RequestError):
            paging.read_more(kept, Wanted("r_x", offset, limit), 50)
        return
    result = paging.read_more(kept, Wanted("r_x", offset, limit), 50)
    assert "".join(texts(result)[:-1]) == text[offset : offset + min(limit, 50)]


def test_places_are_found_in_any_case() -> None:
    result = paging.read_more(Kept("t", TEXT, UNDECLARED), Wanted("r_x", find="LINE 42:"), 5_000)
    assert texts(result)[0].startswith("[")
    assert "line 42: the" in texts(result)[0]
    none = paging.read_more(Kept("t", TEXT, UNDECLARED), Wanted("r_x", find="wolf"), 5_000)
    assert texts(none) == [f"It is not there, from character 0 of {len(TEXT)} on."]
    many = paging.read_more(Kept("t", "x" * 9000, UNDECLARED), Wanted("r_x", find="x"), 5_000)
    assert "There is more" in texts(many)[-1]


def test_arguments_are_checked() -> None:
    assert paging.wanted({"handle": "r_1", "offset": 3}) == Wanted("r_1", 3)
    for wrong in (
        {},
        {"handle": 1},
        {"handle": "r_1", "offset": -1},
        {"handle": "r_1", "x": 1},
        {"handle": "r", "limit": 0},
    ):
        with pytest.raises(RequestError):
            paging.wanted(wrong)
    with pytest.raises(RequestError) as gone:
        paging.read_more(None, Wanted("r_1"), 100)
    assert gone.value.code == "no_such_result"


def test_a_large_result_is_cut() -> None:
    result = ToolResult(
        content=[{"type": "text", "text": TEXT}, {"type": "image", "data": "A" * 9000, "mimeType": "image/png"}],
        structured={"text": TEXT},
    )
    assert paging.size_of(result) > 2 * len(TEXT)
    cut = paging.cut(result, 1000, "r_1", Tool(name="t"))
    shown, note = texts(cut)
    assert shown == TEXT[:1000]
    assert "'r_1'" in note
    assert "image" in note
    assert cut.structured is None
    assert paging.size_of(cut) < 1500


def test_a_promised_form_is_kept_to() -> None:
    rows = {"rows": [{"id": n, "text": "x" * 50} for n in range(500)]}
    schema = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": {"type": "object", "required": ["id"]}}},
        "required": ["rows"],
    }
    cut = paging.cut(ToolResult(structured=rows), 2000, "r_1", Tool(name="t", output_schema=schema))
    assert not cut.is_error
    assert cut.structured["rows"][0]["id"] == 0
    assert len(cut.structured["rows"]) < 500
    strict = {**schema, "properties": {"rows": {"type": "array", "minItems": 500}}}
    failed = paging.cut(ToolResult(structured=rows), 2000, "r_1", Tool(name="t", output_schema=strict))
    assert failed.is_error
    assert failed.structured is None
    assert texts(failed)[0].startswith('{"rows"')


def test_a_part_is_as_untrusted_as_the_worst_field() -> None:
    assert paging.of_a_part(Declaration(trust="trusted")).trust == "trusted"
    assert paging.of_a_part(Declaration(trust="trusted", fields={"a": "untrusted"})).trust == "untrusted"
    assert paging.of_a_part(Declaration(trust="untrusted", fields={"a": "trusted"})).trust == "untrusted"
    assert paging.of_a_part(Declaration(privacy="public", does="money")) == Declaration(
        privacy="public", does="none", steers={}, idempotent=True
    )


def test_what_a_resource_says_is_text_too() -> None:
    block = {"type": "resource", "resource": {"uri": "x:y", "text": "inside"}}
    assert paging.whole_text(ToolResult(content=[block, *text_result("after").content])) == "inside\nafter"


def test_many_small_parts_are_a_large_result() -> None:
    images = [{"type": "image", "data": "QUJD", "mimeType": "image/png"}] * 1000
    assert paging.size_of(ToolResult(content=images)) > 50_000
    cut = paging.cut(ToolResult(content=images), 1000, "r_1", Tool(name="t"))
    assert paging.size_of(cut) < 1500
    *some, note = cut.content
    assert some == images[: len(some)]
    assert f"{1000 - len(some)} of 1000 blocks (image)" in note["text"]
    assert "read_more" not in note["text"], "there is no text to read on in"


def test_what_comes_beside_a_result_counts_and_is_left_out() -> None:
    result = ToolResult(content=[{"type": "text", "text": "short"}], meta={"x": "y" * 5000})
    assert paging.size_of(result) > 5000
    cut = paging.cut(result, 1000, "r_1", Tool(name="t"))
    assert cut.meta == {}
    assert texts(cut)[0] == "short"


def test_a_form_of_names_alone_cannot_be_shortened() -> None:
    many = {f"k{n}": n for n in range(1000)}
    cut = paging.cut(ToolResult(structured=many), 1000, "r_1", Tool(name="t", output_schema={"type": "object"}))
    assert cut.is_error
    assert cut.structured is None
    assert paging.size_of(cut) < 1500
    assert paging.shortened(many, 1000) is None
    assert paging.shortened({"a": ["x" * 10] * 100}, 100) == {"a": ["x" * 10] * 2}


def test_what_is_not_kept_is_not_promised() -> None:
    text = "x" * (paging.LARGEST_KEPT + 1)
    (_, note) = texts(paging.cut(text_result(text), 1000, "r_1", Tool(name="t")))
    assert f"Only the first {paging.LARGEST_KEPT} are kept." in note
