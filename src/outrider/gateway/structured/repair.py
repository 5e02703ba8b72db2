"""JSON whose punctuation is broken, made whole. Pure text, linear time; no value is invented, changed or left out.

Mended are: text around it (prose, code fences, a model's thoughts), trailing and missing commas, comments, single
quotes, bare keys, Python's `True`, `False` and `None`, control characters and wrong escapes in strings, brackets that
are missing in the middle or at the end. What could be meant in two ways is left as it is: quotes inside quotes, a
string, a number or a key that the text ends in, a comma without what should follow it.

Libraries for this guess instead: of `{"a": 1, "b` they make `{"a": 1}` or `{"a": 1, "b": null}`, of `1e400` null, and
one of them takes 14 s for 20 kB of `{'`.
"""

import re

LONGEST = 1 << 18
"""Characters of an answer that may be mended."""
DEEPEST = 200
MOST_BRACKETS, MOST_VALUES = 20, 8
"""Brackets in prose that turn out to begin no JSON, and values found, before the search ends."""

THOUGHTS_END = re.compile(r"</think(?:ing)?>")
_FENCE = "```"
_OPENER = re.compile(r"[{\[]")
_BLANK = re.compile(r"(?:[\s\ufeff]++|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+")
_COMMENT = re.compile(r"//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+\*/")
_DOUBLE = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_SINGLE = re.compile(r"'((?:[^'\\]++|\\.|'(?!\s{0,9}(?:[,:}\]]|$)))*+)'", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![\w.+-])")
_WORD = re.compile(r"[^\W\d][\w$-]*+|\$[\w$-]*+")
_WRONG = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\\.|[\x00-\x1f]|"', re.DOTALL)
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_WORDS = {"true": "true", "false": "false", "null": "null", "True": "true", "False": "false", "None": "null"}
_CLOSER = {"{": "}", "[": "]"}
_OPENS = {"}": "{", "]": "["}


class _Broken(Exception):
    """Not to be mended. `early`: before anything in it looked like JSON, so it may be a bracket of prose."""

    def __init__(self, *, early: bool) -> None:
        super().__init__("broken")
        self.early = early


def thoughts(text: str) -> int:
    """Where the answer begins after the thoughts that some models put before it."""
    if text.lstrip()[:1] in ("{", "["):
        return 0
    found = THOUGHTS_END.search(text)
    return found.end() if found is not None else 0


def candidates(text: str) -> list[str]:
    """The JSON texts that `text` may mean, mended, in their order. A strict parser must have the last word.

    Only for an answer that its model has ended: of one that was cut off nobody knows what is missing.
    """
    if len(text) > LONGEST:
        return []
    text = text[thoughts(text) :]
    found: list[str] = []
    at, vain = 0, 0
    while (opener := _OPENER.search(text, at)) is not None and vain < MOST_BRACKETS and len(found) <= MOST_VALUES:
        try:
            mended, at = _Mending(text, opener.start()).run()
            found.append(mended)
        except _Broken as broken:
            if not broken.early:
                return []  # what stands inside broken JSON is not the answer
            at, vain = opener.end(), vain + 1
    return found if found or vain else _scalar(text.strip())


def _scalar(text: str) -> list[str]:
    """A value without brackets that stands alone in a code fence, or after thoughts."""
    if text.startswith(_FENCE) and text.endswith(_FENCE):
        _, newline, text = text[:-3].partition("\n")
        if not newline:
            return []
    return [text.strip()] if text and _FENCE not in text else []


