"""Python functions as tools: schemas, checks, threads, timeouts, who calls."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import outrider
from outrider.base.errors import RequestError, UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.declarations import Declaration
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, Tool
from outrider.tools.upstreams import python
from outrider.tools.upstreams.python import PythonUpstream

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="ann"))
CODE = '''
import asyncio, threading, time
from typing import Annotated, TypedDict
from pydantic import Field
import outrider
from outrider.policy.identity import Who

class Sum(TypedDict):
    total: int

@outrider.tool(trust="trusted", privacy="public", does="none", steers={"a": "amount"}, idempotent=True)
def add(a: Annotated[int, Field(description="First.")], b: int = 2) -> Sum:
    """Adds two numbers."""
    return {"total": a + b}

@outrider.tool
async def hello(name: str) -> str:
    return f"Hello {name} from {threading.current_thread().name}"

@outrider.tool(name="whoami", instructions="Be kind.")
def who_am_i(who: Who, greeting: str = "hi") -> str:
    return f"{greeting} {who.user} in {threading.current_thread().name}"

@outrider.tool(timeout=0.05)
def slow(event_free: bool = False) -> str:
    GATE.wait(5)
    return "late"

GATE = threading.Event()

@outrider.tool
def fails(how: str) -> str:
    if how == "value":
        raise ValueError("no such account")
    raise RuntimeError("password=hunter2")

@outrider.tool
def lies() -> int:
    return "no number"

def not_a_tool(x: int) -> int:
    return x
'''


@pytest.fixture
def upstream(tmp_path: Path) -> Iterator[PythonUpstream]:
    (tmp_path / "my_tools.py").write_text(CODE)
    made = python.open(
        Mount(name="mine", kind="python", options={"python": "my_tools.py"}), Own(tmp_path, tmp_path / "outrider.yaml")
    )
    yield made
    asyncio.run(made.close())


async def tool(upstream: PythonUpstream, name: str) -> Tool:
    return next(one for one in await upstream.list() if one.own == name)


async def test_signatures_become_schemas(upstream: PythonUpstream) -> None:
    assert [one.own for one in await upstream.list()] == ["add", "hello", "whoami", "slow", "fails", "lies"]
    add = await tool(upstream, "add")
    assert add.description == "Adds two numbers."
    assert add.input_schema["properties"]["a"] == {"description": "First.", "title": "A", "type": "integer"}
    assert add.input_schema["required"] == ["a"]
    assert add.input_schema["additionalProperties"] is False
    assert add.output_schema is not None
    assert add.output_schema["required"] == ["total"]
    assert add.declaration == Declaration(
        trust="trusted", privacy="public", does="none", steers={"a": "amount"}, idempotent=True
    )
    assert add.idempotent
    assert "who" not in (await tool(upstream, "whoami")).input_schema["properties"]


async def test_calls(upstream: PythonUpstream) -> None:
    added = await upstream.call(await tool(upstream, "add"), {"a": 40}, CALLER)
    assert added.structured == {"total": 42}
    hello = await upstream.call(await tool(upstream, "hello"), {"name": "Bo"}, CALLER)
    assert hello.structured == {"result": "Hello Bo from MainThread"}
    who = await upstream.call(await tool(upstream, "whoami"), {}, CALLER)
    assert who.content[0]["text"].startswith("hi ann in tools-mine")


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("add", {"a": "many"}, "`a`"),
        ("add", {}, "`a`"),
        ("add", {"a": 1, "c": 2}, "no argument 'c'"),
        ("whoami", {"who": {"user": "root"}}, "no argument 'who'"),
    ],
)
async def test_arguments_are_checked(
    upstream: PythonUpstream, name: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        await upstream.call(await tool(upstream, name), arguments, CALLER)


async def test_a_function_that_hangs_is_given_up(upstream: PythonUpstream) -> None:
    with pytest.raises(UpstreamError) as late:
        await upstream.call(await tool(upstream, "slow"), {}, CALLER)
    assert late.value.code == "tool_timeout"
    added = await upstream.call(await tool(upstream, "add"), {"a": 1}, CALLER)
    assert added.structured == {"total": 3}
    gate = _gate()
    assert isinstance(gate, threading.Event)
    gate.set()


def _gate() -> object:
    import sys

    return next(m.GATE for n, m in sys.modules.items() if n.startswith("outrider_tools_") and hasattr(m, "GATE"))


async def test_what_fails_says_no_more_than_it_should(upstream: PythonUpstream) -> None:
    told = await upstream.call(await tool(upstream, "fails"), {"how": "value"}, CALLER)
    assert told.is_error
    assert "no such account" in told.content[0]["text"]
    with pytest.raises(UpstreamError) as hidden:
        await upstream.call(await tool(upstream, "fails"), {"how": "other"}, CALLER)
    assert "hunter2" not in hidden.value.message
    with pytest.raises(UpstreamError, match="annotation"):
        await upstream.call(await tool(upstream, "lies"), {}, CALLER)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_like_that", "nothing_like_that"),
        ("import outrider\n@outrider.tool(trust='maybe')\ndef f(): ...", "f"),
        ("import outrider\n@outrider.tool(name='a b')\ndef f(): ...", "a b"),
        ("import outrider\n@outrider.tool\ndef f(x: 'Nothing'): ...", "Nothing"),
        ("raise SystemExit(3)", "SystemExit"),
    ],
)
async def test_a_module_that_is_none_is_told(tmp_path: Path, code: str, said: str) -> None:
    (tmp_path / "bad.py").write_text(code)
    made = python.open(Mount(name="bad", kind="python", options={"python": str(tmp_path / "bad.py")}), Own(tmp_path))
    with pytest.raises(UpstreamError, match=said):
        await made.list()
    assert made.health().state == "down"
    await made.close()


def test_the_mark_does_nothing_to_a_function() -> None:
    @outrider.tool
    def f(x: int) -> int:
        return x + 1

    assert f(1) == 2
