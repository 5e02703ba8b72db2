"""Where the text of a second stream joins that of a first: what it repeats is left out, nothing else is.

Pure text, fed piece by piece as it arrives. Text is held back only until the place of the seam is certain.
"""

from outrider.base.errors import UpstreamError

LONGEST = 8192
"""Characters at the end of the first text in which a repetition is looked for."""
SHORTEST = 16
"""A repetition that was not asked for is believed from this many characters on; shorter ones may be chance."""
ANCHOR, LONGEST_ANCHOR = 40, 320


class Seam:
    """For a model that was given the first text as the beginning of its own: what it says follows on directly.

    `blank` is white space at the end of the first text that the model was not given; it will write it again.
    `echo` is what a provider may repeat before it goes on ("": it does not).
    """

    def __init__(self, blank: str = "", echo: str = "") -> None:
        self._blank, self._echo = blank, echo
        self._held = ""
        self._found = False

    def feed(self, text: str) -> str:
        """What may be passed on now. Raises UpstreamError when the seam is not where it must be."""
        if self._found and not self._blank:
            return text
        self._held += text
        if not self._found:
            cut = self._cut(self._held, last=False)
            if cut is None:
                return ""
            self._held, self._found = self._held[cut:], True
        return self._past_blank(last=False)

    def end(self) -> str:
        """What was held back, when nothing more comes. Raises UpstreamError when no seam was found."""
        if not self._found:
            cut = self._cut(self._held, last=True)
            self._held, self._found = self._held[cut or 0 :], True
        return self._past_blank(last=True)

    def _cut(self, said: str, *, last: bool) -> int | None:
        """How many characters of `said` are a repetition; None: not certain yet."""
        echo = self._echo
        if said.startswith(echo):
            return len(echo)
        return 0 if last or not echo.startswith(said) else None

    def _past_blank(self, *, last: bool) -> str:
        """Leave out the white space that the first text already ended with."""
        said, blank = self._held, self._blank
        if not blank:
            self._held = ""
            return said
        same = 0
        while same < min(len(said), len(blank)) and said[same] == blank[same]:
            same += 1
        if same == len(said) and same < len(blank) and not last:
            return ""
        self._held = self._blank = ""
        return said[same:]


class RepeatedSeam(Seam):
    """For a model that was told to begin with `anchor`, the last words of `text`, and to go on from there.

    It may also repeat more than it was asked to. If it repeats nothing, nobody can tell whether a character is missing
    or twice, so that is an error and not an answer.
    """

    def __init__(self, text: str, anchor: str, blank: str = "") -> None:
        super().__init__(blank)
        self._text, self._anchor = text[-LONGEST:], anchor
        self._from = 0  # the first place of the text where all that was said may be its repetition

    def _cut(self, said: str, *, last: bool) -> int | None:
        lead = len(said) - len(said.lstrip())
        said = said[lead:]
        if said.startswith(self._anchor):
            return lead + len(self._anchor)
        if not last and (not said or self._anchor.startswith(said)):
            return None
        self._from = self._text.find(said, self._from) if self._from >= 0 and said else -1
        if self._from >= 0:
            left = len(self._text) - self._from - len(said)
            if left and not last:
                return None
            if not left and len(said) >= SHORTEST:
                return lead + len(said)
        size = overlap(self._text, said)
        if size >= SHORTEST:
            return lead + size
        raise UpstreamError(
            "the model that was to continue a broken stream did not begin where it had stopped",
            code="upstream_seam_lost",
        )


def overlap(text: str, said: str) -> int:
    """The most characters that both end `text` and begin `said`."""
    for size in range(min(len(text), len(said)), 0, -1):
        if text.startswith(said[:size], len(text) - size):
            return size
    return 0


def anchor(text: str) -> str:
    """The last words of `text`: enough of them to be found only once near its end, as far as that is possible."""
    tail = text[-LONGEST:]
    size = ANCHOR
    while size < len(tail):
        words = _from_a_word(tail, len(tail) - size)
        if size >= LONGEST_ANCHOR or tail.find(words) == len(tail) - len(words):
            return words
        size *= 2
    return tail.lstrip()


def _from_a_word(text: str, start: int) -> str:
    """From the word that begins at or shortly before `start`, else from `start` (languages without spaces)."""
    for place in range(start, max(0, start - 20), -1):
        if text[place - 1].isspace() and not text[place].isspace():
            return text[place:]
    return text[start:].lstrip()
