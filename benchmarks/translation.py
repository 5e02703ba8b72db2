"""What translation costs: CPU of a request and of a 50-chunk stream for every caller's and provider's language.

    python benchmarks/translation.py                             Outrider, all pairs, and the peers that translate
    python benchmarks/translation.py --pairs chat:chat,chat:anthropic --peers "" --seconds 1 --rounds 1   a quick look

Every pair is a ratio to the same caller's request to a provider of its own language, whose bytes pass, in the same run.
CPU is the kernel's account of the gateway and everything it started, recording and indexing included, on one core.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import machine
from contenders import KEY, OUTRIDER
from machine import CONF, HERE, OUT, ROOT, Failed

PORT, UPSTREAM = 9110, 9010
RESULTS = ROOT / "translation.json"
PROMPT = "Explain in two sentences why a gateway should add as little latency as possible. " * 5
CALLERS = {"chat": "chat", "responses": "responses", "messages": "anthropic", "gemini": "gemini"}
"""Each caller's language, and the provider of the same."""
SPEAKERS = {
    "chat": ("preset: openai", "/v1"),
    "responses": ("dialect: responses", "/v1"),
    "anthropic": ("preset: anthropic", ""),
    "gemini": ("preset: google", ""),
    "bedrock": ("preset: bedrock", ""),
}


def ours() -> str:
    lines = [OUTRIDER.split("providers:")[0].format(port=PORT, workers=1) + "providers:"]
    key = 'api_key: "${env:BENCH_UPSTREAM_KEY}", models: [mock-model]'
    for name, (how, path) in SPEAKERS.items():
        lines.append(f'  {name}: {{{how}, base_url: "http://127.0.0.1:{UPSTREAM}{path}", {key}}}')
    lines.append("routes:")
    lines += [f"  to-{name}: {{deployments: [{name}/mock-model]}}" for name in SPEAKERS]
    return "\n".join(lines) + "\n"