class _Mending:
    """One pass over the text from an opening bracket to the end of its value."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._at = text, start
        self._out: list[str] = []
        self._open: list[str] = []
        self._comma = -1  # place in `_out` of a comma that nothing has followed yet
        self._values = 0
        self._ends_whole = False  # whether more text could not have changed the last value

    def run(self) -> tuple[str, int]:
        """The mended text and where it ends. Raises _Broken."""
        self._bracket()
        while self._open:
            if self._next_is("}]"):
                self._close()
            elif self._open[-1] == "{":
                self._key()
            else:
                self._value()
            self._after_value()
        return "".join(self._out), self._at

    def _fail(self) -> _Broken:
        return _Broken(early=not self._values)

    def _blank(self) -> None:
        """Take over white space; comments become none."""
        found = _BLANK.match(self._text, self._at)
        if found is not None and found.end() > self._at:
            blank = _COMMENT.sub("", found[0]) if "/" in found[0] else found[0]
            self._out.append("".join(c if c in " \t\r\n" else " " for c in blank))
            self._at = found.end()

    def _next_is(self, marks: str) -> bool:
        self._blank()
        return self._text[self._at : self._at + 1] in marks and self._at < len(self._text)

    def _bracket(self) -> None:
        mark = self._text[self._at]
        if len(self._open) >= DEEPEST:
            raise self._fail()
        self._open.append(mark)
        self._out.append(mark)
        self._at += 1
        self._comma = -1
        self._ends_whole = False

    def _key(self) -> None:
        if self._next_is('"'):
            self._double()
        elif self._next_is("'"):
            self._single()
        else:
            word = _WORD.match(self._text, self._at)
            if word is None:
                raise self._fail()
            self._out.append(f'"{word[0]}"')
            self._at = word.end()
        if not self._next_is(":"):
            raise self._fail()
        self._values += 1  # a key with its colon is no prose
        self._out.append(":")
        self._at += 1
        self._value()

    def _value(self) -> None:
        """One value; of a container its opening only, what is inside follows."""
        self._comma = -1
        if self._next_is('"'):
            self._double()
            self._ends_whole = True
        elif self._next_is("'"):
            self._single()
            self._ends_whole = True
        elif self._next_is("{["):
            self._bracket()
            return
        else:
            self._bare()
        self._values += 1

    def _bare(self) -> None:
        number = _NUMBER.match(self._text, self._at)
        if number is not None:
            self._out.append(number[0])
            self._at, self._ends_whole = number.end(), False
            return
        word = _WORD.match(self._text, self._at)
        if word is None or word[0] not in _WORDS:
            raise self._fail()
        self._out.append(_WORDS[word[0]])
        self._at, self._ends_whole = word.end(), True

    def _after_value(self) -> None:
        """A comma, a closing bracket, a comma that is missing before a key, or the end of the text."""
        if self._out and self._out[-1] in ("{", "["):
            return  # the value has just been opened
        while self._open:
            before = self._at
            if self._next_is("}]"):
                self._close()
            elif self._next_is(","):
                self._comma = len(self._out)
                self._out.append(",")
                self._at += 1
                return
            elif self._at >= len(self._text):
                self._complete()
            elif self._open[-1] == "{" and self._at > before and self._begins_key():
                self._out.append(",")
                return
            else:
                raise self._fail()

    def _begins_key(self) -> bool:
        found = _DOUBLE.match(self._text, self._at) or _WORD.match(self._text, self._at)
        if found is None:
            return False
        blank = _BLANK.match(self._text, found.end())
        end = blank.end() if blank is not None else found.end()
        return self._text[end : end + 1] == ":"

    def _close(self) -> None:
        """A closing bracket. Those that are missing inside it are put before it."""
        mark = self._text[self._at]
        if _OPENS[mark] not in self._open:
            raise self._fail()
        if self._comma >= 0:
            self._out[self._comma] = ""
            self._comma = -1
        while self._open[-1] != _OPENS[mark]:
            self._out.append(_CLOSER[self._open.pop()])
        self._open.pop()
        self._out.append(mark)
        self._at += 1
        self._values += 1
        self._ends_whole = True

    def _complete(self) -> None:
        """The text has ended with brackets open: they are closed if the last value is certainly whole."""
        if not self._ends_whole and not self._text[-1].isspace():
            raise self._fail()
        while self._open:
            self._out.append(_CLOSER[self._open.pop()])

    def _double(self) -> None:
        found = _DOUBLE.match(self._text, self._at)
        if found is None:
            raise self._fail()
        self._out.append(f'"{_escaped(found[1])}"')
        self._at = found.end()

    def _single(self) -> None:
        found = _SINGLE.match(self._text, self._at)
        if found is None:
            raise self._fail()
        self._out.append(f'"{_escaped(found[1])}"')
        self._at = found.end()


def _escaped(inside: str) -> str:
    """What stands between quotes, as JSON wants it."""
    return _WRONG.sub(_right, inside)


def _right(found: re.Match[str]) -> str:
    said = found[0]
    if said == '"':
        return '\\"'
    if len(said) == 1:
        return _CONTROLS.get(said) or f"\\u{ord(said):04x}"
    if said == "\\'":
        return "'"
    if len(said) > 2 or said[1] in '"\\/bfnrtux0123456789' or not said[1].isprintable():
        return said  # right, or wrong in a way that the strict parser is to refuse
    return "\\" + said  # nothing that needs a backslash: the backslash itself was meant (`\d`)
