"""Tools that a provider runs by itself."""

from outrider.gateway.control.providers_own import declaration, is_made_here, offered
from outrider.policy.declarations import UNDECLARED


def test_they_have_names() -> None:
    request = {
        "tools": [
            {"type": "function", "function": {"name": "a"}},
            {
                "type": "provider",
                "provider": {"format": "anthropic", "type": "web_search_20250305", "name": "web_search"},
            },
            {"type": "provider", "provider": {"format": "gemini", "tool": {"googleSearch": {}}}},
            {
                "type": "provider",
                "provider": {"type": "mcp", "server_label": "files", "server_url": "https://f.example"},
            },
            {"type": "web_search_preview_2025_03_11"},
            {"type": "browser_search"},
        ],
        "web_search_options": {},
        "provider_options": {"mcp_servers": [{"name": "crm", "url": "https://c.example"}]},
    }
    assert offered(request) == {
        "provider__web_search": {},
        "provider__google_search": {},
        "provider__mcp__files": {"url": "https://f.example"},
        "provider__web_search_preview": {},
        "provider__browser_search": {},
        "provider__mcp__crm": {"url": "https://c.example"},
    }
    assert offered({"messages": []}) == {}


def test_what_is_known_of_them() -> None:
    assert declaration("provider__web_search").does == "none"
    assert declaration("provider__web_search").trust == "untrusted"
    assert declaration("provider__mcp__crm") == UNDECLARED
    assert declaration("provider__something_new") == UNDECLARED
    assert is_made_here("provider__bash")
    assert declaration("provider__bash").does == "none", "each call of it is judged when it is proposed"
