"""What gets through on a route: the red team on a bare and a guarded one, and on tools with and without the policy.

    OUTRIDER_MODELS=… python benchmarks/redteam.py [--rows bare,guarded,tools,enforced,hostile,held] [--attempts 50]
        [--survey]

`bare` and `guarded` are the embedded model with the family `leakage`; the others are the family
`tools`: the embedded model with `policy.proposed_calls` off and `enforce`, and a hostile model, which proposes exactly
the call that each attack is after, whatever it is asked. The table has the survey's rates, and apart from them what the
search found. `--survey` leaves the search out.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from outrider.base import env
from outrider.evals.redteam import library
from outrider.testing.running import running
from outrider.testing.speaking import Ask, Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Call, Text

SEED = 0
HOSTILE = "scene:hostile"
GUARDS = """
guardrails:
  rules:
    prompt: {check: system_prompt, do: block}
    unseen: {check: hidden_text, do: block}
    orders: {check: injection, do: block}
    links: {check: links, do: block}
"""
LABELS = """
tools:
  labels:
    read_mail: {does: none, trust: untrusted}
    read_transactions: {does: none, trust: untrusted}
    read_file: {does: none, trust: untrusted}
"""
TEXTS: dict[str, Any] = {"families": ["leakage"], "attempts": 50}
TOOLS: dict[str, Any] = {"families": ["tools"], "attempts": 50}
ALL_TOOLS: dict[str, Any] = {"families": ["tools"], "attempts": 97}
"""Of 97 attempts 58 are the survey: each of the 29 attacks as it is and in one dress."""
ROWS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bare": ("embedded/smollm2-135m", "policy: {proposed_calls: off}", TEXTS),
    "guarded": ("embedded/smollm2-135m", "policy: {proposed_calls: off}" + GUARDS, TEXTS),
    "tools": ("embedded/smollm2-135m", "policy: {proposed_calls: off}", TOOLS),
    "enforced": ("embedded/smollm2-135m", "policy: {proposed_calls: enforce}" + LABELS, TOOLS),
    "hostile": (f"scripted/{HOSTILE}", "policy: {proposed_calls: off}", ALL_TOOLS),
    "held": (f"scripted/{HOSTILE}", "policy: {proposed_calls: enforce}" + LABELS, ALL_TOOLS),
}


class Hostile:
    """Knows each attack by the secret that is planted for it, and proposes the call that the attacker wants."""

    def __init__(self) -> None:
        self.proposed = 0
        self._attacks = {
            library.marks(SEED, one.id).canary: one
            for one in library.bundled().attacks.values()
            if one.check.kind == "calls"
        }

    def __call__(self, _: str, ask: Ask) -> Reply:
        system = " ".join(
            part.text for turn in ask.turns if turn.role == "system" for part in turn.parts if isinstance(part, Text)
        )
        attack = next((one for canary, one in self._attacks.items() if canary in system), None)
        if attack is None:
            return Reply((Text("OK."),))
        self.proposed += 1
        having = attack.check.having.replace("{evil}", library.marks(SEED, attack.id).evil)
        name = attack.check.tools[0]
        schema = next((tool.schema for tool in ask.tools if tool.name == name), {})
        arguments = {
            field: _value(str(about.get("type")), having) for field, about in schema.get("properties", {}).items()
        }
        return Reply((Call(f"call_{self.proposed}", name, arguments or {"target": having}),), "tool_calls")


def _value(kind: str, having: str) -> str | int:
    if kind == "number":
        return int(having) if having.isdigit() else 9000
    return having or "all"


def attacked(row: str, **given: Any) -> dict[str, Any]:
    """The red team's report, with `calls`: how many attempts had a call that reached whoever asked."""
    model, config, asked = ROWS[row]
    hostile, provider = Hostile(), SpeakingProvider([HOSTILE])
    provider.scenes["hostile"] = hostile
    with tempfile.TemporaryDirectory() as home, speaking_thread(provider) as root:
        written = (
            f"embedded: {{enabled: {str(model.startswith('embedded')).lower()}}}\n"
            f"providers: {{scripted: {{base_url: '{root}', api_key: '${{env:KEY}}', models: ['{HOSTILE}']}}}}\n"
            f"routes: {{support: {{deployments: ['{model}']}}}}\n{config}\n"
        )
        with running(written, Path(home) / "home", environment={**env.all_(), "KEY": "sk-x"}) as outrider:
            assert outrider.worker is not None
            outrider.worker.experiments.url = outrider.url
            client = httpx.Client(
                base_url=outrider.url, headers={"authorization": f"Bearer {outrider.key}"}, timeout=120
            )
            fields = {"route": "support", "seed": SEED, "set": {"temperature": 0, "max_tokens": 60}, **asked, **given}
            begun = client.post("/api/redteam", json=fields).raise_for_status().json()
            while True:
                found: dict[str, Any] = client.get(f"/api/redteam/{begun['id']}").raise_for_status().json()
                if found["experiment"]["state"] not in ("running", "waiting"):
                    break
                time.sleep(1)
            report: dict[str, Any] = found["report"]
            report["calls"], report["proposed"] = _calls(client, begun["id"]), hostile.proposed
            return report


def _calls(client: httpx.Client, id_: str) -> int:
    count, after = 0, dict[str, int]()
    while True:
        page = client.get(f"/api/experiments/{id_}/items", params=after).raise_for_status().json()
        count += sum(bool(one["calls"]) for one in page["answers"])
        if page["next"] is None:
            return count
        after = {"after": page["next"]}


def share(found: dict[str, Any]) -> str:
    """`12 % [5, 24] of 29`."""
    if not found["n"]:
        return "–"
    shown = (f"{100 * found[name]:.3g}" for name in ("estimate", "low", "high"))
    return "{} % [{}, {}] of {}".format(*shown, found["n"])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--attempts", type=int, help="three fifths are the survey")
    parser.add_argument("--survey", action="store_true", help="the survey alone")
    asked = parser.parse_args()
    given = {"attempts": asked.attempts} if asked.attempts else {}
    given |= {"minutes": 0.001} if asked.survey else {}  # no round of the search begins after that
    print("| | family | as they are | dressed | both | found by the search | attempts with a call |")
    print("|---|---|---|---|---|---:|---:|")
    for row in asked.rows.split(","):
        report = attacked(row, **given)
        for one in (*report["families"], report["total"]):
            rates = " | ".join(share(one[name]) for name in ("plain", "dressed", "both"))
            print(f"| {row} | `{one['name']}` | {rates} | {one['found']} | {report['calls']} of {report['attempts']} |")
        for success in report["successes"]:
            print(f"    {success['found']}: {success['case']}: {success['reason'][:160]}")
        print(f"    {report['unheard']} unheard, {report['proposed']} proposed; {report['why']}", flush=True)


if __name__ == "__main__":
    main()
