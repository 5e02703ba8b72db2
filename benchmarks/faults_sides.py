"""Who is put between the caller and the failing provider in the fault bench: nobody, Outrider, or a public peer.

A side is a context manager; `target` says where a call with a certain fault goes. All of them get the same deployments:
the first one fails, `second` (which can go on from a prefilled answer) and `third` (which has to be told) are healthy.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import machine
from faults_caller import Target

from outrider.testing.faults import FAULTS, Door

TRY = 1.0
"""Seconds that one try may take to its first byte, and a stream to its next one."""
PATIENCE = 6.0
"""Seconds that a caller waits for the whole answer."""
KEY = "sk-bench-faults"
PORTKEY = "node_modules/@portkey-ai/gateway/build/start-server.js"


class Scene(NamedTuple):
    """The providers: ports of the three, base URLs behind which nobody is, and how often the first one fails."""

    first: int
    second: int
    third: int
    doors: Mapping[Door, str]
    rate: float

    def url(self, port: int) -> str:
        return f"http://127.0.0.1:{port}/v1"


class Way(NamedTuple):
    """One route: its name, the base URL and model of its first deployment, and its fallbacks in their order."""

    name: str
    url: str
    model: str
    fallbacks: tuple[str, str]


class Side(Protocol):
    name: str

    def target(self, fault: str, stream: bool, *, struck: bool) -> Target:
        """Where a call goes. `struck`: its way leads to a door behind which nobody is."""


def ways(scene: Scene) -> list[Way]:
    """A route of its own for every fault and kind of answer, so that none knows of the other's failures."""
    made = []
    for number, (name, fault) in enumerate(FAULTS.items()):
        fallbacks = ("second", "third") if number % 2 else ("third", "second")
        for stream in (True, False):
            model = "sound" if fault.door else fault.model(stream=stream, rate=scene.rate)
            made.append(Way(way(name, stream, struck=False), scene.url(scene.first), model, fallbacks))
            if fault.door:
                made.append(Way(way(name, stream, struck=True), scene.doors[fault.door], "sound", fallbacks))
    return made


def way(fault: str, stream: bool, *, struck: bool) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", fault.lower())
    return f"{slug}-{'stream' if stream else 'plain'}{'-struck' if struck else ''}"


class Nobody:
    """The caller asks the first provider itself, once."""

    name = "no resilience"

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ways = {w.name: w for w in ways(scene)}

    def target(self, fault: str, stream: bool, *, struck: bool) -> Target:
        """Behind a door there is a closed port for all three: the caller's own failure is the same each time."""
        found = self._ways[way(fault, stream, struck=struck)]
        if struck:
            closed = self._scene.doors["refused"].split(":")[2].removesuffix("/v1")
            return Target(int(closed), found.model)
        return Target(self._scene.first, found.model)


class Gateway:
    """A process that listens on `port`."""

    path = "/v1/chat/completions"

    def __init__(self, name: str, port: int, headers: Mapping[str, str]) -> None:
        self.name, self.port, self.headers = name, port, headers

    def target(self, fault: str, stream: bool, *, struck: bool) -> Target:
        return Target(self.port, way(fault, stream, struck=struck), self.path, self.headers)


class Portkey(Gateway):
    """Its targets are not configured but said in a header, on every call."""

    def __init__(self, port: int, scene: Scene) -> None:
        super().__init__("Portkey", port, {})
        self._scene = scene
        self._ways = {w.name: w for w in ways(scene)}

    def target(self, fault: str, stream: bool, *, struck: bool) -> Target:
        found, scene = self._ways[way(fault, stream, struck=struck)], self._scene
        urls = {"second": scene.url(scene.second), "third": scene.url(scene.third)}
        places = [(found.url, found.model), *((urls[name], name) for name in found.fallbacks)]
        rules = {
            "strategy": {"mode": "fallback"},
            "request_timeout": int(TRY * 1000),
            "targets": [
                {
                    "provider": "openai",
                    "custom_host": url,
                    "api_key": "sk-upstream",
                    "override_params": {"model": model},
                }
                for url, model in places
            ],
        }
        return Target(self.port, found.model, self.path, {"x-portkey-config": json.dumps(rules)})


# -- starting them ----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def outrider(scene: Scene, *, retries: int | None, workers: int) -> Iterator[Gateway]:
    """`outrider up` in a folder of its own, with authentication and recording on."""
    with tempfile.TemporaryDirectory(prefix="outrider-faults-") as folder:
        home, config, port = Path(folder) / "home", Path(folder) / "outrider.yaml", free_port()
        config.write_text(json.dumps(settings(scene, port, retries, workers)))
        line = [sys.executable, "-m", "outrider.app.main", "--home", str(home), "--config", str(config)]
        with running([*line, "up"], Path(folder) / "up.log", f"http://127.0.0.1:{port}/health", {}):
            made = subprocess.run([*line, "keys", "create", "--json"], capture_output=True, env=bare(), check=True)
            key = json.loads(made.stdout)["key"]
            yield Gateway("Outrider", port, {"authorization": f"Bearer {key}"})


