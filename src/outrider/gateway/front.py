"""What the connections of one worker share: which requests are hot, and how large and slow a request may be."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from outrider.gateway.edge import Refusal

Handler = Callable[[Any], Coroutine[Any, Any, None]]
"""Answers a `gateway.server.Exchange`."""
Named = Mapping[bytes, tuple[tuple[bytes, ...], Handler]]


class Front:
    """What one worker's connections share: hot endpoints by (method, path), and the limits.

    `named` are hot endpoints with a name in their path, by its beginning (`/v1beta/models/`): all POST requests below
    it that end in one of the endings go to the handler. `larger` are limits of the body for paths that take more.
    `on_refusal` records a request that ends at the server's edge, and gives header lines for its answer. `turns_away`
    says by path and headers whether a complete request to a hot endpoint is refused before its handler sees it.
    """

    def __init__(
        self,
        handlers: dict[tuple[bytes, bytes], Handler],
        *,
        max_body: int,
        read_timeout: float,
        on_refusal: Callable[[Refusal], bytes] | None = None,
        turns_away: Callable[[bytes, list[tuple[bytes, bytes]]], tuple[int, bytes, bytes] | None] | None = None,
        named: Named | None = None,
        larger: Mapping[bytes, int] | None = None,
    ) -> None:
        self.handlers, self.max_body, self.read_timeout = handlers, max_body, read_timeout
        self.on_refusal, self.turns_away = on_refusal, turns_away
        self.named, self.larger = named or {}, larger or {}

    def find(self, method: bytes, path: bytes) -> Handler | None:
        """Who answers these requests; None: the application does."""
        found = self.handlers.get((method, path))
        if found is None and method == b"POST":
            for beginning, (endings, handler) in self.named.items():
                if path.startswith(beginning) and path.endswith(endings):
                    return handler
        return found
