"""Conversations from chat: what OpenAI's callers say, in Gemini's words, and the corners of the other way."""

from typing import Any

import pytest

from outrider.dialects import Lost
from outrider.dialects.gemini import contents, media, messages, speech
from outrider.dialects.gemini.names import FORMAT, wrapped
from outrider.dialects.gemini.turn import Turn, unindexed

NEW, OLD = "gemini-3-pro-preview", "gemini-2.5-flash"


def contents_of(*said: dict[str, Any], model: str = OLD) -> list[dict[str, Any]]:
    lost: Lost = []
    made: list[dict[str, Any]] = messages.to_contents(list(said), model, lost)["contents"]
    assert lost == []
    return made


def call(id_: str, name: str = "f", arguments: str = "{}", **more: Any) -> dict[str, Any]:
    return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}, **more}


def assistant(**said: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, **said}


def result(id_: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id_, "content": content, **more}


def test_system_and_developer_are_one_instruction() -> None:
    said = [
        {"role": "system", "content": "A"},
        {"role": "user", "content": "Hi"},
        {"role": "developer", "content": [{"type": "text", "text": "B"}]},
    ]
    made = messages.to_contents(said, OLD, [])
    assert made["systemInstruction"] == {"parts": [{"text": "A"}, {"text": "B"}]}
    assert made["contents"] == [{"role": "user", "parts": [{"text": "Hi"}]}]


def test_an_instruction_alone_is_what_is_asked() -> None:
    assert contents_of({"role": "system", "content": "A"}) == [{"role": "user", "parts": [{"text": "A"}]}]


def test_results_come_in_the_order_of_the_calls_and_together() -> None:
    said = contents_of(
        assistant(tool_calls=[call("a"), call("b", "g")]),
        result("b", "two"),
        result("a", '{"one": 1}'),
        {"role": "user", "content": "And?"},
    )
    assert [content["role"] for content in said] == ["model", "user", "user"]
    assert said[1]["parts"] == [
        {"functionResponse": {"name": "f", "response": {"one": 1}, "id": "a"}},
        {"functionResponse": {"name": "g", "response": {"output": "two"}, "id": "b"}},
    ]


def test_a_result_that_is_an_error() -> None:
    (_, answer) = contents_of(assistant(tool_calls=[call("a")]), result("a", "no", is_error=True))
    assert answer["parts"][0]["functionResponse"]["response"] == {"error": "no"}


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def test_a_result_with_a_picture() -> None:
    said = (assistant(tool_calls=[call("a")]), result("a", [{"type": "text", "text": "see"}, PICTURE]))
    inline = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}
    (_, newer) = contents_of(*said, model=NEW)
    assert newer["parts"][0]["functionResponse"]["parts"] == [inline]
    (_, older) = contents_of(*said)
    assert older["parts"][1] == inline


def test_calls_of_others_are_marked_for_newer_models() -> None:
    said = assistant(tool_calls=[call("a"), call("b")]), result("a", ""), result("b", "")
    assert contents_of(*said, model=NEW)[0]["parts"][0]["thoughtSignature"] == speech.UNSIGNED
    assert "thoughtSignature" not in contents_of(*said, model=NEW)[0]["parts"][1]
    assert "thoughtSignature" not in contents_of(*said)[0]["parts"][0]


@pytest.mark.parametrize(
    "said",
    [
        {"tool_calls": [call("a", thought_signature="S")]},
        {"tool_calls": [call("a", extra_content={"google": {"thought_signature": "S"}})]},
        {
            "tool_calls": [call("a")],
            "reasoning_details": [{"type": "reasoning.encrypted", "data": "S", "format": FORMAT, "id": "a"}],
        },
    ],
)
def test_a_signature_is_found_wherever_a_client_kept_it(said: dict[str, Any]) -> None:
    (part,) = contents_of(assistant(**said), model=NEW)[0]["parts"]
    assert part["thoughtSignature"] == "S"


def test_thoughts_of_others_are_left_out() -> None:
    details = [{"type": "reasoning.text", "text": "Hm", "signature": "s", "format": "anthropic-claude-v1", "index": 0}]
    said = assistant(content="Yes", reasoning_content="Hm", reasoning_details=details)
    assert contents_of(said)[0]["parts"] == [{"text": "Yes"}]


def test_signatures_of_texts() -> None:
    details = [{"type": "reasoning.encrypted", "data": one, "format": FORMAT, "index": 0} for one in ("S", "T")]
    said = assistant(content="Yes", reasoning_details=details)
    assert contents_of(said)[0]["parts"] == [
        {"text": "", "thoughtSignature": "S"},
        {"text": "Yes", "thoughtSignature": "T"},
    ]
    assert contents_of(assistant(reasoning_details=details[:1]))[0]["parts"] == [{"text": "", "thoughtSignature": "S"}]


