"""Scores of live traffic in a store, as a desk sees them."""

import random
from pathlib import Path

from outrider.base import clock, ids
from outrider.evals.experiments import Experiments
from outrider.evals.judging.labels import Labels
from outrider.evals.online import rules
from outrider.evals.online.book import Book, Changed, Scored
from outrider.evals.online.desk import OnlineDesk
from outrider.evals.online.drawing import Drawn, State
from outrider.evals.online.rules import VERDICT, Rule
from outrider.store import Store, open_evals

CHECK = {"regex": {"pattern": "x"}, "name": "greets", "unsure": [0, 0.5]}
JUDGE = {"judge": {"model": "claude", "rubric": "Is it kind?"}, "name": "kind"}


class Living:
    """Rules of a project with some days of scores, worse since yesterday."""

    def __init__(self, home: Path, project: str = "default") -> None:
        self.store: Store = open_evals(f"sqlite:///{home / 'outrider.sqlite3'}")
        self.support = Rule("support", project, share=0.1, steps=rules.chain([CHECK, JUDGE]))
        self.errors = Rule("errors", project, "errors", per_hour=20)
        self.rules = [self.support, self.errors]
        self.book = Book(lambda: self.store, "me")
        self.desk = OnlineDesk(
            lambda: (self.rules, 5 * 10**9, 1_000), lambda: self.store, Experiments(lambda: self.store),
            Labels(lambda: self.store),
        )  # fmt: skip

    def score(self, hours: int = 72, each: int = 4) -> None:
        draws, now = random.Random(5), clock.now_ns()
        assert self.book.claim()
        for hour in range(hours, 0, -1):
            at = now - hour * clock.HOUR_NS
            for _ in range(each):
                value = float(draws.random() < (0.9 if hour > 24 else 0.4))
                self._one(at, value)
        self.book.reserve("again", self.support.project, "support", 0, 0)
        self.book.paid("again", 1_250_000_000)
        version = self.support.version("kind")
        changed = Changed(
            self.support.project, "support", "kind", version, 220, 190, now - 24 * clock.HOUR_NS, now, True, 0.41, 0.9
        )
        self.book.changed(changed)
        self.book.ended(now)

    def _one(self, at: int, value: float) -> None:
        run, project = ids.text(ids.new_id()), self.support.project
        key = (project, "support")
        self.book.drew(5, {key: State()}, {(*key, at // clock.HOUR_NS): 10}, [(*key, Drawn(run, at, 10.0))])
        (sample,) = self.book.due(*key, 1)
        sample.status = "done"
        names = [("greets", "first"), ("kind", "unsure"), (VERDICT, "unsure")]
        reason = "it says <so> & is rude" if not value else ""
        said = [
            Scored(*key, name, self.support.version(name), 0, run, at, at, value, 10.0, asked, "", reason, 0)  # type: ignore[arg-type]
            for name, asked in names
        ]  # fmt: skip
        assert self.book.record(sample, said)

    def close(self) -> None:
        self.store.close()
