"""One cell of the matrix: a scene, played by a caller to a provider through the gateway, whole and as a stream."""

import re
from types import ModuleType

from msgspec import Struct, structs

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.compare import check_got, check_heard
from outrider.testing.conformance.got import Trouble, Wire, Wrong, must
from outrider.testing.conformance.scenes import SPEAKERS, Scene, Speaker, Step, lacking, other, sealed
from outrider.testing.conformance.target import PROVIDER_KEY, PROVIDERS, Target
from outrider.testing.speaking.words import Ask, Failure, Given, Reply, Text, Thought, Turn

PASS, NAMED, NONE, FAIL = "pass", "named", "–", "FAIL"


class Cell(Struct, frozen=True):
    """`outcome` is pass; named (what the provider has no words for is refused, or left out and named if the caller
    allows it); – (the caller's language cannot say it, or one of the two cannot tell it); FAIL with `why`.
    """

    scene: str
    caller: str
    speaker: str
    outcome: str
    why: str = ""


def play(target: Target, scene: Scene, caller: str, speaker: str) -> Cell:
    """Play a scene."""
    spoken, by = CALLERS[caller], SPEAKERS[speaker]
    if not applies(scene, spoken, by):
        return Cell(scene.name, caller, speaker, NONE)
    lacks = lacking(scene, by) if by.caller != caller else {}
    for stream in (False, True):
        try:
            if lacks:
                _must_refuse(target, scene, spoken, by, stream, lacks)
            _Talk(target, scene, spoken, by, stream, lacks).go()
        except (Wrong, Trouble) as error:
            how = "streamed" if stream else "whole"
            return Cell(scene.name, caller, speaker, FAIL, f"{how}: {type(error).__name__}: {error}")
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            how = "streamed" if stream else "whole"
            return Cell(scene.name, caller, speaker, FAIL, f"{how}: the answer's shape: {error!r}")
    return Cell(scene.name, caller, speaker, NAMED if lacks else PASS)


def applies(scene: Scene, caller: ModuleType, speaker: Speaker) -> bool:
    """Whether the caller has words for what the scene needs, and both can tell what it tells."""
    if scene.native:
        return bool(speaker.caller == caller.NAME)
    cannot: frozenset[str] = caller.CANNOT
    if speaker.caller == caller.NAME and scene.needs & speaker.lacks.keys() - {"server_tool"}:
        return False  # bytes pass, and the provider refuses them itself
    return not (scene.needs & cannot or scene.tells & (speaker.silent | cannot))


def _must_refuse(
    target: Target, scene: Scene, caller: ModuleType, speaker: Speaker, stream: bool, lacks: dict[str, re.Pattern[str]]
) -> None:
    """Without the caller's leave, what cannot be said is refused by name and nobody is asked."""
    before = target.provider.counts["requests"]
    talk = _Talk(target, scene, caller, speaker, stream, lacks)
    try:
        target.ask(caller, caller.write(talk.asked(scene.steps[0].says)), stream=stream, lossy=False)
    except Trouble as refused:
        must(refused.status == 400, f"what cannot be said is refused with {refused.status}: {refused.message}")
        for aspect, pattern in lacks.items():
            must(bool(pattern.search(refused.message)), f"the refusal does not name {aspect}: {refused.message}")
    else:
        raise Wrong(f"{', '.join(lacks)} was lost without a word")
    must(target.provider.counts["requests"] == before, "the provider was asked all the same")


