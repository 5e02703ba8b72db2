"""What guardrails add to a call: the same calls through one Outrider, on a guarded route and on a plain one, in turn.

    python benchmarks/guardrails.py [--calls 200]

Both are on one process with the scripted provider, so only the difference means anything.
"""

import argparse
import json
import tempfile
import time
import urllib.request
from pathlib import Path

from outrider.calibrate import intervals
from outrider.testing import ScriptedProvider, scripted_thread
from outrider.testing.running import running

CONFIG = """
embedded: {{enabled: false}}
providers: {{scripted: {{base_url: "{url}", models: [scripted-chat]}}}}
routes:
  plain: {{deployments: [scripted/scripted-chat]}}
  links: {{deployments: [scripted/scripted-chat]}}
  all: {{deployments: [scripted/scripted-chat]}}
guardrails:
  rules:
    secrets: {{check: secrets, do: block, routes: [all]}}
    cover: {{check: pii, at: [input], do: redact, placeholders: true, routes: [all]}}
    answers: {{check: pii, at: [output], do: redact, routes: [all]}}
    links: {{check: links, at: [output], do: redact, routes: [links, all]}}
    prompt: {{check: system_prompt, do: block, routes: [all]}}
    hidden: {{check: hidden_text, do: flag, routes: [all]}}
"""
TEXT = "The quarterly report went out to everybody, and the numbers of the second table are right. " * 11


def ask(url: str, key: str, model: str) -> float:
    """Milliseconds of one call."""
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": TEXT}]}).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {key}"}
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/v1/chat/completions", body, headers)) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=200)
    calls = parser.parse_args().calls
    took: dict[str, list[float]] = {"plain": [], "links": [], "all": []}
    with (
        tempfile.TemporaryDirectory() as home,
        scripted_thread(ScriptedProvider()) as url,
        running(CONFIG.format(url=url), Path(home)) as outrider,
    ):
        for _ in range(calls + 20):
            for model, times in took.items():
                times.append(ask(outrider.url, outrider.key, model))
    print(f"{len(TEXT)} characters in, {calls} calls of each, milliseconds, median [95 %]")
    for model, times in took.items():
        added = [a - b for a, b in zip(times[20:], took["plain"][20:], strict=True)]
        print(f"{model:6} {intervals.quantile(times[20:], 0.5)}   added {intervals.quantile(added, 0.5)}")


if __name__ == "__main__":
    main()
