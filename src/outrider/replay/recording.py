"""A trajectory as the journal has it: the chat calls of one conversation in their order, and what its tools answered.

The calls of a session follow each other where the messages of the one begin with those of the other: what stands
between (the answer, results of tools, what people said next) is the recording that a replay answers from.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import ConfigError
from outrider.journal.events import RunRecorded
from outrider.journal.projections.usage import is_apart
from outrider.journal.read import get_body, get_run, list_runs
from outrider.journal.rows import RunFilter, RunRow
from outrider.replay import answers, turns
from outrider.replay.tongues import CHAT, TONGUES
from outrider.replay.turns import IMPORTED, Turn, follows, of_run
from outrider.store import Store

__all__ = ["CHAT", "Recording", "Result", "Results", "Turn", "called", "follows", "read", "told"]

TOOL = "tool"
MOST_RUNS = 5_000
"""Runs of one session that are looked at."""
_PAGE = 500
_fields = msgspec.json.Decoder(dict[str, Any]).decode


class Result(msgspec.Struct, frozen=True):
    """What a tool answered, as the model read it. `run` is the run that recorded it."""

    content: Any
    run: str


class Results:
    """Results of tools. The n-th time the same is asked, the n-th result is given."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], list[Result]] = defaultdict(list)
        self._given: dict[tuple[str, bytes], int] = defaultdict(int)

    def add(self, tool: str, arguments: Any, result: Result) -> None:
        self._kept[tool, answers.normal(arguments)].append(result)

    def count(self, tool: str, arguments: Any) -> int:
        return len(self._kept.get((tool, answers.normal(arguments)), ()))

    def take(self, tool: str, arguments: Any) -> Result | None:
        """The next result of this call; None if it was not made (so often)."""
        key = tool, answers.normal(arguments)
        kept, at = self._kept.get(key, ()), self._given[key]
        if at >= len(kept):
            return None
        self._given[key] += 1
        return kept[at]

    def tools(self) -> list[str]:
        """Tools of which there is a result."""
        return sorted({tool for tool, _ in self._kept})


class Recording(msgspec.Struct, frozen=True):
    """A trajectory from some step on. `others` is how many chat calls of the session belong to other conversations."""

    project: str
    session: str
    user: str
    turns: list[Turn]
    tool_runs: list[tuple[str, Any, Result]]
    others: int = 0

    def added(self, at: int) -> list[dict[str, Any]]:
        """What stands between the messages of turn `at` and those of the next: answer, results, people."""
        return self.turns[at + 1].messages[len(self.turns[at].messages) :] if at + 1 < len(self.turns) else []

    def results(self) -> Results:
        """All results, none given yet. Those in the conversation are what the model read; a tool that was called
        through the tool gateway more often than that adds the rest."""
        found = Results()
        for at in range(len(self.turns) - 1):
            for tool, arguments, content in called(self.added(at)):
                found.add(tool, arguments, Result(content, self.turns[at + 1].run))
        seen: dict[tuple[str, bytes], int] = defaultdict(int)
        known = {
            (tool, answers.normal(arguments)): found.count(tool, arguments) for tool, arguments, _ in self.tool_runs
        }
        for tool, arguments, result in self.tool_runs:
            key = tool, answers.normal(arguments)
            seen[key] += 1
            if seen[key] > known[key]:
                found.add(tool, arguments, result)
        return found


