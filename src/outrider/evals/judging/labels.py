"""Labels by people in the store. Blocking; use it in threads."""

from collections.abc import Callable
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import RequestError
from outrider.evals.experiments import Done
from outrider.evals.records import digest
from outrider.store import Store, Tx
from outrider.store.ports import Row

LONGEST, LONGEST_WHO = 4_000, 160
_COLUMNS = (
    "id, project, rubric, answer, who, value, note, blind, drawn, at, case_digest, run, experiment, place, settles"
)


class Label(msgspec.Struct, frozen=True):
    """What `who` says of an answer by a rubric: `value` from 0 (useless) to 1 (perfect). `blind`: without having seen
    what the judge says. `drawn`: the answer was drawn at random among those of `experiment`. `settles`: people
    disagreed, and this label stands for all of theirs. `at` is nanoseconds."""

    id: str
    project: str
    rubric: str
    answer: str
    who: str
    value: float
    note: str
    blind: bool
    drawn: bool
    at: int
    case_digest: str
    run: str
    experiment: str
    place: int
    settles: bool = False


class Labels:
    """The labels of an evals store. What a person says of an answer takes the place of what they said of it before;
    both are kept."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = self.store = store

    def add(
        self,
        project: str,
        experiment: str,
        rubric: str,
        done: Done,
        who: str,
        value: float,
        *,
        beside: Done | None = None,
        note: str = "",
        blind: bool = True,
        drawn: bool = False,
    ) -> Label:
        """Write down what somebody says of an answer; `beside` is the one that it was compared with. Raises
        RequestError for a value that is no score, or nobody who says it."""
        if not 0 <= value <= 1:
            raise RequestError(f"a label lies between 0 and 1, and {value:g} does not", param="value")
        if not who.strip() or not rubric.strip():
            raise RequestError("say who labels, and by which rubric", param="who")
        if len(who) > LONGEST_WHO or not who.isprintable():
            raise RequestError(f"who labels is told by at most {LONGEST_WHO} printable characters", param="who")
        if len(note) > LONGEST or "\0" in note:
            raise RequestError(f"a note has at most {LONGEST} characters, and no NUL", param="note")
        label = Label(
            f"lab_{ids.token(12)}", project, rubric, answer(done, beside), who.strip(), float(value), note, blind,
            drawn, clock.now_ns(), done.item.case_digest, done.outcome.run, experiment, done.item.place,
        )  # fmt: skip
        with self._store().write() as tx:
            insert(tx, label)
        return label

    def stamp(self, project: str) -> tuple[int, int]:
        """What changes when somebody labels, or takes a label back."""
        rows = self._store().query(
            "SELECT COUNT(*), COALESCE(MAX(at), 0) FROM eval_labels WHERE project = ?", (project,)
        )
        return int(rows[0][0]), int(rows[0][1])

    def newest(self, project: str, limit: int = 100, *, rubric: str = "") -> list[Label]:
        """What was said last, the newest first."""
        where, params = (" AND rubric = ?", (rubric,)) if rubric else ("", ())
        rows = self._store().query(
            f"SELECT {_COLUMNS} FROM eval_labels WHERE project = ?{where} ORDER BY at DESC, id LIMIT ?",
            (project, *params, limit),
        )
        return [_label(row) for row in rows]


def insert(tx: Tx, label: Label) -> None:
    """Write a label down, in a transaction that writes more; one of the same id is replaced."""
    remove(tx, label.id)
    tx.execute(
        f"INSERT INTO eval_labels ({_COLUMNS}) VALUES ({', '.join('?' * 15)})",
        tuple(int(one) if isinstance(one, bool) else one for one in msgspec.structs.astuple(label)),
    )


def remove(tx: Tx, id_: str) -> None:
    """Take a label back: it was a slip."""
    tx.execute("DELETE FROM eval_labels WHERE id = ?", (id_,))


def answer(done: Done, beside: Done | None = None) -> str:
    """By what an answer is known: the case, what was said to it, and what it is compared with."""
    said = [done.outcome.text, msgspec.to_builtins(done.outcome.calls)]
    other = [beside.outcome.text, msgspec.to_builtins(beside.outcome.calls)] if beside else None
    return digest([done.item.case_digest, said, other])


def _label(row: Row) -> Label:
    fields: dict[str, Any] = dict(zip(Label.__struct_fields__, row, strict=True))
    flags = {"blind": bool(row[7]), "drawn": bool(row[8]), "settles": bool(row[14])}
    return Label(**{**fields, **flags})
