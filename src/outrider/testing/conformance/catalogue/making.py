"""Short words for writing scenes."""

from collections.abc import Mapping
from typing import Any

from outrider.testing.conformance.scenes import Scene, Step
from outrider.testing.speaking.words import Failure, Part, Reply, Text, Tool, Turn

CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Where"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
WEATHER = Tool("get_weather", "Tells the weather of a city.", CITY)
CLOCK = Tool("get_time", "Tells the time.", {"type": "object", "properties": {}, "additionalProperties": False})


def user(*parts: Part | str) -> Turn:
    return _turn("user", parts)


def assistant(*parts: Part | str) -> Turn:
    return _turn("assistant", parts)


def system(*parts: Part | str) -> Turn:
    return _turn("system", parts)


def developer(*parts: Part | str) -> Turn:
    return _turn("developer", parts)


def _turn(role: str, parts: tuple[Part | str, ...]) -> Turn:
    return Turn(role, tuple(Text(part) if isinstance(part, str) else part for part in parts))


def says(*parts: Part | str, **fields: Any) -> Reply:
    """A reply of these parts."""
    return Reply(_turn("assistant", parts).parts, **fields)


def scene(
    name: str,
    title: str,
    *steps: tuple[tuple[Turn, ...], Reply | Failure] | Step,
    needs: str = "",
    tells: str = "",
    params: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Scene:
    """A scene; `needs` and `tells` are words with spaces between them."""
    return Scene(
        name,
        title,
        tuple(step if isinstance(step, Step) else Step(*step) for step in steps),
        needs=frozenset(needs.split()),
        tells=frozenset(tells.split()),
        params=params or {},
        **fields,
    )


def one(name: str, title: str, *turns: Turn, reply: Reply | Failure | None = None, **fields: Any) -> Scene:
    """A scene of one request."""
    return scene(name, title, (turns or (user("Say something."),), reply or Reply()), **fields)
