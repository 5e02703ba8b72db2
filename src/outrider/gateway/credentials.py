"""Our credentials stay ours: some providers repeat them in errors, and neither callers nor the journal may see them."""

import re

from outrider.base.errors import UpstreamError
from outrider.base.ports import Deployment

NAMES = re.compile(b"auth|key|token|secret|cookie", re.IGNORECASE)
SHORTEST = 6  # shorter ones are no secret, and would be found in innocent words


def without(deployment: Deployment, said: bytes) -> bytes:
    """What a provider said, without the credentials of its deployment."""
    for name, value in deployment.headers:
        secret = value.rpartition(b" ")[2]
        if len(secret) >= SHORTEST and NAMES.search(name):
            said = said.replace(secret, b"[credential]")
    return said


def discreet(deployment: Deployment, error: UpstreamError) -> None:
    """The same for a failure: errors also come inside answers and streams."""
    error.message = without(deployment, error.message.encode("utf-8", "replace")).decode()
    if error.body is not None:
        error.body = without(deployment, error.body)
