"""What the configuration wants of the control on the model URL."""

from typing import Literal

import msgspec

from outrider.policy.recognise import Unrecognised

Mode = Literal["enforce", "shadow", "off"]
OnAsk = Literal["explain", "reask", "refuse"]
UserText = Literal["messages", "header"]


class Terms(msgspec.Struct, frozen=True):
    """`model` is the route that is asked whenever a user says something ("": none is); `apply` says whether what holds
    is only proposed. A grant `lasts` so many seconds, an answer is waited for `patience` seconds."""

    model: str = ""
    apply: Literal["propose", "auto"] = "propose"
    lasts: float = 3600.0
    patience: float = 30.0


class Wishes(msgspec.Struct, frozen=True):
    """`on_ask`: what becomes of an answer from which calls are withheld. `user_text`: whether the text of user messages
    is the user's words, or only the header `x-outrider-user-text`. `untrusted_between`: pairs of marks; what stands in
    a user message from the first opening to the last closing one is not the user's."""

    mode: Mode = "off"
    on_ask: OnAsk = "explain"
    user_text: UserText = "messages"
    untrusted_between: tuple[tuple[str, str], ...] = ()
    unrecognised: Unrecognised = "new"
