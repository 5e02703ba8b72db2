"""Logging of the processes: one line per event on standard error."""

import logging


def set_up(level: int = logging.INFO) -> None:
    """Idempotent. Libraries speak up from WARNING on."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname).1s %(name)s: %(message)s", datefmt="%H:%M:%S"
    )
    logging.getLogger("outrider").setLevel(level)