class _Talk:
    """A conversation on its way. `said` is what the caller writes next, `meant` what the provider should hear."""

    def __init__(
        self,
        target: Target,
        scene: Scene,
        caller: ModuleType,
        speaker: Speaker,
        stream: bool,
        lacks: dict[str, re.Pattern[str]],
    ) -> None:
        self.target, self.scene, self.caller, self.speaker, self.stream = target, scene, caller, speaker, stream
        self.lacks = lacks
        self.key = f"{scene.name}-{caller.NAME}-{speaker.name}-{'s' if stream else 'w'}"
        self.said: list[Turn] = []
        self.meant: list[Turn] = []

    def go(self) -> None:
        replies = [self._reply(step) for step in self.scene.steps]
        at = 0
        self.target.provider.scenes[self.key] = lambda *_: replies[at]
        try:
            for at, step in enumerate(self.scene.steps):
                self._step(step, replies[at], last=at == len(replies) - 1)
        finally:
            del self.target.provider.scenes[self.key]

    def _reply(self, step: Step) -> Reply | Failure:
        if isinstance(step.reply, Failure):
            return step.reply
        reply = sealed(step.reply, other(self.speaker) if step.elsewhere else self.speaker)
        plain = self.speaker.name == "chat" and not step.elsewhere and "plain_thoughts" not in self.scene.tells
        return structs.replace(reply, parts=tuple(p for p in reply.parts if not (plain and isinstance(p, Thought))))

    def model(self) -> str:
        """Each its own where the gateway will leave it alone for a time afterwards."""
        limited = any(isinstance(step.reply, Failure) and step.reply.retry_after for step in self.scene.steps)
        number = 2 * list(CALLERS).index(self.caller.NAME) + self.stream
        return f"to-{self.speaker.name}-{number}" if limited else f"to-{self.speaker.name}"

    def asked(self, says: tuple[Turn, ...]) -> Ask:
        """The request of this moment; the conversation's first user turn bears the scene's key."""
        if not self.said:
            says = _keyed(says, self.key)
        self.said += says
        self.meant += says
        scene = self.scene
        return Ask(
            list(self.said),
            list(scene.tools),
            scene.choice,
            dict(scene.params),
            scene.marks,
            dict(scene.unknown),
            self.stream,
            self.model(),
        )

    def _step(self, step: Step, reply: Reply | Failure, *, last: bool) -> None:
        asked = self.asked(step.says)
        speaker = other(self.speaker) if step.elsewhere else self.speaker
        if step.elsewhere:
            asked.model = f"to-{speaker.name}"
        wire = self.caller.write(asked)
        heard = self.target.provider.heard
        heard.clear()
        self.target.provider.refused.clear()
        if isinstance(reply, Failure):
            return self._trouble(wire, reply)
        try:
            body, lost = self.target.ask(self.caller, wire, stream=self.stream, lossy=bool(self.lacks))
        except Trouble as error:
            why = [f"the provider refused: {one}" for _, one in self.target.provider.refused]
            raise Wrong(" ".join([str(error), *why])) from None
        for aspect, pattern in self.lacks.items():
            must(bool(pattern.search(lost)), f"{aspect} was lost, and the header names {lost!r}")
        must(bool(self.lacks) or not lost, f"lost without need: {lost}")
        must(len(heard) == 1, f"the provider was asked {len(heard)} times")
        must(heard[0].language == speaker.name, f"asked in {heard[0].language}")
        must(heard[0].ask.model == PROVIDERS[speaker.name][2], f"asked for the model {heard[0].ask.model!r}")
        foreign = speaker.caller != self.caller.NAME
        must(not foreign or "beside" not in heard[0].ask.params, f"sent beside: {heard[0].ask.params.get('beside')}")
        check_heard(self.scene, self.meant, heard[0].ask, speaker, set(self.lacks))
        got = self.caller.read(body)
        check_got(self.scene, reply, got, speaker, self.caller.CANNOT)
        if not last:
            self.said.append(Turn("assistant", (Given(self.caller.history(body)[0]),)))
            meant = [part for part in reply.parts if not (step.elsewhere and isinstance(part, Thought))]
            self.meant.append(Turn("assistant", tuple(meant)))

    def _trouble(self, wire: Wire, failed: Failure) -> None:
        late = failed.after >= 0 and self.stream
        try:
            self.target.ask(self.caller, wire, stream=self.stream, lossy=False)
        except Trouble as error:
            _check_trouble(error, failed, late)
        else:
            raise Wrong("the provider's error did not reach the caller")


def _keyed(says: tuple[Turn, ...], key: str) -> tuple[Turn, ...]:
    at = next(i for i, turn in enumerate(says) if turn.role == "user")
    parts = list(says[at].parts)
    first = next(i for i, part in enumerate(parts) if isinstance(part, Text))
    text = parts[first]
    assert isinstance(text, Text)
    parts[first] = structs.replace(text, text=f"scene:{key} {text.text}")
    return (*says[:at], Turn("user", tuple(parts)), *says[at + 1 :])


_STATUS = {
    "refused": (400,),
    "key": (502, 500),
    "missing": (404,),
    "large": (413,),
    "limited": (429,),
    "broken": (502, 500),
    "overloaded": (503, 529),
}


def _check_trouble(error: Trouble, failed: Failure, late: bool) -> None:
    if late:
        must(error.begun, "the stream had not begun")
        must(failed.cut or failed.message in error.message, f"the provider's reason is lost: {error.message!r}")
        return
    must(error.status in _STATUS[failed.kind], f"status {error.status} for {failed.kind}: {error.message}")
    if failed.kind not in ("key", "broken"):
        must(failed.message in error.message, f"the provider's reason is lost: {error.message!r}")
    must(PROVIDER_KEY not in error.message and "127.0.0.1" not in error.message, "the error tells secrets")
    if failed.retry_after is not None:
        must(error.retry_after == str(failed.retry_after), f"retry-after is {error.retry_after!r}")
