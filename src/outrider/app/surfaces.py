"""Everything that is not hot, as one ASGI application: the API, the console, the tool gateway, what else `/v1` has.

It is imported and put together when somebody asks for it, or a moment after the start: half of a start's work, and
the first answer of a model should not wait for it.
"""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from outrider.base.errors import OutriderError
from outrider.gateway.batches import http as batch_pages
from outrider.gateway.batches import message_batches
from outrider.gateway.batches.desk import BatchDesk
from outrider.gateway.surface import count_tokens, gemini_quiet, http, stored_responses, traces

if TYPE_CHECKING:
    from outrider.app.build import Worker

REST = 1.0
"""Seconds after the start when it is made, if nobody asked before."""


class Surfaces:
    """An ASGI application. Health and metrics answer from the first moment."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        quiet = http.routes(worker.corridor, worker.ready)
        self._near: ASGIApp = Starlette(routes=quiet)
        paths = (one.path for one in quiet if isinstance(one, Route))
        self._soon = frozenset(path for path in paths if path.startswith(("/health", "/metrics")))
        self._whole: asyncio.Task[Starlette] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        near = scope["type"] == "http" and scope["method"] == "GET" and scope["path"] in self._soon
        await (self._near if near else await self._made())(scope, receive, send)

    async def warm_later(self) -> None:
        """Make it when the first requests are through."""
        await asyncio.sleep(REST)
        await self._made()

    async def _made(self) -> Starlette:
        """Put together once, in a thread; whoever asks meanwhile waits for the same. What failed is tried again."""
        made = self._whole
        if made is None or (made.done() and (made.cancelled() or made.exception() is not None)):
            self._whole = made = asyncio.create_task(asyncio.to_thread(application, self._worker))
        return await asyncio.shield(made)


def application(worker: "Worker") -> Starlette:
    """All of it. What is only needed here is imported here."""
    from outrider import api, console
    from outrider.api.deps import ApiDeps
    from outrider.app import config_record, not_served, paths
    from outrider.app.knowledge import writer
    from outrider.app.tool_desk import desk_of
    from outrider.console.deps import ConsoleDeps
    from outrider.limits.access import Budgets
    from outrider.limits.conditions import Deployments
    from outrider.limits.key_access import Keys

    settings, corridor, leases = worker.settings, worker.corridor, worker.limits.leases
    shared: dict[str, Any] = {
        "store": worker.store.get,
        "sessions": worker.sign_ins,
        "check_key": worker.check_key,
        "routes": lambda: corridor.table.names(),
        "keys": Keys(worker.store.get, worker.record_key),
        "anonymous": "" if settings.auth else settings.projects[0],
        "budgets": Budgets(
            worker.store.get,
            leases.get,
            worker.limits.record,
            lambda: worker.settings.projects,
            paths.holds(worker.home),
        ),
        "deployments": Deployments(worker.vitals.board, worker.store.get, worker.journal.append_now),
        "knowledge": worker.knowledge,
        "office": worker.policy.office,
        "tools": desk_of(worker.tools, worker.policy, worker.store.get),
        "casebook": worker.casebook.get if settings.casebook.enabled else None,
        "experiments": worker.experiments.desk(worker.knowledge.library),
        "online": worker.online.desk(),
        "batches": BatchDesk(worker.batches, worker.store.get),
        "record": worker.knowledge.record,
        "writer": lambda who, route, tag: writer(worker.settings, worker.home, route, who, tag),
    }
    identify = partial(http.identify, corridor)
    return Starlette(
        routes=[
            *gemini_quiet.routes(corridor),
            *http.routes(corridor, worker.ready),
            *count_tokens.routes(corridor),
            *batch_pages.routes(worker.batches, identify),
            *message_batches.routes(worker.batches, identify),
            *stored_responses.routes(identify, worker.shelf, worker.journal, worker.behind),
            *traces.routes(corridor),
            *worker.tools.routes(),
            *api.routes(ApiDeps(**shared, projects=settings.projects, guardrails=worker.guardrails.rules)),
            *console.routes(
                ConsoleDeps(**shared, stopping=lambda: worker.stopping, config_lines=config_record.lines),
            ),
        ],
        exception_handlers={
            **console.error_answers(),
            404: not_served.not_found,
            405: not_served.wrong_method,
            OutriderError: not_served.failed,
        },
    )
