"""The configured tool servers as the gateway mounts them."""

from collections.abc import Mapping

from outrider.app.config_tools import Tools, ToolServer
from outrider.app.config_values import Secret
from outrider.tools.ports import Mount, ToolRule


def mounts(tools: Tools) -> list[Mount]:
    """In their order. The tools of a single server keep their names, unless it has a prefix."""
    return [_mount(name, server, alone=len(tools.servers) == 1) for name, server in tools.servers.items()]


def _mount(name: str, server: ToolServer, *, alone: bool) -> Mount:
    prefix = ("" if alone else name) if server.prefix is None else server.prefix
    return Mount(
        name=name,
        kind=server.kind,
        options={
            "url": server.url,
            "command": list(server.command),
            "cwd": server.cwd,
            "openapi": server.openapi,
            "python": server.python,
            "env": _plain(server.env),
            "headers": _plain(server.headers),
            "auth": _plain(server.auth),
            "private_hosts": list(server.private_hosts),
            "largest_answer": server.largest_answer,
        },
        prefix=f"{prefix}__" if prefix else "",
        trusted=server.trusted,
        only=tuple(server.only),
        timeout=server.timeout,
        retries=server.retries,
        at_once=server.at_once,
        rules={own: ToolRule(rule.timeout, rule.at_once, rule.price) for own, rule in server.tools.items()},
    )


def _plain(secrets: Mapping[str, Secret]) -> dict[str, str]:
    return {key: value.reveal() for key, value in secrets.items()}
