"""Configured servers as the gateway mounts them."""

from outrider.app.settings import parse
from outrider.app.tool_mounts import mounts


def test_names_have_the_servers_name_before_them_where_there_are_several() -> None:
    one = parse("tools: {servers: {a: {command: [x]}}}", "t", {}).tools
    assert [mount.prefix for mount in mounts(one)] == [""]
    text = "tools: {servers: {a: {command: [x]}, b: {url: 'http://x/mcp', prefix: ''}, c: {command: [y], prefix: q}}}"
    several = mounts(parse(text, "t", {}).tools)
    assert [(mount.name, mount.prefix, mount.kind) for mount in several] == [
        ("a", "a__", "mcp_stdio"),
        ("b", "", "mcp_http"),
        ("c", "q__", "mcp_stdio"),
    ]


def test_secrets_are_in_plain_for_the_server_alone() -> None:
    text = "tools: {servers: {a: {command: [x], env: {T: '${env:TOKEN}'}, tools: {t: {timeout: 5s, price: 0.01}}}}}"
    (mount,) = mounts(parse(text, "t", {"TOKEN": "s3cret-value"}).tools)
    assert mount.options["env"] == {"T": "s3cret-value"}
    assert mount.rule("t").timeout == 5.0
    assert mount.rule("t").price > 0
    assert mount.rule("other").timeout is None
