"""The run that a case was made from, replayed: what is not live answers from the recording.

A case says its run by `source` (`run:ID`). The recording is read when the case is asked, so that however many cases
there are, only those under way are in memory.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from outrider.base import ids
from outrider.base.errors import OutriderError
from outrider.evals.records import Call, Case, Outcome, Status, Variant
from outrider.replay import deciding, recording, replayer, stand_ins
from outrider.replay.asking import Gateway
from outrider.replay.recording import Recording
from outrider.replay.replayer import Replayed, Way
from outrider.store import Store

SOURCE = "run:"
_STATUS: Mapping[str, Status] = {"done": "ok", "hold": "error", "error": "error"}


class RecordedSubject:
    """Replays the runs of cases. `store` is the journal's, `gateway` is asked for what is live; `gone` says why models
    of then cannot be asked any more."""

    def __init__(
        self,
        store: Callable[[], Store],
        gateway: Gateway,
        gone: Mapping[str, str] = {},
        newest: Callable[[], object] = lambda: None,
        allow: Callable[[str, str, str], None] | None = None,
    ) -> None:
        """`newest` brings what was just recorded into the store; `allow` gives a replay's session what a session of the
        project was granted."""
        self._store, self._gateway, self._gone, self._newest = store, gateway, gone, newest
        self._ways: dict[str, Way] = {}
        self._allow = allow

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        try:
            way = await asyncio.to_thread(self._way, variant)
            kept = await asyncio.to_thread(self._recording, case)
        except OutriderError as error:
            return Outcome("error", error=error.message)
        asks = self._gateway.within(again)
        if self._allow is not None:
            await asyncio.to_thread(self._allow, kept.project, kept.session, asks.session)
        done = await replayer.replay(kept, way, asks, again=again, judged=self._judged)
        return outcome(done, kept, way)

    async def close(self) -> None:
        await self._gateway.close()

    def _judged(self, run: str) -> list[deciding.Fact]:
        self._newest()
        return deciding.judged(self._store(), run)

    def _way(self, variant: Variant) -> Way:
        way = self._ways.get(variant.name)
        if way is None:
            given = variant.replay or {}
            path = given.get("stand_ins")
            known = stand_ins.load(Path(str(path))) if path else {}
            way = Way(variant.set, variant.prompt, frozenset(given.get("live", ("models",))), known,
                      int(given.get("as_of", 0)), self._gone)  # fmt: skip
            self._ways[variant.name] = way
        return way

    def _recording(self, case: Case) -> Recording:
        try:
            named = case.source.removeprefix(SOURCE).partition("#")[0]
            run = ids.parse(named) if case.source.startswith(SOURCE) else b""
        except ValueError:
            run = b""
        if not run:
            raise OutriderError(f"the case was not made from a run: its source is {case.source[:80]!r}")
        return recording.read(self._store(), run)


def outcome(done: Replayed, kept: Recording, way: Way) -> Outcome:
    """A replay as evaluators see it. What was recorded and not asked again costs nothing; what it did cost is said
    beside it (`worth`)."""
    live = "models" in way.live
    asked = [step for step in done.steps if step.by == "live"]
    tokens = [step.tokens for step in asked if step.tokens is not None]
    recorded = sum(turn.seconds for turn in kept.turns)
    about: dict[str, Any] = {
        "before": done.before,
        "after": done.text,
        "diverged": done.diverged,
        "of": kept.turns[0].run,
    }
    if done.status == "hold":
        about["hold"] = done.why
    made = Outcome(
        _STATUS[done.status],
        done.text,
        [Call(tool, arguments) for tool, arguments in done.calls],
        error=done.why,
        run=next((step.run for step in reversed(asked) if step.run), kept.turns[-1].run),
        cost=done.cost,
        seconds=sum(step.seconds for step in asked) if live else recorded,
        tokens=(sum(one[0] for one in tokens), sum(one[1] for one in tokens)),
        finish=done.finish,
        steps=[_step(step) for step in done.steps],
        about={"replay": about},
    )
    if not live:
        made.about["worth"] = sum(turn.cost for turn in kept.turns)
    return made


def _step(step: replayer.Step) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(step)
    return {name: value for name, value in fields.items() if name not in ("before", "after")}
