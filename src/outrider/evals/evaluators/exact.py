"""The answer is the expected text."""

import re

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "the answer is one of the expected texts"
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[^\w\s]|_")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`ignore`: differences of `case`, of white `space`, and of `marks` (punctuation) do not count."""

    ignore: tuple[str, ...] = ("space",)

    def __post_init__(self) -> None:
        if unknown := set(self.ignore) - {"case", "space", "marks"}:
            raise ValueError(f"nothing is known of {sorted(unknown)[0]!r}; there are: case, marks, space")


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    if case.expected is None:
        return Score(None, "the case expects no text")
    wanted = [plain(one, options.ignore) for one in texts(case.expected)]
    return Score(float(plain(outcome.text, options.ignore) in wanted))


def texts(expected: object) -> list[str]:
    """The texts that a case expects: one of several is enough. Raises RequestError for another form."""
    several = expected if isinstance(expected, list | tuple) else [expected]
    if not all(isinstance(one, str | int | float) for one in several):
        raise RequestError("`expected` is no text and no list of texts", param="expected")
    return [str(one) for one in several]


def plain(text: str, ignore: tuple[str, ...]) -> str:
    """A text without the differences that do not count."""
    if "case" in ignore:
        text = text.casefold()
    if "marks" in ignore:
        text = _MARKS.sub("", text)
    return _SPACE.sub(" ", text).strip() if "space" in ignore else text
