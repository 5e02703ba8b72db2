"""Files beside the store that belong to nothing any more: of a collection that was dropped, of an embedding that went,
from before something was erased. They hold names and vectors of what is to be gone for good."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from outrider.store.ports import Store

_COLLECTIONS = "SELECT id, made, erasures FROM collections"
_SPACES = "SELECT uid, epoch FROM spaces"
_GRAPH = re.compile(r"(\d+-\d+)\.(?:graph|\d+\.\d+)")
_VECTORS = re.compile(r"([0-9a-f]{16}-\d+)\.(?:f16|ids|usearch)")


class _Stamp(msgspec.Struct):
    erasures: int


def sweep(store: Store, folder: Path) -> None:
    """Take away the files of `folder` that hold what the store has no more. They can all be made again."""
    there = [path for path in folder.glob("*-*.*") if path.is_file()]  # before the store is asked: newer ones stay
    if not there:
        return
    graphs = {f"{id_}-{made}": erasures for id_, made, erasures in store.query(_COLLECTIONS)}
    vectors = {f"{uid}-{epoch}" for uid, epoch in store.query(_SPACES)}
    for path in there:
        if (found := _GRAPH.fullmatch(path.name)) is not None:
            holds = found[1] in graphs and (path.suffix != ".graph" or graphs[found[1]] in _erasures(path))
        elif (found := _VECTORS.fullmatch(path.name)) is not None:
            holds = found[1] in vectors
        else:
            continue
        if not holds:
            path.unlink(missing_ok=True)


def _erasures(graph: Path) -> Iterator[int]:
    """How many erasures a graph's file knows of; nothing where it cannot be read."""
    try:
        with zipfile.ZipFile(graph) as found:
            told = found.read("stamp.npy")
        yield msgspec.json.decode(told[told.index(b"{", told.index(b"\n")) :], type=_Stamp).erasures
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, msgspec.MsgspecError):
        return
