"""One block, into chat and out of it. What requests have is tested with them."""

from typing import Any

import pytest

from outrider.dialects.anthropic import content


def out(part: dict[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    lost: list[str] = []
    return content.to_block(part, "at", lost), lost


def image(url: str, **more: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def file(**said: str) -> dict[str, Any]:
    return {"type": "file", "file": said}


def inline(media: str, data: str) -> dict[str, Any]:
    return {"type": "base64", "media_type": media, "data": data}


PAPER = {"type": "document", "source": inline("application/pdf", "JVBE")}


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (image("data:image/jpg;base64,/9j/"), {"type": "image", "source": inline("image/jpeg", "/9j/")}),
        (image("https://a/b", detail="high"), {"type": "image", "source": {"type": "url", "url": "https://a/b"}}),
        ({"type": "refusal", "refusal": "no"}, {"type": "text", "text": "no"}),
        (file(file_data="data:application/pdf;base64,JVBE", filename="a.pdf"), {**PAPER, "title": "a.pdf"}),
        (file(file_data="JVBE"), PAPER),
        (file(file_data="data:image/png;base64,iVBO"), {"type": "image", "source": inline("image/png", "iVBO")}),
        (
            file(file_data="data:text/csv;base64,YTti", filename="document.txt"),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "a;b"}},
        ),
        (
            {**file(file_url="https://a/b"), "mime_type": "image/webp"},
            {"type": "image", "source": {"type": "url", "url": "https://a/b"}},
        ),
        (
            {**file(file_url="https://a/b.pdf"), "cache_control": {"type": "ephemeral"}},
            {
                "type": "document",
                "source": {"type": "url", "url": "https://a/b.pdf"},
                "cache_control": {"type": "ephemeral"},
            },
        ),
    ],
)
def test_parts_as_blocks(part: dict[str, Any], block: dict[str, Any]) -> None:
    assert out(part) == (block, [])


@pytest.mark.parametrize(
    "part",
    [
        image("data:image/svg+xml;base64,PHN2"),
        image("data:image/png,raw"),
        image("file:///etc/passwd"),
        file(file_id="file-openai"),
        file(file_data="data:application/zip;base64,UEs="),
        file(file_data="data:text/plain;base64,/w=="),
        {"type": "file"},
        {"type": "input_audio", "input_audio": {}},
        {"type": "provider", "provider": {"format": "another"}},
    ],
)
def test_what_cannot_be_said(part: dict[str, Any]) -> None:
    assert out(part) == (None, [f"at ({part['type']})"])


def test_less_detail_is_not_to_be_had() -> None:
    assert out(image("https://a/b", detail="low"))[1] == ["at.image_url.detail"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_no_text_is_no_block(text: str) -> None:
    assert out({"type": "text", "text": text}) == (None, [])
