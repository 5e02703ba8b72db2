"""What is rare by meaning: an embedder tells, some texts at a time, and words where there is none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from outrider.base import clock
from outrider.base.errors import RequestError, UpstreamError
from outrider.evals.online import rules
from outrider.evals.online.book import DAY_NS, Book
from outrider.evals.online.desk import OnlineDesk
from outrider.evals.online.lead import NotLeading
from outrider.evals.online.meaning import AT_ONCE, MOST, Meaning, metered
from outrider.evals.online.reading import Reading
from outrider.knowledge.embedders import DEFAULT, Embedders, loader
from tests.evals.online.conftest import BOTH, Traffic, rule

TOPICS = {"parcel": [1.0, 0.0, 0.0], "refund": [0.9, 0.43, 0.0], "gluon": [0.0, 0.0, 1.0]}


class Counting:
    """An embedder that knows three topics."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.fault: Exception | None = None

    def __call__(self, project: str, texts: Sequence[str]) -> list[list[float]]:
        self.asked.append(list(texts))
        if self.fault is not None:
            raise self.fault
        return [next((own for word, own in TOPICS.items() if word in text), TOPICS["parcel"]) for text in texts]


def test_texts_are_embedded_once_and_not_without_end() -> None:
    embed, held = Counting(), list[int]()
    found = Meaning("m", embed).look("p", [*map(str, range(2_000)), "0", " ", ""], lambda: held.append(1))
    assert (len(found), sum(map(len, embed.asked)), max(map(len, embed.asked))) == (MOST, MOST, AT_ONCE)
    assert len(held) == MOST / AT_ONCE


def test_an_embedder_that_fails_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    embed, now = Counting(), [100.0]
    monkeypatch.setattr("outrider.evals.online.meaning.time.monotonic", lambda: now[0])
    meaning = Meaning("m", embed)
    embed.fault = UpstreamError("it is away")
    assert meaning.look("p", ["a"]) == meaning.look("p", ["a"]) == {}
    assert (len(embed.asked), meaning.why) == (1, "it is away")
    now[0], embed.fault = 161.0, None
    assert (set(meaning.look("p", ["a"])), meaning.why) == ({"a"}, "")


def test_who_has_lost_the_lead_stops_and_blames_no_embedder() -> None:
    embed = Counting()
    meaning = Meaning("m", embed)

    def lost() -> None:
        raise NotLeading("another process scores live traffic by now")

    with pytest.raises(NotLeading):
        meaning.look("p", list(map(str, range(100))), lost)
    assert (len(embed.asked), meaning.why) == (1, "")
    assert meaning.look("p", ["a"]), "it does not rest"


