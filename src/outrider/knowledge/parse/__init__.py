"""Bytes to text with structure. One file per format; each is `parse(fetched) -> Parsed`, found by `sniff.kind` and
imported only when such a file comes. They open no other file, reach no network and are bounded in what they make, but
they run on the work of strangers: the worker process is the place for them."""

import importlib
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from outrider.base.errors import Unreadable
from outrider.knowledge import absent
from outrider.knowledge.parse.draft import line, storable
from outrider.knowledge.parse.sniff import kind
from outrider.knowledge.records import LARGEST, Fetched, Parsed

__all__ = ["LARGEST", "Unreadable", "parse"]


def parse(fetched: Fetched) -> Parsed:
    """The document's text and blocks. Raises `Unreadable`, which says why and what helps, and nothing else."""
    if len(fetched.body) > LARGEST:
        raise Unreadable(f"It has {len(fetched.body):,} bytes; at most {LARGEST:,} are read. Divide it.")
    if not fetched.body.strip():
        raise Unreadable("The file is empty.")
    found = kind(fetched)
    reader: Callable[[Fetched], Parsed] = importlib.import_module(f"{__name__}.{found}").parse
    try:
        parsed = reader(fetched)
    except Unreadable:
        raise
    except Exception as fault:  # the edge of others' parsers: what a file makes them raise is told as its fault
        if missing := absent.told(fault):
            raise Unreadable(missing) from fault
        raise Unreadable(
            f"The file is damaged or not what it seems ({found}): {_told(fault)}. Save it anew."
        ) from fault
    if not parsed.text.strip():
        raise Unreadable(_WITHOUT.get(found, "There is no text in it."))
    return _finished(parsed, fetched)


_WITHOUT = {
    "pdf": "There is no text in it: its pages are pictures. Run it through text recognition (OCR) first.",
    "html": "There is no text in it: the page is probably made by scripts. Save it from a browser, or add its text.",
}


def _told(fault: Exception) -> str:
    known = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, KeyError)
    text = line(str(fault))[:200] if isinstance(fault, known) else ""
    return storable(text or type(fault).__name__)


def _finished(parsed: Parsed, fetched: Fetched) -> Parsed:
    """With a title in any case, and nothing in it that no store takes."""
    parsed.meta = _storable(parsed.meta)
    parsed.title = line(storable(parsed.title or str(fetched.meta.get("title") or "") or _stem(fetched.name)))[:500]
    return parsed


def _stem(name: str) -> str:
    return re.sub(r"\.\w{1,8}$", "", name.rstrip("/").rpartition("/")[2]) or name


def _storable(value: Any) -> Any:
    if isinstance(value, dict):
        return {storable(str(k)): _storable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_storable(v) for v in value]
    return storable(value) if isinstance(value, str) else value
