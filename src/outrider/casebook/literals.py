"""The literals of a regular expression: letters and digits that every match of it must hold.

A reader of its own for the patterns of the vocabulary, since Python's is private: characters, classes, escapes, groups,
alternatives, repeats, looking around. What it does not know it takes for nothing certain, never for a literal.
"""

import re
from collections.abc import Iterable

Besides = tuple[tuple[str, ...], ...]
"""Sets of literals: a text must hold one of each."""
Lead = tuple[str, Besides]
"""A literal, and what a match that holds it holds besides."""
_CLASS = re.compile(r"\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL)
_REPEAT = re.compile(r"(?:[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})[?+]?")
_GROUP = re.compile(r"\((?:\?(?:P<\w+>|>|[aiLmsux]*(?:-[imsx]+)?:|(?P<other>P[=>]|[aiLmsux]+\)|#|\(|<?[=!])))?")
_ESCAPE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|0[0-7]{0,2}|[0-9]{1,3}|.)", re.DOTALL
)


def leads(pattern: str) -> list[Lead]:
    """Literals of which every match of `pattern` (which must compile) holds at least one, each with what else such a
    match holds; empty if there is no such set."""
    found, end = _alternatives(pattern, 0)
    return found if end == len(pattern) else []


def worth(found: Iterable[Lead]) -> int:
    """The longer its shortest literal, the fewer words lead there."""
    return min(len(literal) for literal, _ in found)


def _alternatives(pattern: str, at: int) -> tuple[list[Lead], int]:
    """What `a|b|c` gives from `at` on, and where it ends: at a `)` or at the end of the pattern."""
    branches: list[list[Lead]] = []
    while True:
        branch, at = _sequence(pattern, at)
        branches.append(branch)
        if pattern[at : at + 1] != "|":
            break
        at += 1
    return ([lead for branch in branches for lead in branch] if all(branches) else []), at


def _sequence(pattern: str, at: int) -> tuple[list[Lead], int]:
    """What pieces behind one another give, up to a `|`, a `)` or the end: the best of their sets, and the others."""
    parts: list[list[Lead]] = []
    run = ""
    while at < len(pattern) and pattern[at] not in "|)":
        letter, inner, at = _piece(pattern, at)
        times = _REPEAT.match(pattern, at)
        if letter and times is None:
            run += letter
            continue
        parts += [[(run, ())]] if run else []
        run = ""
        inner = [(letter, ())] if letter else inner
        if times is not None:
            at = times.end()
            inner = inner if _at_least_once(times[0]) else []
        parts += [inner] if inner else []
    parts += [[(run, ())]] if run else []
    return _joined(parts), at


def _piece(pattern: str, at: int) -> tuple[str, list[Lead], int]:
    """One piece: the letter that it is, or what a group gives, and where it ends."""
    char = pattern[at]
    if char == "(":
        opened = _GROUP.match(pattern, at)
        assert opened is not None
        if opened["other"] is not None:
            return "", [], _closed(pattern, at)
        inner, end = _alternatives(pattern, opened.end())
        return "", inner, end + 1
    if char == "[" and (whole := _CLASS.match(pattern, at)):
        return "", [], whole.end()
    if char == "\\" and (whole := _ESCAPE.match(pattern, at)):
        return "", [], whole.end()
    return char if char.isalnum() else "", [], at + 1


def _closed(pattern: str, at: int) -> int:
    """Behind the `)` that closes the group at `at`."""
    depth = 0
    while at < len(pattern):
        whole = _ESCAPE.match(pattern, at) or (_CLASS.match(pattern, at) if pattern[at] == "[" else None)
        if whole is not None:
            at = whole.end()
            continue
        depth += {"(": 1, ")": -1}.get(pattern[at], 0)
        at += 1
        if not depth:
            break
    return at


def _at_least_once(times: str) -> bool:
    return times[0] == "+" or (times[0] == "{" and times[1] not in "0,") or bool(re.match(r"\{0*[1-9]", times))


def _joined(parts: list[list[Lead]]) -> list[Lead]:
    if not parts:
        return []
    best = max(parts, key=worth)
    others = tuple(
        tuple(dict.fromkeys(literal for literal, _ in part)) for part in parts if part is not best and worth(part) > 1
    )
    return [(literal, (*besides, *others)) for literal, besides in best]
