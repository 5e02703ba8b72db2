"""Zip files of strangers: looked at before anything in them is unpacked."""

import io
import zipfile

from outrider.base.errors import Unreadable

ENTRIES = 20_000
UNPACKED = 400_000_000
"""Bytes that an Office file's parts may have in all, and …"""
MARKUP = 100_000_000
"""… those of them that are XML, which takes several times as much when it is read."""


def check(body: bytes) -> None:
    """Refuses what would unpack to too much. Python's own zip reader never gives more than an entry declares."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(body)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as fault:
        raise Unreadable(f"The file is damaged: {fault}. Save it anew.") from None
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("It is encrypted with a password. Save it without one.")
    markup = sum(e.file_size for e in entries if e.filename.endswith((".xml", ".rels", ".vml")))
    whole = sum(e.file_size for e in entries)
    if len(entries) > ENTRIES or whole > UNPACKED or markup > MARKUP:
        raise Unreadable(
            f"It unpacks to {len(entries):,} parts of {whole:,} bytes ({markup:,} of them text); at most {ENTRIES:,}, "
            f"{UNPACKED:,} and {MARKUP:,} are read. Divide it."
        )
