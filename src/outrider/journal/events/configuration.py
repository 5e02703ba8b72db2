"""The configuration in force: what a process answers requests by, since when."""

from typing import Literal

import msgspec

from outrider.journal.events.step import BlobRef

__all__ = ["ConfigurationTaken", "Why"]

Why = Literal["start", "reload", "replay"]


class ConfigurationTaken(msgspec.Struct, tag_field="kind", tag="configuration.taken", omit_defaults=True):
    """From `at` on (nanoseconds since the epoch) the process that writes the slot `place` answers by `settings`.

    `settings` is the effective configuration as JSON: defaults included, secrets as references or marks, never their
    values. It is kept once for each content, and retention leaves it. `why` is a start, a changed file, or a replay
    that is answered by a configuration of the past (which is not in force by that); `version` the
    Outrider that it is written for. `project` is always empty: a configuration belongs to the installation.
    """

    at: int
    place: str
    settings: BlobRef
    why: Why = "start"
    version: str = ""
    project: str = ""
    v: int = 1