@BOTH
def test_what_is_embedded_stays_within_the_days_budget(book: Book) -> None:
    asked = list[int]()

    def ask(project: str, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        asked.append(1)
        return [[1.0, 0.0]] * len(texts), 400

    embed = metered(ask, book, 0, 1_000)
    for _ in range(2):
        embed("p", ["same"])
    with pytest.raises(RequestError, match="used up"):
        embed("p", ["same"])
    spent = book.spent(clock.now_ns() // DAY_NS)
    assert (len(asked), spent.calls, spent.cost) == (2, 2, 800)
    refused = metered(lambda project, texts: (_ for _ in ()).throw(RequestError("no such route")), book, 3, 0)
    with pytest.raises(RequestError, match="no such route"):
        refused("p", ["a"])
    assert book.spent(clock.now_ns() // DAY_NS).calls == 2, "what was refused takes no room"


@BOTH
def test_a_rule_draws_what_means_something_else(traffic: Traffic) -> None:
    """The same words every time, but for one: words alone would call all of them alike."""
    rare, embed = rule("refusal", kind="rare", share=0.1), Counting()
    reading = Reading(lambda: traffic.bench.store, traffic.book, Meaning("topics", embed))
    desk = OnlineDesk(lambda: ([rare], 0, 0), lambda: traffic.evals, None, None)  # type: ignore[arg-type]  # states need neither
    reading.read([rare])
    assert desk.state(rare).drawn == "10 % of all runs, rare ones more often"
    for n in range(60):
        traffic.run(question=f"Where is my {'refund' if n % 2 else 'parcel'} number {n}?")
    odd = traffic.run(question="Where is my gluon number 7?")
    traffic.index()
    reading.read([rare])
    weights = {one.run: one.weight for one in traffic.book.due("p", "r", 100)}
    assert weights[odd] == 1.0, "its chance was as high as can be"
    assert len(weights) < 25
    assert desk.state(rare).drawn.endswith("(told by topics)")
    embed.fault = UpstreamError("it is away")
    traffic.run(question="Where is it?")
    traffic.index()
    reading.read([rare])
    assert desk.state(rare).drawn.endswith("(told by words: it is away)")
    (state,) = traffic.book.states().values()
    assert (state.near.space, state.near.count, state.kept.count) == ("topics", 61, 62)
    other = Reading(lambda: traffic.bench.store, traffic.book, Meaning("other", Counting()))
    traffic.run(question="And now?")
    traffic.index()
    other.read([rare])
    (state,) = traffic.book.states().values()
    assert (state.near.space, state.near.count) == ("other", 1), "another model begins anew"


def test_complaints_are_told_by_meaning_too(traffic: Traffic) -> None:
    where, complained = rules.where("feedback=bad", "p", "rare")
    rare = rule("refusal", kind="rare", where=where, complained=complained)
    reading = Reading(lambda: traffic.bench.store, traffic.book, Meaning("topics", Counting()))
    reading.read([rare])
    run = traffic.run(question="Where is my parcel?")
    traffic.index()
    assert reading.read([rare]) == 0
    traffic.feedback(run=run, thumb="down")
    traffic.index()
    assert reading.read([rare]) == 1
    (state,) = traffic.book.states().values()
    assert (state.told, state.near.count) == ("topics", 1)


@BOTH
def test_a_model_that_has_changed_behind_its_name_begins_anew(traffic: Traffic) -> None:
    """A route may come to lead to a model whose vectors are shorter."""
    rare, first = rule("refusal", kind="rare"), Counting()
    reading = Reading(lambda: traffic.bench.store, traffic.book, Meaning("topics", first))
    reading.read([rare])
    traffic.run(question="Where is my parcel?")
    traffic.index()
    reading.read([rare])
    changed = Reading(
        lambda: traffic.bench.store, traffic.book, Meaning("topics", lambda project, texts: [[1.0, 0.0]] * len(texts))
    )
    traffic.run(question="And now?")
    traffic.index()
    changed.read([rare])
    (state,) = traffic.book.states().values()
    assert (state.near.count, state.kept.count) == (1, 2)


def test_the_lead_is_held_while_complaints_are_embedded(traffic: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may take seconds: who is not heard of for long loses what it has read."""
    where, complained = rules.where("feedback=bad", "p", "rare")
    rare = rule("refusal", kind="rare", where=where, complained=complained)
    reading = Reading(lambda: traffic.bench.store, traffic.book, Meaning("topics", Counting()))
    reading.read([rare])
    for n in range(3):
        run = traffic.run(question=f"Where is my parcel {n}?")
        traffic.index()
        traffic.feedback(run=run, thumb="down")
    traffic.index()
    held, hold = list[int](), traffic.book.hold
    monkeypatch.setattr(traffic.book, "hold", lambda: (held.append(1), hold()))
    assert reading.read([rare]) == 3
    assert len(held) == 3


@pytest.mark.model
def test_the_embedded_model_knows_a_rare_question_from_others(traffic: Traffic, embed_models: Path) -> None:
    embedders = Embedders(loader(embed_models))
    rare = rule("refusal", kind="rare", share=0.1)
    meaning = Meaning(DEFAULT, lambda project, texts: embedders.documents(DEFAULT, texts).tolist())
    reading = Reading(lambda: traffic.bench.store, traffic.book, meaning)
    reading.read([rare])
    ways = ["Where is my parcel {}?", "When will package {} arrive?", "Has order {} been delivered yet?",
            "I am still waiting for shipment {}", "Tracking says nothing about delivery {}"]  # fmt: skip
    for n in range(200):
        traffic.run(question=ways[n % 5].format(n))
    traffic.index()
    reading.read([rare])
    (state,) = traffic.book.states().values()
    odd = meaning.look("p", ["Is the warehouse hiring night guards?", "Has package 999 been delivered?"])
    from outrider.evals.online.novelty import chance, far

    hiring, delivered = (chance(state.near, far(state.near, own), 0.1) for own in odd.values())
    assert hiring > 2 * delivered
