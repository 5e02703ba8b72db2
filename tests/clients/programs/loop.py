"""What every client program shares: it is asked one thing after another in lines of JSON, and answers each in one.

A line asks for a `feature`; the program's function of that name gets an `Asked` and gives what the client made of the
answer. These programs run in environments that hold the client alone: they import nothing of Outrider.
"""

import base64
import contextlib
import json
import sys
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from pydantic import BaseModel


class Asked(SimpleNamespace):
    """`url` (the root), `key`, `model`; `says` is the user's text; `retries` how often the client may try again.

    `retries` and the timeout are options of every client. `image` is base64 of a PNG.
    """

    url: str
    key: str
    model: str
    says: str
    retries: int
    image: str

    @property
    def data_url(self) -> str:
        return f"data:image/png;base64,{self.image}"

    @property
    def image_bytes(self) -> bytes:
        return base64.b64decode(self.image)


class Trip(BaseModel):
    """What structured outputs are asked for."""

    city: str
    days: int


TIMEOUT = 60
LOOK = {
    "type": "object",
    "properties": {"q": {"type": "string", "description": "what to look for"}},
    "required": ["q"],
    "additionalProperties": False,
}
"""Parameters of the function `look`, whose result is "42"."""


def failure(call: Callable[[], object]) -> list[Any]:
    """The class of what `call` raises, and the HTTP status that the client puts in it."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 -- which one is what is asked
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        return [type(error).__name__, status]
    return ["nothing raised", None]


def serve(**features: Callable[[Asked], Any]) -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        feature = features[asked.pop("feature")]
        try:
            with contextlib.redirect_stdout(sys.stderr):  # some clients print
                said = {"answer": feature(Asked(**asked))}
        except Exception:  # noqa: BLE001 -- the test fails with it
            said = {"raised": traceback.format_exc()}
        print(json.dumps(said), flush=True)