def test_refusals_and_speech_of_before() -> None:
    assert contents_of(assistant(refusal="No."))[0]["parts"] == [{"text": "No."}]
    spoken = assistant(audio={"id": "a1", "data": "AAAA", "transcript": "Hello", "format": "wav"})
    assert contents_of(spoken)[0]["parts"] == [
        {"text": "Hello"},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
    ]
    lost: Lost = []
    messages.to_contents([assistant(audio={"id": "a1"})], OLD, lost)
    assert lost == ["messages[0].audio (id)"]


def test_what_cannot_be_said_is_named() -> None:
    lost: Lost = []
    said = [
        {"role": "user", "content": [{"type": "hologram"}, {"type": "file", "file": {"file_id": "file-1"}}]},
        assistant(tool_calls=[{"id": "a", "type": "custom", "custom": {}}, call("b", arguments="[1]")]),
        assistant(content="x", provider_items=[{"format": "anthropic-claude-v1", "type": "server_tool_use"}]),
    ]
    messages.to_contents(said, OLD, lost)
    assert lost == [
        "messages[0].content[0] (hologram)",
        "messages[0].content[1] (file_id)",
        "messages[1].tool_calls[0] (custom)",
        "messages[1].tool_calls[1].function.arguments (no JSON object)",
        "messages[2].provider_items",
    ]


MEDIA: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (PICTURE, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}),
    (
        {"type": "image_url", "image_url": {"url": "https://a.b/c.webp?x=1"}},
        {"fileData": {"fileUri": "https://a.b/c.webp?x=1", "mimeType": "image/webp"}},
    ),
    (
        {"type": "image_url", "image_url": {"url": "https://a.b/c"}, "mime_type": "image/gif"},
        {"fileData": {"fileUri": "https://a.b/c", "mimeType": "image/gif"}},
    ),
    (
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "mp3"}},
        {"inlineData": {"mimeType": "audio/mp3", "data": "AAAA"}},
    ),
    (
        {"type": "audio_url", "audio_url": {"url": "https://a.b/c.flac"}},
        {"fileData": {"fileUri": "https://a.b/c.flac", "mimeType": "audio/x-flac"}},
    ),
    (
        {"type": "video_url", "video_url": {"url": "https://www.youtube.com/watch?v=1"}},
        {"fileData": {"fileUri": "https://www.youtube.com/watch?v=1"}},
    ),
    (
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        {"inlineData": {"mimeType": "application/pdf", "data": "AAAA", "displayName": "a.pdf"}},
    ),
    (
        {"type": "file", "file": {"filename": "a.csv", "file_data": "AAAA"}},
        {"inlineData": {"mimeType": "text/csv", "data": "AAAA", "displayName": "a.csv"}},
    ),
    (
        {"type": "file", "file": {"file_url": "https://a.b/c.pdf"}},
        {"fileData": {"fileUri": "https://a.b/c.pdf", "mimeType": "application/pdf"}},
    ),
    (
        {"type": "file", "file": {"file_id": "https://generativelanguage.googleapis.com/v1beta/files/x"}},
        {
            "fileData": {
                "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x",
                "mimeType": "application/pdf",
            }
        },
    ),
]


@pytest.mark.parametrize(("part", "said"), MEDIA)
def test_media(part: dict[str, Any], said: dict[str, Any]) -> None:
    lost: Lost = []
    (made,) = media.parts_of([part], OLD, "p", lost)
    if "audio" in str(part):  # the system's list of types may have its own name for it
        made.get("fileData", {})["mimeType"] = said.get("fileData", {}).get("mimeType")
    made.pop("fileData", None) if made.get("fileData") == {"mimeType": None} else None
    assert made == said
    assert lost == []


def test_a_document_to_be_cited() -> None:
    lost: Lost = []
    part = {"type": "file", "file": {"file_data": "data:text/plain;base64,AAAA"}, "title": "T", "context": "C",
            "citations": {"enabled": True}}  # fmt: skip
    made = media.parts_of([part], OLD, "p", lost)
    assert made == [{"text": "C"}, {"inlineData": {"mimeType": "text/plain", "data": "AAAA", "displayName": "T"}}]
    assert lost == ["p[0].citations"]


def test_how_closely_to_look() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
    lost: Lost = []
    (made,) = media.parts_of([part], NEW, "p", lost)
    assert made["mediaResolution"] == {"level": "MEDIA_RESOLUTION_LOW"}
    media.parts_of([part], OLD, "p", lost)
    assert lost == ["p[0].image_url.detail"]
    (back,) = contents.to_messages({"contents": [{"parts": [made]}]}, lost)
    assert back["content"] == [part]


# -- to chat ----------------------------------------------------------------------------------------------------------


def messages_of(*said: dict[str, Any], **fields: Any) -> tuple[list[dict[str, Any]], list[str]]:
    lost: Lost = []
    return contents.to_messages({"contents": list(said), **fields}, lost), lost


def test_results_without_ids_find_their_calls_by_name_and_order() -> None:
    calls = [{"functionCall": {"name": name}} for name in ("f", "g", "f")]
    results = [{"functionResponse": {"name": name, "response": {"output": name}}} for name in ("g", "f", "f")]
    said, _ = messages_of({"role": "model", "parts": calls}, {"role": "user", "parts": results})
    assert [one["tool_call_id"] for one in said[1:]] == ["call_1", "call_0", "call_2"]


