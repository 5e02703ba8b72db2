"""Names, ids, wrapped thoughts, counts, embeddings: the small translations."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.gemini import carried, embeddings, notes, usage
from outrider.dialects.gemini.names import (
    audio_format,
    audio_type,
    camel,
    data_url,
    is_made,
    made_id,
    major,
    normal,
    unwrapped,
    wrapped,
)


def test_camel() -> None:
    assert camel({"a_b": 1, "cD": {"e_f": 2}, "_x_y": 3}) == {"aB": 1, "cD": {"e_f": 2}, "_xY": 3}
    assert camel("a_b") == "a_b"


def test_ids_that_are_ours() -> None:
    assert is_made(made_id(0, ""))
    assert is_made(made_id(12, "mAitaLmkHPPlz7IPvtfUqQ4"))
    assert len(made_id(3, "r" * 80)) == 40
    assert not is_made("call_9pw1MMG8jgW5cSx9bDYfMpX1")
    assert not is_made("toolu_01A")
    assert not is_made("call_12345678901234567890ABCD")


@pytest.mark.parametrize(
    ("model", "generation"),
    [("gemini-2.5-pro", 2), ("models/gemini-3-flash", 3), ("gemini-10", 10), ("gemma-3", None), ("tuned/x", None)],
)
def test_generations(model: str, generation: int | None) -> None:
    assert major(model) == generation


def test_data_urls() -> None:
    assert data_url("data:image/png;base64,AAAA") == ("image/png", "AAAA")
    assert data_url("data:audio/L16;rate=24000;base64,AAAA") == ("audio/L16;rate=24000", "AAAA")
    assert data_url("data:;base64,AAAA") == ("text/plain", "AAAA")
    assert data_url("data:text/plain,hello") is None
    assert data_url("https://a.b") is None


@pytest.mark.parametrize("form", ["wav", "mp3", "flac", "pcm16", "ogg"])
def test_sound(form: str) -> None:
    assert audio_format(audio_type(form)) == form


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3))
def test_what_is_wrapped_survives_a_client_that_decodes_it(detail: dict[str, Any]) -> None:
    signature = wrapped(detail)
    assert unwrapped(signature) == detail
    again = base64.urlsafe_b64encode(base64.b64decode(signature)).decode()
    assert unwrapped(again) == detail
    assert unwrapped(again.rstrip("=")) == detail


def test_google_s_own_signatures_are_left_alone() -> None:
    assert unwrapped("EqQBCqEBAdHtim8ze0Z5") is None


def test_normal_takes_what_google_takes() -> None:
    assert normal({"contents": {"parts": {"inline_data": {"mime_type": "a/b"}}}}) == {
        "contents": [{"parts": [{"inlineData": {"mimeType": "a/b"}}]}]
    }
    odd: dict[str, Any] = {"contents": "x", "tools": [1], "toolConfig": [], "generation_config": None}
    assert normal(odd) == {"contents": "x", "tools": [1], "toolConfig": [], "generationConfig": None}


def test_foreign_thoughts_are_taken_out_of_a_history() -> None:
    foreign = {"text": "Hm", "thought": True, "thoughtSignature": wrapped({"format": "x"})}
    own = {"text": "Hm", "thought": True, "thought_signature": "AAAA"}
    said = {"contents": [{"role": "model", "parts": [foreign]}, {"role": "model", "parts": [foreign, own]}, "odd"]}
    assert carried.inside(str(said).encode())
    assert carried.without(said) == {"contents": [{"role": "model", "parts": [own]}, "odd"]}


def test_unsigned_calls_are_marked() -> None:
    call = {"functionCall": {"name": "f"}}
    said: dict[str, Any] = {"contents": [{"role": "model", "parts": [dict(call), dict(call)]}]}
    assert carried.signed(said)
    assert [list(part) for part in said["contents"][0]["parts"]] == [
        ["functionCall", "thoughtSignature"],
        ["functionCall"],
    ]
    assert not carried.signed(said)


def test_counts_by_kind() -> None:
    said = {"promptTokenCount": 10, "candidatesTokenCount": 4,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 3}, {"modality": "AUDIO", "tokenCount": 7}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 4}]}  # fmt: skip
    chat = usage.to_chat(said)
    assert chat["prompt_tokens_details"] == {"cached_tokens": 0, "audio_tokens": 7}
    assert chat["completion_tokens_details"] == {"reasoning_tokens": 0, "audio_tokens": 0, "image_tokens": 4}
    back = usage.from_chat(chat)
    assert back["promptTokensDetails"] == said["promptTokensDetails"]
    assert back["candidatesTokensDetails"] == said["candidatesTokensDetails"]


def test_counts_that_cannot_be() -> None:
    assert usage.to_chat({"promptTokenCount": -5, "thoughtsTokenCount": "x"})["total_tokens"] == 0


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ({"trafficType": "ON_DEMAND"}, None),
        ({"trafficType": "ON_DEMAND_FLEX"}, "flex"),
        ({"serviceTier": "standard"}, "default"),
        ({"serviceTier": "priority"}, "priority"),
        ({"serviceTier": 1}, None),
    ],
)
def test_how_a_call_was_served(said: dict[str, Any], tier: str | None) -> None:
    assert usage.tier(said) == tier


def test_recitations_are_cited() -> None:
    candidate = {"citationMetadata": {"citationSources": [{"startIndex": 0, "endIndex": 2, "uri": "https://a.b"},
                                                          {"endIndex": 2, "license": "mit"}]}}  # fmt: skip
    message: dict[str, Any] = {}
    choice: dict[str, Any] = {}
    notes.to_chat(candidate, "abc", message, choice)
    first, second = message["annotations"]
    assert first["url_citation"]["url"] == "https://a.b"
    assert second["citation"]["license"] == "mit"
    back: dict[str, Any] = {}
    notes.from_chat(message["annotations"], choice["provider_metadata"], "abc", back)
    assert back == candidate


def test_sources_without_a_place() -> None:
    candidate = {"groundingMetadata": {"groundingChunks": [{"retrievedContext": {"uri": "gs://d", "title": "D"}}]}}
    message: dict[str, Any] = {}
    notes.to_chat(candidate, "", message, {})
    (note,) = message["annotations"]
    assert (note["url_citation"]["url"], note["url_citation"]["end_index"]) == ("gs://d", 0)


def test_embeddings() -> None:
    asked = {"model": "e", "input": ["a", "b"], "dimensions": 8, "encoding_format": "base64"}
    made = embeddings.from_chat(asked, "gemini-embedding-001")
    assert made.lost == []
    assert made.fields["requests"][1] == {
        "model": "models/gemini-embedding-001",
        "content": {"parts": [{"text": "b"}]},
        "outputDimensionality": 8,
    }
    chat = embeddings.to_chat({"embeddings": [{"values": [1.0]}, {"values": [2.0]}]})
    assert [one["embedding"] for one in chat["data"]] == [[1.0], [2.0]]
    assert "usage" not in chat
    assert embeddings.from_chat({"input": [[1, 2]]}, "e").lost == ["input (token ids)"]


def test_embeddings_on_vertex() -> None:
    made = embeddings.from_chat({"input": "a", "dimensions": 8}, "e", predict=True).fields
    assert made == {"instances": [{"content": "a"}], "parameters": {"outputDimensionality": 8}}
    said = {"predictions": [{"embeddings": {"values": [1.0], "statistics": {"token_count": 3, "truncated": False}}}]}
    assert embeddings.to_chat(said)["usage"] == {"prompt_tokens": 3, "total_tokens": 3}