def called(messages: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Tool calls with their results in a stretch of conversation: tool, arguments, content."""
    asked: dict[str, tuple[str, Any]] = {}
    for message in messages:
        for one in message.get("tool_calls") or ():
            function = one.get("function") or {}
            asked[str(one.get("id"))] = str(function.get("name") or ""), function.get("arguments")
        if message.get("role") == "tool" and str(message.get("tool_call_id")) in asked:
            yield *asked[str(message.get("tool_call_id"))], message.get("content")


def read(store: Store, run: bytes, *, step: int = 0) -> Recording:
    """The trajectory from this run on; from its conversation's `step`th chat call on, if one is given (counted from 1).
    Raises ConfigError if it cannot be replayed."""
    found = get_run(store, run)
    if found is None:
        raise ConfigError(f"no run {ids.text(run)}; it may have been pruned. `outrider runs list` shows what there is")
    rows = _session(store, found) if found.session else []
    first, *further = _turns(store, found)
    before = _before(store, found, first, rows) if step else []
    after, others = _after(store, found, [first, *further], rows)
    chain = [*before, *after]
    if step > len(chain):
        raise ConfigError(f"there is no step {step}: the recording has {len(chain)} chat calls")
    chain = chain[max(0, step - 1) :]
    tools = [*_imported_tools(store, found), *_tool_runs(store, rows, chain[0].at)]
    return Recording(found.project, found.session, found.user, chain, tools, max(0, others - len(before)))


def _turns(store: Store, run: RunRecorded) -> list[Turn]:
    """The calls of models in a run: itself, or those of an import. Raises ConfigError if there are none."""
    if run.name in TONGUES and run.source != IMPORTED:
        return [of_run(store, run)]
    found = list(turns.of_steps(store, run)) if run.source == IMPORTED else []
    return found or [of_run(store, run)]


def _session(store: Store, run: RunRecorded) -> list[RunRow]:
    """The runs of the session, oldest first."""
    where = RunFilter(project=run.project, session=run.session)
    rows: list[RunRow] = []
    before: int | None = None
    while len(rows) < MOST_RUNS:
        page = list_runs(store, where, before=before, limit=_PAGE)
        rows += page.rows
        before = page.next
        if before is None:
            break
    return sorted(rows, key=lambda row: (row.at, row.seq))


def _after(store: Store, run: RunRecorded, own: list[Turn], rows: list[RunRow]) -> tuple[list[Turn], int]:
    """The conversation from the first of a run's `own` calls on, and how many calls do not belong to it."""
    later = [row for row in rows if row.id != run.id and row.at >= run.at]
    chain, others = own[:1], 0
    for one in itertools.chain(own[1:], *(_readable(store, row) for row in later)):
        if follows(chain[-1].messages, one.messages):
            chain.append(one)
        else:
            others += 1
    return chain, others


def _before(store: Store, run: RunRecorded, turn: Turn, rows: list[RunRow]) -> list[Turn]:
    chain = [turn]
    for row in reversed(rows):
        if row.id != run.id and row.at <= run.at:
            for one in reversed(_readable(store, row)):
                if follows(one.messages, chain[0].messages):
                    chain.insert(0, one)
    return chain[:-1]


def _readable(store: Store, row: RunRow) -> list[Turn]:
    """The calls of models in a run of the session; none of what a replay asked, or of what cannot be read."""
    if row.name not in TONGUES and row.source != IMPORTED:
        return []
    found = get_run(store, row.id)
    if found is None or is_apart(found.tags):
        return []
    try:
        return _turns(store, found)
    except ConfigError:
        return []


def _imported_tools(store: Store, run: RunRecorded) -> Iterator[tuple[str, Any, Result]]:
    """What tools answered in an imported run."""
    for step in turns.steps_of(store, run) if run.source == IMPORTED else ():
        if step.kind != "tool" or step.response is None:
            continue
        asked = get_body(store, run.project, step.request.sha256) if step.request is not None else b"{}"
        said = get_body(store, run.project, step.response.sha256)
        if asked is not None and said is not None:
            name = str(step.attrs.get("tool") or step.name)
            yield name, asked.decode("utf-8", "replace"), Result(said.decode("utf-8", "replace"), ids.text(run.id))


def _tool_runs(store: Store, rows: list[RunRow], since: int) -> Iterator[tuple[str, Any, Result]]:
    """Calls that went through the tool gateway and were done."""
    for row in rows:
        if (
            row.name != TOOL
            or row.at < since
            or (row.status != "ok" and row.error not in ("tool_error", "tool_refused"))
        ):
            continue
        found = get_run(store, row.id)
        if found is None or found.request is None or found.response is None or is_apart(found.tags):
            continue
        asked = get_body(store, found.project, found.request.sha256)
        said = get_body(store, found.project, found.response.sha256)
        if asked is None or said is None:
            continue
        request = _fields(asked)
        yield str(request.get("name")), request.get("arguments"), Result(told(_fields(said)), ids.text(found.id))


def told(result: Mapping[str, Any]) -> str:
    """What a model is commonly given of an MCP result: its texts, else its structured content."""
    content = result.get("content")
    texts = [
        str(one.get("text", "")) for one in content or () if isinstance(one, Mapping) and one.get("type") == "text"
    ]
    if texts or result.get("structuredContent") is None:
        return "\n".join(texts)
    return msgspec.json.encode(result["structuredContent"]).decode()
