"""What the model said first: a tool that repeats it, whole or in part, makes no trusted data of it.

A contact that is created of `Bob Hart, GB94…` comes back with that account under Bob's name, and a mailbox of the parts
of its address. Addresses, accounts and large numbers are told by their letters and figures alone.
"""

import re
from collections.abc import Iterable
from typing import Any

from outrider.policy.normal import address, fold, plain

SHORTEST = 4
_FORM = re.compile(r"[^\s@]+@[^\s@]+|\S*://\S+|(?=(?:\D*\d){4})[\w+]{8,}")
"""What may be somebody's address or account."""
_APART = re.compile(r"[\W_]+")
_LARGE = 1000
_MOST = 400_000
"""Characters of arguments that are looked through."""


class Echoes:
    """The arguments of a session's calls, each with the step of its call."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._calls: list[tuple[int, str, frozenset[str]]] = []
        self._room, self._full_at = _MOST, 0

    def say(self, value: str) -> None:
        """A value that nobody but the model said so far."""
        self._whole |= {plain(value), fold(value), address(value)}

    def add(self, step: int, values: Iterable[str]) -> None:
        """The texts of a call."""
        texts = [] if self._full_at else [fold(value[: _MOST + 1]) for value in values]
        joined = _APART.sub("", "".join(texts))
        if len(joined) > self._room:
            self._full_at = self._full_at or step
        elif joined:
            self._room -= len(joined)
            self._calls.append((step, joined, frozenset(word for text in texts for word in _APART.split(text) if word)))

    def take(self, other: "Echoes") -> None:
        """Know another session's, too."""
        self._whole |= other._whole
        self._calls += other._calls
        self._full_at = self._full_at or other._full_at

    def has(self, value: str) -> bool:
        """Whether the model said this value before anybody else."""
        return value in self._whole

    def repeats(self, value: str, step: int) -> bool:
        """Whether a value that a result had first at a step, and that may be an address, is put together of what a call
        before it had."""
        if not _FORM.fullmatch(value):
            return False
        if 0 < self._full_at < step:  # nothing is known of what was said since
            return True
        bare, words = _APART.sub("", value), {word for word in _APART.split(value) if word}
        return any(at < step and (bare in joined or words <= own) for at, joined, own in self._calls)


def large_numbers(value: Any) -> list[str]:
    """Numbers in arguments that are no small counts."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return [one for part in value for one in large_numbers(part)]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return [str(value)] if is_number and abs(value) >= _LARGE else []
