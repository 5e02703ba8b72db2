"""A book that holds the lead, and live traffic to work on: in SQLite, or in both stores where a test says `BOTH`."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from outrider.base import clock, ids, model_names
from outrider.base.errors import OutriderError
from outrider.evals.evaluators import Ports
from outrider.evals.feedback import Feedback, event
from outrider.evals.online import rules
from outrider.evals.online.book import Book, Changed
from outrider.evals.online.rounds import Rounds
from outrider.evals.online.rules import Rule
from outrider.evals.online.scoring import Limits
from outrider.evals.proposals import Proposals
from outrider.journal.events import RunRecorded
from outrider.store import Store
from tests.journal.conftest import Bench

JUDGE = {"judge": {"model": "claude-judge", "rubric": "Is it kind?"}}


BOTH = pytest.mark.parametrize("store_url", ["sqlite", "postgres"], indirect=True)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if getattr(request, "param", "sqlite") == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'db' / 'outrider.sqlite3'}"


@pytest.fixture
def book(evals_store: Store) -> Book:
    made = Book(lambda: evals_store, "me")
    assert made.claim()
    return made


class Traffic:
    """Runs in a journal, rules over them, and a judge that says what `says` says of an answer."""

    def __init__(self, bench: Bench, evals: Store) -> None:
        self.bench, self.evals = bench, evals
        self.book = Book(lambda: evals, "me")
        assert self.book.claim()
        self.proposals = Proposals(lambda: evals)
        self.says: Callable[[str], str] = lambda shown: "fail" if "rude" in shown else "pass"
        self.asked: list[str] = []
        self.told: list[Changed] = []
        self.fault: OutriderError | None = None
        self.cost = 1_000_000

    def ask(
        self, model: str, messages: Sequence[Mapping[str, Any]], *, again: str = "", **fields: Any
    ) -> tuple[str, int]:
        self.asked.append(again)
        if self.fault is not None:
            raise self.fault
        return json.dumps({"reasons": "so", "verdict": self.says(messages[-1]["content"])}), self.cost

    def run(self, answer: str = "Hello.", question: str = "Hi?", **more: Any) -> str:
        """Record a chat call; its id."""
        fields: dict[str, Any] = {
            "id": ids.new_id(), "project": "p", "at": clock.now_ns(), "name": "chat.completions", "route": "support",
            "deployment": "openai/gpt-4o", "preview": question, **more,
        }  # fmt: skip
        made = RunRecorded(**fields)
        request = json.dumps({"model": "support", "messages": [{"role": "user", "content": question}]}).encode()
        said = {"choices": [{"message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}]}
        self.bench.put_bodies(made, request, json.dumps(said).encode())
        return ids.text(made.id)

    def index(self) -> None:
        self.bench.indexer.drain()

    def feedback(self, **said: Any) -> None:
        self.index()
        made, texts = event(self.bench.store, "p", Feedback(**said), "key:k")
        self.bench.journals[0].append_now(made, texts, "p")

    def rounds(self, *wanted: Rule, limits: Limits | None = None, book: Book | None = None) -> Rounds:
        lent = Ports(ask=self.ask, families=model_names.families)
        return Rounds(
            wanted,
            lambda: self.bench.store,
            book or self.book,
            self.proposals,
            lambda project: lent,
            limits or Limits(),
            self.told.append,
        )

    def values(self, rule: Rule, evaluator: str) -> list[float]:
        version = rule.version(evaluator)
        return [value for _, value in self.book.first(rule.project, rule.name, evaluator, version, 0, 10_000)]


def rule(*evaluators: Any, name: str = "r", share: float = 1.0, **more: Any) -> Rule:
    return Rule(name, "p", share=share, steps=rules.chain(evaluators), **more)


@pytest.fixture
def traffic(tmp_path: Path, store: Store, evals_store: Store) -> Iterator[Traffic]:
    bench = Bench(tmp_path / "spool", store)
    bench.journal()
    yield Traffic(bench, evals_store)
    for journal in bench.journals:
        journal.close()
