"""A message in a chat's own form (buttons, blocks), sent to the one URL that the chat gave for it.

Messages in plain text to any place are those of `notices.py`. A URL is a secret: it is in no error.
"""

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

PATIENCE = 5.0
TRIES = 3


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nobody elsewhere: what is sent is for this place alone."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_Stays)


def post(url: str, message: Mapping[str, Any], *, patience: float = PATIENCE, tries: int = TRIES) -> str:
    """Send it; why it was not taken, or "". Blocking. A refusal (4xx) is not tried again."""
    trouble = ""
    for _ in range(tries):
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
        except (OSError, ValueError) as error:  # no connection, no answer, no URL
            trouble = type(error).__name__
    return trouble


def same_place(url: str, known: str) -> bool:
    """Whether a URL leads to the very host of one that is known."""
    try:
        one, other = urlsplit(url), urlsplit(known)
        return (one.scheme, one.netloc) == (other.scheme, other.netloc) and bool(one.netloc)
    except ValueError:
        return False
