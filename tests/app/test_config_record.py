"""What the journal keeps of the settings: all of them, and never a secret."""

import msgspec
import pytest

from outrider.app import config_record
from outrider.app.config_schema import show
from outrider.app.config_structs import Settings
from outrider.app.settings import parse
from outrider.base.errors import ConfigError

SECRETS = """
providers:
  a: {base_url: "http://x/v1?key=PLANTED-1", headers: {x-team: PLANTED-2, x-key: "Bearer ${env:TOKEN}"}}
  b: {base_url: "https://${env:HOST}/v1", api_key: "${env:TOKEN}"}
routes: {r: {deployments: [a/m], knowledge: "${env:COLLECTION}"}}
policy:
  identity: {issuer: "${env:TOKEN}", secret: PLANTED-3}
  users: {ada: {tools: "${env:TOKEN}"}}
  approvals:
    secret: "PLANTED-4${env:TOKEN}"
    notify: ["json://${env:HOST}/PLANTED-5"]
    slack: {webhook: "https://${env:HOST}/PLANTED-75", secret: "PLANTED-76${env:TOKEN}", people: {U012AB3CD: olga}}
tools:
  servers:
    s:
      command: [prog, "--token=PLANTED-6", "--api-key", "PLANTED-7", "${env:TOKEN}", "--auth=${env:TOKEN}"]
      env: {X: PLANTED-8}
    o: {openapi: api.json, url: "https://o/", auth: {k: "PLANTED-9 ${env:TOKEN}"}, headers: {x: PLANTED-10}}
    u:
      url: "https://mcp.example/x?token=PLANTED-11"
      oauth: {client_id: me, client_secret: PLANTED-12}
    w: {command: prog}
    k:
      command: [prog, --key, PLANTED-15, --pass, PLANTED-16, "--dsn=postgres://u:PLANTED-17@h/d", -u, "me:PLANTED-18"]
    l: {command: [sh, -c, "prog https://u:PLANTED-19@h/x?a=PLANTED-20 --token PLANTED-21"]}
    m: {command: [prog, '{"api_key": "PLANTED-22"}', --header, "Cookie: PLANTED-23"]}
    n: {url: "https://${env:HOST}/mcp?k=PLANTED-24"}
    p: {url: "https://mcp.example/s/aPLANTED-25aaaaaaaaaaaaaaaaa/mcp"}
    t: {url: "https://api.example/bot12345678:aPLANTED-74aaaaaaaaaaa/mcp"}
    r: {command: [prog, -m, server, -p, PLANTED-71, --port=PLANTED-72, "--dsn=x://u:PLANTED-73@${env:TOKEN}/db"]}
    q: {command: "${env:PROGRAM}"}
  masks:
    m: {tools: {t: {fixed: {o.api_key: PLANTED-26, x: {token: PLANTED-27}}, defaults: {password: PLANTED-28}}}}
  composites:
    c:
      description: d
      arguments: {key: {type: string}}
      steps: [{tool: t, arguments: {token: PLANTED-29, key: $input.key}}]
alarms: {notify: ["json://${env:HOST}/PLANTED-13"]}
otlp: {endpoint: "http://o", headers: {a: PLANTED-14}}
"""
ENV = {
    "TOKEN": "IN-THE-ENVIRONMENT-that-is-long-enough-for-it",
    "HOST": "house",
    "PROGRAM": "http://IN-THE-ENVIRONMENT?x=y",
    "COLLECTION": "docs",
}


def secret_fields(type_: type, seen: set[type]) -> set[str]:
    """Names of all fields of the settings that hold secrets, as `Struct.field`."""
    found = set()
    for field in msgspec.structs.fields(type_):
        if "Secret" in str(field.type):
            found.add(f"{type_.__name__}.{field.name}")
    seen.add(type_)
    for inner in structs_in(type_):
        if inner not in seen:
            found |= secret_fields(inner, seen)
    return found


def structs_in(type_: type) -> set[type]:
    text = msgspec.inspect.type_info(type_)
    found: set[type] = set()

    def walk(one: object) -> None:
        if isinstance(one, msgspec.inspect.StructType):
            found.add(one.cls)
            return
        for name in ("type", "types", "item_type", "value_type"):
            inner = getattr(one, name, None)
            for each in inner if isinstance(inner, tuple) else (inner,):
                if isinstance(each, msgspec.inspect.Type):
                    walk(each)

    assert isinstance(text, msgspec.inspect.StructType)
    for field in text.fields:
        walk(field.type)
    return found


def test_no_secret_is_written_wherever_one_may_stand() -> None:
    settings = parse(SECRETS, "t", ENV)
    text = config_record.written(settings, {}).decode()
    assert "PLANTED" not in text
    assert "IN-THE-ENVIRONMENT" not in text
    assert {f.rpartition(".")[2] for f in secret_fields(Settings, set())} == {
        "api_key", "headers", "secret", "notify", "webhook", "env", "auth", "client_secret",
    }, "plant a secret in a field that is new"  # fmt: skip


def test_what_the_file_refers_to_is_referred_to_and_the_rest_says_where_it_was() -> None:
    shown = config_record.read(config_record.written(parse(SECRETS, "t", ENV), {"policy.rules": "permit;"}))
    said = shown.settings
    assert said["providers"]["b"]["base_url"] == "https://${env:HOST}/v1"
    assert said["providers"]["a"]["base_url"] == "http://x/v1?${hidden:providers.a.base_url}"
    assert said["providers"]["a"]["headers"] == {
        "x-team": "${hidden:providers.a.headers.x-team}", "x-key": "Bearer ${env:TOKEN}",
    }  # fmt: skip
    assert said["routes"]["r"]["knowledge"]["collection"] == "${env:COLLECTION}"
    assert said["policy"]["users"]["ada"]["tools"] == ["${env:TOKEN}"]
    assert said["tools"]["servers"]["s"]["command"] == [
        "prog", "--token=${hidden:tools.servers.s.command.1}", "--api-key", "${hidden:tools.servers.s.command.3}",
        "${env:TOKEN}", "--auth=${env:TOKEN}",
    ]  # fmt: skip
    assert said["tools"]["servers"]["q"]["command"] == ["${env:PROGRAM}"]
    assert said["tools"]["composites"]["c"]["steps"][0]["arguments"]["key"] == "$input.key"
    assert shown.files == {"policy.rules": "permit;"}


def test_without_secrets_it_is_what_is_shown() -> None:
    settings = parse('server: {drain_timeout: 1m30s}\nproviders: {a: {base_url: "http://x"}}', "t", {})
    text = config_record.written(settings, {})
    assert config_record.read(text).settings == show(settings)
    assert text == config_record.written(settings, {}), "the same settings are the same bytes"


def test_what_only_looks_like_a_url_stays_as_it_is() -> None:
    tool = "{description: 'see ://a?b', fixed: {x: 'https?://[^/]*?x', y: 'https://h/x#a'}}"
    settings = parse(f"tools: {{masks: {{m: {{tools: {{t: {tool}}}}}}}}}", "t", {})
    assert config_record.read(config_record.written(settings, {})).settings == show(settings)


def test_people_read_it_as_the_file_is_written() -> None:
    lines = config_record.lines(config_record.written(parse(SECRETS, "t", ENV), {"policy.rules": "permit;\nforbid;"}))
    assert "server:" in lines
    assert lines[-3:] == ["# --- policy.rules", "permit;", "forbid;"]


def test_what_is_no_record_is_refused() -> None:
    for text in (b"", b"[]", b'{"files": {}}', b"\xff"):
        with pytest.raises(ConfigError, match="cannot be read"):
            config_record.read(text)
