"""A session from a file: one JSON object in a line, so that rules can be tried without a server.

`{"user": "Pay Bob 50"}`, `{"operator": "…"}`, `{"tool": "inbox", "result": …}`, `{"did": "pay", "arguments": {…}}` for
a call that was made, `{"grant": {"tools": ["pay"], "recipients": ["Bob"]}}`. The labels of a tool are those of the
configuration, or `"labels": {…}` in the line.
"""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from outrider.base.errors import ConfigError
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.events import Granted, Said, returned
from outrider.policy.grants import Grant
from outrider.policy.judging import did
from outrider.policy.rules import Rules
from outrider.policy.sessions import Session

MOST_LINES = 100_000
Declared = Callable[[str], Declaration | None]


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """One line; what is absent did not happen in it."""

    user: str | None = None
    operator: str | None = None
    tool: str | None = None
    result: Any = None
    did: str | None = None
    arguments: dict[str, Any] = {}
    grant: Grant | None = None
    labels: Declaration | None = None


def told(lines: Iterable[str], declared: Declared, rules: Rules, name: str = "events") -> Session:
    """The session that these lines tell. Raises ConfigError that names the line."""
    session = Session("", name)
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        if number > MOST_LINES:
            raise ConfigError(f"{name}: more than {MOST_LINES} lines; give the part that matters")
        try:
            line = msgspec.json.decode(text, type=Line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise ConfigError(f"{name}:{number}: {error}") from None
        if sum(one is not None for one in (line.user, line.operator, line.tool, line.did, line.grant)) != 1:
            raise ConfigError(f"{name}:{number}: say one of user, operator, tool (with its result), did, grant")
        _follow(session, line, declared, rules)
    return session


def _follow(session: Session, line: Line, declared: Declared, rules: Rules) -> None:
    def labels(tool: str) -> Declaration:
        return line.labels or declared(tool) or UNDECLARED

    if line.user is not None or line.operator is not None:
        session.see(Said(line.user or line.operator or "", line.operator is not None))
    elif line.tool is not None:
        session.see(returned(line.tool, line.result, labels(line.tool)))
    elif line.did is not None:
        call = Call(line.did, line.arguments, labels(line.did))
        session.see(did(call, decide(call, session.state, rules, session.grants)))
    elif line.grant is not None:
        session.see(Granted(line.grant))
