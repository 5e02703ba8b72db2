"""Files of objects: lines, arrays, objects one after the other, broken ones, and what has no end."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.base.errors import ConfigError
from outrider.journal.imports import documents
from outrider.journal.imports.documents import Fault, read

JSON: Any = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(alphabet='a"\\{}[]é\n', max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=3,
)


def wrote(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def objects(path: Path, **more: Any) -> list[Any]:
    return [one if isinstance(one, Fault) else one[1] for one in read(path, **more)]


@settings(deadline=None, max_examples=40)
@given(values=st.lists(JSON, min_size=1, max_size=4), form=st.sampled_from(["lines", "array", "pretty", "gzip"]))
def test_every_form_gives_the_objects(tmp_path_factory: pytest.TempPathFactory, values: list[Any], form: str) -> None:
    path = tmp_path_factory.mktemp("f") / "x"
    values = [{"k": at, **one} for at, one in enumerate(values)]
    texts = {
        "lines": "\n\n".join(json.dumps(one) for one in values),
        "gzip": "\n".join(json.dumps(one, ensure_ascii=False) for one in values),
        "array": json.dumps(values, indent=1, ensure_ascii=False),
        "pretty": "\n".join(json.dumps(one, indent=2) for one in values),
    }
    content = texts[form].encode()
    assert objects(wrote(path, gzip.compress(content) if form == "gzip" else content)) == values


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pieces_may_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(documents, "_CHUNK", size)
    values = [{"a": 'x"\\"}{]['}, {"b": [{"c": "\\"}, "é"]}, {}]
    for text in (json.dumps(values, indent=1), "\n".join(json.dumps(one, indent=1) for one in values)):
        assert objects(wrote(tmp_path / "x", text.encode())) == values


def test_halves_of_characters_and_numbers_that_are_none_do_not_cost_an_object(tmp_path: Path) -> None:
    content = b'[{"a": "cut \\ud83d", "\\udc00": "\\ud83d\\ude00"}, {"b": NaN, "c": [-Infinity, 1e999]}]'
    first, second = objects(wrote(tmp_path / "x", content))
    assert first == {"a": "cut \ufffd", "\ufffd": "😀"}
    assert second == {"b": None, "c": [None, None]}
    (line,) = objects(wrote(tmp_path / "y", b'{"a": "\\ud83d"}\n'))
    assert line == {"a": "\ufffd"}


def test_what_is_broken_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = b'\xef\xbb\xbf{"a": 1}\n{"b": \n[1]\n\n{"c": 3}\n'
    assert objects(wrote(tmp_path / "x", lines)) == [
        {"a": 1}, Fault("line 2", "no JSON object"), Fault("line 3", "no JSON object"), {"c": 3},
    ]  # fmt: skip
    assert objects(wrote(tmp_path / "x", b'[{"a": 1}, {"b": \xff}, {"c": 2}, 5, {"d": ')) == [
        {"a": 1}, Fault("object 2", "no JSON object"), {"c": 2},
        Fault("after object 3", "the file ends in the middle of an object"),
    ]  # fmt: skip
    assert objects(wrote(tmp_path / "x", b"[" * 100_000)) == [
        Fault("after object 0", "the file ends in the middle of an object")
    ]
    deep = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    assert objects(wrote(tmp_path / "x", deep + b"\n")) == [Fault("object 1", "no JSON object")]


def test_one_that_is_too_large_is_passed_over(tmp_path: Path) -> None:
    large = json.dumps({"a": "x" * 5000})
    lines = f'{{"b": 1}}\n{large}\n{{"c": 2}}\n'.encode()
    found = objects(wrote(tmp_path / "x", lines), largest=1000)
    assert (found[0], found[1].place, found[2]) == ({"b": 1}, "line 2", {"c": 2})
    array = f'[{{"b": 1}},\n{large},\n{{"c": 2}}]'.encode()
    found = objects(wrote(tmp_path / "x", array), largest=1000)
    assert (found[0], found[1].place, found[2]) == ({"b": 1}, "object 2", {"c": 2})


def test_what_is_no_such_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert objects(wrote(tmp_path / "x", b" \n\n")) == []
    for content, why in (
        (b"id,name\n1,2", "no JSON"),
        (b"PAR1\x00", "no JSON"),
        (gzip.compress(b'{"a": 1}' * 1000, mtime=0)[:30], "gzip"),
        (b"\x1f\x8bnonsense", "gzip"),
    ):
        with pytest.raises(ConfigError, match=why):
            objects(wrote(tmp_path / "x", content))
    with pytest.raises(ConfigError, match="cannot be read"):
        objects(tmp_path / "none")
    with pytest.raises(ConfigError, match="cannot be read"):
        objects(tmp_path)
    monkeypatch.setattr(documents, "MOST", 100_000)
    with pytest.raises(ConfigError, match="divide it"):
        objects(wrote(tmp_path / "x", gzip.compress(b'{"a": 1}\n' * 100_000)))
