"""The tool gateway in a worker: servers, endpoint and what they need, made when somebody first calls `/mcp`.

Nothing of the MCP SDK is imported before that: it takes half a second.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from outrider.app import paths
from outrider.app.limiting import Limiting
from outrider.app.policy import PolicyHandle
from outrider.app.settings import Settings
from outrider.app.tool_mounts import mounts
from outrider.app.tool_parts import ToolParts
from outrider.base.errors import OutriderError
from outrider.guardrails import Rules
from outrider.journal.append import Journal
from outrider.limits.keys import Identity
from outrider.policy.declarations import Declaration
from outrider.tools.catalog import Catalog
from outrider.tools.metrics import ToolMetrics
from outrider.tools.ports import Caller, Tool

if TYPE_CHECKING:  # see above
    from outrider.providers.embedded.embed import Embedder
    from outrider.providers.embedded.transport import EmbeddedTransport
    from outrider.tools.calls import Calls
    from outrider.tools.endpoint import Endpoint
    from outrider.tools.server import Front

WARM = 2.0
"""Seconds after the start at which the gateway is made, where there are servers."""
LOOK = 0.25
"""Seconds between looks whether the worker stops."""

log = logging.getLogger("outrider.tools")


class ToolsHandle:
    """The tools of one worker. `identify` raises RequestError 401."""

    def __init__(
        self,
        settings: Settings,
        home: Path,
        config: Path | None,
        policy: PolicyHandle,
        limits: Limiting,
        journal: Journal,
        identify: Callable[[Mapping[bytes, bytes]], Awaitable[Identity]],
        embedded: "EmbeddedTransport | None" = None,
        rules: Callable[[], Rules] = Rules,
    ) -> None:
        self._rules = rules
        self._settings, self._policy, self._limits, self._journal = settings, policy, limits, journal
        self._identify, self._embedded = identify, embedded
        self._loop: asyncio.AbstractEventLoop | None = None
        self.parts = ToolParts(
            settings, home, policy, limits.leases.get, self._tools, self._embedder, self.declared, self._connected
        )
        own = self.parts.own(home, config)
        self.metrics = ToolMetrics(paths.run(home), str(os.getpid()))
        self._making = asyncio.Lock()
        self._look: asyncio.TimerHandle | None = None
        self._telling: set[asyncio.Task[None]] = set()
        self._tell: Callable[[str], Awaitable[None]] = _nobody
        self._drains: tuple[Callable[[], None], ...] = ()
        self._front: Front | None = None
        self._endpoint: Endpoint | None = None
        self.calls: Calls | None = None
        self.catalog = Catalog(lambda mount: self.parts.open(mount, own), self._changed)

    def _connected(self, server: str) -> None:
        """Somebody's account may list tools that were not there before."""
        self.catalog.stale(server)

    def use(self, settings: Settings) -> None:
        """Take over a changed configuration; calls under way go on."""
        self._settings = settings
        self.parts.use(settings)
        if self._endpoint is not None:
            self._mount()

    def routes(self) -> list[BaseRoute]:
        """`/mcp`, `/mcp/NAME` (one server, or a mask), and what clients look for that have no key."""
        methods = ["GET", "POST", "DELETE"]
        return [
            Route("/mcp", _App(self.answer), methods=methods),
            Route("/mcp/{view}", _App(self.answer), methods=methods),
            Route("/.well-known/oauth-protected-resource", _resource),
            Route("/.well-known/oauth-protected-resource/{path:path}", _resource),
        ]

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        endpoint = self._endpoint or await self._made()
        await endpoint(scope, receive, send)

    def loop(self) -> asyncio.AbstractEventLoop:
        """The worker's."""
        assert self._loop is not None, "begun before anybody asks"
        return self._loop

    def begin(self, stopping: Callable[[], bool]) -> None:
        """On the worker's loop. `stopping` says whether it is being stopped: then open streams are ended."""
        self._loop = asyncio.get_running_loop()
        self._look = self._loop.call_later(LOOK, self._drain, stopping)

    async def stop(self) -> None:
        """End the endpoint, then the servers."""
        if self._look is not None:
            self._look.cancel()
        if self._endpoint is not None:
            await self._endpoint.close()
        await self.catalog.close()

    async def ready(self) -> "Calls":
        """What calls tools, for those who do it from inside this process."""
        await self._made()
        assert self.calls is not None
        return self.calls

    def declared(self, tool: Tool) -> Declaration | None:
        """The owner's labels of a tool."""
        return self._policy.declared(tool.name)

    async def _tools(self, caller: Caller) -> Sequence[Tool]:
        return await self.catalog.tools(caller.view if caller.view in self.catalog.places else "")

    def _embedder(self) -> "Embedder | None":
        """The embedded model, where it is installed. In a thread."""
        if self._embedded is None or self._loop is None:
            return None
        try:
            return asyncio.run_coroutine_threadsafe(self._embedded.embedder(), self._loop).result()
        except OutriderError:
            return None

    async def _made(self) -> "Endpoint":
        async with self._making:
            if self._endpoint is None:
                await asyncio.to_thread(_import)
                self._loop = asyncio.get_running_loop()
                self._make()
                self._mount()
        assert self._endpoint is not None
        return self._endpoint

    def _make(self) -> None:
        from outrider.tools.asking import Asking, Delivery
        from outrider.tools.calls import Calls, Parts
        from outrider.tools.endpoint import Endpoint
        from outrider.tools.gate import Gate
        from outrider.tools.guarding import Guarding
        from outrider.tools.handshake import Connections
        from outrider.tools.mail import Mail
        from outrider.tools.seal import Seal
        from outrider.tools.server import Front
        from outrider.tools.session import Belongs

        policy, limits, leases = self._policy, self._limits, self._limits.leases.get

        def delivery() -> Delivery:
            return Delivery(self._settings.tools.asks, self._settings.tools.hold)

        around, seal = self.parts, Seal(leases)
        parts = Parts(
            catalog=self.catalog,
            control=policy.control,
            belongs=Belongs(policy.control, policy.proposed.sessions, policy.claimed, policy.proposed.void),
            asking=Asking(policy.approvals, delivery),
            gate=Gate(limits.shedder, limits.rates, limits.ledger),
            journal=self._journal,
            declared=self.declared,
            views=around.views,
            observe=self.metrics.observe,
            stages=[Guarding(self._rules, policy.control), around.beside],
            house=around.house,
            seal=seal,
            cleared=lambda who, tool, given: policy.proposed.take(who.project, who.key, who.session, tool, given),
        )
        self.calls = around.house.calls = Calls(parts)
        self._front = front = Front(self.calls)
        connections = Connections(front.server, seal, Mail(leases), shared=True, gone=front.forget)
        self._tell = connections.tell
        self._drains = (connections.drain, front.drain)
        self._endpoint = Endpoint(
            front.server,
            connections,
            self._identify,
            open_=not self._settings.auth,
            views=self._is_view,
            public=lambda: self._settings.tools.public_url,
        )

    def _is_view(self, name: str) -> bool:
        return name in self._settings.tools.servers or name in self._settings.tools.masks

    def _mount(self) -> None:
        try:
            self.catalog.use(mounts(self._settings.tools))
        except OutriderError as error:
            log.error("the tools are those known before: %s", error.message)
            return
        for name, place in self.catalog.places.items():
            tell = getattr(place.upstream, "tell", None)
            if tell is not None:
                tell(lambda method, params, name=name: self._heard(name, method, params))

    def _heard(self, server: str, method: str, params: Mapping[str, Any]) -> None:
        """A server said something by itself."""
        assert self._front is not None
        if method == "notifications/tools/list_changed":
            self.catalog.stale(server)
        elif method in ("notifications/resources/list_changed", "notifications/prompts/list_changed"):
            self._front.beyond.stale()
            self._later(self._tell(method))
        elif method == "notifications/resources/updated" and isinstance(params.get("uri"), str):
            self._later(self._front.updated(params["uri"]))

    def _changed(self) -> None:
        if self._front is not None:
            self._later(self._front.changed())
            self._later(self._tell("notifications/tools/list_changed"))

    def _later(self, telling: Any) -> None:
        task = asyncio.get_running_loop().create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _drain(self, stopping: Callable[[], bool]) -> None:
        if not stopping():
            return self.begin(stopping)
        for drain in self._drains:
            drain()


async def _nobody(_: str) -> None:
    return


class _App:
    """An ASGI application, as Starlette knows them: an object, not a function."""

    def __init__(self, answer: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(scope, receive, send)


async def _resource(request: Request) -> Response:
    path = "/" + request.path_params.get("path", "mcp").lstrip("/")
    return JSONResponse(
        {
            "resource": f"{request.url.scheme}://{request.url.netloc}{path}",
            "resource_name": "Outrider",
            "bearer_methods_supported": ["header"],
        }
    )


def _import() -> None:
    """Half a second of imports, in a thread."""
    import outrider.tools.server  # noqa: F401 -- importing it is what is wanted
