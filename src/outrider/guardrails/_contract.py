"""What a guardrail is given and gives.

A guardrail is one module of this package, found by its name: `NAME`, `WHAT` (a sentence), `STAGES` (where it makes
sense), `Options` (a frozen struct of its settings) and `check(text, context) -> list[Finding]`. Optional: `KINDS` (what
its findings are called), `RAW = True` (it looks at the text as it came, with what people cannot see),
`unfinished(text, context) -> int` (the place from which the end of a text may be the beginning of a finding: a stream
is held back from there), `waits(options) -> bool` (with these options it asks others, such as a database, and is run
in a thread) and `TAINTS = True` (what it flags makes a session untrusted).
"""

from collections.abc import Sequence
from typing import Any, Literal, Protocol, get_args

import msgspec

from outrider.guardrails.way.asking import Waiter

Where = Literal["input", "output", "tool_result", "tool_args"]
Act = Literal["allow", "flag", "redact", "ask", "block"]
"""What is done with a finding, from the mildest to the strictest."""
ACTS: tuple[Act, ...] = get_args(Act)
WHERES: tuple[Where, ...] = get_args(Where)


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A part of a text, in characters. `score` is between 0 and 1; `replacement` is what a redaction writes there
    (None: the kind in brackets)."""

    start: int
    end: int
    kind: str
    score: float = 1.0
    replacement: str | None = None


class Context(msgspec.Struct, frozen=True):
    """Where a text stands, and what is known beside it.

    `instructions` are the system and developer messages; `private` texts that must not leave by a link; `given` what
    the user and the operator wrote (a link in it may be repeated). `tool` and `argument` say whose text it is
    (`tool_args`: the path of the argument). `options` are the rule's, as the guardrail's own struct. `waiter`: others
    (a database) may be asked, since it runs in a thread, as long as this one waits.
    """

    where: Where = "input"
    project: str = ""
    route: str = ""
    key: str = ""
    user: str = ""
    agent: str = ""
    session: str = ""
    tool: str = ""
    argument: str = ""
    instructions: Sequence[str] = ()
    private: Sequence[str] = ()
    given: Sequence[str] = ()
    options: Any = None
    waiter: Waiter | None = None


class Guardrail(Protocol):
    """A module of this package, or one that an entry point of the group `outrider.guardrails` names."""

    NAME: str
    WHAT: str
    STAGES: Sequence[Where]
    Options: type[msgspec.Struct]

    def check(self, text: str, context: Context) -> list[Finding]: ...


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For guardrails that have nothing to set."""
