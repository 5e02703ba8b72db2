"""Every named fault at the first of three deployments: callers get the whole text, once, for one further call at most.

`benchmarks/faults.py` is the same at length, against a process of its own and with figures.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from outrider.base.ports import WireRequest
from outrider.gateway.continuation import read
from outrider.gateway.upstream import HttpPool, Origin
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.faults import FAULTS, doors
from outrider.testing.running import Running, running
from outrider.testing.script import numbered

WORDS, CALLS = 16, 3
RULES = {"retries": 0, "timeout": "15s"}
PATIENCE = {False: "10s", True: "300ms"}
"""How long a try may take: not long where the fault is noticed by waiting alone, and long on a busy machine else."""
KINDS = ("plain", "stream")


class Scene:
    """Outrider in front of `first`, which always fails, and two that are well."""

    def __init__(self, outrider: Running, providers: Sequence[ScriptedProvider]) -> None:
        self.outrider, self.providers = outrider, providers

    async def ask(self, route: str, keys: Sequence[str], stream: bool) -> list[bytes]:
        """The bodies of as many answers as there are keys, asked for at the same time."""
        pool = HttpPool(Origin(self.outrider.url))

        async def one(key: str) -> bytes:
            messages = [{"role": "user", "content": f"scripted:words={WORDS},key={key} please"}]
            body = json.dumps({"model": route, "messages": messages, "stream": stream}).encode()
            headers = [(b"authorization", f"Bearer {self.outrider.key}".encode())]
            response = await pool.send(WireRequest("POST", "/v1/chat/completions", headers, body))
            return await response.read(1 << 20)

        async with asyncio.timeout(30):
            bodies = await asyncio.gather(*(one(key) for key in keys))
        await pool.close()
        return bodies


def route_of(fault: str, kind: str) -> str:
    return f"{list(FAULTS).index(fault)}-{kind}"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    first, second, third = providers = [ScriptedProvider() for _ in range(3)]
    with (
        scripted_thread(first) as bad,
        scripted_thread(second) as told,
        scripted_thread(third) as going_on,
        doors() as shut,
    ):
        known: dict[str, Any] = {
            "told": {"base_url": told, "models": ["m"]},
            "going-on": {"preset": "vllm", "base_url": going_on, "models": ["m"]},
        }
        routes: dict[str, Any] = {}
        for number, (name, fault) in enumerate(FAULTS.items()):
            for kind in KINDS:
                route, model = route_of(name, kind), fault.model(stream=kind == "stream", rate=1)
                known[route] = {"base_url": shut[fault.door] if fault.door else bad, "models": [model]}
                others = ["told/m", "going-on/m"] if number % 2 else ["going-on/m", "told/m"]
                waits = dict.fromkeys(("try_timeout", "stall_timeout"), PATIENCE[fault.slow])
                routes[route] = {"deployments": [f"{route}/{model}", *others], **RULES, **waits}
        config = json.dumps({"embedded": {"enabled": False}, "providers": known, "routes": routes})
        with running(config, tmp_path_factory.mktemp("home")) as outrider:
            yield Scene(outrider, providers)


def text_of(body: bytes, kind: str) -> str:
    if kind == "plain":
        text: str = json.loads(body)["choices"][0]["message"]["content"]
        return text
    sent = read([body])
    assert sent.done
    assert sent.finish == "stop"
    return sent.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_callers_get_the_whole_text_once(scene: Scene, fault: str, kind: str) -> None:
    for provider in scene.providers:
        provider.forget()
    keys = [f"{route_of(fault, kind)}.{number}" for number in range(CALLS)]
    bodies = await scene.ask(route_of(fault, kind), keys, kind == "stream")
    assert [text_of(body, kind) for body in bodies] == [numbered(WORDS, key) for key in keys]
    struck = scene.providers[0].struck.total()
    assert bool(struck) != bool(FAULTS[fault].door)
    assert sum(provider.counts["chat"] for provider in scene.providers) <= CALLS + struck
