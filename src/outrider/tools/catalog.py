"""All tools of all servers, as one list: refreshed in the background, and never held up by a server that is broken."""

import asyncio
import fnmatch
import logging
import operator
import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from outrider.base import clock, plugins
from outrider.base.errors import ConfigError, UpstreamError
from outrider.tools.ports import Mount, Own, Tool, Upstream

FRESH_NS = 60_000_000_000
"""How long a list counts as fresh; an older one is shown while it is asked for again."""
AGAIN_NS = 5_000_000_000
"""A server that did not list its tools is asked again after that."""
PATIENCE = 10.0
"""Seconds that the first list of a server is waited for, and that one may take at all is three times that."""
LONGEST_NAME = 128
UPSTREAMS = "outrider.tools.upstreams"
_ODD = re.compile(r"[^A-Za-z0-9_.-]")

log = logging.getLogger("outrider.tools")


class Listed(msgspec.Struct):
    """What is known of one server's tools. `at` and `tried` are monotonic ns; 0: never."""

    tools: Sequence[Tool] = ()
    at: int = 0
    tried: int = 0
    error: str = ""


class Place:
    """A server in the catalogue."""

    def __init__(self, mount: Mount, upstream: Upstream) -> None:
        self.mount, self.upstream = mount, upstream
        self.listed = Listed()
        self.asking: asyncio.Task[None] | None = None
        self.waited = False
        """Whether somebody has waited for its first list, and went on without it."""


def opened(mount: Mount, own: Own) -> Upstream:
    """The upstream of a mount. Raises ConfigError."""
    try:
        module = plugins.load(UPSTREAMS, mount.kind)
    except LookupError as error:
        raise ConfigError(f"tools.servers.{mount.name}: {error}") from None
    except ImportError as error:
        raise ConfigError(f"tools.servers.{mount.name}: {mount.kind} needs a package: {error}") from None
    upstream: Upstream = module.open(mount, own)
    return upstream


class Catalog:
    """The servers in force. `open_` makes an upstream of a mount; `changed` is called when a list is another one."""

    def __init__(self, open_: Callable[[Mount], Upstream], changed: Callable[[], None] = lambda: None) -> None:
        self._open, self._changed = open_, changed
        self.places: dict[str, Place] = {}
        self.left_out: dict[str, str] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._made: tuple[list[Sequence[Tool]], list[Tool]] | None = None

    def use(self, mounts: Sequence[Mount]) -> None:
        """Take over the configuration. Servers whose entry did not change keep what they have open."""
        before, self.places = self.places, {}
        for mount in mounts:
            present = before.get(mount.name)
            if present is not None and present.mount == mount:
                self.places[mount.name] = before.pop(mount.name)
            else:
                self.places[mount.name] = Place(mount, self._open(mount))
        self._made = None
        for place in before.values():
            self._end(place)

    def _end(self, place: Place) -> None:
        if place.asking is not None:
            place.asking.cancel()
        try:
            task = asyncio.get_running_loop().create_task(place.upstream.close())
        except RuntimeError:  # before the loop runs nothing was opened
            return
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """End all servers."""
        for place in self.places.values():
            self._end(place)
        self.places = {}
        if self._closing:
            await asyncio.gather(*self._closing, return_exceptions=True)

    async def tools(self, server: str = "") -> list[Tool]:
        """All tools (or those of one server) in the order of the configuration, under the names of the house."""
        places = [self.places[server]] if server else list(self.places.values())
        await self._refresh(places)
        everything = self._all()
        return everything if not server else [tool for tool in everything if tool.upstream == server]

    async def find(self, name: str) -> Tool | None:
        """The tool of this name, by the lists that are known; asked for only where none has it."""
        found = next((tool for tool in self._all() if tool.name == name), None)
        if found is not None:
            self._ask_soon()
            return found
        return next((tool for tool in await self.tools() if tool.name == name), None)

    def known(self) -> list[Tool]:
        """What is known now, without asking anybody."""
        return self._all()

    def stale(self, server: str) -> None:
        """A server says that its list is another one by now."""
        place = self.places.get(server)
        if place is not None:
            place.listed.at = place.listed.tried = 0
            self._ask(place)

    def _all(self) -> list[Tool]:
        lists = [place.listed.tools for place in self.places.values()]
        if self._made is not None and len(lists) == len(self._made[0]) and all(map(operator.is_, lists, self._made[0])):
            return self._made[1]
        made: dict[str, Tool] = {}
        self.left_out = {}
        for place in self.places.values():
            for tool in place.listed.tools:
                house = self._housed(place.mount, tool)
                if house is None:
                    continue
                if house.name in made:
                    self.left_out[f"{tool.upstream}/{tool.own}"] = f"there is another tool named {house.name!r}"
                    continue
                made[house.name] = house
        self._made = lists, list(made.values())
        return self._made[1]

    def _housed(self, mount: Mount, tool: Tool) -> Tool | None:
        """A server's tool under the name of the house; None where it is not wanted, or has no usable name."""
        if mount.only and not any(fnmatch.fnmatchcase(tool.own, pattern) for pattern in mount.only):
            return None
        name = f"{mount.prefix}{_ODD.sub('_', tool.own)}"
        if not tool.own or len(name) > LONGEST_NAME:
            self.left_out[f"{mount.name}/{tool.own[:80]}"] = f"its name would have {len(name)} letters"
            return None
        if name == tool.name and tool.upstream == mount.name:
            return tool
        return msgspec.structs.replace(tool, name=name, upstream=mount.name)

    async def _refresh(self, places: Sequence[Place]) -> None:
        """Ask whom it is time to ask; wait for those alone of whom nothing is known, and once."""
        asked = [(place, self._ask(place)) for place in places]
        waiting = {task: place for place, task in asked if task and not place.listed.at and not place.waited}
        if waiting:
            _, silent = await asyncio.wait(waiting, timeout=PATIENCE)
            for task in silent:
                waiting[task].waited = True

    def _ask_soon(self) -> None:
        for place in self.places.values():
            self._ask(place)

    def _ask(self, place: Place) -> "asyncio.Task[None] | None":
        if place.asking is not None and not place.asking.done():
            return place.asking
        now = clock.mono_ns()
        if place.listed.at and now - place.listed.at < FRESH_NS:
            return None
        if place.listed.error and now - place.listed.tried < AGAIN_NS:
            return None
        place.asking = asyncio.get_running_loop().create_task(self._list(place))
        return place.asking

    async def _list(self, place: Place) -> None:
        listed = place.listed
        listed.tried = clock.mono_ns()
        try:
            async with asyncio.timeout(3 * PATIENCE):
                tools = list(await place.upstream.list())
        except (UpstreamError, TimeoutError) as error:
            why = error.message if isinstance(error, UpstreamError) else "it did not list its tools in time"
            if listed.error != why:
                log.warning("the tools of %s are those known last: %s", place.mount.name, why)
            listed.error = why
            return
        listed.at, listed.error = clock.mono_ns(), ""
        if tools != list(listed.tools):
            first = not listed.tools and not place.waited
            listed.tools = tuple(tools)
            if not first:
                self._changed()


def errors(catalog: Catalog) -> Mapping[str, str]:
    """What is wrong with each server's list ("" where nothing is)."""
    return {name: place.listed.error for name, place in catalog.places.items()}
