"""What evaluation is made of: the structs that datasets, subjects, evaluators and reports meet through."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Status = Literal["ok", "refused", "error"]
LabelSource = Literal["person", "outcome", "model", "given"]
"""Who says what is right: a person who was asked, what happened later, a model, or whoever wrote the case."""
_canonical = msgspec.json.Encoder(order="deterministic").encode


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to be done, and what is known about doing it well.

    `input` is the user's text, a list of messages, or the fields of a chat request. `expected` is what `evaluators`
    hold the answer against; its form is theirs. `context` holds what else they need (relevant documents, a database, a
    schema). `recorded` are results of the run that the case was made from: `{tool: …}` lists, retrievals. `source`
    says where the case came from (a file and line, `run:ID`), `labelled` by whom `expected` was said.
    """

    id: str
    input: Any
    expected: Any = None
    context: Mapping[str, Any] = {}
    recorded: Mapping[str, Any] = {}
    tags: tuple[str, ...] = ()
    split: str = ""
    source: str = ""
    labelled: LabelSource = "given"

    def messages(self) -> list[dict[str, Any]]:
        """The conversation that is to be continued."""
        if isinstance(self.input, str):
            return [{"role": "user", "content": self.input}]
        if isinstance(self.input, Mapping):
            return list(self.input["messages"])
        return list(self.input)

    def fields(self) -> dict[str, Any]:
        """The fields of the request beside its messages."""
        if not isinstance(self.input, Mapping):
            return {}
        return {name: value for name, value in self.input.items() if name != "messages"}


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way of doing it. `model` is a route; `set` are fields of the request, `prompt` a system message that takes
    the place of the case's own (with `{field}` of the case's context). `python` (`module:function`) or `command` is
    asked instead of a model; `replay` (`live`: models, tools, retrieval; `stand_ins`: a file; `as_of`: ns) replays the
    run that a case was made from."""

    name: str
    model: str = ""
    set: Mapping[str, Any] = {}
    prompt: str = ""
    python: str = ""
    command: tuple[str, ...] = ()
    replay: Mapping[str, Any] | None = None

    def digest(self) -> str:
        """What of it decides about answers: not its name."""
        more = [] if self.replay is None else [self.replay]
        return digest([self.model, self.set, self.prompt, self.python, self.command, *more])


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tool call that was made or proposed; `arguments` as JSON says them."""

    tool: str
    arguments: Any = None


class Outcome(msgspec.Struct, omit_defaults=True):
    """What came of a case. `text` is the answer, `calls` the tool calls in it, `steps` what was done on the way (model,
    tool and retrieval steps, with their facts). Times are seconds, `cost` nano-dollars; `run` is the run's id.
    `cached`: it was answered before, and cost nothing this time."""

    status: Status = "ok"
    text: str = ""
    calls: list[Call] = []
    error: str = ""
    run: str = ""
    cost: int = 0
    seconds: float = 0.0
    first_token: float | None = None
    tokens: tuple[int, int] = (0, 0)
    finish: str = ""
    steps: list[dict[str, Any]] = []
    about: dict[str, Any] = {}
    cached: bool = False


class Score(msgspec.Struct, omit_defaults=True):
    """How good an outcome is, said by one evaluator. `value` is 1 for perfect and 0 for useless; None: the evaluator
    says nothing (the case has nothing to hold the answer against). A measure (seconds, dollars) may have any value.
    `reason` is for people. `cost` is nano-dollars."""

    value: float | None
    reason: str = ""
    label: str = ""
    cost: int = 0
    about: dict[str, Any] = {}


def digest(value: Any) -> str:
    """Content by which the same thing is known again: 32 hexadecimal characters."""
    return hashlib.sha256(_canonical(value)).hexdigest()[:32]