def settings(scene: Scene, port: int, retries: int | None, workers: int) -> dict[str, Any]:
    """Defaults, but for times: the bench must end."""
    breaker = {"cooldown": "1s", "longest": "2s"}
    providers: dict[str, Any] = {
        "second": {"preset": "vllm", "base_url": scene.url(scene.second), "models": ["second"]},
        "third": {"base_url": scene.url(scene.third), "models": ["third"]},
    }
    routes: dict[str, Any] = {}
    for found in ways(scene):
        providers[found.name] = {"base_url": found.url, "models": [found.model], "breaker": breaker}
        routes[found.name] = {
            "deployments": [f"{found.name}/{found.model}", *(f"{name}/{name}" for name in found.fallbacks)],
            "try_timeout": f"{TRY:g}s",
            "stall_timeout": f"{TRY:g}s",
            "timeout": f"{PATIENCE - 0.5:g}s",
            **({} if retries is None else {"retries": retries}),
        }
    server = {"port": port, "workers": workers}
    return {"server": server, "embedded": {"enabled": False}, "providers": providers, "routes": routes}


@contextlib.contextmanager
def litellm(scene: Scene, *, retries: int | None) -> Iterator[Gateway]:
    """The LiteLLM proxy with retries and fallbacks as its makers document them."""
    binary = machine.ROOT / "venv" / "litellm" / "bin" / "litellm"
    if not binary.exists():
        raise machine.Failed(f"there is no {binary}: python benchmarks/gateways.py --only litellm installs it")
    everyone = [
        *((w.name, w.url, w.model, list(w.fallbacks)) for w in ways(scene)),
        ("second", scene.url(scene.second), "second", []),
        ("third", scene.url(scene.third), "third", []),
    ]
    config = {
        "model_list": [
            {
                "model_name": name,
                "litellm_params": {"model": f"openai/{model}", "api_base": url, "api_key": "sk-upstream"},
            }
            for name, url, model, _ in everyone
        ],
        "router_settings": {
            "fallbacks": [{name: fallbacks} for name, _, _, fallbacks in everyone if fallbacks],
            "num_retries": 2 if retries is None else retries,
            "timeout": TRY,
            "stream_timeout": TRY,
            "cooldown_time": 1,
        },
        "general_settings": {"master_key": KEY},
    }
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOG": "ERROR",
        "DISABLE_ADMIN_UI": "True",
        "NO_DOCS": "True",
    }
    with tempfile.TemporaryDirectory(prefix="litellm-faults-") as folder:
        path, port = Path(folder) / "litellm.yaml", free_port()
        path.write_text(json.dumps(config))
        line = [str(binary), "--config", str(path), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        with running(line, Path(folder) / "log", f"http://127.0.0.1:{port}/health/liveliness", environment):
            yield Gateway("LiteLLM", port, {"authorization": f"Bearer {KEY}"})


@contextlib.contextmanager
def portkey(scene: Scene) -> Iterator[Gateway]:
    """The Portkey gateway; its config header names the targets."""
    script = machine.ROOT / "npm" / PORTKEY
    if not script.exists():
        raise machine.Failed(f"there is no {script}: python benchmarks/gateways.py --only portkey installs it")
    port = free_port()
    line = ["node", str(script), f"--port={port}", "--headless"]
    with (
        tempfile.TemporaryDirectory(prefix="portkey-faults-") as folder,
        running(line, Path(folder) / "log", f"http://127.0.0.1:{port}/", {"NODE_ENV": "production"}),
    ):
        yield Portkey(port, scene)


PEERS = {"litellm": litellm, "portkey": portkey}


@contextlib.contextmanager
def running(line: list[str], log: Path, url: str, environment: dict[str, str]) -> Iterator[None]:
    """A process and everything below it, from its first answer at `url` to the end of the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            line, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=bare() | environment, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5):
                    break
            except OSError as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    text = log.read_text(errors="replace")[-2000:]
                    raise machine.Failed(f"{line[0]} does not answer ({error}):\n{text}") from None
                time.sleep(0.05)
        yield
    finally:
        machine.stop(process)


def bare() -> dict[str, str]:
    """The environment without what would change where calls go."""
    unwanted = re.compile(r"(OUTRIDER|OPENAI|OTEL|LITELLM)_|.*_proxy$", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if not unwanted.match(name)}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
