"""A model that writes: a route of this Outrider, asked over HTTP as anybody asks it. So what it costs is recorded and
budgeted like any other call.
"""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from decimal import InvalidOperation

import msgspec

from outrider.base import answers, money
from outrider.base.errors import OutriderError, RequestError, UpstreamError

PATIENCE = 300.0


class Writer:
    """The route `name` of the server at `url`, for `ports.Model`. `headers` says who asks, `tag` what for. `cost` is
    what it spent so far, in nano-dollars. Blocks."""

    def __init__(self, url: str, name: str, headers: Callable[[], Mapping[str, str]], tag: str = "knowledge") -> None:
        self.name, self.cost = name, 0
        self._url, self._headers, self._tag = f"{url}/v1/chat/completions", headers, tag

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        """What it answers. Raises RequestError where the route refuses the question, UpstreamError otherwise."""
        messages = [{"role": "user", "content": prompt}]
        body = msgspec.json.encode({"model": self.name, "messages": messages, "max_tokens": max_tokens})
        sent = {"content-type": "application/json", "x-outrider-tags": self._tag, **self._headers()}
        try:
            with urllib.request.urlopen(urllib.request.Request(self._url, body, sent), timeout=PATIENCE) as answer:
                told = answer.read()
                self.cost += _nano(answer.headers.get("x-outrider-cost", "0"))
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(self.name, error.code, error.read(10_000)) from None
        except (OSError, http.client.HTTPException) as error:
            text = f"the route {self.name!r} does not answer now: {error}; is `outrider up` running?"
            raise UpstreamError(text) from None
        return answers.text_of(self.name, told)


def _nano(usd: str) -> int:
    try:
        return money.nano(usd)
    except (InvalidOperation, ValueError):
        return 0


def _refused(name: str, status: int, body: bytes) -> OutriderError:
    said, _ = answers.fault_of(status, body)
    text = f"the route {name!r} does not write: {said}"
    if 400 <= status < 500:
        return RequestError(text, status=status, code="route_refused", param="model")
    return UpstreamError(text, status=status, retryable=True)
