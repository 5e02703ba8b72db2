"""Messages of other languages, as one vendor's chat."""

import base64
from typing import Any

import pytest

from outrider.dialects.plain import messages

MARK = {"type": "ephemeral"}
PNG = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}


def plain(*said: dict[str, Any], knows: tuple[str, ...] = ()) -> tuple[list[dict[str, Any]], list[str]]:
    lost: list[str] = []
    return messages.plain(list(said), knows, lost), lost


def text(*words: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": word, **more} for word in words]


def test_texts_become_one() -> None:
    assert plain({"role": "system", "content": text("a", "b", cache_control=MARK)}) == (
        [{"role": "system", "content": "a\n\nb"}],
        [],
    )
    marked = {"role": "system", "content": text("a", cache_control=MARK)}
    assert plain(marked, knows=("cache_control",))[0] == [marked]


def test_developers_are_the_system() -> None:
    said = {"role": "developer", "content": "a"}
    assert plain(said)[0][0]["role"] == "system"
    assert plain(said, knows=("developer",))[0] == [said]


def test_pictures_in_results_follow_them() -> None:
    calls = [{"id": id_, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id_ in "ab"]
    made, lost = plain(
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": [*text("seen"), PNG]},
        {"role": "tool", "tool_call_id": "b", "content": [PNG], "is_error": True},
        {"role": "user", "content": "go on"},
    )
    assert [message["role"] for message in made] == ["assistant", "tool", "tool", "user", "user"]
    assert made[1]["content"] == "seen"
    assert made[2]["content"].startswith("Error: ")
    assert made[3]["content"] == [*text("What tool call a gave:"), PNG, *text("What tool call b gave:"), PNG]
    assert lost == []


@pytest.mark.parametrize(("said", "told"), [("no file", "Error: no file"), ("<tool_use_error>x", "<tool_use_error>x")])
def test_results_that_are_errors_say_so(said: str, told: str) -> None:
    assert plain({"role": "tool", "tool_call_id": "a", "content": said, "is_error": True})[0][0]["content"] == told


def test_thoughts_where_they_are_taken() -> None:
    details = [{"type": "reasoning.text", "text": "hm", "signature": "s", "format": "anthropic-claude-v1", "index": 0}]
    said = {"role": "assistant", "content": "ok", "reasoning_details": details, "annotations": [{}]}
    assert plain(said)[0] == [{"role": "assistant", "content": "ok"}]
    assert plain(said, knows=("reasoning_content",))[0][0]["reasoning_content"] == "hm"
    assert plain(said, knows=("reasoning_details",))[0][0]["reasoning_details"] == details


def test_what_cannot_be_said_is_lost() -> None:
    part = {"type": "provider", "provider": {"format": "f", "type": "search_result"}}
    items = [{"format": "f", "type": "server_tool_use"}]
    assert plain(
        {"role": "user", "content": [part, {"type": "video_url", "video_url": {"url": "u"}}]},
        {"role": "assistant", "content": "a", "provider_items": items},
    )[1] == [
        "messages[0].content[0] (search_result)",
        "messages[0].content[1] (video_url)",
        "messages[1].provider_items[0] (server_tool_use)",
    ]


def _file(**file: str) -> dict[str, Any]:
    return {"type": "file", "file": file}


TEXT = "data:text/plain;base64," + base64.b64encode(b"abc").decode()
PDF = "data:application/pdf;base64,JVBE"


@pytest.mark.parametrize(
    ("part", "becomes", "lost"),
    [
        ({**_file(file_data=TEXT), "title": "T", "context": "C"}, "C\n\nT\n\nabc", []),
        (_file(file_data=PDF, filename="a.pdf"), [_file(file_data=PDF, filename="a.pdf")], []),
        (_file(file_data=PNG["image_url"]["url"]), [PNG], []),
        (_file(file_id="file-1"), [_file(file_id="file-1")], []),
        (_file(file_id="file_011"), "", ["messages[0].content[0] (file)"]),
        (_file(file_url="https://a/b.pdf"), "", ["messages[0].content[0] (file)"]),
        (_file(file_data="data:text/plain;base64,/w=="), "", ["messages[0].content[0] (file)"]),
        ({**_file(file_data=TEXT), "citations": {"enabled": True}}, "abc", ["messages[0].content[0].citations"]),
        (
            {**_file(file_url="https://a/b"), "mime_type": "image/png"},
            [{"type": "image_url", "image_url": {"url": "https://a/b"}}],
            [],
        ),
    ],
)
def test_files(part: dict[str, Any], becomes: Any, lost: list[str]) -> None:
    made, named = plain({"role": "user", "content": [part]})
    assert (made[0]["content"], named) == (becomes, lost)


def test_ids_fit() -> None:
    long = "x" * 41
    for knows, size in (((), 40), (("short_ids",), 9)):
        made, _ = plain(
            {"role": "assistant", "content": None, "tool_calls": [{"id": long, "function": {"name": "f"}}]},
            {"role": "tool", "tool_call_id": long, "content": ""},
            knows=knows,
        )
        assert made[0]["tool_calls"][0]["id"] == made[1]["tool_call_id"]
        assert len(made[1]["tool_call_id"]) == size
    assert messages.call_id("abcdef123", ("short_ids",)) == "abcdef123"
