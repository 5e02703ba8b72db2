"""The first outrider.yaml: what the environment offers, written down with comments. References, never keys."""

from collections.abc import Mapping

from outrider.app import config_env
from outrider.app.config_structs import Provider, Settings

_HEAD = """\
# Outrider's configuration. Every key is optional; `outrider config show` prints what is in force,
# `outrider config check` finds mistakes. A change is taken over without a restart.
# An editor completes the keys after `outrider init --schema > outrider.schema.json`.
# yaml-language-server: $schema=./outrider.schema.json

server:
  host: 127.0.0.1          # anything but loopback needs `auth: on`
  port: 8720
  workers: 1               # processes that answer requests

auth: on                   # keys: `outrider keys create`
"""
_MODELS = "    # models: []             # empty: every model that it lists; or name those that may be called\n"
_TAIL = """
embedded:                  # small models that run inside Outrider, offline
  enabled: true
  chat: {chat}       # `outrider models list` shows the choice
  embed: {embed}

policy:
  proposed_calls: enforce  # hold back tool calls that models propose where the rules say so; or shadow, off
# tools:                   # what agents' tools return and do; one without labels is taken to be the worst
#   labels:
#     read_file: {{does: none}}

# budgets:                 # limits that hold; more by `outrider budgets set`
#   everything:
#     usd: 50              # or tokens, input_tokens, output_tokens, calls
#     window: month        # hour, day, week, month, lifetime, run, or a rolling length such as 24h
#     timezone: Europe/Berlin
#     # match: {{tag: batch}}  # which calls; all without it
#     # per: user            # each user has the whole limit; all share one without it
#     # owner: ops@example.com

# alarms:                  # who is told when a budget's alarm is raised or a provider is down
#   notify: ["${{env:ALARM_URL}}"]  # json://host/path, mailto://…, slack://…; `outrider alarms test` tries it

journal:
  durability: spool        # `fsync` also survives a power loss, and is slower
  retention: 30d           # runs older than this are removed
  max_size: 20GB           # and the oldest ones beyond this size

# otlp: {{endpoint: "http://127.0.0.1:4318"}}   # send spans to an OpenTelemetry collector

projects: [default]        # keys and runs belong to one
"""


def starter(env: Mapping[str, str]) -> str:
    """A commented file that gives the same providers as no file in this environment, and one route."""
    found = config_env.providers(env)
    embedded = Settings().embedded
    lines = [
        _HEAD,
        *_providers(found),
        *_routes(found, embedded.chat),
        _TAIL.format(chat=embedded.chat, embed=embedded.embed),
    ]
    return "".join(lines)


def _providers(found: Mapping[str, Provider]) -> list[str]:
    if not found:
        return [
            "\n# No provider key was found in the environment. Export one and add, for example:\n",
            '# providers:\n#   openai: {preset: openai, api_key: "${env:OPENAI_API_KEY}"}\n',
        ]
    lines = ["\nproviders:                 # credentials by reference only\n"]
    for name, provider in found.items():
        lines.append(f"  {name}:\n    preset: {provider.preset}\n")
        if provider.api_key is not None:
            lines.append(f'    api_key: "{provider.api_key.reference}"\n')
        if provider.base_url is not None and "@" not in provider.base_url:
            lines.append(f"    base_url: {_quoted(provider.base_url)}\n")
        lines.append(_MODELS)
    return lines


def _routes(found: Mapping[str, Provider], chat: str) -> list[str]:
    first = f"# put your provider's model first, such as {next(iter(found), 'openai')}/MODEL"
    return [
        "\nroutes:                    # names that callers put into `model`\n  assistant:\n",
        f"    {first}\n    deployments: [embedded/{chat}]\n",
        "    retries: 2\n    timeout: 120s\n    # cache: {ttl: 1h}      # give the same answer to the same request\n",
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
