"""A worker with its tool gateway on a free port, and the everything server behind it."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from outrider.app.build import Worker
from outrider.app.settings import load
from outrider.journal.events import RunRecorded
from outrider.limits.keys import new_key
from tests.tools.everything import Everything
from tests.tools.serving import Serving

HARMLESS = '"*": {trust: trusted, privacy: public, does: none, steers: {}}'


class Gateway:
    """`url` is that of `/mcp`; `key` of a project's key ("" with auth off)."""

    def __init__(self, url: str, worker: Worker, key: str) -> None:
        self.url, self.worker, self.key = f"{url}/mcp", worker, key
        self.events: list[Any] = []
        append = worker.journal.append

        def heard(event: Any, *rest: Any) -> Any:
            self.events.append(event)
            return append(event, *rest)

        worker.journal.append = heard  # type: ignore[method-assign]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"}

    def runs(self) -> list[RunRecorded]:
        """The runs that were recorded so far."""
        return [one for one in self.events if isinstance(one, RunRecorded)]


@contextlib.asynccontextmanager
async def everything(made: Everything | None = None) -> AsyncIterator[tuple[str, Everything]]:
    """The everything server over HTTP; its URL."""
    made = made or Everything()
    app = made.server.streamable_http_app()
    async with app.router.lifespan_context(app), Serving(app) as url:
        yield f"{url}/mcp", made


@contextlib.asynccontextmanager
async def gateway(
    home: Path, tools: dict[str, Any] | str, more: str = "auth: off\n", *, store_url: str = ""
) -> AsyncIterator[Gateway]:
    """A worker with these settings of `tools` (JSON or YAML)."""
    config = home / "outrider.yaml"
    said = tools if isinstance(tools, str) else f"tools: {json.dumps(tools)}\n"
    config.write_text(f"embedded: {{enabled: false}}\n{more}{said}")
    worker = Worker(load(config, {}), home, config, store_url=store_url)
    await worker.start()
    key = ""
    if worker.settings.auth:
        key, made = new_key(worker.settings.projects[0])
        await worker.record_key(made)
    try:
        async with Serving(worker.app) as url:
            yield Gateway(url, worker, key)
            worker.stopping = True
            await worker.tools.stop()
    finally:
        await worker.stop()
