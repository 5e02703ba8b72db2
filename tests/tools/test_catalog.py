"""The list of all tools: in order, and never held up by a server that is broken."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from outrider.base.errors import UpstreamError
from outrider.tools import catalog as module
from outrider.tools.catalog import Catalog, errors
from outrider.tools.ports import Caller, Health, Mount, Tool, ToolResult


class Shelf:
    """An upstream with some tools, which may hang or fail."""

    def __init__(self, mount: Mount) -> None:
        self.name, self.own = mount.name, list(mount.options.get("tools", ()))
        self.fails, self.hangs, self.closed, self.asked = False, False, False, 0

    async def list(self) -> Sequence[Tool]:
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(60)
        if self.fails:
            raise UpstreamError("broken")
        return [Tool(name=one, own=one, upstream=self.name) for one in self.own]

    async def call(self, tool: Tool, arguments: Mapping[str, Any], caller: Caller) -> ToolResult:
        return ToolResult()

    async def close(self) -> None:
        self.closed = True

    def health(self) -> Health:
        return Health("up")


class Shelves:
    def __init__(self) -> None:
        self.made: dict[str, Shelf] = {}
        self.changes = 0
        self.catalog = Catalog(self.open, self.changed)

    def open(self, mount: Mount) -> Shelf:
        self.made[mount.name] = Shelf(mount)
        return self.made[mount.name]

    def changed(self) -> None:
        self.changes += 1

    def use(self, **tools: list[str]) -> None:
        self.catalog.use(
            [Mount(name=name, kind="x", options={"tools": own}, prefix=f"{name}__") for name, own in tools.items()]
        )

    async def names(self) -> list[str]:
        return [tool.name for tool in await self.catalog.tools()]


async def test_tools_stand_in_the_order_of_the_configuration() -> None:
    shelves = Shelves()
    shelves.use(b=["z", "a"], a=["q"])
    assert await shelves.names() == ["b__z", "b__a", "a__q"]
    assert [tool.name for tool in await shelves.catalog.tools("a")] == ["a__q"]
    found = await shelves.catalog.find("b__a")
    assert found is not None
    assert (found.own, found.upstream) == ("a", "b")
    assert await shelves.catalog.find("nothing") is None


async def test_a_broken_server_holds_nobody_up(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    shelves = Shelves()
    shelves.use(good=["a"], hangs=["b"], fails=["c"])
    shelves.made["hangs"].hangs, shelves.made["fails"].fails = True, True
    assert await shelves.names() == ["good__a"]
    await asyncio.sleep(0.3)
    assert await shelves.names() == ["good__a"]
    assert errors(shelves.catalog) == {
        "good": "",
        "hangs": "it did not list its tools in time",
        "fails": "broken",
    }
    await shelves.catalog.close()


async def test_a_silent_server_is_waited_for_once(monkeypatch: Any) -> None:
    waits: list[float | None] = []
    wait = asyncio.wait

    async def counted(*tasks: Any, timeout: float | None = None) -> Any:
        waits.append(timeout)
        return await wait(*tasks, timeout=0.01)

    monkeypatch.setattr(module.asyncio, "wait", counted)
    shelves = Shelves()
    shelves.use(good=["a"], slow=["b"])
    silent = asyncio.Event()
    shelf = shelves.made["slow"]
    listed = shelf.list

    async def late() -> Sequence[Tool]:
        await silent.wait()
        return await listed()

    monkeypatch.setattr(shelf, "list", late)
    for _ in range(5):
        assert await shelves.names() == ["good__a"]
    assert len(waits) == 1, "then what is known is shown"
    silent.set()
    asking = shelves.catalog.places["slow"].asking
    assert asking is not None
    await asking
    assert await shelves.names() == ["good__a", "slow__b"]
    assert shelves.changes == 1, "who had the list without it is told"


async def test_the_last_list_stands_while_a_server_is_away() -> None:
    shelves = Shelves()
    shelves.use(s=["a"])
    assert await shelves.names() == ["s__a"]
    shelves.made["s"].fails = True
    shelves.catalog.stale("s")
    await asyncio.sleep(0.01)
    assert await shelves.names() == ["s__a"]


async def test_a_changed_list_is_told() -> None:
    shelves = Shelves()
    shelves.use(s=["a"])
    assert await shelves.names() == ["s__a"]
    shelves.made["s"].own.append("b")
    shelves.catalog.stale("s")
    await asyncio.sleep(0.01)
    assert await shelves.names() == ["s__a", "s__b"]
    assert shelves.changes == 1


async def test_a_reload_keeps_what_did_not_change() -> None:
    shelves = Shelves()
    shelves.use(stays=["a"], goes=["b"])
    await shelves.names()
    stays, goes = shelves.made["stays"], shelves.made["goes"]
    shelves.use(new=["c"], stays=["a"])
    assert await shelves.names() == ["new__c", "stays__a"]
    assert shelves.made["stays"] is stays
    await asyncio.sleep(0)
    assert goes.closed
    assert not stays.closed


async def test_odd_names_are_made_usable_or_left_out() -> None:
    shelves = Shelves()
    shelves.catalog.use(
        [
            Mount(name="a", kind="x", options={"tools": ["do it/now", "same", "x" * 200, ""]}),
            Mount(name="b", kind="x", options={"tools": ["same", "other"]}, only=("s*",)),
        ]
    )
    assert await shelves.names() == ["do_it_now", "same"]
    assert "b/same" in shelves.catalog.left_out
