"""Zip files of strangers: looked at before anything in them is unpacked."""

import io
import re
import zipfile
from collections.abc import Callable

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


_TYPES = "[Content_Types].xml"
_ROOT = "_rels/.rels"
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")
_KIND = re.compile(
    rb"application/vnd\.(?:ms-word|ms-powerpoint|openxmlformats-officedocument\.(?:wordprocessing|presentation)ml)"
    rb"\.(?:document|presentation|slideshow|template)"
    rb"\.(?:macroEnabled(?:Template)?\.)?main\+xml"
)


def usual(body: bytes) -> bytes:
    """An Office file as the libraries know it. Templates, shows and files with macros differ by the name of their kind
    alone, and the strict form of the format by the names of its vocabularies."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        types = archive.read(_TYPES) if _TYPES in archive.namelist() else b""
        strict = _ROOT in archive.namelist() and _STRICT.search(archive.read(_ROOT)) is not None
    plain = _KIND.sub(_plain, types)
    if not strict and plain == types:
        return body

    def changed(name: str, said: bytes) -> bytes:
        if strict and name.endswith((".xml", ".rels", ".vml")):
            said = _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/", said)
        return _KIND.sub(_plain, said) if name == _TYPES else said

    return rewritten(body, changed)


def rewritten(body: bytes, changed: Callable[[str, bytes], bytes], without: tuple[str, ...] = ()) -> bytes:
    """The package with its parts changed, and some left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in dict.fromkeys(old.namelist()):
            if name not in without:
                new.writestr(name, changed(name, old.read(name)))
    return out.getvalue()


def _plain(found: re.Match[bytes]) -> bytes:
    slides = b"powerpoint" in found[0] or b"presentationml" in found[0]
    kind = b"presentationml.presentation" if slides else b"wordprocessingml.document"
    return b"application/vnd.openxmlformats-officedocument." + kind + b".main+xml"
