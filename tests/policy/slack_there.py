"""Slack, as far as approvals need it: takes messages as strictly as Slack does, and signs what people press."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

from outrider.policy.slack import signature

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


class SlackThere(ThreadingHTTPServer):
    """`messages` are those that were posted by the webhook, `replies` those to the response URL."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.messages: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []
        self.posted = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def webhook(self) -> str:
        return f"{self.url}/services/T0/B0/XXXX"

    def buttons(self, at: int = -1) -> dict[str, dict[str, Any]]:
        """The buttons of a message, by their action."""
        return {one["action_id"]: one for one in self.messages[at]["blocks"][-1]["elements"]}

    def press(self, origin: str, button: dict[str, Any], user: str = "U0OLGA", **changed: Any) -> tuple[int, Any]:
        """What comes back of a press; `changed`: `secret`, `seconds` (of the clock), `value`, `reply`, `kind`."""
        raw, headers = self.pressing(button, user, **changed)
        request = urllib.request.Request(f"{origin}/api/approvals/slack", raw, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def pressing(self, button: dict[str, Any], user: str, **changed: Any) -> tuple[bytes, dict[str, str]]:
        action = {"type": "button", "block_id": "b", "action_id": button["action_id"],
                  "value": changed.get("value", button.get("value", ""))}  # fmt: skip
        payload = {
            "type": changed.get("kind", "block_actions"),
            "user": {"id": user, "username": "somebody", "team_id": "T0"},
            "api_app_id": "A0",
            "actions": [action],
            "message": self.messages[-1] if self.messages else {},
            "response_url": changed.get("reply", f"{self.url}/actions/T0/1/Y"),
        }
        raw = urlencode({"payload": json.dumps(payload)}).encode()
        moment = str(int(changed.get("seconds", time.time())))
        return raw, {
            "content-type": "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": moment,
            "x-slack-signature": signature(changed.get("secret", SECRET), moment, raw),
        }


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        there = self.server
        assert isinstance(there, SlackThere)
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        wrong = [] if self.path.startswith("/actions/") else [*problems(said)]
        if not wrong:
            (there.replies if self.path.startswith("/actions/") else there.messages).append(said)
        answer = b"invalid_blocks: " + "; ".join(wrong).encode() if wrong else b"ok"
        self.send_response(400 if wrong else 200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        there.posted.set()

    def log_message(self, format: str, *args: object) -> None:
        pass


_BUTTON = {"type", "action_id", "text", "value", "url", "style", "confirm"}


def problems(message: dict[str, Any]) -> Iterator[str]:
    """What Slack would not take of a message, by its published limits."""
    if set(message) - {"text", "blocks"} or not message.get("text"):
        yield "a message has text and blocks"
    blocks = message.get("blocks", [])
    if not 0 < len(blocks) <= 50:
        yield "1 to 50 blocks"
    for block in blocks:
        if block["type"] == "header":
            yield from _text(block["text"], 150)
        elif block["type"] == "section":
            yield from _text(block["text"], 3_000)
        elif block["type"] == "actions":
            yield from _actions(block["elements"])
        else:
            yield f"no such block: {block['type']}"


def _actions(elements: list[dict[str, Any]]) -> Iterator[str]:
    if not 0 < len(elements) <= 25 or len({one["action_id"] for one in elements}) != len(elements):
        yield "1 to 25 elements, each with an action_id of its own"
    for one in elements:
        if set(one) - _BUTTON or one["type"] != "button" or one.get("style", "danger") not in ("primary", "danger"):
            yield "no such button"
        if len(one["action_id"]) > 255 or len(one.get("value", "")) > 2_000 or len(one.get("url", "")) > 3_000:
            yield "too long"
        yield from _text(one["text"], 75)
        if "confirm" in one:
            yield from _text(one["confirm"]["title"], 100)
            yield from _text(one["confirm"]["text"], 300)
            yield from _text(one["confirm"]["confirm"], 30)
            yield from _text(one["confirm"]["deny"], 30)


def _text(text: dict[str, Any], most: int) -> Iterator[str]:
    if set(text) - {"type", "text", "emoji"} or text["type"] != "plain_text" or not 0 < len(text["text"]) <= most:
        yield f"plain text of 1 to {most} characters: {text}"