TENSORZERO = f"""[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true
[models.to-chat]
routing = ["mock"]
[models.to-chat.providers.mock]
type = "openai"
model_name = "mock-model"
api_base = "http://127.0.0.1:{UPSTREAM}/v1/"
api_key_location = "none"
[models.to-anthropic]
routing = ["mock"]
[models.to-anthropic.providers.mock]
type = "anthropic"
model_name = "mock-model"
api_base = "http://127.0.0.1:{UPSTREAM}/v1/"
api_key_location = "env::BENCH_UPSTREAM_KEY"
"""
LITELLM = f"""model_list:
  - model_name: to-chat
    litellm_params: {{model: openai/mock-model, api_base: "http://127.0.0.1:{UPSTREAM}/v1", api_key: sk-upstream}}
  - model_name: to-anthropic
    litellm_params: {{model: anthropic/mock-model, api_base: "http://127.0.0.1:{UPSTREAM}", api_key: sk-upstream}}
general_settings: {{master_key: {KEY}}}
litellm_settings: {{set_verbose: false}}
"""
QUIET = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOG": "ERROR",
    "DISABLE_ADMIN_UI": "True",
    "NO_DOCS": "True",
}
GATEWAYS: dict[str, dict[str, Any]] = {
    "ours": {
        "file": ("translation.yaml", ours()),
        "cmd": f"{sys.executable} {HERE}/ours.py --config {CONF}/translation.yaml --home {ROOT}/translation-home",
        "key_from": r"(sk-or-[A-Za-z0-9]+-[A-Za-z0-9]+)",
        "pairs": [f"{caller}:{speaker}" for caller in CALLERS for speaker in SPEAKERS],
    },
    "tensorzero": {
        "file": ("translation.toml", TENSORZERO),
        "cmd": f"{ROOT}/venv/tz/bin/python {CONF}/tz_serve.py {CONF}/translation.toml",
        "port_from": r"listening on http://127\.0\.0\.1:(\d+)",
        "pairs": ["chat:chat", "chat:anthropic"],
        "paths": {"chat": "/openai/v1/chat/completions"},
        "model": "tensorzero::model_name::to-{}",
    },
    "portkey": {
        "cmd": f"node {ROOT}/npm/node_modules/@portkey-ai/gateway/build/start-server.js --port={PORT} --headless",
        "env": {"NODE_ENV": "production"},
        "pairs": ["chat:chat", "chat:anthropic"],
        "headers": {
            "chat": {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{UPSTREAM}/v1"},
            "anthropic": {
                "x-portkey-provider": "anthropic",
                "x-portkey-custom-host": f"http://127.0.0.1:{UPSTREAM}/v1",
            },
        },
    },
    "litellm": {
        "file": ("translation-litellm.yaml", LITELLM),
        "cmd": f"{ROOT}/venv/litellm/bin/litellm --config {CONF}/translation-litellm.yaml --host 127.0.0.1 "
        f"--port {PORT}",
        "env": QUIET,
        "pairs": ["chat:chat", "chat:anthropic", "messages:anthropic", "messages:chat"],
    },
}


def request(caller: str, model: str, stream: bool, gap: int) -> tuple[str, dict[str, Any]]:
    """Path and body of one caller's request: system prompt, a user's text, temperature, a token limit."""
    text = PROMPT + (f" mock:gap={gap}" if gap else "")
    system = "You are a concise assistant."
    if caller == "chat":
        turns = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        body: dict[str, Any] = {"model": model, "messages": turns, "temperature": 0.2, "max_tokens": 256}
        return "/v1/chat/completions", body | ({"stream": True} if stream else {})
    if caller == "responses":
        body = {"model": model, "instructions": system, "input": text, "temperature": 0.2, "max_output_tokens": 256}
        return "/v1/responses", body | ({"stream": True} if stream else {})
    if caller == "messages":
        body = {"model": model, "system": system, "messages": [{"role": "user", "content": text}]}
        body |= {"temperature": 0.2, "max_tokens": 256}
        return "/v1/messages", body | ({"stream": True} if stream else {})
    body = {
        "systemInstruction": {"parts": [{"text": system}]},
        "contents": [{"role": "user", "parts": [{"text": text}]}],
        "generationConfig": {"temperature": 0.2, "maxOutputTokens": 256},
    }
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/v1beta/models/{model}:{verb}", body


class Gateway:
    """One running gateway. A context manager: it is stopped at the end."""

    def __init__(self, name: str) -> None:
        self.name, self.spec, self.port, self.key = name, GATEWAYS[name], PORT, KEY
        if "file" in self.spec:
            (CONF / self.spec["file"][0]).write_text(self.spec["file"][1])
        if name == "tensorzero":
            from contenders import TENSORZERO_SERVE

            (CONF / "tz_serve.py").write_text(TENSORZERO_SERVE)
        self.log = OUT / f"translation-{name}.log"
        environment = {"BENCH_UPSTREAM_KEY": "sk-upstream", **self.spec.get("env", {})}
        self.process = machine.spawn(self.spec["cmd"], {0}, self.log, environment)
        try:
            self._wait()
        except BaseException:
            machine.stop(self.process)
            raise

    def __enter__(self) -> "Gateway":
        return self

    def __exit__(self, *_: object) -> None:
        machine.stop(self.process)

    def raw(self, pair: str, stream: bool, gap: int = 0) -> bytes:
        caller, speaker = pair.split(":")
        model = str(self.spec.get("model", "to-{}")).format(speaker)
        path, body = request(caller, model, stream, gap)
        path = self.spec.get("paths", {}).get(caller, path)
        payload = json.dumps(body).encode()
        head = {
            "host": f"127.0.0.1:{self.port}",
            "authorization": f"Bearer {self.key}",
            "anthropic-version": "2023-06-01",
            "content-type": "application/json",
            "content-length": str(len(payload)),
            **self.spec.get("headers", {}).get(speaker, {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + payload

    def check(self, pair: str) -> None:
        """The answers must be real, whole and streamed. Raises Failed."""
        for stream in (False, True):
            said = self._ask(self.raw(pair, stream))
            if said.count(b"token") < 50 or b"token49" not in said:
                raise Failed(f"{self.name} {pair}: a bad answer: {said[:300]!r}")

    def _ask(self, raw: bytes) -> bytes:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = dict(line.split(": ", 1) for line in lines)
            connection.request("POST", first.split(" ")[1], body, headers)
            return connection.getresponse().read()
        finally:
            connection.close()

    def measure(self, pair: str, stream: bool, options: argparse.Namespace) -> dict[str, float]:
        """CPU milliseconds of one request, everything put off included, and how much others used meanwhile."""
        path = OUT / f"translation-{self.name}-{pair.replace(':', '-')}-{'s' if stream else 'w'}.req"
        path.write_bytes(self.raw(pair, stream, 20 if stream else 0))
        best: dict[str, float] | None = None
        for _ in range(options.tries):
            machine.quiet(20, options.foreign)
            before = machine.cpu(self.process.pid), self._known(), machine.busy(), time.time()
            found = machine.load(self.port, 32, options.seconds + stream, path, {0}, int(stream))
            machine.settled(self.process.pid)
            after = machine.cpu(self.process.pid), self._known(), machine.busy(), time.time()
            if found["errors"] or not found["requests"]:
                raise Failed(f"{self.name} {pair}: {found['errors']} errors, {found['requests']} good answers")
            used, known, whole, wall = (b - a for a, b in zip(before, after, strict=True))
            result = {"cpu": used / found["requests"] * 1000, "foreign": (whole - known) / wall}
            if best is None or result["foreign"] < best["foreign"]:
                best = result
            if best["foreign"] < options.foreign:
                break
        assert best is not None
        return best

    def _known(self) -> float:
        return machine.cpu(self.process.pid) + machine.cpu(MOCK.pid) + sum(os.times()[:4])

    def _wait(self, limit: float = 120) -> None:
        end = time.time() + limit
        while time.time() < end:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}, see {self.log}")
            text = self.log.read_text(errors="replace")
            for field in ("port", "key"):
                if pattern := self.spec.get(f"{field}_from"):
                    found = re.search(pattern, text)
                    setattr(self, field, (int(found[1]) if field == "port" else found[1]) if found else "")
            try:
                if self.key and self.port and b"token" in self._ask(self.raw(self.spec["pairs"][0], False)):
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)
        raise Failed(f"{self.name} gave no answer in {limit} s, see {self.log}")


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Rounds over all gateways and pairs, so that slow drifts of the machine hit all alike."""
    results: dict[str, Any] = {}
    names = ["ours", *(name for name in options.peers.split(",") if name)]
    for number in range(1, options.rounds + 1):
        for name in names:
            pairs = [p for p in GATEWAYS[name]["pairs"] if not options.pairs or p in options.pairs.split(",")]
            try:
                with Gateway(name) as gateway:
                    for pair in pairs:
                        gateway.check(pair)
                    gateway.measure(pairs[0], False, options)  # warm up
                    for pair in pairs:
                        for kind, stream in (("plain", False), ("stream", True)):
                            found = gateway.measure(pair, stream, options)
                            results.setdefault(f"{name} {pair} {kind}", []).append(found)
                note = "done"
            except (Failed, OSError, http.client.HTTPException) as error:
                note = f"{type(error).__name__}: {error}"
            print(f"round {number} {name}: {note}", file=sys.stderr, flush=True)
            RESULTS.write_text(json.dumps(results, indent=1))
    return results


def cpu(results: dict[str, Any], name: str, pair: str, kind: str) -> float | None:
    found = [one["cpu"] for one in results.get(f"{name} {pair} {kind}", [])]
    return statistics.median(found) if found else None


def table(results: dict[str, Any]) -> str:
    """Ours by pair, with the ratio to the same language; then the peers where they offer the pair."""
    rows = ["| from | to | request, CPU ms | ratio | stream of 50, CPU ms | ratio |", "|---|---|---:|---:|---:|---:|"]
    for caller, own in CALLERS.items():
        for speaker in SPEAKERS:
            cells = []
            for kind in ("plain", "stream"):
                base, found = (cpu(results, "ours", f"{caller}:{to}", kind) for to in (own, speaker))
                cells += [f"{found:.3f}" if found else "-", f"{found / base:.2f}" if found and base else "-"]
            if cells[0] != "-":
                rows.append(f"| {caller} | {speaker} | {' | '.join(cells)} |")
    rows += ["", "| from → to | kind | ours, CPU ms | peer | theirs | ours / theirs |", "|---|---|---:|---|---:|---:|"]
    for name, spec in GATEWAYS.items():
        for pair in spec["pairs"] if name != "ours" else ():
            for kind in ("plain", "stream"):
                mine, theirs = cpu(results, "ours", pair, kind), cpu(results, name, pair, kind)
                if mine and theirs:
                    cells = [
                        pair.replace(":", " → "),
                        kind,
                        f"{mine:.3f}",
                        name,
                        f"{theirs:.3f}",
                        f"{mine / theirs:.3f}",
                    ]
                    rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def main() -> None:
    global MOCK
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", default="", help="comma-separated, such as chat:anthropic; all if not given")
    parser.add_argument("--peers", default="tensorzero,portkey,litellm", help="comma-separated; they must be installed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--tries", type=int, default=3, help="of each measurement, while others use the machine")
    parser.add_argument("--foreign", type=float, default=0.15, help="cores that others may use before a retry")
    parser.add_argument("--table", action="store_true", help="print the last results again")
    options = parser.parse_args()
    if not options.table:
        machine.build()
        MOCK = machine.spawn(f"{sys.executable} {HERE}/upstream.py {UPSTREAM}", {1}, OUT / "upstream.log")
        try:
            run(options)
        finally:
            machine.stop(MOCK)
    print(table(json.loads(RESULTS.read_text())))


MOCK: subprocess.Popen[bytes]

if __name__ == "__main__":
    Path(ROOT).mkdir(exist_ok=True)
    main()