def test_a_result_that_nobody_asked_for() -> None:
    said, _ = messages_of({"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {}}}]})
    assert said == [{"role": "tool", "tool_call_id": "call_0", "name": "f", "content": "{}"}]


def test_results_stand_before_what_was_said_with_them() -> None:
    parts = [{"text": "Here"}, {"functionResponse": {"name": "f", "response": {"result": 1}}}]
    said, _ = messages_of(
        {"role": "model", "parts": [{"functionCall": {"name": "f"}}]}, {"role": "user", "parts": parts}
    )
    assert [one["role"] for one in said] == ["assistant", "tool", "user"]
    assert said[1]["content"] == '{"result":1}'


def test_a_result_with_media() -> None:
    inner = [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}, {"strange": 1}]
    part = {"functionResponse": {"name": "f", "response": {"error": {"why": "x"}}, "parts": inner}}
    said, lost = messages_of({"role": "user", "parts": [part]})
    assert said[0]["is_error"]
    assert said[0]["content"] == [{"type": "text", "text": '{"why":"x"}'}, PICTURE]
    assert lost == ["contents[0].parts[0].functionResponse.parts[1]"]


def test_an_output_is_what_the_function_gave() -> None:
    part = {"functionResponse": {"name": "f", "response": {"output": '{"sky": "rain"}'}}}
    assert messages_of({"role": "user", "parts": [part]})[0][0]["content"] == '{"sky": "rain"}'


def test_base64_for_urls_becomes_the_usual_one() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "-_-_Ag"}}
    signed = {"functionCall": {"name": "f"}, "thoughtSignature": "-_8="}
    said, _ = messages_of({"role": "user", "parts": [blob]}, {"role": "model", "parts": [blob, signed]})
    assert said[0]["content"][0]["image_url"]["url"] == "data:image/png;base64,+/+/Ag=="
    assert said[1]["images"][0]["image_url"]["url"] == "data:image/png;base64,+/+/Ag=="
    assert said[1]["tool_calls"][0]["thought_signature"] == "+/8="


def test_addresses() -> None:
    def one(uri: str, kind: str | None = None, **more: Any) -> Any:
        file = {"fileUri": uri, **({"mimeType": kind} if kind else {}), **more}
        said, _ = messages_of({"role": "user", "parts": [{"fileData": file}]})
        return said[0]["content"][0]

    assert one("gs://b/i.png", "image/png") == {
        "type": "image_url", "image_url": {"url": "gs://b/i.png"}, "mime_type": "image/png"
    }  # fmt: skip
    assert one("https://youtu.be/1")["type"] == "video_url"
    assert one("gs://b/d", "application/pdf", displayName="D")["file"] == {"file_url": "gs://b/d", "filename": "D"}


def test_what_chat_cannot_say_is_named() -> None:
    video = {"inlineData": {"mimeType": "video/mp4", "data": "AA"}, "videoMetadata": {"fps": 1}}
    system = {"parts": [{"text": "A"}, {"inlineData": {"mimeType": "image/png", "data": ""}}]}
    blurred = {"inlineData": {"mimeType": "application/pdf", "data": "AA"},
               "mediaResolution": {"level": "MEDIA_RESOLUTION_MEDIUM"}}  # fmt: skip
    _, lost = messages_of({"role": "user", "parts": [video, blurred]}, systemInstruction=system)
    assert lost == [
        "systemInstruction.parts[1] (inlineData)",
        "contents[0].parts[0].videoMetadata",
        "contents[0].parts[1].mediaResolution",
    ]


def test_turns_that_say_nothing_are_none() -> None:
    assert messages_of({"role": "model", "parts": []}, {"role": "user", "parts": []}) == ([], [])
    assert messages_of(systemInstruction="Be brief.")[0] == [{"role": "system", "content": "Be brief."}]


def test_thoughts_in_pieces_are_one_thought() -> None:
    turn, message = Turn("r"), {}  # type: Turn, dict[str, Any]
    for part in ({"text": "a", "thought": True}, {"text": "b", "thought": True, "thoughtSignature": "SIGN"},
                 {"text": "", "thought": True}, {"text": "c", "thought": True}):  # fmt: skip
        turn.take(part, message)
    assert [(one["index"], one["text"], one.get("signature")) for one in message["reasoning_details"]] == [
        (0, "ab", "SIGN"),
        (1, "c", None),
    ]
    assert unindexed({"tool_calls": [{"index": 0, "id": "a"}]}) == {"tool_calls": [{"id": "a"}]}


def test_a_wrapped_thought_that_was_tampered_with_is_a_signature() -> None:
    turn, message = Turn(), {}  # type: Turn, dict[str, Any]
    broken = wrapped({"a": 1})[:-6] + "!!"
    turn.take({"text": "x", "thought": True, "thoughtSignature": broken}, message)
    assert message["reasoning_details"][0]["signature"] == broken
