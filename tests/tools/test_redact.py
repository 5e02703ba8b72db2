"""Credentials do not come back, in whatever form."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp import MCPError

from outrider.base.errors import RequestError, UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Health, Mount, Needs, Silent, Tool, ToolResult
from outrider.tools.redact import Redacting, cleaned, secrets_of, spellings

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s"))
SECRET = "sk-abc/def+ghi=12345"
MOUNT = Mount(
    name="x", kind="mcp_http", options={"headers": {"authorization": f"Bearer {SECRET}"}, "env": {"A": "short"}}
)


class Echo:
    name = "x"
    said: Any = None

    async def list(self) -> Sequence[Tool]:
        return [Tool(name="echo")]

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        if isinstance(self.said, Exception):
            raise self.said
        return ToolResult(
            content=[{"type": "text", "text": self.said}], structured={"a": [self.said]}, meta={"m": self.said}
        )

    async def close(self) -> None:
        return

    def health(self) -> Health:
        return Health("up", f"error {SECRET}", said=f"log {SECRET}")


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        SECRET.encode().hex(),
        SECRET[::-1],
    ],
)
async def test_no_form_of_a_credential_comes_back(form: str) -> None:
    inner = Echo()
    inner.said = f"before {form} after"
    result = await Redacting(inner, MOUNT).call(Tool(name="echo"), {}, CALLER)
    assert form.rstrip("=") not in str(result)
    assert "before [credential]" in result.content[0]["text"]
    assert "[credential]" in result.structured["a"][0]


@pytest.mark.parametrize("kind", [UpstreamError, RequestError])
async def test_errors_are_cleaned(kind: type[UpstreamError]) -> None:
    inner = Echo()
    inner.said = kind(f"cannot use {SECRET}", code="c")
    with pytest.raises(kind) as said:
        await Redacting(inner, MOUNT).call(Tool(name="echo"), {}, CALLER)
    assert said.value.message == "cannot use [credential]"
    assert said.value.code == "c"


def test_health_is_cleaned() -> None:
    found = Redacting(Echo(), MOUNT).health()
    assert SECRET not in found.said + found.last_error


def test_what_is_short_or_a_template_is_no_secret() -> None:
    assert spellings(["short", "{user}-name"]) == []
    assert secrets_of(Mount(name="x", kind="python")) == []
    basic = base64.b64encode(b"admin1:hunter22").decode()
    assert "hunter22" in spellings([f"Basic {basic}"])


_JSON = st.recursive(st.text() | st.integers(), lambda i: st.lists(i) | st.dictionaries(st.text(), i), max_leaves=8)


@given(_JSON)
def test_what_has_no_secret_is_not_touched(value: Any) -> None:
    assert cleaned(value, spellings([SECRET])) is value


def test_keys_are_cleaned_too(tmp_path: Path) -> None:
    assert cleaned({SECRET: 1}, spellings([SECRET])) == {"[credential]": 1}


class Heard(Silent):
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        self.said.append(message)

    async def log(self, level: str, said: Any, logger: str | None = None) -> None:
        self.said.append(said)

    async def ask(self, method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        self.said.append(params)
        return {"action": "accept"}


class Vault:
    """A user's token, which is another one from the second look on."""

    looks = 0

    async def renewed(self, server: str, caller: Caller | None, since: int) -> bool:
        return False

    async def known(self, server: str, caller: Caller) -> Sequence[str]:
        self.looks += 1
        return ["token-of-before"] if self.looks == 1 else ["token-of-after"]


class Chatty(Echo):
    """Repeats both tokens wherever a server can say something."""

    says = "token-of-before token-of-after"

    async def list(self) -> Sequence[Tool]:
        return [Tool(name="echo", description=f"use {SECRET}", input_schema={"a": SECRET})]

    async def listed(self, kind: str) -> Sequence[dict[str, Any]]:
        return [{"uri": f"x://{SECRET}"}]

    async def read(self, uri: str, caller: Caller) -> dict[str, Any]:
        await caller.back.log("info", {"a": "token-of-after"})
        await caller.back.progress(1, 2, "token-of-after")
        await caller.back.ask("elicitation/create", {"message": "token-of-after"})
        return {"contents": [{"text": self.says}], "requestState": "token-of-after"}

    async def prompt(self, own: str, arguments: Mapping[str, str] | None, caller: Caller) -> dict[str, Any]:
        raise MCPError(-32000, self.says, {"said": self.says})

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        return ToolResult(needs=Needs({"a": {"message": self.says}}, self.says))


async def test_nothing_else_that_a_server_says_has_a_credential_in_it() -> None:
    client = Heard()
    caller = Caller(identity=CALLER.identity, who=CALLER.who, back=client)
    there = Redacting(Chatty(), MOUNT, Vault())
    assert (await there.list())[0].description == "use [credential]"
    assert (await there.list())[0].input_schema == {"a": "[credential]"}
    assert await there.listed("resources") == [{"uri": "x://[credential]"}]
    read = await there.read("x://a", caller)
    assert read == {"contents": [{"text": "[credential] [credential]"}], "requestState": "token-of-after"}
    assert client.said == [{"a": "[credential]"}, "[credential]", {"message": "[credential]"}]
    with pytest.raises(MCPError) as refused:
        await Redacting(Chatty(), MOUNT, Vault()).prompt("a", None, caller)
    assert refused.value.error.message == "[credential] [credential]"
    assert refused.value.error.data == {"said": "[credential] [credential]"}
    needs = (await Redacting(Chatty(), MOUNT, Vault()).call(Tool(name="echo"), {}, caller)).needs
    assert needs == Needs({"a": {"message": "[credential] [credential]"}}, Chatty.says)
    assert not hasattr(Redacting(Echo(), MOUNT), "listed")
