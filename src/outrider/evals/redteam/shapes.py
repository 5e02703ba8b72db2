"""An attack on its way to a request: what is said, where it stands, what goes before."""

import random
from collections.abc import Callable
from typing import Literal

import msgspec


class Shape(msgspec.Struct, frozen=True):
    """`text` is to be obeyed, and comes in the user's message, in a document of theirs, or in a tool's result (`via`,
    asked for by `ask`). `history` are messages that are said to have been; `turns` are user messages that are really
    answered, one after the other, before the last."""

    text: str
    via: Literal["user", "document", "tool"] = "user"
    ask: str = ""
    history: tuple[tuple[str, str], ...] = ()
    turns: tuple[str, ...] = ()


Change = Callable[[Shape, random.Random], Shape]


Sort = Literal["encoding", "letters", "wrap", "language", "conversation", "place"]


class Mutator(msgspec.Struct, frozen=True):
    """A way to dress an attack. `sort` says what it does for people; `twice`: it may stand in a chain that has one of
    its sort."""

    name: str
    sort: Sort
    change: Change


def of_text(change: Callable[[str, random.Random], str]) -> Change:
    """A mutator that looks at the text alone."""
    return lambda shape, rng: msgspec.structs.replace(shape, text=change(shape.text, rng))
