"""What pages, programs and the command line do with review queues. Blocking; use it in threads."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from outrider.base import clock
from outrider.base.errors import RequestError
from outrider.evals import adding
from outrider.evals.adding import Put
from outrider.evals.datasets import Datasets
from outrider.evals.evaluators import Evaluator
from outrider.evals.experiments import Experiments
from outrider.evals.records import Case
from outrider.evals.review import filling, results, rubric, showing
from outrider.evals.review.figures import Figures, figures
from outrider.evals.review.marks import Mark, Marks, Role
from outrider.evals.review.queues import STATUSES, Found, Item, Plan, Queue, Queues, Source, State, Status, check
from outrider.evals.review.results import Result
from outrider.evals.review.rubric import Field
from outrider.evals.review.showing import Ports, Shown
from outrider.store import Store

FOLLOWED_NS = 20_000_000_000
"""How long what a rule found is good enough."""
_USUAL = "right: yes/no | Is this answer right?\nbetter: text | What should it have said?"


class Task(msgspec.Struct):
    """An item in somebody's hands: what they are shown, what they said before they took it back, how many they have
    done and how many are there. Who adjudicates sees what reviewers said, and where they `differ`."""

    queue: Queue
    place: int
    role: Role
    shown: Shown
    before: Mapping[str, Any]
    mine: int
    counts: dict[Status, int]
    said: list[Mark]
    differ: list[str]


class Made(msgspec.Struct):
    """What `cases` did. `left` says why items gave none."""

    put: Put
    cases: int
    left: list[str]


class ReviewDesk:
    """One process's way to review queues. `journal` gives the journal's store."""

    def __init__(
        self, queues: Queues, datasets: Datasets, experiments: Experiments, journal: Callable[[], Store]
    ) -> None:
        self.queues, self.marks = queues, Marks(queues)
        self._datasets, self._experiments, self._journal = datasets, experiments, journal

    def _ports(self) -> Ports:
        return Ports(self._journal(), self._datasets, self._experiments, self.queues.store())

    # -- queues ---------------------------------------------------------------------------------------------------

    def create(
        self,
        project: str,
        name: str,
        source: Source,
        fields: Sequence[Field] = (),
        *,
        reviewers: int = 1,
        blind: bool = True,
        author: str = "",
        live: Sequence[tuple[str, Evaluator]] = (),
    ) -> Queue:
        """A new queue. Without fields it asks what its judge was asked, or whether the answer is right. `live` are the
        judges of live traffic, each with its rule. Raises RequestError."""
        judge: Evaluator | None = None
        if source.rule:
            judge = filling.live_judge(source, live)
        elif source.judge and source.experiment:
            judge = filling.judge_of(self._experiments.get(project, source.experiment), source.judge)
        if judge is not None:
            if fields:
                raise RequestError("a queue about a judge asks what the judge was asked: no rubric", param="rubric")
            fields = filling.fields_of(judge)
        asked = (judge.kind, msgspec.to_builtins(judge.options)) if judge is not None and source.rule else None
        plan = Plan(source, rubric.checked(fields or rubric.parse(_USUAL)), reviewers, blind, asked)
        check(name, plan)
        filling.check(source)
        found = self._found(project, plan)
        return self.queues.create(project, name, plan, found, author=author)

    def get(self, project: str, name: str) -> Queue:
        """The queue, with what its rule found by now. Raises RequestError 404."""
        queue = self.queues.get(project, name)
        source = queue.plan.source
        follows = bool(source.where or source.rule) and queue.state == "open"
        if follows and queue.gathered < clock.now_ns() - FOLLOWED_NS:
            self.queues.add(queue, self._found(project, queue.plan))
        return queue

    def _found(self, project: str, plan: Plan) -> list[Found]:
        judge = plan.live_judge()
        if judge is not None:
            return filling.by_scores(plan.source, judge, self.queues.store(), project)
        return filling.find(plan.source, self._journal(), self._experiments, project)

    def turn(self, project: str, name: str, state: State) -> Queue:
        """Open or close it. Raises RequestError 404."""
        return self.queues.turn(self.queues.get(project, name), state)

    def figures(self, queue: Queue) -> Figures:
        """How it stands."""
        marks = self.marks.given(queue)
        return figures(queue.plan, self.queues.counts(queue), self.queues.items(queue), marks, clock.now_ns())

    # -- reviewing ------------------------------------------------------------------------------------------------

    def next(self, queue: Queue, who: str, role: Role = "review", key: str = "") -> Task | None:
        """The next item for somebody; None: there is none for them. `key`: what they speak with, where it may not
        decide about what was reviewed with it. Raises RequestError 409 for a closed queue, 403."""
        item = self.marks.next(queue, who, role, key)
        return self._task(queue, item, who, role) if item is not None else None

    def _task(self, queue: Queue, item: Item, who: str, role: Role) -> Task:
        kept = self.marks.kept(queue, item.place, who)
        see = role == "adjudicate" or not queue.plan.blind
        said = [one for one in self.marks.of_item(queue, item.place) if one.who != who] if see else []
        reviews = [one.answers for one in said if one.role == "review"]
        apart = rubric.differ(queue.plan.fields, reviews) if role == "adjudicate" and len(reviews) > 1 else []
        mine = self.marks.done(queue, who)
        shown = showing.show(self._ports(), queue, item)
        before = kept.answers if kept is not None else {}
        return Task(queue, item.place, role, shown, before, mine, self.queues.counts(queue), said, apart)

    def give(self, queue: Queue, place: int, who: str, said: Mapping[str, Any], key: str = "") -> Status:
        """What somebody says of the item that they have. Of a judge's queue it becomes a label at once. `key` as for
        `next`. Raises RequestError 400, 403, 404, 409."""
        answers = rubric.answers(queue.plan.fields, said)
        label = None
        if queue.plan.source.judge:
            item = self.queues.item(queue, place)
            label = showing.label_of(self._ports(), queue, item, who, answers, clock.now_ns())
        return self.marks.give(queue, place, who, answers, [label] if label is not None else [], key)

    def skip(self, queue: Queue, place: int, who: str) -> None:
        """Somebody cannot say anything about the item that they have. Raises RequestError 404, 409."""
        self.marks.skip(queue, place, who)

    def undo(self, queue: Queue, who: str) -> Mark:
        """Somebody takes back what they said last, and has that item again. Raises RequestError 404, 409."""
        return self.marks.undo(queue, who)

    # -- what came of it ------------------------------------------------------------------------------------------

    def results(
        self, queue: Queue, status: str = "", first: int = 0, limit: int = 20_000, *, veiled: bool = False
    ) -> list[Result]:
        """Items from the `first` place on with what was said of them; of one status alone where it is named. `veiled`:
        of a blind queue, nothing of what was said before an item is settled. Raises RequestError 400."""
        if status and status not in STATUSES:
            raise RequestError(f"there is no status {status[:40]!r}; there are: {', '.join(STATUSES)}", param="status")
        items = self.queues.items(queue, status, first, limit)
        found = results.results(queue, items, self.marks.given(queue))
        return [results.veiled(one) if veiled and queue.plan.blind else one for one in found]

    def cases(self, queue: Queue, dataset: str, *, expected: str = "", accept: str = "", author: str = "") -> Made:
        """Cases of the settled items in a dataset, with what people said of them and who they are. Raises RequestError
        where nothing is settled, or a field cannot be used."""
        results.check(queue, expected, accept)
        if not dataset:
            raise RequestError("say which dataset the cases go into", param="dataset")
        ports, left = self._ports(), list[str]()
        found: dict[str, Case] = {}
        settled = self.results(queue, "settled")
        for one in settled:
            try:
                case = showing.case_of(ports, queue, Item(one.place, one.item, "", one.status))
            except RequestError as error:
                left.append(f"item {one.place}: {error.message}")
                continue
            made = results.labelled(case, queue, one, expected, accept)
            other = found.setdefault(made.id, made)
            if other is made:
                continue
            if other.labelled != "person" and made.labelled == "person":
                found[made.id] = made
            elif made.labelled == "person" and made.expected != other.expected:
                left.append(f"item {one.place}: the case {made.id} expects something else by another item")
        if not found:
            why = left[0] if left else "nothing is settled yet"
            raise RequestError(f"{queue.name!r} gives no case: {why}", code="no_case", param="queue")
        put = adding.put(
            self._datasets, queue.project, dataset, list(found.values()), merge=not queue.plan.source.experiment,
            author=author, note=f"reviewed in {queue.name}",
        )  # fmt: skip
        return Made(put, len(found), left)


def others(found: Task) -> dict[str, str]:
    """What the others are called: nobody is named where reviewing is blind."""
    people = [one.who for one in found.said]
    if not found.queue.plan.blind:
        return {who: who for who in people}
    return {who: f"reviewer {at}" for at, who in enumerate(people, 1)}
