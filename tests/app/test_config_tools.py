"""Settings of tools: what they may say, and mistakes with their line."""

from pathlib import Path

import pytest

from outrider.app.config_tools import absolute
from outrider.app.settings import parse
from outrider.base.errors import ConfigError

GOOD = """
tools:
  servers:
    mail:
      url: https://mail.example.com/mcp
      headers: {authorization: "Bearer ${env:MAIL_TOKEN}", x-user: "{user}"}
      tools: {send: {timeout: 3s, largest: 4kB, instructions: Be brief., price: 0.01}}
    files: {command: [npx, files], env: {TOKEN: "${env:MAIL_TOKEN}"}, prefix: ""}
    shop: {openapi: shop.yaml, auth: {key: "${env:MAIL_TOKEN}"}, trusted: on}
    mine: {python: my_tools}
  masks:
    support:
      agents: [support*]
      only: ["mail__*"]
      tools:
        mail__send: {name: send, fixed: {from: me@x, "options.n": 3, tags: [a, 1.5, true, null]}, when: {tainted: off}}
  composites:
    both: {description: d, arguments: {q: {type: string}}, steps: [{tool: mail__send, arguments: {to: $input.q}}]}
  search: {above: null}
"""


def test_all_of_it() -> None:
    tools = parse(GOOD, "f", {"MAIL_TOKEN": "secret"}).tools
    assert [server.kind for server in tools.servers.values()] == ["mcp_http", "mcp_stdio", "openapi", "python"]
    mail = tools.servers["mail"]
    assert mail.headers["authorization"].reveal() == "Bearer secret"
    assert mail.tools["send"].price == 10_000_000
    assert mail.tools["send"].largest == 4000
    mask = tools.masks["support"].tools["mail__send"]
    assert mask.fixed == {"from": "me@x", "options.n": 3, "tags": ["a", 1.5, True, None]}
    assert mask.when.tainted is False
    assert tools.composites["both"].steps[0].arguments == {"to": "$input.q"}
    assert tools.search.above is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("servers: {m: {}}", "tools.servers.m: say where its tools are"),
        ("servers: {m: {python: a, command: [b]}}", "not 2 of them"),
        ("servers: {a__b: {python: a}}", "a server's name has"),
        ("servers: {m: {url: 'ftp://x'}}", "tools.servers.m.url: expected a URL"),
        ("servers: {m: {url: 'http://u:p@x'}}", "credentials do not belong in a URL"),
        ("servers: {m: {url: 'http://x', headers: {authorization: Bearer abc}}}", "a secret does not belong"),
        ("servers: {m: {openapi: a.json, auth: {key: abc}}}", "a secret does not belong"),
        ("servers: {m: {python: a, oauth: {}}}", "have users who connect"),
        ('servers: {m: {python: "a\\0b"}}', "tools.servers.m.python: a NUL character"),
        ('servers: {m: {python: "a\\0b.py"}}', "tools.servers.m.python: a NUL character"),
        ('servers: {m: {openapi: "a\\0.json"}}', "tools.servers.m.openapi: a NUL character"),
        ('servers: {m: {command: [a, "b\\0"]}}', "tools.servers.m.command: a NUL character"),
        ('servers: {m: {command: [a], cwd: "b\\0"}}', "tools.servers.m.cwd: a NUL character"),
        ('servers: {m: {command: [a], env: {"b\\0": c}}}', "tools.servers.m.env: a NUL character"),
        ("servers: {m: {url: 'http://x', oauth: {token_url: 'http://x'}}}", "give both"),
        ("masks: {m: {tools: {t: {hide: ['']}}}}", "tools.masks.m.tools.t.hide"),
        ("masks: {m: {tools: {t: {name: a b}}}}", "tools.masks.m.tools.t.name"),
        ("masks: {m: {tool: {}}}", "unknown key, did you mean 'tools'?"),
        ("composites: {c: {description: d, steps: []}}", "tools.composites.c: a composite tool has 1 to"),
        ("composites: {c: {description: d, steps: [{tool: t, arguments: {a: $nix}}]}}", "$nix is no earlier step"),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(f"tools:\n  {text}\n", "f", {})
    assert said in error.value.message
    assert error.value.message.startswith("f:2: ")


def test_files_are_seen_from_the_configuration() -> None:
    assert absolute(Path("/a"), "b/c.json") == "/a/b/c.json"
    assert absolute(Path("/a"), "my_tools") == "my_tools"
    assert absolute(Path("/a"), "https://x/y.json") == "https://x/y.json"
