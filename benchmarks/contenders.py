"""Who is measured: Outrider with recording on and off, and gateways that people use today, each as its makers ship it.

`cmd` is filled with {port} {workers} {upstream} {root} {conf} {here} {python}; None means no gateway at all.
`install` are shell lines that are quick when everything is there. `files` are written to {conf} with the same
fields. `port_from` and `key_from` are patterns on the log, for what a contender chooses itself.
"""

import shlex
import sys
from typing import Any

from machine import ROOT, UPSTREAM

KEY = "sk-bench-7f3a91c25e8d4b60a1f2c3d4e5f60718"


def pip(name: str, package: str) -> str:
    venv = ROOT / "venv" / name
    return f"test -x {venv}/bin/pip || python3 -m venv {venv}; {venv}/bin/pip install -q {shlex.quote(package)}"


def pip_version(name: str, package: str) -> str:
    return f"{ROOT}/venv/{name}/bin/pip show {package} 2>/dev/null | sed -n 's/^Version: //p'"


OUTRIDER = """server: {{port: {port}, workers: {workers}}}
embedded: {{enabled: false}}
providers:
  mock: {{preset: openai, base_url: "{upstream}", api_key: "${{env:BENCH_UPSTREAM_KEY}}", models: [mock-model]}}
routes:
  mock-model: {{deployments: [mock/mock-model]}}
"""

NGINX = """worker_processes {workers}; daemon off; pid {root}/nginx.pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; tcp_nodelay on;
  client_body_buffer_size 64k; client_body_temp_path {root}/nginx-body; proxy_temp_path {root}/nginx-proxy;
  upstream mock {{ server 127.0.0.1:9000; keepalive 256; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} backlog=1024;
    location / {{ proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection "";
                  proxy_buffering off; }} }}
}}
"""

TENSORZERO = """[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true
[models.mock-model]
routing = ["mock"]
[models.mock-model.providers.mock]
type = "openai"
model_name = "mock-model"
api_base = "{upstream}/"
api_key_location = "none"
"""
# The wheel's own way of starting the real HTTP gateway (its client-patching functions use it).
TENSORZERO_SERVE = """import sys, time, tensorzero
gateway = tensorzero._start_http_gateway(
    config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None, async_setup=False)
print("listening on", gateway.base_url, flush=True)
while True: time.sleep(3600)
"""

LITELLM = """model_list:
  - model_name: mock-model
    litellm_params: {{model: openai/mock-model, api_base: "{upstream}", api_key: sk-upstream}}
general_settings: {{master_key: {key}}}
litellm_settings: {{set_verbose: false}}
"""

# As it installs on Node 20, every stream of this version fails with "TypeError: immutable" when the gateway adds its
# headers; copying the headers of the upstream's response first avoids that.
PORTKEY = "node_modules/@portkey-ai/gateway/build/start-server.js"
PORTKEY_FIX = (
    "sed -i 's/:new Response(p,e)}/:new Response(p,{status:e.status,headers:new Headers(e.headers)})}/' "
    f"{ROOT}/npm/{PORTKEY}"
)


# The same with a price for the model, and without breakers: what limits and breakers add is held against it.
UNLIMITED = OUTRIDER.replace(
    "models: [mock-model]}}",
    "models: [mock-model],\n         prices: {{mock-model: {{input: 1, output: 4}}}}, breaker: {{on: false}}}}",
)
LIMITS = """
budgets:
  all: {{usd: 1000000, window: month}}
  each-key: {{tokens: 1000000000000, window: 24h, per: key}}
rates:
  each-key: {{per: key, requests: 100000000/min, tokens: 100000000000/min, concurrent: 10000}}
"""


def _ours(name: str, options: str = "", config: str = "") -> dict[str, Any]:
    """Its own configuration file and home, so that two builds of it can run at the same time."""
    return {
        "kind": "gateway, Python",
        "version": f"{sys.executable} -c 'import outrider; print(outrider.__version__)'",
        "files": {f"{name}.yaml": config or OUTRIDER},
        "cmd": f"{{python}} {{here}}/ours.py --config {{conf}}/{name}.yaml --home {{root}}/{name}-home {options}",
        "env": {"BENCH_UPSTREAM_KEY": "sk-upstream"},
        "key_from": r"(sk-or-[A-Za-z0-9]+-[A-Za-z0-9]+)",
    }


CONTENDERS: dict[str, dict[str, Any]] = {
    "direct": {"cmd": None, "kind": "no gateway"},
    "nginx": {
        "kind": "plain proxy, C",
        "version": "nginx -v 2>&1 | sed 's/.*nginx.//'",
        "files": {"nginx.conf": NGINX},
        "cmd": "nginx -c {conf}/nginx.conf -p {root}",
        "needs": "nginx",
    },
    "tensorzero": {
        "kind": "gateway, Rust; records nothing here",
        "install": [pip("tz", "tensorzero==2026.6.0")],
        "version": pip_version("tz", "tensorzero"),
        "files": {"tz.toml": TENSORZERO, "tz_serve.py": TENSORZERO_SERVE},
        "cmd": "{root}/venv/tz/bin/python {conf}/tz_serve.py {conf}/tz.toml",
        "port_from": r"listening on http://127\.0\.0\.1:(\d+)",
        "path": "/openai/v1/chat/completions",
        "model": "tensorzero::model_name::mock-model",
    },
    "portkey": {
        "kind": "gateway, Node; records nothing here",
        "version": f"node -p 'require(\"{ROOT}/npm/node_modules/@portkey-ai/gateway/package.json\").version'",
        "install": [
            f"mkdir -p {ROOT}/npm; cd {ROOT}/npm; test -f package.json || npm init -y >/dev/null; "
            "test -d node_modules/@portkey-ai || npm i --silent --ignore-scripts @portkey-ai/gateway@1.15.2",
            PORTKEY_FIX,
        ],
        "cmd": "node {root}/npm/" + PORTKEY + " --port={port} --headless",
        "env": {"NODE_ENV": "production"},
        "headers": {"x-portkey-provider": "openai", "x-portkey-custom-host": f"http://127.0.0.1:{UPSTREAM}/v1"},
        "needs": "npm",
    },
    "litellm": {
        "kind": "gateway, Python; records nothing here",
        "install": [pip("litellm", "litellm[proxy]==1.106.2")],
        "version": pip_version("litellm", "litellm"),
        "files": {"litellm.yaml": LITELLM},
        "env": {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_LOG": "ERROR",
            "DISABLE_ADMIN_UI": "True",
            "NO_DOCS": "True",
        },
        "cmd": "{root}/venv/litellm/bin/litellm --config {conf}/litellm.yaml --host 127.0.0.1 --port {port} "
        "--num_workers {workers}",
    },
    "ours": _ours("ours"),
    "ours-silent": _ours("ours-silent", "--recording off") | {"kind": "gateway, Python; recording off"},
    "ours-limits": _ours("ours-limits", "", UNLIMITED.replace(", breaker: {{on: false}}", "") + LIMITS)
    | {"kind": "gateway, Python; two budgets, three rates"},
    "ours-unlimited": _ours("ours-unlimited", "", UNLIMITED) | {"kind": "gateway, Python; no limits, no breakers"},
}
