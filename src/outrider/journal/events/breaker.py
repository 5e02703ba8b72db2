"""An operator's hand on a breaker."""

import msgspec

__all__ = ["BreakerForced"]


class BreakerForced(msgspec.Struct, tag_field="kind", tag="breaker.forced", omit_defaults=True):
    """Somebody holds a deployment's breaker open (`open`), or has closed it, on the machine where this was written."""

    deployment: str
    at: int
    open: bool = False
    by: str = ""
    why: str = ""
    v: int = 1
