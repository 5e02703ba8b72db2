"""Tools that a provider runs by itself: what a request offers of them, and what is known of the usual ones. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from outrider.gateway.control.reading import snake
from outrider.policy.declarations import UNDECLARED, Declaration

PREFIX = "provider__"
_DATED = re.compile(r"_(?:\d{8}|\d{4}_\d{2}_\d{2})$")
_WEB = Declaration(privacy="public", does="none", steers={}, leaves=True)
_READS = Declaration(does="none", steers={})
_KNOWN: Mapping[str, Declaration] = {
    **dict.fromkeys(
        (
            "web_search", "web_search_preview", "web_fetch", "google_search", "google_search_retrieval", "url_context",
            "enterprise_web_search", "google_maps", "x_search", "browser_search",
        ),
        _WEB,
    ),
    **dict.fromkeys(("file_search", "retrieval", "collections_search"), _READS),
    **dict.fromkeys(("code_interpreter", "code_execution", "tool_search", "image_generation"), _READS),
}  # fmt: skip
"""Those whose documentation says that they do nothing outside the provider."""
_MADE_HERE = frozenset(
    ("bash", "text_editor", "computer", "computer_use", "computer_use_preview", "memory", "local_shell", "shell",
     "apply_patch")
)  # fmt: skip
"""Those that only look like the provider's: the client makes their calls, so each is judged when it is proposed."""


def offered(request: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The provider's tools that a chat request offers, by name, each with what it is told."""
    found: dict[str, dict[str, Any]] = {}
    for tool in request.get("tools") or ():
        if isinstance(tool, dict) and tool.get("type") not in ("function", "custom"):
            said = tool.get("provider")
            name, told = _named(said if isinstance(said, dict) else tool)
            found[PREFIX + name] = told
    if request.get("web_search_options") is not None:
        found[f"{PREFIX}web_search"] = {}
    options = request.get("provider_options")
    for server in (options.get("mcp_servers") or ()) if isinstance(options, dict) else ():
        if isinstance(server, dict):
            found[f"{PREFIX}mcp__{server.get('name') or ''}"] = {"url": server.get("url")}
    return found


def _named(tool: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    inner = tool.get("tool")
    if isinstance(inner, dict):  # Gemini's have their kind as a name
        return snake(next(iter(inner), "unknown")), {}
    kind = _DATED.sub("", str(tool.get("type") or tool.get("name") or "unknown"))
    if kind in ("mcp", "mcp_toolset"):
        name = tool.get("server_label") or tool.get("mcp_server_name") or ""
        return f"mcp__{name}", {"url": tool.get("server_url")}
    return kind, {}


def declaration(tool: str) -> Declaration:
    """What is known of a provider's tool; UNDECLARED of others, so they act."""
    return _KNOWN.get(tool.removeprefix(PREFIX), _READS if is_made_here(tool) else UNDECLARED)


def is_made_here(tool: str) -> bool:
    return tool.removeprefix(PREFIX) in _MADE_HERE
