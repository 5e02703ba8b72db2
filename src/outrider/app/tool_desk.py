"""The desk of the tools: over a worker's own catalogue, or (for the command line) over one that lives for a command."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from outrider.app.policy import PolicyHandle
from outrider.app.settings import Settings
from outrider.app.tool_mounts import mounts
from outrider.app.tool_parts import ToolParts
from outrider.journal.append import Journal
from outrider.store import Store
from outrider.tools.catalog import Catalog
from outrider.tools.desk import Parts, ToolDesk
from outrider.tools.ports import Tool

if TYPE_CHECKING:
    from outrider.app.tools import ToolsHandle


def desk_of(handle: "ToolsHandle", policy: PolicyHandle, store: Callable[[], Store]) -> ToolDesk:
    """The desk of a worker."""
    return _desk(handle.parts, handle.catalog, handle.ready, handle.loop, policy, store)


def _desk(
    parts: ToolParts,
    catalog: Catalog,
    ready: Callable[[], object],
    loop: Callable[[], asyncio.AbstractEventLoop],
    policy: PolicyHandle,
    store: Callable[[], Store],
) -> ToolDesk:
    return ToolDesk(
        Parts(
            catalog=catalog,
            ready=ready,  # type: ignore[arg-type]  # awaited, and what it gives is not looked at
            loop=loop,
            store=store,
            pins=parts.pins,
            vault=parts.vault,
            accounts=parts.accounts,
            declared=lambda tool: policy.declared(tool.name),
            rules=parts.rules,
            labels=policy.desk,
            servers=lambda: {name: one.kind for name, one in parts.settings.tools.servers.items()},
            connectable=lambda: [n for n, one in parts.settings.tools.servers.items() if one.oauth is not None],
        )
    )


@contextmanager
def opened_desk(
    settings: Settings, home: Path, config: Path | None, leases: Store, store: Callable[[], Store], journal: Journal
) -> Iterator[ToolDesk]:
    """A desk with a catalogue of its own: its servers are started for it and ended after it."""
    policy = PolicyHandle(settings, config, lambda: leases, journal)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="tools", daemon=True)
    thread.start()

    async def nothing(_: object) -> list[Tool]:
        return []

    parts = ToolParts(
        settings, home, policy, lambda: leases, nothing, lambda: None, lambda t: policy.declared(t.name), lambda _: None
    )
    own = parts.own(home, config)
    catalog = Catalog(lambda mount: parts.open(mount, own))

    async def ready() -> None:
        if not catalog.places:
            catalog.use(mounts(settings.tools))

    try:
        yield _desk(parts, catalog, ready, lambda: loop, policy, store)
    finally:
        asyncio.run_coroutine_threadsafe(catalog.close(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        with closing(loop):
            pass
