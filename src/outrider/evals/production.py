"""From production to a case: any run, or a step of it, with the results that were recorded.

What the run answered is kept beside the case (`recorded.answer`) and is not what the case expects, unless somebody says
that it was right: golden sets are not labelled by what happened.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from outrider.base import clock, ids
from outrider.base.errors import ConfigError, RequestError
from outrider.dialects import understood
from outrider.dialects.anthropic import answers as anthropic_answers
from outrider.dialects.anthropic import requests as anthropic
from outrider.dialects.gemini import answers as gemini_answers
from outrider.dialects.gemini import requests as gemini
from outrider.dialects.responses import answers as responses_answers
from outrider.dialects.responses import requests as responses
from outrider.evals.cases import made
from outrider.evals.records import Case, LabelSource
from outrider.journal.events import BlobRef, RunRecorded, Step
from outrider.journal.feedback_query import bad_feedback
from outrider.journal.read import get_body, get_run, list_runs, list_steps
from outrider.replay import answers, query, recording
from outrider.replay.recording import CHAT, Recording
from outrider.store import Store

MOST_STEPS = 2_000
_NOT_THE_TASK = frozenset(
    {"model", "stream", "stream_options", "user", "metadata", "store", "safety_identifier", "prompt_cache_key",
     "service_tier", "n"}
)  # fmt: skip
"""Fields of a request that say how it was asked and not what for."""
_json = msgspec.json.Decoder(dict[str, Any]).decode
FEEDBACK_BAD = re.compile(r"(?<=\s)feedback=bad(?=\s)")
_ASKS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "messages": lambda fields: anthropic.to_chat(fields).fields,
    "responses": lambda fields: responses.to_chat(fields).fields,
    "gemini": lambda fields: gemini.to_chat(fields).fields,
}
_ANSWERS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "messages": anthropic_answers.to_chat,
    "responses": responses_answers.to_chat,
    "gemini": gemini_answers.to_chat,
}


def find(store: Store, project: str, run: str) -> RunRecorded:
    """A run of the project by its id. Raises RequestError 400, 404."""
    try:
        found = get_run(store, ids.parse(run))
    except ValueError:
        raise RequestError(f"{run[:60]!r} is not a run's id", code="invalid_parameter", param="run") from None
    if found is None or found.project != project:
        raise RequestError(
            f"no run {run} in the project {project!r}; a run appears about a second after its answer",
            status=404,
            code="run_not_found",
        )
    return found


def chosen(store: Store, project: str, said: str, limit: int) -> Iterator[RunRecorded]:
    """The newest runs that a query keeps: `route=support cost>0.05 status=error feedback=bad since=7d`. Raises
    RequestError."""
    words, bad = FEEDBACK_BAD.subn(" ", f" {said} ")
    keep = query.parse(words, project)
    wanted = with_bad_feedback(store, project) if bad else None
    before: int | None = None
    left = limit
    while left > 0:
        page = list_runs(store, keep, before=before, limit=500)
        for row in page.rows:
            if left > 0 and (wanted is None or row.id in wanted) and (found := get_run(store, row.id)) is not None:
                left -= 1
                yield found
        before = page.next
        if before is None:
            return


def with_bad_feedback(store: Store, project: str) -> set[bytes]:
    """The runs of which somebody said that they were not right."""
    found, after = set[bytes](), 0
    while rows := bad_feedback(store, project, after=after):
        found |= {row.event.run for row in rows}
        after = rows[-1].seq
    return found


def case(store: Store, run: RunRecorded, step: int = 0, *, accept: bool = False) -> Case:
    """The case of a run, or of one of its steps. `accept`: what was answered is what is expected. Raises RequestError
    where there is nothing that can be asked again."""
    source = f"run:{ids.text(run.id)}" + (f"#{step}" if step else "")
    steps = list_steps(store, run.id, limit=MOST_STEPS)
    try:
        if step:
            fields = _of_step(store, run, steps, step)
        elif run.name in (CHAT, *_ASKS):
            fields = _of_chat(store, run, steps)
        else:
            fields = _of_search(store, run, steps)
    except ConfigError as error:
        raise RequestError(f"{source}: {error.message}", code="no_case", param="run") from None
    recorded: dict[str, Any] = fields.get("recorded", {})
    recorded["run"] = {"model": run.deployment or run.model, "route": run.route, "at": clock.iso(run.at),
                       "status": run.status}  # fmt: skip
    if accept:
        fields["expected"], fields["labelled"] = _accepted(recorded, source), "model"
    return made({**fields, "recorded": recorded, "id": source, "source": source, "tags": tuple(run.tags)}, source)


def labelled(found: Case, expected: Any, source: LabelSource) -> Case:
    """The case with what somebody says is right."""
    return msgspec.structs.replace(found, expected=expected, labelled=source)


def _of_chat(store: Store, run: RunRecorded, steps: list[Step]) -> dict[str, Any]:
    if run.name == CHAT:
        told = recording.read(store, run.id)
        turn = told.turns[0]
        recorded: dict[str, Any] = {"tools": _results(told)}
        if turn.answer is not None:
            recorded["answer"] = _answer(turn.answer)
        asked = turn.fields
    else:
        asked = understood(_ASKS[run.name], _body(store, run, run.request))
        recorded = {}
        if (answer := _other_answer(store, run)) is not None:
            recorded["answer"] = _answer(answer)
    recorded["retrieval"] = [_passages(store, run, one) for one in steps if one.kind == "retrieval"]
    return {"input": _task(asked), "recorded": {name: value for name, value in recorded.items() if value}}


def _task(asked: Mapping[str, Any]) -> Any:
    """What was to be done: the text where that is all, else the request without how it was asked."""
    kept = {name: value for name, value in asked.items() if name not in _NOT_THE_TASK and value is not None}
    messages = kept.get("messages") or []
    alone = len(messages) == 1 and isinstance(messages[0], dict) and messages[0].get("role") == "user"
    if len(kept) == 1 and alone and isinstance(messages[0].get("content"), str) and messages[0]["content"]:
        return messages[0]["content"]
    return kept


def _results(told: Recording) -> dict[str, list[dict[str, Any]]]:
    """What tools answered in the conversation after the run, by tool and in order."""
    results, found = told.results(), dict[str, list[dict[str, Any]]]()
    after = itertools.chain.from_iterable(recording.called(told.added(at)) for at in range(len(told.turns)))
    for tool, arguments, _ in [*after, *told.tool_runs]:
        taken = results.take(tool, arguments)
        if taken is not None:
            said = {"arguments": _decoded(arguments), "result": taken.content, "run": taken.run}
            found.setdefault(tool, []).append(said)
    return found


def _answer(answer: answers.Answer) -> dict[str, Any]:
    said: dict[str, Any] = {"text": answer.text()}
    if calls := [{"tool": tool, "arguments": _decoded(arguments)} for _, tool, arguments in answer.calls()]:
        said["calls"] = calls
    return said


def _other_answer(store: Store, run: RunRecorded) -> answers.Answer | None:
    """What a caller of another language was answered; None for streams and failures."""
    try:
        chat = understood(_ANSWERS[run.name], _body(store, run, run.response))
        return answers.read(msgspec.json.encode(chat))
    except (ConfigError, RequestError):
        return None


def _accepted(recorded: Mapping[str, Any], source: str) -> Any:
    answer = recorded.get("answer") or {}
    if not answer.get("text") and not answer.get("calls"):
        raise RequestError(f"{source}: it has no answer that could be the expected one", code="no_case", param="accept")
    return answer.get("calls") or answer["text"]


def _of_step(store: Store, run: RunRecorded, steps: list[Step], number: int) -> dict[str, Any]:
    step = next((one for one in steps if one.id == number), None)
    if step is None:
        raise RequestError(f"run {ids.text(run.id)} has no step {number}", status=404, code="step_not_found")
    if step.kind == "retrieval":
        return _searched(store, run, step)
    asked = _body(store, run, step.request) if step.request is not None else {}
    messages = asked.get("messages", asked.get("input"))
    if step.kind != "model" or not isinstance(messages, list):
        raise RequestError(
            f"step {number} ({step.kind} {step.name!r}) asks nothing that was recorded: steps of models with their "
            "messages and retrievals become cases, and so does the whole run",
            code="no_case",
            param="step",
        )
    fields: dict[str, Any] = {"input": _task({**asked, "messages": messages})}
    said = get_body(store, run.project, step.response.sha256) if step.response is not None else None
    try:
        fields["recorded"] = {"answer": _answer(answers.read(said))} if said is not None else {}
    except RequestError:
        fields["recorded"] = {}
    return fields


def _of_search(store: Store, run: RunRecorded, steps: list[Step]) -> dict[str, Any]:
    step = next((one for one in steps if one.kind == "retrieval"), None)
    if step is None:
        raise RequestError(
            f"run {ids.text(run.id)} ({run.name}) is neither a chat nor a search: name a step of it that is",
            code="no_case",
            param="run",
        )
    return _searched(store, run, step)


def _searched(store: Store, run: RunRecorded, step: Step) -> dict[str, Any]:
    found = _passages(store, run, step)
    if not found["query"] and step.request is not None:
        found["query"] = str(_body(store, run, step.request).get("query") or "")
    if not found["query"]:
        raise RequestError(f"the retrieval of run {ids.text(run.id)} does not say what was asked", code="no_case")
    return {"input": found["query"], "context": {"collection": step.name}, "recorded": {"retrieval": [found]}}


def _passages(store: Store, run: RunRecorded, step: Step) -> dict[str, Any]:
    """What a retrieval found, the best first. A body that is gone leaves what the step itself says."""
    try:
        told = _body(store, run, step.response)
    except ConfigError:
        told = {}
    rows: list[Any] = next((told[name] for name in ("kept", "hits") if isinstance(told.get(name), list)), [])
    names = ("source", "document", "version", "start", "end", "title", "text", "score")
    passages = [{name: one[name] for name in names if name in one} for one in rows if isinstance(one, dict)]
    said = told.get("query") or step.attrs.get("query") or next(iter(told.get("asked") or ()), "")
    return {"collection": step.name, "query": str(said), "passages": passages}


def _body(store: Store, run: RunRecorded, ref: BlobRef | None) -> dict[str, Any]:
    body = get_body(store, run.project, ref.sha256) if ref is not None else None
    if body is None:
        raise ConfigError(f"the bodies of run {ids.text(run.id)} are no longer there (pruned, or dropped)")
    try:
        return _json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ConfigError(f"a body of run {ids.text(run.id)} is no JSON object") from None


def _decoded(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments
    try:
        return msgspec.json.decode(arguments)
    except (msgspec.DecodeError, RecursionError):
        return arguments
