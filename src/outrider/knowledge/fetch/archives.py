"""Files in files: archives, mailboxes, what is attached to a message. Each is a document of its own. Never is more
unpacked than is declared and allowed; of what was packed as a whole, what is large waits in a file without a name."""

import bz2
import io
import lzma
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import IO, Any, TypeVar

from outrider.knowledge.fetch.files import IGNORED, is_ignored
from outrider.knowledge.fetch.options import Options, missed, too_large, unparsed
from outrider.knowledge.parse import mail, sniff
from outrider.knowledge.records import Fetched, Missed, OnDisk

DEEPEST = 3
MEMBERS = 20_000
UNPACKED = 1_000_000_000
"""Bytes that all members of an archive may have together."""
HARMLESS, MOST_PACKED = 10_000_000, 200
"""Beyond so many bytes, nothing is unpacked to more than so many times what it takes packed: text packs to a tenth, an
archive that is made to fill a disk to a thousandth."""
_PACKED: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(31)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", lambda: lzma.LZMADecompressor(memlimit=200_000_000)),
)
_HEAD, _PART = 4_096, 1_000_000
_MEDIA = ("image/", "audio/", "video/", "font/")
_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error,
    lzma.LZMAError, KeyError, IndexError, OverflowError,
)  # fmt: skip

_Entry = TypeVar("_Entry", zipfile.ZipInfo, tarfile.TarInfo)


def opened(found: Fetched | OnDisk, options: Options, depth: int = 0) -> Iterator[Fetched | Missed]:
    """The documents in it: itself, where it is no archive."""
    pack = _pack(found)
    head = _head(pack.file)
    inside: Iterator[Fetched | Missed] | None = None
    if head.startswith(b"PK") and sniff.is_archive(pack.file):
        inside = _zip(pack, options)
    elif any(head.startswith(mark) for mark, _ in _PACKED):
        inside = _packed(pack, head, options)
    elif _is_tar(head):
        inside = _tar(pack, options)
    elif sniff.is_mail(Fetched(pack.source, pack.name, pack.media, head)):
        inside = _mail(found if isinstance(found, Fetched) else _whole(found))
    if inside is None:
        yield found if isinstance(found, Fetched) else missed(found.source, unparsed(found.size))
    elif depth >= DEEPEST:
        yield missed(found.source, f"It is an archive in an archive, deeper than {DEEPEST} levels. Unpack it.")
    else:
        yield from _bounded(found, pack.size, inside, options, depth)


def _pack(found: Fetched | OnDisk) -> OnDisk:
    if isinstance(found, OnDisk):
        return found
    return OnDisk(found.source, found.name, found.media, len(found.body), io.BytesIO(found.body), found.when)


def _whole(found: OnDisk) -> Fetched:
    return Fetched(found.source, found.name, found.media, found.file.read(), found.when)


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    return head


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def _bounded(
    found: Fetched | OnDisk, packed: int, inside: Iterator[Fetched | Missed], options: Options, depth: int
) -> Iterator[Fetched | Missed]:
    count = size = 0
    try:
        for member in inside:
            count += 1
            size += len(member.body) if isinstance(member, Fetched) else 0
            if count > MEMBERS or size > UNPACKED:
                told = (
                    f"It holds more than {MEMBERS:,} files or {UNPACKED:,} bytes. What follows is left out: divide it."
                )
                yield missed(found.source, told)
                return
            if size > _room(packed):
                yield _swollen(found.source)
                return
            if isinstance(member, Missed) or member is found or member.source == found.source:
                yield member
            else:
                yield from opened(member, options, depth + 1)
        if not count:
            yield missed(found.source, "Nothing in it is read: it is empty, or holds hidden files alone.")
    except _DAMAGED as fault:
        yield missed(found.source, f"The archive is damaged: {str(fault)[:200] or type(fault).__name__}. Pack it anew.")


def _inner(fetched: Fetched | OnDisk, name: str, body: bytes, media: str = "", when: int = 0) -> Fetched:
    source = f"{fetched.source}!/{name.replace(chr(0), '')}"
    return Fetched(source, name.rstrip("/").rpartition("/")[2], media, body, when or fetched.when)


def _plain(name: str) -> str:
    """A member's name as a path under its archive: `./a.md` is `a.md`, and so are `/a.md` and `../a.md`, since nothing
    is unpacked."""
    return "/".join(part for part in name.replace(chr(0), "").split("/") if part not in ("", ".", ".."))


def _passed_over(name: str, options: Options) -> bool:
    return is_ignored(name, (*IGNORED, *options.ignore), options.hidden)


def _room(packed: int) -> int:
    """Bytes that so many packed ones may become."""
    return max(HARMLESS, MOST_PACKED * packed)


def _swollen(source: str) -> Missed:
    told = f"Unpacked it has more than {MOST_PACKED} times its size. Unpack it yourself if that is meant."
    return missed(source, told)


