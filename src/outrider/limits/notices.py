"""Messages to people, by webhook, e-mail or chat: one library knows how each place wants them (the extra `alarms`).

Every place is a URL (`json://…`, `mailto://…`, `slack://…`). A URL is a secret: places are named by their number in
the configuration and their kind, nowhere by more.
"""

import importlib.util
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from outrider.base.errors import ConfigError

TRIES = 3
PAUSES = (1.0, 5.0)
"""Seconds between tries."""

_TALKATIVE = ("apprise", "urllib3.connectionpool")
"""Loggers of the library, and of what it sends with: their words hold parts of URLs."""


class Delivery(NamedTuple):
    """How many places took a message, how many did not, and which."""

    delivered: int
    failed: int
    error: str = ""


class Notices:
    """The places that are told. `send` blocks; use it in a thread. Raises ConfigError when the library is missing."""

    def __init__(self, urls: Sequence[str], *, pause: Callable[[float], object] = time.sleep) -> None:
        if importlib.util.find_spec("apprise") is None:
            raise ConfigError("messages need the library apprise: pip install 'outrider[alarms]'")
        self._urls, self._pause = list(urls), pause

    @property
    def places(self) -> list[str]:
        """The places as they may be named: `1 (slack)`."""
        return [f"{number} ({url.partition(':')[0][:20]})" for number, url in enumerate(self._urls, 1)]

    def send(self, title: str, body: str, *, urgent: bool = False) -> Delivery:
        """Tell every place, each up to three times."""
        refused = [
            place
            for place, url in zip(self.places, self._urls, strict=True)
            if not self._deliver(url, title, body, "failure" if urgent else "warning")
        ]
        done = len(self._urls) - len(refused)
        return Delivery(done, len(refused), f"not taken by {', '.join(refused)}" if refused else "")

    def _deliver(self, url: str, title: str, body: str, kind: str) -> bool:
        place = _place(url)
        if place is None:
            return False
        for attempt in range(TRIES):
            if place.notify(body=body, title=title, notify_type=kind, body_format="text"):
                return True
            if attempt < TRIES - 1:
                self._pause(PAUSES[attempt])
        return False


def _place(url: str) -> Any:
    """What the library makes of a URL; None if it cannot be used."""
    import apprise

    for name in _TALKATIVE:
        logging.getLogger(name).disabled = True
    asset = apprise.AppriseAsset(app_id="Outrider", app_desc="Outrider", app_url="", async_mode=False)
    made = apprise.Apprise(asset=asset)
    return made if made.add(url) else None
