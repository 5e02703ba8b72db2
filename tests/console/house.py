"""For the tests in a browser: a house to look into, and a watch over everything that goes wrong in it."""

import json
import shutil
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response

from outrider.console.sessions import SignIns
from outrider.limits.keys import Identity
from outrider.testing.running import Running

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: install chromium to see the console in a browser"),
]
QUIET = "--disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
Visit = Callable[..., Page]
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy ${event.effectiveDirective} refused ${event.blockedURI} ${event.sample}`));
"""


class House:
    """Outrider under test. A call is in the store when `say` returns: no process indexes beside the test."""

    def __init__(self, outrider: Running) -> None:
        self.outrider, self.url = outrider, outrider.url

    def say(self, text: str, route: str = "support", key: str = "", tags: str = "", **more: Any) -> str:
        """Ask once through the gateway; the id of the run. An error is an answer too."""
        body = {"model": route, "messages": [{"role": "user", "content": text}], **more}
        request = urllib.request.Request(f"{self.url}/v1/chat/completions", json.dumps(body).encode(), method="POST")
        request.add_header("authorization", f"Bearer {key or self.outrider.key}")
        request.add_header("content-type", "application/json")
        request.add_header("x-outrider-tags", tags)
        opener = urllib.request.build_opener(_ErrorsAreAnswers)
        with opener.open(request, timeout=30) as answer:
            answer.read()
            run: str = answer.headers["x-request-id"]
        self.index()
        return run

    def index(self) -> None:
        self.outrider.store()

    def link(self, key: str = "", project: str = "default") -> str:
        public = (key or self.outrider.key).split("-")[2]
        return f"{self.url}/login?token={SignIns(self.outrider.home).link(Identity(project, public))}"


class _ErrorsAreAnswers(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response


class Watch:
    """Everything that went wrong in a context's pages, in words."""

    def __init__(self, context: BrowserContext) -> None:
        self.trouble: list[str] = []
        context.add_init_script(VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.trouble.append(f"uncaught: {error.error}"))
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "the server responded with a status of" not in message.text:
            self.trouble.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.trouble.append(f"{response.status} {response.request.method} {response.url}")


def press(page: Page, *keys: str) -> None:
    """Keys on a page that a link may have led to just now: those that come before it has its program are lost."""
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def width(page: Page) -> int:
    """Of all that is on the page. Not beside `innerWidth`: a phone zooms out until everything fits."""
    pixels: int = page.evaluate("document.documentElement.scrollWidth")
    return pixels


def painted(page: Page, chart: int) -> bool:
    """Whether anything is drawn on a chart's canvas."""
    script = "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 == 3 && v)"
    drawn: bool = page.locator("or-chart canvas").nth(chart).evaluate(script)
    return drawn
