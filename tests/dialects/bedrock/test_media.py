"""What tells a file's format, and the names that Converse allows."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.dialects.bedrock import media
from tests.dialects.bedrock.aws import check


def document(**file: Any) -> tuple[Any, list[str]]:
    lost: list[str] = []
    return media.document({"type": "file", "file": file}, "p", lost, set()), lost


@pytest.mark.parametrize(
    ("file", "format"),
    [
        ({"file_data": "data:text/markdown;base64,QQ=="}, "md"),
        ({"file_data": "data:application/octet-stream;base64,QQ==", "filename": "a.docx"}, "docx"),
        ({"file_url": "s3://bucket/report.xlsx"}, "xlsx"),
        ({"file_data": "data:text/plain;charset=utf-8;base64,QQ=="}, "txt"),
    ],
)
def test_formats(file: dict[str, str], format: str) -> None:
    block, lost = document(**file)
    assert (block["document"]["format"], lost) == (format, [])


def test_pictures_and_films_sent_as_files() -> None:
    assert document(file_data="data:image/webp;base64,QQ==")[0]["image"]["format"] == "webp"
    assert document(file_data="data:video/webm;base64,QQ==")[0]["video"]["format"] == "webm"


def test_a_data_url_without_base64_is_named() -> None:
    assert document(file_data="data:text/plain,hello") == (None, ["p (file)"])


@given(st.lists(st.text(max_size=250), max_size=4))
def test_any_names_make_a_request_that_aws_takes(names: list[str]) -> None:
    used: set[str] = set()
    blocks = []
    for name in names:
        part = {"type": "file", "file": {"file_data": "data:application/pdf;base64,QQ==", "filename": f"{name}.pdf"}}
        blocks.append(media.document(part, "p", [], used))
    check({"messages": [{"role": "user", "content": blocks}]})
    found = [block["document"]["name"] for block in blocks if block]
    assert len(set(found)) == len(names)
    assert not any("  " in name or name != name.strip() for name in found)