def _member(
    pack: OnDisk, name: str, declared: int, file: IO[bytes], options: Options, room: int = UNPACKED
) -> Fetched | Missed:
    source = f"{pack.source}!/{name}"
    if declared > options.largest:
        return missed(source, too_large(declared, options.largest))
    if declared > room:
        return _swollen(source)
    body = file.read(min(declared, options.largest, room) + 1)
    if len(body) > room:
        return _swollen(source)
    return missed(source, too_large(0, options.largest)) if len(body) > options.largest else _inner(pack, name, body)


def _chosen(
    pack: OnDisk, entries: "Iterable[tuple[str, _Entry]]", options: Options
) -> "Iterator[tuple[str, _Entry] | Missed]":
    """Members, by their plain names, as they were packed. Of those with one name the last counts, as in unpacking; it
    is told where only the plain name is the same."""
    named = [(_plain(name), name, entry) for name, entry in entries]
    named = [one for one in named if not _passed_over(one[0], options)]
    last = {plain: (name, entry) for plain, name, entry in named}
    for plain, name, entry in named:
        counts, its = last[plain]
        if its is entry:
            yield plain, entry
        elif name != counts:
            told = f"Another file of the archive has this name too, {counts!r}, and is read instead. Rename one."
            yield missed(f"{pack.source}!/{name.replace(chr(0), '')}", told)


def _zip(pack: OnDisk, options: Options) -> Iterator[Fetched | Missed]:
    with zipfile.ZipFile(pack.file) as archive:
        files = ((entry.filename, entry) for entry in archive.infolist() if not entry.is_dir())
        for one in _chosen(pack, files, options):
            if isinstance(one, Missed):
                yield one
                continue
            name, entry = one
            if entry.flag_bits & 1:
                yield missed(f"{pack.source}!/{name}", "It is encrypted with a password. Pack it without one.")
                continue
            try:
                with archive.open(entry) as file:
                    room = _room(min(entry.compress_size, pack.size))
                    yield _member(pack, name, entry.file_size, file, options, room)
            except _DAMAGED as fault:
                yield missed(f"{pack.source}!/{name}", f"It is damaged: {str(fault)[:200]}.")


def _tar(pack: OnDisk, options: Options) -> Iterator[Fetched | Missed]:
    with tarfile.open(fileobj=pack.file, mode="r:") as archive:
        files, damage = list[tuple[str, tarfile.TarInfo]](), None
        try:
            files += ((entry.name, entry) for entry in islice(archive, 10 * MEMBERS) if entry.isfile())
        except _DAMAGED as fault:
            damage = fault  # what is before it is read
        for one in _chosen(pack, files, options):
            if isinstance(one, Missed):
                yield one
            elif (file := archive.extractfile(one[1])) is not None:
                yield _member(pack, one[0], one[1].size, file, options)
        if damage is not None:
            raise damage


def _packed(pack: OnDisk, head: bytes, options: Options) -> Iterator[Fetched | Missed]:
    """One file that was packed (gzip, bzip2, xz); a tar in it is an archive again, under the same name."""
    unpack = next(make for mark, make in _PACKED if head.startswith(mark))()
    room, size = _room(pack.size), 0
    with tempfile.SpooledTemporaryFile(HARMLESS) as file:
        for part in _parts(pack.file, unpack):
            size += len(part)
            if size > min(room, UNPACKED):
                yield _swollen(pack.source) if size > room else missed(pack.source, too_large(0, UNPACKED))
                return
            file.write(part)
        if _is_tar(_head(file)):
            yield from _tar(OnDisk(pack.source, pack.name, "", size, file, pack.when), options)
        elif size > options.largest:
            yield missed(pack.source, too_large(size, options.largest))
        else:
            yield _inner(pack, pack.name.rpartition(".")[0] or pack.name, file.read())


def _parts(file: IO[bytes], unpack: Any) -> Iterator[bytes]:
    """What comes of unpacking, at most `_PART` bytes at once; of a file that ends too soon, what came until then."""
    while not unpack.eof:
        left = getattr(unpack, "unconsumed_tail", b"")
        given = left or (file.read(_PART) if getattr(unpack, "needs_input", True) else b"")
        part = unpack.decompress(given, _PART)
        if part:
            yield part
        elif not given:
            return


def _mail(fetched: Fetched) -> Iterator[Fetched | Missed]:
    """A message and what is attached to it; a mailbox's messages, by their ids."""
    found = mail.messages(fetched.body)
    for number, body in enumerate(found, 1):
        message = mail.read(body)
        one = fetched
        if len(found) > 1:
            name = mail.header(message, "Message-ID").strip("<> ").replace("/", "_")[:200] or str(number)
            one = _inner(fetched, f"{name}.eml", body, "message/rfc822")
        yield Fetched(one.source, one.name, "message/rfc822", body, one.when, fetched.meta)
        names: set[str] = set()
        for name, media, attached in mail.attachments(message):
            if not media.startswith(_MEDIA):
                unique = name if name not in names else f"{len(names)}-{name}"
                names.add(unique)
                yield _inner(one, unique, attached, media)
