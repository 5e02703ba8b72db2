"""What a reviewer is shown of an item: what was asked and answered, and, unless they are blind, by whom. Blocking."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals import adding
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Evaluator
from outrider.evals.evaluators import judge as by_rubric
from outrider.evals.experiments import Done, Experiment, Experiments
from outrider.evals.judging import live, verdicts
from outrider.evals.judging.labels import Label, answer
from outrider.evals.records import Case, Outcome, digest
from outrider.evals.review.filling import compares, judge_of
from outrider.evals.review.queues import Item, Queue
from outrider.evals.review.rubric import Answers
from outrider.store import Store

LONGEST, MOST_MESSAGES = 60_000, 100
"""Characters of one part that a page shows, and messages of a conversation, the last ones."""


class Part(msgspec.Struct, frozen=True):
    """A piece of what is shown: a message of `name`, a passage, or an answer."""

    name: str
    text: str


class Shown(msgspec.Struct, frozen=True):
    """An item as a reviewer sees it: the conversation, what was found for it, the answers (two where they are
    compared), what is expected where that is to be seen, and `facts` for those who are not blind. `problem`: why there
    is nothing to see."""

    asked: list[Part]
    passages: list[Part]
    answers: list[Part]
    expected: str = ""
    facts: dict[str, str] = {}
    problem: str = ""


class Ports(msgspec.Struct, frozen=True):
    """Where items are read from; `scores` are those of live traffic."""

    journal: Store
    datasets: Datasets
    experiments: Experiments
    scores: Store | None = None


def show(ports: Ports, queue: Queue, item: Item) -> Shown:
    """The item. What cannot be read (its bodies were pruned, the experiment is gone) is said in `problem`."""
    try:
        if item.known_as.startswith("run:"):
            return _run(ports, queue, item)
        return _answer(ports, queue, item)
    except RequestError as error:
        return Shown([], [], [], problem=error.message)


def case_of(ports: Ports, queue: Queue, item: Item) -> Case:
    """The case of an item, with the answer that was reviewed in `recorded`. Raises RequestError."""
    if item.known_as.startswith("run:"):
        return adding.of_run(ports.journal, queue.project, item.known_as.removeprefix("run:"))
    experiment, done, _ = _done(ports, queue, item)
    found = _case(ports, experiment, done)
    said: dict[str, Any] = {"text": done.outcome.text}
    if done.outcome.calls:
        said["calls"] = msgspec.to_builtins(done.outcome.calls)
    recorded = {**found.recorded, "answer": said}
    return msgspec.structs.replace(found, recorded=recorded, source=f"{experiment.id}:{done.item.place}")


def _run(ports: Ports, queue: Queue, item: Item) -> Shown:
    case = case_of(ports, queue, item)
    recorded = case.recorded
    said: Mapping[str, Any] = recorded.get("answer") or {}
    calls = [f"[calls {one['tool']} with {verdicts.text_of(one.get('arguments'))}]" for one in said.get("calls", ())]
    text = "\n".join(part for part in (str(said.get("text") or ""), *calls) if part) or "[nothing was answered]"
    found = [_passage(one) for each in recorded.get("retrieval") or () for one in each.get("passages", ())]
    facts: dict[str, str] = {}
    if not queue.plan.blind:
        run = {name: str(value) for name, value in (recorded.get("run") or {}).items() if value}
        facts = {
            "run": item.known_as.removeprefix("run:"),
            **run,
            **({"tags": ", ".join(case.tags)} if case.tags else {}),
        }
    return Shown(_asked(case), found, [Part("answer", _short(text))], facts=facts)


def _answer(ports: Ports, queue: Queue, item: Item) -> Shown:
    experiment, done, beside = _done(ports, queue, item)
    case, judge = _case(ports, experiment, done), judge_of(experiment, queue.plan.source.judge)
    facts: dict[str, str] = {}
    if not queue.plan.blind:
        scores = ", ".join(f"{name} {one.value:g}" for name, one in done.scores.items() if one.value is not None)
        facts = {"case": case.id, "variant": done.item.variant, "scores": scores, "run": done.outcome.run}
        facts = {name: value for name, value in facts.items() if value}
    if beside is None:
        answers = [Part("answer", _said(done.outcome))]
    else:
        two = [done.outcome, beside.outcome]
        first, second = reversed(two) if turned(queue, item) else two
        answers = [Part("first answer", _said(first)), Part("second answer", _said(second))]
    see = case.expected is not None and (judge is None or bool(getattr(judge.options, "reference", False)))
    return Shown(_asked(case), [], answers, _short(verdicts.text_of(case.expected)) if see else "", facts)


def turned(queue: Queue, item: Item) -> bool:
    """Whether the answer that it is about is shown second: people have a side, too."""
    return int(digest([queue.id, item.known_as])[:2], 16) % 2 == 1


def label_of(ports: Ports, queue: Queue, item: Item, who: str, said: Answers, at: int) -> Label | None:
    """The label that follows from what somebody says, for the judge that the queue is about; None: there is none. Its
    id is given when it is written."""
    source = queue.plan.source
    if source.rule:
        return _live_label(ports, queue, item, who, said, at)
    if not source.judge:
        return None
    experiment, done, beside = _done(ports, queue, item)
    judge = judge_of(experiment, source.judge)
    assert judge is not None
    value = value_of(judge, queue, item, said)
    return Label(
        "", queue.project, judge.name, answer(done, beside), who, value, str(said.get("note", ""))[:4_000],
        queue.plan.blind, True, at, done.item.case_digest, done.outcome.run, experiment.id, done.item.place,
    )  # fmt: skip


def _live_label(ports: Ports, queue: Queue, item: Item, who: str, said: Answers, at: int) -> Label | None:
    """Of a run that a judge of live traffic judged; runs that ask the same are known to belong together."""
    judge, run = queue.plan.live_judge(), item.known_as.removeprefix("run:")
    assert judge is not None
    assert ports.scores is not None
    found = live.of_run(ports.scores, queue.project, queue.plan.source.rule, judge, run)
    if found is None:
        return None
    try:
        cluster = digest(["asked", case_of(ports, queue, item).input])
    except RequestError:  # its bodies are gone
        cluster = digest(["run", run])
    return Label(
        "", queue.project, judge.name, digest(["run", run]), who, value_of(judge, queue, item, said),
        str(said.get("note", ""))[:4_000], queue.plan.blind, True, at, cluster, run,
        live.series(queue.plan.source.rule, judge), found.n,
    )  # fmt: skip


def value_of(judge: Evaluator, queue: Queue, item: Item, said: Answers) -> float:
    """What a verdict is worth, from 0 to 1."""
    word = str(said["verdict"])
    if compares(judge):
        first = float(not turned(queue, item))
        return {"first": first, "second": 1 - first, "tie": 0.5}[word]
    words = list(by_rubric.choices(judge.options.levels))
    return words.index(word) / (len(words) - 1)


def _done(ports: Ports, queue: Queue, item: Item) -> tuple[Experiment, Done, Done | None]:
    experiment = ports.experiments.get(queue.project, queue.plan.source.experiment)
    named, _, other = item.known_as.removeprefix("place:").partition("/")
    places = [int(named), *([int(other)] if other else [])]
    found = {one.item.place: one for one in ports.experiments.at(experiment.id, places)}
    if not all(place in found for place in places):
        raise RequestError("this answer is no longer there", status=404, code="unknown_item", param="item")
    return experiment, found[places[0]], found[places[1]] if other else None


def _case(ports: Ports, experiment: Experiment, done: Done) -> Case:
    plan = experiment.plan
    if plan["dataset"]:
        found = ports.datasets.case(experiment.project, str(plan["dataset"]), int(plan["version"]), done.item.case_id)
    else:  # a red team's cases are in no dataset
        found = ports.datasets.kept(experiment.project, [done.item.case_digest]).get(done.item.case_digest)
    if found is None:
        raise RequestError(f"the case {done.item.case_id[:80]!r} is no longer there", status=404, code="unknown_case")
    return found


def _asked(case: Case) -> list[Part]:
    all_ = case.messages()
    found = [Part(str(one.get("role", "user")), _short(_plain(one))) for one in all_[-MOST_MESSAGES:]]
    left = [Part("before", f"{len(all_) - MOST_MESSAGES} earlier messages")] if len(all_) > MOST_MESSAGES else []
    return [*left, *(one for one in found if one.text)]


def _plain(message: Mapping[str, Any]) -> str:
    """A message as people read it: its texts, then its calls."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [str(one.get("text") or f"[{one.get('type', 'part')}]") for one in content if isinstance(one, Mapping)]
        content = "\n".join(texts)
    calls = [
        f"[calls {one['function'].get('name')} with {one['function'].get('arguments')}]"
        for one in message.get("tool_calls") or ()
        if isinstance(one, Mapping) and isinstance(one.get("function"), Mapping)
    ]
    return "\n".join([*([verdicts.text_of(content)] if content else []), *calls])


def _passage(one: Mapping[str, Any]) -> Part:
    return Part(
        str(one.get("title") or one.get("source") or one.get("document") or "passage"),
        _short(str(one.get("text") or "")),
    )


def _said(outcome: Outcome) -> str:
    return _short(verdicts.answer(outcome))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n[… {len(text) - LONGEST} more characters]"
