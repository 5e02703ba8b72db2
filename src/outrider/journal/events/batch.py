"""Batches: who asked for one, who ended it early, how it ended. Their lines are runs with the batch's id as tag."""

import msgspec


class BatchCreated(msgspec.Struct, tag_field="kind", tag="batch.created", omit_defaults=True):
    """A key (its public part) asked for a batch of the requests in a file, whose content is known by its digest.

    `at` and `expires` are nanoseconds since the epoch, `size` is in bytes.
    """

    id: str
    project: str
    at: int
    key: str = ""
    endpoint: str = ""
    file: str = ""
    size: int = 0
    sha256: bytes = b""
    expires: int = 0
    v: int = 1


class BatchCancelled(msgspec.Struct, tag_field="kind", tag="batch.cancelled", omit_defaults=True):
    """A key asked for its end."""

    id: str
    project: str
    at: int
    key: str = ""
    v: int = 1


class BatchEnded(msgspec.Struct, tag_field="kind", tag="batch.ended", omit_defaults=True):
    """It is over: its last status, and how many of its lines succeeded and failed. A process that dies at that very
    moment leaves none."""

    id: str
    project: str
    at: int
    status: str
    total: int = 0
    completed: int = 0
    failed: int = 0
    output: str = ""
    errors: str = ""
    v: int = 1
