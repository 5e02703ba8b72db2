"""A variant beside the baseline, case by case and word by word: what got worse, better or only changed; one case whole.

A page holds few cases and little of long texts, so that it opens quickly whatever the experiment's size.
"""

from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.routing import Route

from outrider.base.errors import RequestError
from outrider.console.edge import Edge, View
from outrider.console.pages.experiment import experiment_of
from outrider.console.pages.experiments import desk_of
from outrider.evals import planning
from outrider.evals.desk import pieces, text_of
from outrider.evals.diffs import CHANGES, Change, Line, Piece
from outrider.evals.experiments import Done
from outrider.journal import where

PAGE = 10
TEXT = 20_000
"""Characters of an answer that are on one page."""


class Side(msgspec.Struct):
    """One answer: `value` of the score with its `reason`, the run's address, and the text in pieces."""

    variant: str
    value: float | None
    reason: str
    run: str
    status: str
    pieces: list[Piece]


class Beside(msgspec.Struct):
    case: str
    href: str
    change: Change
    repeats: int
    before: float | None
    after: float | None
    sides: list[Side]


class Context(msgspec.Struct):
    """`segments` are the ways to change with their counts and addresses; `previous` and `next` lead to other pages.
    `note` speaks against believing the score."""

    id: str
    name: str
    score: str
    scores: list[str]
    variant: str
    variants: list[str]
    baseline: str
    change: str
    segments: list[tuple[str, int, str]]
    cases: list[Beside]
    first: int
    total: int
    previous: str
    next: str
    note: str = ""


def load(view: View) -> Context:
    desk, found = desk_of(view), experiment_of(view)
    asked: dict[str, Any] = {name: view.query.get(name, "") for name in ("score", "variant", "change")}
    first = where.whole("first", view.query["first"], 0, 2**31) if view.query.get("first") else 0
    compared = desk.compared(found, **asked, first=first, limit=PAGE)
    suite, answers = planning.read(found.plan), desk.answers(found, compared.lines)

    def address(**changed: Any) -> str:
        query = {**asked, **changed}
        return f"/experiments/{found.id}/diff?{urlencode({k: v for k, v in query.items() if v})}"

    segments = [("all", sum(compared.counts.values()), address(change=""))]
    segments += [(name, compared.counts[name], address(change=name)) for name in CHANGES]
    ends = first + len(compared.lines)
    return Context(
        found.id, found.name, compared.score, [one.name for one in suite.evaluators], compared.variant,
        [one.name for one in suite.variants if one.name != suite.baseline], compared.baseline, asked["change"],
        segments,
        [_beside(found.id, line, answers[line.case], compared.baseline, compared.score) for line in compared.lines],
        first, compared.total, address(first=max(0, first - PAGE)) if first else "",
        address(first=ends) if ends < compared.total else "", desk.notes(found).get(compared.score, ""),
    )  # fmt: skip


def _beside(id_: str, line: Line, answers: list[Done], baseline: str, score: str) -> Beside:
    """The first repeat whose texts differ, or the first one."""
    turns: dict[int, list[Done | None]] = {}
    for done in answers:
        turns.setdefault(done.item.turn, [None, None])[done.item.variant != baseline] = done
    pairs = list(turns.values())
    pair = next((two for two in pairs if text_of(two[0]) != text_of(two[1])), pairs[0])
    sides = [_side(one, score, said) for one, said in zip(pair, pieces(*pair), strict=True) if one is not None]
    href = f"/experiments/{id_}/case?{urlencode({'case': line.case})}"
    return Beside(line.case, href, line.change, len(pairs), line.before, line.after, sides)


def _side(done: Done, score: str, said: list[Piece]) -> Side:
    found = done.scores.get(score)
    value, reason = (found.value, found.reason) if found is not None else (None, "")
    return Side(done.item.variant, value, reason, done.outcome.run, done.outcome.status, said)


# -- one case -------------------------------------------------------------------------------------------------------


class Answer(msgspec.Struct):
    """An answer with its scores (name, value, reason); of a long text a part, and how many characters it has."""

    variant: str
    turn: int
    status: str
    text: str
    length: int
    run: str
    seconds: float
    cost: int
    cached: bool
    scores: list[tuple[str, float | None, str]]


class Whole(msgspec.Struct):
    """One case with every answer. `at` is the first character that is shown; `previous` and `next` lead on. `notes`
    speak against believing scores of judges."""

    id: str
    name: str
    case: str
    input: str
    expected: str
    tags: list[str]
    source: str
    answers: list[Answer]
    at: int
    previous: str
    next: str
    notes: dict[str, str] = {}


def load_case(view: View) -> Whole:
    desk, found, name = desk_of(view), experiment_of(view), view.query.get("case", "")
    answers = list(desk.experiments.done(found.id, case=name))
    case = desk.case(found, name, answers)
    if case is None:
        raise RequestError(f"this experiment has no case {name[:80]!r}", status=404, code="unknown_case", param="case")
    at = where.whole("at", view.query["at"], 0, 2**31) if view.query.get("at") else 0
    shown = [_answer(done, at) for done in answers]
    longest = max([one.length for one in shown], default=0)

    def address(place: int) -> str:
        return f"/experiments/{found.id}/case?{urlencode({'case': name, 'at': place})}"

    return Whole(
        found.id, found.name, name, _plain(case.input)[:TEXT], _plain(case.expected)[:TEXT], list(case.tags),
        case.source, shown, at, address(max(0, at - TEXT)) if at else "",
        address(at + TEXT) if at + TEXT < longest else "", desk.notes(found),
    )  # fmt: skip


def _answer(done: Done, at: int) -> Answer:
    outcome, text = done.outcome, text_of(done)
    return Answer(
        done.item.variant, done.item.turn, outcome.status, text[at : at + TEXT], len(text), outcome.run,
        outcome.seconds, outcome.cost, outcome.cached,
        [(name, one.value, one.reason) for name, one in done.scores.items()],
    )  # fmt: skip


def _plain(said: Any) -> str:
    if said is None or isinstance(said, str):
        return said or ""
    return msgspec.json.format(msgspec.json.encode(said), indent=2).decode()


def routes(edge: Edge) -> list[Route]:
    return [
        *edge.page("/experiments/{id}/diff", load, "experiment_diff.html"),
        *edge.page("/experiments/{id}/case", load_case, "experiment_case.html"),
    ]
