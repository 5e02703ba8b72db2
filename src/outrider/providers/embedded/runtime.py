"""The chat runtime: llama.cpp in this process (xllamacpp). Blocking calls; `transport` makes them in threads."""

import http.client
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from outrider.base import env, ids
from outrider.base.errors import OutriderError, UpstreamError

SEATS = 4
"""Sequences that are generated at once (continuous batching)."""

MARGIN = 8  # tokens of the context that stay free: the runtime wants one more per sequence than it says
MAX_THREADS = 8

OnChunk = Callable[[dict[str, Any]], bool]


def usable_cores() -> int:
    """Processor cores that this process may use, at most 8: more of them do not make small models faster."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, max(1, int(quota) // int(period)))
    except (OSError, ValueError):  # no limit ("max"), or no control groups on this system
        pass
    return min(cores, MAX_THREADS)


class _Local(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _load(parameters: Callable[[Any], Any], folder: Path) -> Any:
    # Worker threads of OpenMP otherwise spin while they wait: on busy cores 60 tokens a second become 2.
    env.set_default("OMP_WAIT_POLICY", "passive")
    try:
        import xllamacpp
    except ImportError as error:
        raise OutriderError(
            f"the embedded model's runtime does not load ({error}); on slim systems install libgomp "
            "(`apt-get install libgomp1`, `apk` systems are not supported)",
            code="runtime_missing",
        ) from error
    try:
        return xllamacpp.Server(parameters(xllamacpp))
    except (RuntimeError, ValueError) as error:
        raise OutriderError(
            f"the model in {str(folder)!r} does not load ({error}); run `outrider models remove {folder.name}` and "
            f"`outrider models install {folder.name}`",
            code="model_load_failed",
        ) from error


class ChatRuntime:
    """A loaded chat model. Thread-safe; `run` may be called from `SEATS` threads at once."""

    def __init__(self, folder: Path, context: int, *, seats: int = SEATS, threads: int | None = None) -> None:
        """Load `folder`/model.gguf (1 s for the small model). Raises OutriderError."""
        self.context, self.seats = context, seats
        # The runtime always listens. A host that ends in ".sock" makes it a Unix socket: in a private folder, with a
        # random key, it is reachable by nobody else.
        self._place = tempfile.mkdtemp(prefix="outrider-")
        self._socket, self._key = f"{self._place}/chat.sock", ids.token()

        def parameters(xlc: Any) -> Any:
            p = xlc.CommonParams()
            p.model.path, p.model_alias = str(folder / "model.gguf"), {folder.name}
            p.n_ctx, p.n_parallel, p.kv_unified = context, seats, True
            p.cpuparams.n_threads = p.cpuparams_batch.n_threads = threads or usable_cores()
            p.verbosity, p.ui, p.api_keys, p.hostnames = -1, False, [self._key], [self._socket]
            # Without these it keeps up to 8 GB of old prompts; the context itself still serves as prefix cache.
            p.cache_ram_mib, p.n_ctx_checkpoints = 0, 0
            p.n_threads_http, p.prefill_assistant = 2, False
            return p

        try:
            self._server = _load(parameters, folder)
        except OutriderError:
            shutil.rmtree(self._place, ignore_errors=True)
            raise

    def count(self, messages: list[dict[str, str]], switches: Mapping[str, Any] | None = None) -> int:
        """Exact prompt tokens of the messages, template included; `switches` are further fields of their body."""
        connection = _Local(self._socket)
        try:
            headers = {"authorization": f"Bearer {self._key}", "content-type": "application/json"}
            connection.request(
                "POST",
                "/v1/chat/completions/input_tokens",
                msgspec.json.encode({"messages": messages, **(switches or {})}),
                headers,
            )
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                raise UpstreamError(
                    f"the embedded model could not count tokens (status {answer.status})", code="runtime_failed"
                )
            return int(msgspec.json.decode(body)["input_tokens"])
        except OSError as error:
            raise UpstreamError(
                f"the embedded model's runtime does not answer ({error})", code="runtime_failed"
            ) from error
        finally:
            connection.close()

    def run(self, body: dict[str, Any], on_chunk: OnChunk) -> None:
        """Generate; `on_chunk` gets each chunk and ends the generation by returning True.

        A chunk may be `{"error": {"code", "message", "type"}}`. Raises ValueError or RuntimeError for a bad body.
        """
        self._server.handle_chat_completions(body, on_chunk)

    def close(self) -> None:
        """Free the model. No call may be running."""
        self._server = None
        shutil.rmtree(self._place, ignore_errors=True)
