"""Knowledge: what became of collections and their documents, by whom and when. Never their text."""

from typing import Literal

import msgspec


class CollectionChanged(msgspec.Struct, tag_field="kind", tag="collection.changed", omit_defaults=True):
    """A collection was made, configured, dropped or rebuilt, by a key (its public part; "": the command line or the
    configuration). `at` is nanoseconds since the epoch."""

    project: str
    collection: str
    at: int
    action: Literal["made", "configured", "dropped", "rebuilt"]
    key: str = ""
    v: int = 1


class DocumentChange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One document: its id, the number of its version, what happened, the hash of what it was read from."""

    id: str
    number: int
    action: Literal["put", "ended", "erased", "labelled"]
    hash: str = ""


class DocumentsChanged(msgspec.Struct, tag_field="kind", tag="documents.changed", omit_defaults=True):
    """Documents of a collection got a new version, ended, were erased or got other readers or another trust: by a job,
    for a key (its public part; "": the command line or the configuration). `at` is nanoseconds since the epoch."""

    project: str
    collection: str
    at: int
    changes: list[DocumentChange]
    job: str = ""
    key: str = ""
    v: int = 1
