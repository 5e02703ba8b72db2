"""Which request a broken line was to answer: whoever waits for that one is told, and nobody else.

The SDK throws away what it cannot read, so a call whose answer is broken would wait until its time is over.
"""

import json
import re
from typing import Any

from mcp.shared.message import SessionMessage
from mcp_types import (
    INTERNAL_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    jsonrpc_message_adapter,
)

from outrider.tools.sound import MOST_DEEP, deeper, plain

UNREADABLE = object()
"""The data of the error that stands for an answer which cannot be read: no server can send it."""
LARGEST = 1 << 20
"""Bytes of a line that is looked at as a whole; of a longer one only its ends."""
_END = 400
_VERSION = rb'"jsonrpc"\s*:\s*"2\.0"'
_NUMBER = rb'"id"\s*:\s*(\d{1,18}|"[^"\\]{1,100}")'
_FIRST = re.compile(
    rb"\s*\{\s*(?:%b\s*,\s*)?%b\s*,\s*(?:%b\s*,\s*)?\"(?:result|error)\"" % (_VERSION, _NUMBER, _VERSION)
)
"""As most servers begin an answer."""
_LATER = re.compile(rb'\s*\{\s*(?:%b\s*,\s*)?"(?:result|error)"\s*:' % _VERSION)
"""As others do, that say at the end whose it is."""
_LAST = re.compile(rb",\s*(?:%b\s*,\s*%b|%b\s*,\s*%b)\s*\}\s*$" % (_VERSION, _NUMBER, _NUMBER, _VERSION))


class Awaited:
    """The requests of one connection that are not answered yet."""

    def __init__(self) -> None:
        self._open: dict[str, int | str] = {}

    def said(self, message: JSONRPCMessage) -> None:
        """We said this."""
        if isinstance(message, JSONRPCRequest):
            self._open[str(message.id)] = message.id
        elif isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            self._open.pop(str((message.params or {}).get("requestId")), None)

    def heard(self, line: bytes) -> SessionMessage | Exception:
        """The message of a line; for a broken answer an error in its place; else why it is none."""
        try:
            message = _read(line)
        except ValueError as error:
            number = self._broken(line)
            if number is None:
                return error
            why = ErrorData(code=INTERNAL_ERROR, message="an answer that cannot be read", data=UNREADABLE)
            message = JSONRPCError(jsonrpc="2.0", id=number, error=why)
        if isinstance(message, JSONRPCError) and message.id is None:  # it could not read what we said
            message = JSONRPCError(jsonrpc="2.0", id=self._only(), error=message.error)
        if isinstance(message, JSONRPCResponse | JSONRPCError):
            self._open.pop(str(message.id), None)
        return SessionMessage(message)

    def _only(self) -> int | str | None:
        """The request that waits, if it is the only one."""
        return next(iter(self._open.values())) if len(self._open) == 1 else None

    def _broken(self, line: bytes) -> int | str | None:
        """Whose answer this was to be; None if it is none, or nobody can tell."""
        head = line[:_END]
        found = _FIRST.match(head)
        if found is None and _LATER.match(head):
            found = _LAST.search(line[-_END:])
        if found is not None:
            number = next(part for part in found.groups() if part is not None)
            return self._open.get(number.decode("utf-8", "replace").strip('"'))
        whole = _json(line) if len(line) <= LARGEST else None
        if isinstance(whole, dict):
            if "method" in whole or not whole.keys() & {"jsonrpc", "result", "error"}:
                return None
            given = whole.get("id")
            if isinstance(given, float) and given.is_integer():
                given = int(given)
            return self._open.get(str(given)) if given is not None else self._only() if "jsonrpc" in whole else None
        return self._only() if whole is None and _LATER.match(head) else None


def _read(line: bytes) -> JSONRPCMessage:
    """Raises ValueError for what is no message. Halves of surrogate pairs and bytes that are no UTF-8 are no reason."""
    try:
        return jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValueError:
        if not line.lstrip().startswith(b"{") or (whole := _json(line)) is None or deeper(whole, MOST_DEEP):
            raise
        return jsonrpc_message_adapter.validate_python(plain(whole), by_name=False)


def _json(line: bytes) -> Any:
    """None for what is no JSON at all."""
    try:
        return json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
