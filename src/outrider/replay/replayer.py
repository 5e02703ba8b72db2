"""The loop that an agent's client runs, run again: ask the model, answer its tool calls, say what people said next.

What is live is asked; everything else answers from the recording. As long as the answers are those that were recorded,
the conversation goes on exactly as it was recorded. From the first other answer on it is continued by what fits: the
same call gets the same result, people say what they said next. Where a call has no result, it stops: HOLD.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from outrider.base.errors import OutriderError, RequestError
from outrider.base.usage import Usage
from outrider.replay import answers, deciding, moments
from outrider.replay.answers import Answer
from outrider.replay.asking import Asks, why
from outrider.replay.deciding import Judged
from outrider.replay.recording import Recording, Results, Turn
from outrider.replay.stand_ins import StandIn

_json = msgspec.json.Encoder().encode
_SPARE, _TIMES = 20, 3
"""Model calls beyond those of the recording before a replay is held to go round in circles."""


class Way(msgspec.Struct, frozen=True):
    """What is other than it was: fields of the request (`set`), the system message (`prompt`); and what is live
    (`models`, `tools`, `retrieval`). `as_of` is the moment whose documents are asked (ns; 0: those of the recording
    or, where retrieval is live, of now). `gone` says why models of then cannot be asked any more; a name with `/` at
    its end stands for all that begin so."""

    set: Mapping[str, Any] = {}
    prompt: str = ""
    live: frozenset[str] = frozenset({"models"})
    stand_ins: Mapping[str, StandIn] = {}
    as_of: int = 0
    gone: Mapping[str, str] = {}

    def missing(self, model: str) -> str:
        """Why a model is not there; "" if it is."""
        return next((why for name, why in self.gone.items() if model == name or
                     (name.endswith("/") and model.startswith(name))), "")  # fmt: skip

    @property
    def changes(self) -> bool:
        return bool(self.set or self.prompt)


class Step(msgspec.Struct, omit_defaults=True):
    """One act of a replay. `by` says who answered, `run` is the run that has it. `same`: as it was recorded (None:
    nothing in the recording stands beside it). `cost` is nano-dollars and of this replay."""

    kind: Literal["model", "tool", "human"]
    name: str
    by: Literal["live", "recording", "stand-in"]
    after: str
    before: str | None = None
    same: bool | None = None
    run: str = ""
    was: str = ""
    arguments: Any = None
    cost: int = 0
    seconds: float = 0.0
    tokens: tuple[int, int] | None = None


class Replayed(msgspec.Struct):
    """What came of a replay. `text` and `calls` are those of the last answer, `before` what the recording ended with.
    `diverged` is the first step (counted from 1) that is not as it was recorded; 0: none. `why` says why it is held,
    or what failed."""

    status: Literal["done", "hold", "error"]
    steps: list[Step]
    text: str
    before: str | None
    calls: list[tuple[str, Any]] = []
    diverged: int = 0
    why: str = ""
    finish: str = ""

    @property
    def same(self) -> bool:
        return self.status == "done" and not self.diverged

    @property
    def cost(self) -> int:
        return sum(step.cost for step in self.steps)


class Hold(Exception):
    """It cannot go on without something that nobody recorded."""


async def replay(
    recording: Recording, way: Way, asks: Asks, *, again: str = "", judged: Judged = lambda _: ()
) -> Replayed:
    """Replay a trajectory. `again` makes the same question of the same replay free the second time. `judged` says what
    policy withheld in a run that was asked (blocking; needed for languages other than chat). Never raises for what the
    replay meets: that is its outcome."""
    walk = _Walk(recording, way, asks, again, judged)
    status: Literal["done", "hold", "error"] = "done"
    said = ""
    try:
        await walk.through()
    except Hold as held:
        status, said = "hold", f"HOLD at step {len(walk.steps) + 1}: {held}"
    except OutriderError as error:
        status, said = "error", error.message
    last = walk.answer
    final = recording.turns[-1].answer
    return Replayed(
        status,
        walk.steps,
        shown(last) if last is not None else "",
        None if final is None else shown(final),
        [(tool, arguments) for _, tool, arguments in last.calls()] if last is not None else [],
        next((at for at, step in enumerate(walk.steps, 1) if step.same is False), 0),
        said,
        last.finishes[0] if last is not None else "",
    )


def shown(answer: Answer) -> str:
    """An answer as people compare it: its text, and its tool calls as JSON."""
    calls = [{"tool": tool, "arguments": arguments} for _, tool, arguments in answer.calls()]
    return answer.text() + (_json(calls).decode() if calls else "")


class _Walk:
    """A replay under way. `_at` is the turn of the recording that the next model call stands beside; `_on` says that
    nothing was other than recorded so far."""

    def __init__(self, recording: Recording, way: Way, asks: Asks, again: str, judged: Judged) -> None:
        self._recording, self._way, self._asks, self._again, self._judged = recording, way, asks, again, judged
        self._turns, self._results = recording.turns, recording.results()
        given = way.set.get("messages")
        self._messages: list[dict[str, Any]] = prompted(given or self._turns[0].messages, way.prompt)
        self._at, self._on = 0, given is None
        self.steps: list[Step] = []
        self.answer: Answer | None = None

    async def through(self) -> None:
        """Raises Hold, OutriderError."""
        for _ in range(_TIMES * len(self._turns) + _SPARE):
            answer = self.answer = await self._model()
            if not await self._go_on(answer):
                return
        raise Hold("the model goes on and on, far beyond the recording")

    # -- models -------------------------------------------------------------------------------------------------

    async def _model(self) -> Answer:
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if "models" not in self._way.live:
            return self._recorded(turn)
        last = turn or self._turns[-1]
        if missing := self._way.missing(str(self._way.set.get("model") or last.model)):
            raise Hold(f"{missing}; `--set model=…` asks another one")
        path, body = self._request(last, byte_for_byte=turn is not None)
        again = f"{self._again}-{len(self.steps)}" if self._again else ""
        user = self._recording.user if last.retrieved else ""
        said = await self._asks.ask(path, body, again=again, user=user, more=self._headers(last))
        step = Step("model", last.model, "live", "", run=said.run, cost=said.cost, seconds=said.seconds)
        if turn is not None:
            step.was, step.before = turn.run, None if turn.answer is None else shown(turn.answer)
        self.steps.append(step)
        if said.status != 200:
            step.after, step.same = why(said), False
            if b'"retrieval_not_recorded"' in said.body:
                raise Hold(f"{why(said)}; let it search (`--live retrieval`)")
            raise RequestError(why(said), status=said.status, code="refused")
        answer = await self._decided(last.tongue.read(said.body), turn, said.run)
        step.name = str(self._way.set.get("model") or last.model)
        step.after, step.tokens = shown(answer), answer.tokens
        if not step.cost and turn is not None and said.body.lstrip()[:1] != b"{":
            step.cost = _streamed_cost(turn, answer)
        step.same = None if turn is None or turn.answer is None else _same(answer, turn.answer)
        self._on = self._on and bool(step.same)
        return answer

    def _recorded(self, turn: Turn | None) -> Answer:
        if turn is None or turn.answer is None:
            raise Hold("no answer of the model is recorded here, and models are not live")
        text = shown(turn.answer)
        self.steps.append(Step("model", turn.model, "recording", text, text, True, was=turn.run))
        return turn.answer

    def _request(self, turn: Turn, *, byte_for_byte: bool) -> tuple[str, bytes]:
        """Where a request goes, and its body: unchanged and as recorded so far, byte for byte as it was."""
        if byte_for_byte and self._on and not self._way.changes:
            return turn.path, turn.body
        model = str(self._way.set.get("model") or turn.model)
        written = turn.tongue.write(turn.own, self._messages, model, self._way.set)
        return turn.tongue.path(model), _json(written)

    def _headers(self, turn: Turn) -> dict[str, str]:
        """What a request says beside its body: nobody is asked for approval, and what was found is found again."""
        if self._way.as_of:
            return {**deciding.ASKS_NOBODY, "x-outrider-as-of": moments.told(self._way.as_of)}
        if turn.retrieved and "retrieval" not in self._way.live:
            return {**deciding.ASKS_NOBODY, "x-outrider-retrieval": turn.run}
        return dict(deciding.ASKS_NOBODY)

    async def _decided(self, answer: Answer, turn: Turn | None, run: str) -> Answer:
        """The answer, or the recorded one where a call of it waits for a person and the recording has what became of
        it. Raises Hold where it has not."""
        facts = deciding.withheld(answer)
        if not facts and deciding.is_without(answer):
            facts = list(await asyncio.to_thread(self._judged, run))
        waits = deciding.waiting(facts)
        if not waits:
            return answer
        recorded = turn.answer if turn is not None else None
        passed = [(tool, arguments) for tool, arguments, _ in self._recording.tool_runs]
        verdict = deciding.decided(waits, recorded, turn.withheld if turn is not None else (), passed)
        tools = ", ".join(one.tool for one in waits)
        if not verdict:
            raise Hold(f"a person would be asked about {tools}, and the recording has nobody's decision about that")
        said = "nobody had decided by then" if verdict == "waited" else "approved"
        self.steps.append(Step("human", f"approval of {tools}", "recording", said, said, True))
        if recorded is None or verdict == "passed":
            return deciding.restored(answer, waits, passed)
        return recorded

    # -- what comes after an answer -------------------------------------------------------------------------------

    async def _go_on(self, answer: Answer) -> bool:
        """Bring the conversation to the next question for the model; False: the recording has none."""
        if self._on:
            return await self._as_recorded()
        calls = answer.calls()
        turn = self._turns[self._at] if self._at < len(self._turns) else None
        if calls:
            said = [await self._tool(*call) for call in calls]
            beside = turn is not None and turn.answer is not None and bool(turn.answer.calls())
            people = self._people(self._at) if beside else []
            self._messages = [*self._messages, answer.message, *said, *people]
            self._at += beside
            return True
        for at in range(self._at, len(self._turns) - 1):
            if people := self._people(at):
                self._messages = [*self._messages, answer.message, *people]
                self._at = at + 1
                self._heard(people)
                return True
        return False

    async def _as_recorded(self) -> bool:
        added = self._recording.added(self._at)
        if not added:
            return False
        asked = {
            str(one.get("id")): one.get("function") or {}
            for message in added
            for one in message.get("tool_calls") or ()
        }
        stretch = []
        for message in added:
            function = asked.get(str(message.get("tool_call_id"))) if message.get("role") == "tool" else None
            if function is not None:
                call = str(message["tool_call_id"]), str(function.get("name")), function.get("arguments")
                said = await self._tool(*call)
                message = {**message, **said} if "tools" in self._way.live else message
            stretch.append(message)
        self._heard([one for one in added if one.get("role") not in ("assistant", "tool")])
        self._messages = [*self._messages, *stretch]
        self._at += 1
        return True

    def _people(self, at: int) -> list[dict[str, Any]]:
        """What was said by others than the model and its tools after a turn."""
        return [one for one in self._recording.added(at) if one.get("role") not in ("assistant", "tool")]

    def _heard(self, people: list[dict[str, Any]]) -> None:
        for one in people:
            text = answers.text_of(one)
            self.steps.append(Step("human", str(one.get("role")), "recording", text, text, True))

    # -- tools --------------------------------------------------------------------------------------------------

    async def _tool(self, id_: str, tool: str, arguments: Any) -> dict[str, Any]:
        """The message that answers a call. Raises Hold."""
        given = _given(arguments)
        kept = self._results.take(tool, arguments)
        before = None if kept is None else _text(kept.content)
        step = Step("tool", tool, "recording", before or "", before, arguments=given, was=kept.run if kept else "")
        content: Any = kept.content if kept is not None else None
        if "tools" in self._way.live:
            step.by, content = "live", await self._asks.tool(tool, given)
            step.after, step.same = content, None if before is None else content == before
            self._on = self._on and step.same is True
        elif kept is not None:
            step.same = True
        elif tool in self._way.stand_ins:
            content = await asyncio.to_thread(self._way.stand_ins[tool], given)
            step.by, step.after, step.same = "stand-in", content, False
        else:
            raise Hold(_unknown(tool, given, self._results))
        self.steps.append(step)
        return {"role": "tool", "tool_call_id": id_, "content": content}


def prompted(messages: list[dict[str, Any]], prompt: str) -> list[dict[str, Any]]:
    """The messages with another system message."""
    if not prompt:
        return messages
    return [
        {"role": "system", "content": prompt},
        *[one for one in messages if one.get("role") not in ("system", "developer")],
    ]


def _streamed_cost(turn: Turn, answer: Answer) -> int:
    """What a stream cost, whose head left before anybody knew: by the price that was applied to the recorded call."""
    price = next(iter(turn.prices.values()), None)
    return price.cost(Usage(*answer.tokens)) if price is not None and answer.tokens is not None else 0


def _same(one: Answer, other: Answer) -> bool:
    """The same texts and the same calls."""
    return _spoken(one) == _spoken(other)


def _spoken(answer: Answer) -> list[Any]:
    calls = [(tool, answers.normal(arguments)) for _, tool, arguments in answer.calls()]
    return [[answers.text_of(one) for one in answer.messages], calls]


def _given(arguments: Any) -> Any:
    if not isinstance(arguments, str):
        return arguments or {}
    try:
        return msgspec.json.decode(arguments) if arguments.strip() else {}
    except msgspec.DecodeError:
        return arguments


def _text(content: Any) -> str:
    return content if isinstance(content, str) else answers.text_of({"content": content})


def _unknown(tool: str, given: Any, results: Results) -> str:
    known = results.tools()
    asked = _json(given).decode()
    return (
        f"{tool}({asked[:300]}) was not called in the recording"
        + (f", which has results of: {', '.join(known)}" if known else ", which has no result of any tool")
        + "; give it a stand-in (`--stand-ins FILE` with a line for it), or let tools be live (`--live tools`)"
    )
