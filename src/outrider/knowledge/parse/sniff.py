"""What a file is, by its content first, then by its name, then by what a server says."""

import io
import re
import zipfile
from typing import IO

from outrider.base.errors import Unreadable
from outrider.knowledge.parse.languages import CODE
from outrider.knowledge.records import Fetched

_OFFICE = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "sheet",
}
_BINARY = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"RIFF": "a media file",
    b"\x00\x00\x01\x00": "an icon",
    b"OggS": "an audio file",
    b"ID3": "an audio file",
    b"fLaC": "an audio file",
    b"\x1aE\xdf\xa3": "a video",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\xca\xfe\xba\xbe": "a program",
    b"SQLite format 3\x00": "a SQLite database",
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"{\\rtf": "an RTF file",
    b"%!PS": "a PostScript file",
}
_MAIL = re.compile(
    rb"(?:(?:From|To|Cc|Date|Subject|Received|Return-Path|Message-ID|MIME-Version|Delivered-To|Reply-To|DKIM-Signature|"
    rb"Content-Type|X-[\w-]+):[ \t][^\n]*\n(?:[ \t][^\n]*\n)*){2,}",
    re.IGNORECASE,
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])", re.IGNORECASE)
_TAGS = re.compile(rb"</(?:p|div|h[1-6]|table|ul|article|section|span|a)>", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]")
_SRT = re.compile(rb"\s*\d+[ \t]*\n[ \t]*\d{1,2}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")
_ENDINGS = {
    "md": "markdown", "markdown": "markdown", "mdx": "markdown", "mkd": "markdown", "qmd": "markdown",
    "rmd": "markdown",
    "txt": "plain", "text": "plain", "log": "plain", "rst": "plain", "adoc": "plain", "org": "plain", "tex": "plain",
    "html": "html", "htm": "html", "xhtml": "html", "csv": "sheet", "tsv": "sheet", "eml": "mail", "vtt": "transcript",
    "srt": "transcript", "json": "json", "jsonl": "json", "ndjson": "json", "ipynb": "json", "mbox": "mail",
    "geojson": "json", "webvtt": "transcript",
}  # fmt: skip
_MEDIA = {
    "text/markdown": "markdown", "text/html": "html", "application/xhtml+xml": "html", "text/csv": "sheet",
    "text/tab-separated-values": "sheet", "message/rfc822": "mail",
    "application/mbox": "mail", "text/vtt": "transcript",
    "application/x-subrip": "transcript", "application/json": "json", "application/x-ndjson": "json",
}  # fmt: skip


def kind(fetched: Fetched) -> str:
    """The parser that reads it: a module of this package. Raises `Unreadable` for what none reads."""
    body = fetched.body
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if body[:1024].find(b"%PDF-") >= 0:
        return "pdf"
    if body.startswith(b"PK\x03\x04"):
        return _zipped(body)
    if body.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(body)
    _refuse_binary(body, head)
    return _by_text(head.replace(b"\r\n", b"\n")) or _by_name(fetched, head) or "plain"


def is_archive(file: IO[bytes]) -> bool:
    """Whether a zip file is only that, and not an Office file or another kind of document."""
    try:
        names = set(zipfile.ZipFile(file).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return False
    return not names & {*_OFFICE, "mimetype", "xl/workbook.bin", "EncryptedPackage"}


def is_mail(fetched: Fetched) -> bool:
    """Whether it is a message or a mailbox."""
    head = fetched.body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").replace(b"\r\n", b"\n")
    return _by_text(head) == "mail" or fetched.name.lower().endswith((".eml", ".mbox"))


def _refuse_binary(body: bytes, head: bytes) -> None:
    for start, what in _BINARY.items():
        if body.startswith(start) or (start == b"{\\rtf" and head.startswith(start)):
            raise Unreadable(f"It is {what}, which has no text that is read here. Convert it to text, PDF or DOCX.")
    if body[4:8] == b"ftyp":
        raise Unreadable("It is a video or sound file. Add its transcript (VTT or SRT) instead.")


def _zipped(body: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(body)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as fault:
        raise Unreadable(f"The file is damaged: {fault}. Save it anew.") from None
    for name, found in _OFFICE.items():
        if name in names:
            return found
    if "mimetype" in names and "content.xml" in names:
        raise Unreadable("It is an OpenDocument file, which is not read here. Save it as DOCX, XLSX, PPTX or PDF.")
    if "xl/workbook.bin" in names:
        raise Unreadable("It is a binary workbook (XLSB), which is not read here. Save it as XLSX.")
    raise Unreadable("It is a zip archive with no document of its own. Its files are read one by one when it is added.")


def _compound(body: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in body:
        raise Unreadable("It is encrypted with a password. Save it without one.")
    raise Unreadable("It is an Office file of before 2007 or an Outlook message. Save it as DOCX, XLSX, PPTX or EML.")


def _by_text(head: bytes) -> str:
    if head.startswith(b"WEBVTT") or _SRT.match(head):
        return "transcript"
    if re.match(rb"From \S+.*\n[\w-]+:", head) or _MAIL.match(head):
        return "mail"
    markup = head.startswith(b"<")
    if markup and (_HTML.search(head[:2048]) and not _FEED.search(head[:1024])):
        return "html"
    if markup and _FEED.search(head[:1024]):
        return "xml"
    return "xml" if head.startswith(b"<?xml") else ""


def _by_name(fetched: Fetched, head: bytes) -> str:
    ending = fetched.name.rpartition(".")[2].lower() if "." in fetched.name else fetched.name.lower()
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if ending in CODE:
        return "code"
    media = fetched.media.partition(";")[0].strip().lower()
    if media in _MEDIA:
        return _MEDIA[media]
    if head[:1] in (b"{", b"[") and _is_json(fetched.body):
        return "json"
    if head.startswith(b"<") and len(_TAGS.findall(head)) > 1:
        return "html"
    return "xml" if media in ("text/xml", "application/xml") else ""


def _is_json(body: bytes) -> bool:
    import msgspec

    try:
        msgspec.json.decode(body.strip().split(b"\n", 1)[0] if body[:1] == b"{" and b"\n{" in body else body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
