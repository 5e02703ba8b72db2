"""Labels that were made elsewhere: how far their raters agree, and a judge's scores corrected by people's. No
experiment is needed."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.calibrate import corrected as ppi
from outrider.calibrate.agreement import Agreement, agreement
from outrider.calibrate.corrected import Corrected
from outrider.evals.importers import rows

ABOUT = ("id", "item", "case")
"""Columns that say what was rated, and are no rater's."""
MOST_LABELS = 40
"""Different labels up to which a table shows who said what, and a column that nobody named is taken for a rater's."""

Rows = Sequence[Mapping[str, Any]]


class Ratings(msgspec.Struct):
    """What raters said of the same things. `confusion` has a row for each of `labels` by the first of two raters and
    a column for each by the second (more raters, or too many labels: empty). `things` are rows, whoever rated them;
    `corrected` is the mean score over all rows that the judge scored."""

    raters: list[str]
    things: int
    agreement: Agreement
    labels: list[str] = []
    confusion: list[list[int]] = []
    corrected: Corrected | None = None


def read(path: Path) -> list[dict[str, Any]]:
    """A file with a row for each thing that was rated and a column for each rater: CSV, JSON lines, a JSON or YAML
    list. Raises RequestError with file and line."""
    try:
        found = [row for _, row in rows(path)]
    except OSError as error:
        raise RequestError(f"{path} cannot be read: {error.strerror}", param="file") from None
    if not found:
        raise RequestError(f"{path.name} has no row", param="file")
    return found


def held(said: Rows, raters: Sequence[str] = (), case: str = "", people: str = "", judge: str = "") -> Ratings:
    """How far `raters` (columns; all but those that name things, if none are given) agree. Rows with the same `case`
    are not independent. With `people` and `judge`, the columns of their scores: the judge's mean, corrected by people's
    labels where there are some. Raises RequestError for columns that are not there, or hold no scores."""
    there = list(dict.fromkeys(name for row in said for name in row))
    scored = [name for name in (people, judge) if name]
    if len(scored) == 1:
        raise RequestError("corrected scores need both columns: of people, and of the judge", param="judge")
    chosen = list(raters) or scored or [name for name in there if name.lower() not in ABOUT and name != case]
    for name in (*chosen, *scored, *([case] if case else [])):
        if name not in there:
            raise RequestError(f"there is no column {name[:60]!r}; there are: {', '.join(there)[:300]}", param="rater")
    many = next((name for name in chosen if not raters and not scored and _is_text(said, name)), None)
    if many is not None:
        raise RequestError(f"{many[:60]!r} has more than {MOST_LABELS} labels: say which are the raters", param="rater")
    if len(set(chosen)) != len(chosen) or len(chosen) < 2:
        raise RequestError("agreement needs the columns of two raters or more, each once", param="rater")
    labelled = [[_label(row.get(name)) for name in chosen] for row in said]
    if len({type(one) for row in labelled for one in row if one is not None}) > 1:  # `1` and `tie` are both words
        labelled = [[None if one is None else _word(one) for one in row] for row in labelled]
    clusters = [_place(row.get(case), at) for at, row in enumerate(said)] if case else None
    found = Ratings(chosen, len(said), agreement(labelled, clusters))
    if len(chosen) == 2:
        found.labels, found.confusion = _confusion(labelled)
    if scored:
        found.corrected = _corrected(said, people, judge)
    return found


def _label(value: Any) -> Hashable | None:
    """A label by which the same is the same: 1, 1.0 and `1` are, true and `True`, and ` yes ` is `yes`. None: the rater
    said nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, float):
        return None if value is None or value != value else value
    word = str(value).strip()
    if word.lower() in ("true", "false"):
        return word.lower()
    try:
        found = float(word)
    except ValueError:
        return word or None
    return found if found == found else None


def _is_text(said: Rows, column: str) -> bool:
    """Whether a column that nobody named holds texts or numbers of things rather than labels."""
    return len({_label(row.get(column)) for row in said}) > MOST_LABELS


def _word(label: Hashable) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _place(value: Any, at: int) -> Hashable:
    """What rows belong together by. One without a case belongs with none."""
    return at if value in (None, "") else str(value)


def _confusion(rows: Sequence[Sequence[Hashable | None]]) -> tuple[list[str], list[list[int]]]:
    both = [row for row in rows if None not in row]
    labels = sorted({one for row in both for one in row if one is not None}, key=lambda one: (str(type(one)), one))
    if len(labels) > MOST_LABELS:
        return [], []
    places = {label: at for at, label in enumerate(labels)}
    counts = [[0] * len(labels) for _ in labels]
    for one, other in both:
        if one is not None and other is not None:
            counts[places[one]][places[other]] += 1
    return [_word(one) for one in labels], counts


def _corrected(said: Rows, people: str, judge: str) -> Corrected:
    judged = [(_score(row.get(people), people, at), _score(row.get(judge), judge, at)) for at, row in enumerate(said)]
    known = [(one, other) for one, other in judged if one is not None and other is not None]
    if not known:
        raise RequestError(f"no row has a score of {people!r} and of {judge!r}", param="people")
    rest: Iterable[float] = (other for one, other in judged if one is None and other is not None)
    return ppi.corrected([one for one, _ in known], [other for _, other in known], list(rest))


def _score(value: Any, column: str, at: int) -> float | None:
    found = _label(value)
    if found in ("true", "false"):
        return float(found == "true")
    if found is None or (isinstance(found, float) and math.isfinite(found)):
        return found
    raise RequestError(f"row {at + 1}: {column!r} is {str(value)[:60]!r}, no score", param="judge")
