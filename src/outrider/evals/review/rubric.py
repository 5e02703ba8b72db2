"""What reviewers are asked about an answer: a few fields, each with its kind. Pure.

As people write it, a line for each field: `right: yes/no | Is it right by the passages?`, `tone: kind, neutral, rude`,
`quality: 1..5 within 1 | How good is it?`, `note: text`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from outrider.base.errors import RequestError

Kind = Literal["yes/no", "choice", "score", "text"]
Value = str | int | float
Answers = dict[str, Value]
MOST_FIELDS, MOST_CHOICES, LONGEST_TEXT, LONGEST_NAME = 12, 9, 16_000, 80
"""Choices are keys of a keyboard: there are nine."""
YES_NO = ("no", "yes")
_NAME = re.compile(r"[A-Za-z][\w-]{0,39}")
_SCORE = re.compile(r"(-?\d{1,4})\s*\.\.\s*(-?\d{1,4})(?:\s+within\s+(\d{1,4}))?")


class Field(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One question. A `score` goes from `low` to `high`, and two that are not further apart than `within` agree. A text
    may be left empty and never makes a disagreement."""

    name: str
    kind: Kind
    question: str = ""
    choices: tuple[str, ...] = ()
    low: int = 1
    high: int = 5
    within: int = 0

    def words(self) -> tuple[str, ...]:
        """What may be said, in the order of the keys 1 to 9; none for a text, or a score with more steps."""
        if self.kind == "yes/no":
            return YES_NO
        if self.kind == "score":
            return tuple(str(one) for one in range(self.low, self.high + 1)) if self.high - self.low < 9 else ()
        return self.choices


def parse(text: str) -> tuple[Field, ...]:
    """The fields of a text with a line for each. Raises RequestError that names the line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return checked([_line(line) for line in lines])


def written(fields: Sequence[Field]) -> str:
    """Fields as `parse` reads them."""
    return "\n".join(
        f"{one.name}: {_kind(one)}" + (f" | {' '.join(one.question.split())}" if one.question else "") for one in fields
    )


def _kind(one: Field) -> str:
    if one.kind == "choice":
        return ", ".join(one.choices)
    if one.kind == "score":
        return f"{one.low}..{one.high}" + (f" within {one.within}" if one.within else "")
    return one.kind


def _line(line: str) -> Field:
    head, _, question = line.partition("|")
    name, colon, kind = (part.strip() for part in head.partition(":"))
    if not colon or not kind:
        raise RequestError(f"{line[:80]!r} is no field: write `right: yes/no | Is it right?`", param="rubric")
    if kind in ("yes/no", "text"):
        return Field(name, "text" if kind == "text" else "yes/no", question.strip())
    if found := _SCORE.fullmatch(kind):
        return Field(name, "score", question.strip(), (), int(found[1]), int(found[2]), int(found[3] or 0))
    return Field(name, "choice", question.strip(), tuple(one.strip() for one in kind.split(",")))


def checked(fields: Sequence[Field]) -> tuple[Field, ...]:
    """The fields, if people can answer them. Raises RequestError."""
    if not 1 <= len(fields) <= MOST_FIELDS:
        raise RequestError(f"a rubric has 1 to {MOST_FIELDS} fields, and this one {len(fields)}", param="rubric")
    names = [one.name for one in fields]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise RequestError(f"the field {doubled!r} is there twice", param="rubric")
    for one in fields:
        _check(one)
    if all(one.kind == "text" for one in fields):
        raise RequestError(
            "a rubric needs a field that is no text: `right: yes/no`, `tone: kind, rude`, or `quality: 1..5`",
            param="rubric",
        )
    return tuple(fields)


def _check(one: Field) -> None:
    where = f"the field {one.name[:60]!r}"
    if not _NAME.fullmatch(one.name):
        raise RequestError(f"{where}: a name has letters, digits, _ and -, at most 40", param="rubric")
    if len(one.question) > 1_000:
        raise RequestError(f"{where}: a question has at most 1000 characters", param="rubric")
    said = one.choices
    if one.kind == "choice":
        sound = all(word and len(word) <= LONGEST_NAME and word.isprintable() for word in said)
        if not sound or not 2 <= len(said) <= MOST_CHOICES or len(set(said)) < len(said):
            raise RequestError(f"{where}: give 2 to {MOST_CHOICES} choices, each once", param="rubric")
    if one.kind == "score" and not (one.low < one.high and 0 <= one.within < one.high - one.low):
        raise RequestError(f"{where}: a score goes from a number to a greater one: `1..5`", param="rubric")


def answers(fields: Sequence[Field], given: Mapping[str, Any]) -> Answers:
    """What was said, checked: every field but texts has to be answered. Numbers may come as text. Raises
    RequestError that names the field."""
    unknown = sorted(set(given) - {one.name for one in fields})
    if unknown:
        raise RequestError(f"the rubric has no field {unknown[0][:60]!r}", param=unknown[0][:60])
    found: Answers = {}
    for one in fields:
        said = given.get(one.name)
        if one.kind == "text":
            if said is not None and not isinstance(said, str):
                raise RequestError(f"`{one.name}` is a text", param=one.name)
            if said and len(said) > LONGEST_TEXT:
                raise RequestError(f"`{one.name}` has at most {LONGEST_TEXT} characters", param=one.name)
            if said and said.strip():
                found[one.name] = said.strip()
        else:
            found[one.name] = _value(one, said)
    return found


def _value(one: Field, said: Any) -> Value:
    if isinstance(said, bool) and one.kind == "yes/no":
        return YES_NO[said]
    text = str(said).strip() if isinstance(said, str | int) and not isinstance(said, bool) else ""
    if one.kind == "score" and re.fullmatch(r"-?\d{1,4}", text) and one.low <= int(text) <= one.high:
        return int(text)
    if one.kind != "score" and text in one.words():
        return text
    may = f"a whole number from {one.low} to {one.high}" if one.kind == "score" else f"one of {', '.join(one.words())}"
    what = "is not answered" if said in (None, "") else f"is {str(said)[:60]!r}"
    raise RequestError(f"`{one.name}` {what}; it is {may}", param=one.name)


def differ(fields: Sequence[Field], said: Sequence[Mapping[str, Value]]) -> list[str]:
    """The fields that reviewers do not agree on."""
    return [one.name for one in fields if one.kind != "text" and _apart(one, [each[one.name] for each in said])]


def _apart(one: Field, values: Sequence[Value]) -> bool:
    if one.kind == "score":
        numbers = [float(value) for value in values]
        return max(numbers) - min(numbers) > one.within
    return len(set(values)) > 1


def together(fields: Sequence[Field], said: Sequence[Mapping[str, Value]]) -> Answers:
    """What reviewers who agree say together: scores are averaged, of texts the last one that was written counts."""
    found: Answers = {}
    for one in fields:
        values = [each[one.name] for each in said if one.name in each]
        if not values:
            continue
        if one.kind == "score":
            mean = sum(float(value) for value in values) / len(values)
            found[one.name] = int(mean) if mean.is_integer() else mean
        else:
            found[one.name] = values[-1]
    return found
