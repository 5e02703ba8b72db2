"""Every client, unmodified, through a whole Outrider to a provider of every language."""

from collections.abc import Callable
from typing import Any

import pytest

from outrider.testing.speaking import Ask
from outrider.testing.speaking.words import Call, Media, Thought
from tests.clients import conduct
from tests.clients.asking import PIXEL, Program
from tests.clients.catalogue import EMBEDDING, MODELS, NOBODY, THINKER, Client, ends
from tests.clients.conftest import World
from tests.clients.page import cells

pytestmark = pytest.mark.slow

CELLS = [
    pytest.param(client, provider, feature, id=f"{client.id}-{provider}-{feature}")
    for client, provider, feature in cells()
    if provider != "embedded"
]
CALLING = {"instructor": conduct.PLAN}
"""Clients whose every request forces a call, and what the user says to them."""


class Cell:
    """One client, one provider, one feature."""

    def __init__(self, client: Client, provider: str, program: Program, world: World) -> None:
        self.client, self.provider, self.world = client, provider, world
        self._program = program

    def ask(self, feature: str, says: str = conduct.HELLO, **given: Any) -> Any:
        known = {"key": self.world.key, "model": self.client.model(self.provider)}
        return self._program.ask(feature, self.world.url, says, **{**known, **given})

    @property
    def heard(self) -> list[Ask]:
        """What the provider was asked."""
        heard = self.world.heard
        assert {one.language for one in heard} == {self.provider}
        return [one.ask for one in heard]


def plain(cell: Cell) -> None:
    _is_greeting(cell, cell.ask("plain", conduct.HELLO))


def streamed(cell: Cell) -> None:
    answer = cell.ask("streamed", conduct.HELLO)
    _is_greeting(cell, answer)
    assert answer["pieces"] > 1
    assert cell.heard[-1].stream


def _is_greeting(cell: Cell, answer: Any) -> None:
    assert answer["text"] == conduct.GREETING
    counts = [conduct.COUNTS.input, conduct.COUNTS.output]
    assert answer.get("usage", counts) == counts
    assert answer.get("finish", ends(cell.client)[0]) == ends(cell.client)[0]
    run = cell.world.last_run()
    assert [run.status, run.input, run.output] == ["ok", *counts]


def tool(cell: Cell) -> None:
    _has_looked(cell, cell.ask("tool", conduct.LOOK_UP))
    assert len(cell.heard) == 2


def stored_tool(cell: Cell) -> None:
    _has_looked(cell, cell.ask("stored_tool", conduct.LOOK_UP))
    assert len(cell.heard) == 2


def streamed_tool(cell: Cell) -> None:
    _has_looked(cell, cell.ask("streamed_tool", conduct.LOOK_UP))


def _has_looked(cell: Cell, answer: Any) -> None:
    assert answer["called"] == conduct.CALLED
    assert answer.get("text", conduct.TOLD) == conduct.TOLD
    assert answer.get("finish", ends(cell.client)[1]) == ends(cell.client)[1]
    assert [one.name for one in cell.heard[0].tools] == ["look"]


def thoughts(cell: Cell) -> None:
    """The provider refuses a thought that lacks its signature; Gemini signs the call. Chat signs nothing."""
    asked = {"model": THINKER} if cell.provider == "responses" else {}
    for answer in cell.ask("thoughts", conduct.THINK, **asked):
        _has_looked(cell, answer)
        assert answer["thought"] == conduct.THOUGHT
    for again in cell.heard[1::2]:
        parts = [part for turn in again.turns for part in turn.parts if isinstance(part, Thought | Call)]
        assert len({part.seal for part in parts if part.seal}) == (cell.provider != "chat")


def structured(cell: Cell) -> None:
    assert cell.ask("structured", conduct.PLAN) == conduct.TRIP


def streamed_structured(cell: Cell) -> None:
    assert cell.ask("streamed_structured", conduct.PLAN) == conduct.TRIP


def image(cell: Cell) -> None:
    says = CALLING.get(cell.client.name)
    answer = cell.ask("image", says or conduct.HELLO)
    assert answer == (conduct.TRIP if says else {"text": conduct.GREETING})
    seen = [part for turn in cell.heard[-1].turns for part in turn.parts if isinstance(part, Media)]
    assert [one.kind for one in seen] == ["image"]
    content = seen[0].content
    if cell.provider == "gemini":  # which takes either alphabet, and gets what the client wrote
        content = content.replace("-", "+").replace("_", "/")
    assert content == PIXEL


def count(cell: Cell) -> None:
    assert cell.ask("count", conduct.HELLO)["input"] > 0


def error(cell: Cell) -> None:
    for kind, status in conduct.FAILURES.items():
        assert cell.ask("error", f"scene:{kind} Go.") == [getattr(cell.client.raises, kind), status]
        assert cell.world.last_run().status == "error"


def streamed_error(cell: Cell) -> None:
    assert cell.ask("streamed_error", "scene:refused Go.") == [cell.client.raises.refused, 400]
    assert cell.heard[-1].stream


def denied(cell: Cell) -> None:
    assert cell.ask("error", key="sk-or-0000000000000000-wrong") == [cell.client.raises.key, 401]
    assert cell.ask("error", model=NOBODY) == [cell.client.raises.missing, 404]
    assert not cell.world.provider.counts["requests"]


def embeddings(cell: Cell) -> None:
    vectors = cell.ask("embeddings", model=EMBEDDING)
    assert [len(vector) for vector in vectors] == [4, 4]
    assert [sum(x * x for x in vector) for vector in vectors] == pytest.approx([1, 1], rel=1e-5)


def models(cell: Cell) -> None:
    assert {EMBEDDING, *MODELS["openai"]} <= set(cell.ask("models"))


def retry(cell: Cell) -> None:
    answer = cell.ask("plain", conduct.LIMIT, retries=2)
    assert answer["text"] == conduct.GREETING
    assert len(cell.heard) == 2


def leave(cell: Cell) -> None:
    assert cell.ask("leave", conduct.HOLD) == {"left": True}
    cell.world.seen(cancelled=1)
    cell.world.settle()
    run = cell.world.last_run()
    assert (run.status, run.error, run.http_status) == ("cancelled", "client_gone", 499)


CHECKS: dict[str, Callable[[Cell], None]] = {
    check.__name__: check
    for check in (
        plain, streamed, tool, stored_tool, streamed_tool, thoughts, structured, streamed_structured, image, count,
        embeddings, models, denied, error, streamed_error, retry, leave,
    )
}  # fmt: skip


@pytest.mark.parametrize(("client", "provider", "feature"), CELLS)
def test_a_client_works_unmodified(
    client: Client, provider: str, feature: str, world: World, programs: Callable[[Client], Program]
) -> None:
    CHECKS[feature](Cell(client, provider, programs(client), world))
