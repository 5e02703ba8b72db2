"""What happens in a session, as it is kept: events are only added, and a session is what follows from them.

An event is a MessagePack array under its tag: new fields come at the end, with a default, so that old ones stay
readable.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.policy.declarations import Declaration
from outrider.policy.grants import Grant
from outrider.policy.rules import Verdict

LARGEST_EVENT = 4 << 20
"""Bytes of a result that are kept: the rest of a larger one is text that counts as made up when it is used."""
LARGEST_ARGUMENTS = 1 << 20
"""Bytes of a call's arguments that are kept for judging it again."""


class Said(msgspec.Struct, tag="said", frozen=True, array_like=True):
    """Somebody says something: the user, or (`operator`) who runs the agent."""

    text: str
    operator: bool = False


class Returned(msgspec.Struct, tag="returned", frozen=True, array_like=True):
    """A tool answered with `result` (its JSON), under the declaration of that moment."""

    tool: str
    result: bytes
    declaration: Declaration


class Did(msgspec.Struct, tag="did", frozen=True, array_like=True):
    """An effect took place; `grant` is the number of the grant that covered it (-1: none), `amounts` what it moved."""

    tool: str
    verb: str
    steered: str
    grant: int = -1
    amounts: tuple[str, ...] = ()


class Granted(msgspec.Struct, tag="granted", frozen=True, array_like=True):
    """Something was allowed beforehand."""

    grant: Grant


class Withdrawn(msgspec.Struct, tag="withdrawn", frozen=True, array_like=True):
    """The grant of this number covers nothing from now on; that it was strict stays."""

    grant: int
    by: str = ""


class Inherited(msgspec.Struct, tag="inherited", frozen=True, array_like=True):
    """The session continues another one as it was after `seq` events: a branch, a sub-agent. `since`: what it has of it
    already. `foreign`: it is another user's, whose words and data are here what others wrote. `task`: it handed one
    down."""

    session: str
    seq: int
    since: int = 0
    foreign: bool = False
    task: bool = False


class Joined(msgspec.Struct, tag="joined", frozen=True, array_like=True):
    """Somebody acts in the session from here on; the first user who is named owns it."""

    user: str = ""
    agent: str = ""
    key: str = ""


class Judged(msgspec.Struct, tag="judged", frozen=True, array_like=True):
    """A call was judged, whatever the verdict: all that is needed to judge it again. `arguments` is JSON ("" where it
    was too large to keep), `at` nanoseconds, `shadow` the verdict if the shadow rules were in force ("": there are
    none), `because` the rules that decided."""

    tool: str
    arguments: bytes
    declaration: Declaration
    verdict: Verdict
    at: int
    because: tuple[str, ...] = ()
    agent: str = ""
    description: str = ""
    user_may: bool = True
    agent_may: bool = True
    shadow: str = ""
    enforced: bool = True


class Turned(msgspec.Struct, tag="turned", frozen=True, array_like=True):
    """The model was called once; `cost` is nano-dollars, `at` nanoseconds."""

    at: int
    cost: int = 0


class WentOn(msgspec.Struct, tag="went_on", frozen=True, array_like=True):
    """A person let the session go on past its limits: they count anew from here."""

    at: int
    by: str = ""


class Offered(msgspec.Struct, tag="offered", frozen=True, array_like=True):
    """A model read grants out of the user's first `utterances`; `dropped` says what of its answer did not hold. `run`
    is the run in which it was asked."""

    grants: tuple[Grant, ...]
    dropped: tuple[str, ...]
    utterances: int
    model: str
    run: str = ""
    at: int = 0


Event = Said | Returned | Did | Granted | Withdrawn | Inherited | Joined | Judged | Turned | WentOn | Offered
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(Event).decode
_json = msgspec.json.Encoder(order="deterministic").encode


def returned(tool: str, result: Any, declaration: Declaration) -> Returned:
    """The event of a result: what JSON can say of it. A very large one is kept by its beginning, as text."""
    said = result if isinstance(result, bytes) else _json(result)
    if len(said) > LARGEST_EVENT:
        said = _json(said[:LARGEST_EVENT].decode("utf-8", "replace"))
    return Returned(tool, said, declaration)


def arguments_of(arguments: Mapping[str, Any]) -> bytes:
    """A call's arguments as an event keeps them: one spelling for one call; b"" if they are too large."""
    said = _json(dict(arguments))
    return said if len(said) <= LARGEST_ARGUMENTS else b""
