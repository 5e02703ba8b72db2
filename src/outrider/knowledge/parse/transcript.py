"""What was said and when (WebVTT, SRT): turns of a speaker, cut every half minute at the end of a sentence."""

import html
import re
from collections.abc import Iterator

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.draft import Draft, line
from outrider.knowledge.parse.encoding import decode
from outrider.knowledge.records import Fetched, Parsed

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMES = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?[ \t]+([^>]{1,80})>")
_TAG = re.compile(r"</?[a-zA-Z][^>]{0,100}>|<\d[\d:.]*>|\{\\[^}]{0,80}\}")
_SAYS = re.compile(r"^(?:>>[ \t]*)?[-–]?[ \t]*([^\W\d_][\w.’' -]{0,40}?)(?:[ \t]*\([^)]{1,30}\))?:[ \t]+(?=\S)")
SPAN, MOST = 30.0, 60.0
"""Seconds after which a turn is cut at the end of a sentence, and after which anywhere."""
Cue = tuple[float, str, str]


def parse(fetched: Fetched) -> Parsed:
    text = decode(fetched.body)
    draft = Draft()
    for seconds, speaker, said in _turns(_without_echo(_cues(text))):
        draft.add("speech", f"{speaker}: {said}" if speaker else said, seconds=seconds, speaker=speaker)
    if not draft.blocks:
        raise Unreadable("No cue in it has a time and a text, as WebVTT and SRT have.")
    return draft.parsed(media="text/vtt")


def _cues(text: str) -> Iterator[Cue]:
    """(second, speaker or "", words). A cue's lines follow its times until a blank line."""
    rows = iter(text.split("\n"))
    for row in rows:
        match = _TIMES.match(row)
        if not match:
            continue
        hours, minutes, seconds, rest = match.groups()[:4]
        start = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(rest.ljust(3, "0")) / 1000
        held: list[str] = []
        for inner in rows:
            if not inner.strip():
                break
            held.append(inner)
        yield from _voices(start, "\n".join(held))


def _voices(start: float, raw: str) -> Iterator[Cue]:
    parts = _VOICE.split(raw)
    for name, words in [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]:
        lines = [html.unescape(_TAG.sub("", row)) for row in words.split("\n")]
        for row in lines:
            if match := _SAYS.match(row):
                yield start, line(match[1]), line(row[match.end() :])
            elif row.strip():
                yield start, line(html.unescape(name)), line(row)


def _without_echo(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Rolling captions show each line twice."""
    last = ""
    for cue in cues:
        if cue[2] != last:
            yield cue
        last = cue[2]


def _turns(cues: Iterator[Cue]) -> Iterator[Cue]:
    """Cues of one speaker together. A cue without a name goes on with who spoke."""
    since, who, held = 0.0, "", list[str]()
    for seconds, speaker, words in cues:
        ended = bool(held) and held[-1].endswith((".", "?", "!", "…", "。"))
        long = seconds - since >= MOST or (seconds - since >= SPAN and ended)
        if held and (long or (speaker and speaker != who)):
            yield since, who, " ".join(held)
            held = []
        who = speaker or who
        if not held:
            since = seconds
        held.append(words)
    if held:
        yield since, who, " ".join(held)
