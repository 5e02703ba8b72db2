"""Transcripts: who said what, and when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import Unreadable
from tests.knowledge.parse import made

VTT = b"""WEBVTT - a talk

NOTE nobody sees this

1
00:00:01.000 --> 00:00:04.000 align:start
<v Ann Lee>We began with <i>search</i>.</v>

00:00:04.000 --> 00:00:06.500
It failed &amp; we measured.

00:01:10.000 --> 00:01:12.000
<v Bob>How?
"""
SRT = """1
00:00:01,500 --> 00:00:04,000
ANN: We began.

2
01:00:04,000 --> 01:00:06,000
- Bob: How?
Badly.
""".replace("\n", "\r\n")


def test_webvtt() -> None:
    parsed = made.read("a.vtt", VTT)
    assert parsed.text == "Ann Lee: We began with search. It failed & we measured.\n\nBob: How?"
    assert [(b.kind, b.seconds, b.speaker) for b in parsed.blocks] == [
        ("speech", 1.0, "Ann Lee"),
        ("speech", 70.0, "Bob"),
    ]


def test_srt_of_any_name() -> None:
    parsed = made.read("talk", SRT.encode("utf-8-sig"))
    assert parsed.text == "ANN: We began.\n\nBob: How? Badly."
    assert [b.seconds for b in parsed.blocks] == [1.5, 3604.0]


def test_a_long_turn_is_cut_so_that_times_stay_near() -> None:
    cues = "\n\n".join(
        f"00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\nSentence {n}." for n in range(600)
    )
    seconds = [b.seconds for b in made.read("a.vtt", f"WEBVTT\n\n{cues}".encode()).blocks]
    assert len(seconds) == 20
    assert seconds == [n * 30.0 for n in range(20)]


def test_rolling_captions_are_told_once() -> None:
    cues = "WEBVTT\n\n00:01.000 --> 00:02.000\none two\n\n00:02.000 --> 00:03.000\none two\nthree four\n"
    assert made.read("a.vtt", cues.encode()).text == "one two three four"


def test_no_cue_is_told() -> None:
    with pytest.raises(Unreadable, match="No cue"):
        made.read("a.vtt", b"WEBVTT\n\nnothing here")


@given(st.text(max_size=200))
def test_any_words(words: str) -> None:
    try:
        made.read("a.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000\nstart {words}\n".encode("utf-8", "replace"))
    except Unreadable:
        assert any(ord(c) < 32 for c in words)
