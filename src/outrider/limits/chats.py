"""A message in a chat's own form (buttons, blocks), sent to the one URL that the chat gave for it.

Messages in plain text to any place are those of `notices.py`. A URL is a secret: it is in no error.
"""

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

import msgspec

from outrider.limits.notices import PAUSES

PATIENCE = 5.0
TRIES = 3
LONGEST_PAUSE = 10.0
"""Seconds that a chat may ask us to wait for the next try: others wait for their messages meanwhile."""


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: what is sent is for this place alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stays)


def post(
    url: str,
    message: Mapping[str, Any],
    *,
    patience: float = PATIENCE,
    tries: int = TRIES,
    pause: Callable[[float], object] = time.sleep,
) -> str:
    """Send it; why it was not taken, or "". Blocking. A refusal (4xx) is not tried again, but "too many" (429) is: when
    the chat said so."""
    trouble = ""
    for attempt in range(tries):
        wait = PAUSES[min(attempt, len(PAUSES) - 1)]
        try:
            request = urllib.request.Request(url, msgspec.json.encode(message), {"content-type": "application/json"})
            with _opener.open(request, timeout=patience) as answer:
                answer.read(1_000)
                return ""
        except urllib.error.HTTPError as error:
            error.close()
            trouble = f"HTTP {error.code}"
            if error.code < 500 and error.code != 429:
                break
            said = error.headers.get("retry-after", "")
            wait = min(float(said), LONGEST_PAUSE) if said.isdecimal() else wait
        except (OSError, HTTPException, ValueError) as error:  # no connection, no answer, no HTTP, no URL
            trouble = type(error).__name__
        if attempt < tries - 1:
            pause(wait)
    return trouble


def same_place(url: str, known: str) -> bool:
    """Whether a URL leads to the very host of one that is known."""
    try:
        one, other = urlsplit(url), urlsplit(known)
        return (one.scheme, one.netloc) == (other.scheme, other.netloc) and bool(one.netloc)
    except ValueError:
        return False
