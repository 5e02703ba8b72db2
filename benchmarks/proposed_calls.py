"""What the control on the model URL costs: the same requests with `policy.proposed_calls` off, shadow and enforce.

    python benchmarks/proposed_calls.py [--rounds 200]

One Outrider each on this machine, with a scripted provider behind them; requests are made one after another, in turn to
each of them. Printed are median times at the client and the CPU time of the whole process per request, each with the
ratio to `off` and its 95 % interval (bootstrap over rounds), for: a request without tools, one with tools whose answer
has no call, and one whose answer has a call, all of conversations that grow by a turn each time.
"""

import argparse
import contextlib
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from outrider.testing.running import Running, running
from outrider.testing.speaking import SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Ask, Call, Reply, Text

MODES = ("off", "shadow", "enforce")
TOOLS = [
    {"type": "function", "function": {"name": f"tool_{n}", "parameters": {"type": "object", "properties": {}}}}
    for n in range(10)
]


def opened(root: str, mode: str, stack: contextlib.ExitStack) -> Running:
    config = {
        "embedded": {"enabled": False},
        "providers": {
            "p": {
                "preset": "openai",
                "base_url": f"{root.rstrip('/')}/v1",
                "models": ["gpt-4.1"],
                "api_key": "${env:K}",
            }
        },
        "policy": {"proposed_calls": mode, "loops": {"turns": 0, "same_call": 0, "same_results": 0, "cycle": 0}},
        "tools": {"labels": {"tool_1": {"does": "none", "trust": "untrusted"}}},
    }
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    return stack.enter_context(running(json.dumps(config), home, environment={"K": "k"}))


def request(kind: str, number: int, turn: int) -> dict[str, Any]:
    """A request of the conversation `number` at its turn."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": f"scene:{kind} Please do task {number} for me"}]
    for at in range(turn):
        id_ = f"call_{number:04}x{at:04}Kd8s"
        function = {"name": "tool_1", "arguments": json.dumps({"at": at})}
        messages += [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": id_, "type": "function", "function": function}],
            },
            {
                "role": "tool",
                "tool_call_id": id_,
                "content": f"Result {at} of {number}. " + "Some text of others. " * 20,
            },
        ]
    if kind == "plain":
        return {"model": "p/gpt-4.1", "messages": messages[:1]}
    return {"model": "p/gpt-4.1", "messages": messages, "tools": TOOLS}


def scene(kind: str) -> Callable[[str, Ask], Reply]:
    def play(_: str, ask: Ask) -> Reply:
        if kind != "called":
            return Reply((Text("This is an answer."),))
        return Reply((Call(f"call_{random.getrandbits(64):016x}", "tool_1", {"at": len(ask.turns)}),), "tool_calls")

    return play


def interval(ratios: list[float]) -> tuple[float, float]:
    drawn = sorted(statistics.median(random.choices(ratios, k=len(ratios))) for _ in range(1000))
    return drawn[25], drawn[974]


def measure(kind: str, houses: dict[str, Running], clients: dict[str, httpx.Client], rounds: int) -> None:
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    spent: dict[str, list[float]] = {mode: [] for mode in MODES}
    for at in range(rounds):
        body = json.dumps(request(kind, at // 10, at % 10)).encode()
        for mode in random.sample(MODES, len(MODES)):
            began, cpu = time.perf_counter(), time.process_time()
            clients[mode].post(f"{houses[mode].url}/v1/chat/completions", content=body).raise_for_status()
            times[mode].append(time.perf_counter() - began)
            spent[mode].append(time.process_time() - cpu)
    for name, by_mode in (("time", times), ("cpu", spent)):
        for mode in MODES:
            mine = by_mode[mode][10:]
            ratios = [one / off for one, off in zip(mine, by_mode["off"][10:], strict=True)]
            low, high = interval(ratios)
            print(
                f"{kind:8} {name:4} {mode:8} {statistics.median(mine) * 1e3:7.2f} ms"
                f"  ratio {statistics.median(ratios):.2f} [{low:.2f}, {high:.2f}]  n={len(mine)}"
            )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=200)
    rounds = asked.parse_args().rounds
    with contextlib.ExitStack() as stack:
        provider = SpeakingProvider()
        root = stack.enter_context(speaking_thread(provider))
        houses = {mode: opened(root, mode, stack) for mode in MODES}
        clients = {
            mode: stack.enter_context(httpx.Client(headers={"authorization": f"Bearer {house.key}"}, timeout=30))
            for mode, house in houses.items()
        }
        for kind in ("plain", "offered", "called"):
            provider.scenes[kind] = scene(kind)
            measure(kind, houses, clients, rounds)


if __name__ == "__main__":
    main()
