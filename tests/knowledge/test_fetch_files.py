"""Files, folders and archives."""

import bz2
import gzip
import io
import lzma
import mailbox
import os
import random
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.knowledge.fetch import Options, fetch, opened
from outrider.knowledge.fetch import archives as archives_module
from outrider.knowledge.records import Fetched, Missed, OnDisk
from tests.knowledge.parse import made


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(root: Path, options: Options | None = None) -> list[str]:
    return [found.source[len(str(root)) + 1 :] for found in fetch(str(root), options)]


def test_a_folder_is_its_files_in_order(tmp_path: Path) -> None:
    for name in (
        "b.md",
        "a.md",
        "in/c.md",
        ".git/config",
        ".env",
        "node_modules/x.js",
        "~$open.docx",
        "in/.hidden/d.md",
    ):
        put(tmp_path, **{name.replace("/", "__"): name})
    assert names(tmp_path) == ["a.md", "b.md", "in/c.md"]
    assert ".env" in names(tmp_path, Options(hidden=True))
    put(tmp_path, **{".outriderignore": "# not these\nin/\n*.tex\n"})
    assert names(tmp_path, Options(ignore=("b.*",))) == ["a.md"]


def test_a_file_says_when_it_was_changed(tmp_path: Path) -> None:
    put(tmp_path, a="text")
    os.utime(tmp_path / "a", ns=(5, 7 * 10**9))
    (found,) = fetch(str(tmp_path / "a"))
    assert found == Fetched(str(tmp_path / "a"), "a", "", b"text", 7 * 10**9)


def test_links_lead_nowhere_outside_and_never_round(tmp_path: Path) -> None:
    put(tmp_path, secret="s", top__a="a", top__in__b="b")
    top = tmp_path / "top"
    (top / "out").symlink_to(tmp_path / "secret")
    (top / "up").symlink_to(tmp_path)
    (top / "loop").symlink_to(top)
    (top / "same").symlink_to(top / "a")
    (top / "dangling").symlink_to(top / "nothing")
    assert names(top) == ["a", "in/b", "same"]


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert names(tmp_path) == []
    (found,) = fetch(str(tmp_path / "pipe"))
    assert isinstance(found, Missed)
    assert "not a file" in found.reason


def test_a_large_file_is_refused_by_its_size(tmp_path: Path) -> None:
    with open(tmp_path / "large.txt", "wb") as file:
        file.truncate(300_000_000)
    (found,) = fetch(str(tmp_path / "large.txt"))
    assert isinstance(found, Missed)
    assert found.reason.startswith("It has 300,000,000 bytes")


def test_what_is_not_there(tmp_path: Path) -> None:
    (found,) = fetch(str(tmp_path / "none.md"))
    assert isinstance(found, Missed)
    assert found.gone
    (found,) = fetch(str(tmp_path / "no" / "none.md"))
    assert isinstance(found, Missed)
    assert not found.gone
    assert [type(f) for f in fetch("a\0b")] == [Missed]


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, body in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


FILES = {"a.md": b"# A", "in/b.md": b"# B", "__MACOSX/x": b"x", ".hidden": b"x"}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.zip", zipped(FILES)),
        ("x.tar", tarred(FILES)),
        ("x.tar.gz", gzip.compress(tarred(FILES), mtime=0)),
        ("x.tar.bz2", bz2.compress(tarred(FILES))),
        ("x.tar.xz", lzma.compress(tarred(FILES))),
    ],
)
def test_archives(name: str, body: bytes) -> None:
    found = list(opened(Fetched(name, name, "", body), Options()))
    assert [(f.source, f.name, f.body) for f in found if isinstance(f, Fetched)] == [
        (f"{name}!/a.md", "a.md", b"# A"),
        (f"{name}!/in/b.md", "b.md", b"# B"),
    ]
    assert len(found) == 2


def mboxed(_: dict[str, bytes]) -> bytes:
    """A mailbox with two messages."""
    message = b"From a@b.example Mon Jan  1 00:00:00 2024\nFrom: a@b.example\nSubject: x\n\nText.\n\n"
    return message * 2


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.zip", zipped(FILES)),
        ("x.tar", tarred(FILES)),
        ("x.tar.gz", gzip.compress(tarred(FILES), mtime=0)),
        ("x.tar.bz2", bz2.compress(tarred(FILES))),
        ("x.tar.xz", lzma.compress(tarred(FILES))),
        ("a.md.gz", gzip.compress(b"# A", mtime=0)),
        ("x.mbox", mboxed({})),
        ("x.tar.gz", gzip.compress(tarred(FILES), mtime=0)[:-20]),
        ("x.zip", b"PK\x03\x04" + b"x" * 400),
        ("x.bz2", b"BZh9" + b"x" * 400),
    ],
)
def test_an_archive_on_disk_holds_the_same(name: str, body: bytes, tmp_path: Path) -> None:
    """What is too large to be held is opened where it lies."""
    (tmp_path / "x").write_bytes(body)
    with open(tmp_path / "x", "rb") as file:
        there = list(opened(OnDisk(name, name, "", len(body), file), Options()))
    held = list(opened(Fetched(name, name, "", body), Options()))
    if held == [Fetched(name, name, "", body)]:
        assert there == [Missed(name, f"It has {len(body):,} bytes; at most 100,000,000 are read. Divide it.")]
    else:
        assert there == held


def test_unpacking_takes_no_memory_of_the_whole() -> None:
    folder = {f"{n}.bin": random.Random(n).randbytes(1_000_000) for n in range(40)}
    body = gzip.compress(tarred(folder), 1)
    tracemalloc.start()
    try:
        sizes = [len(one.body) for one in opened(Fetched("x", "x", "", body), Options()) if isinstance(one, Fetched)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sizes == [1_000_000] * 40
    assert peak < 25_000_000


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("before", ["./", "/", "../", "./../"])
def test_a_member_is_read_however_its_path_begins(pack: Callable[[dict[str, bytes]], bytes], before: str) -> None:
    """`tar cf docs.tar .` names its members `./a.md`."""
    body = pack({f"{before}a.md": b"# A", f"{before}in/b.md": b"# B", f"{before}.hidden": b"x"})
    found = list(opened(Fetched("x", "x", "", body), Options()))
    assert [f.source for f in found] == ["x!/a.md", "x!/in/b.md"]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_of_two_members_with_one_name_the_last_is_read_and_the_other_is_told(
    pack: Callable[[dict[str, bytes]], bytes],
) -> None:
    """As in unpacking. One document has one text: two would take turns, import by import."""
    body = pack({"../a.md": b"# One", "in/b.md": b"# B", "./a.md": b"# Two", "a.md": b"# Three"})
    told = {
        f.source: f.body if isinstance(f, Fetched) else f.reason for f in opened(Fetched("x", "x", "", body), Options())
    }
    replaced = "Another file of the archive has this name too, 'a.md', and is read instead. Rename one."
    assert told == {"x!/../a.md": replaced, "x!/in/b.md": b"# B", "x!/./a.md": replaced, "x!/a.md": b"# Three"}


def test_a_member_that_was_packed_again_is_read_as_it_is_now() -> None:
    """`tar rf docs.tar a.md` leaves the older one in the archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for text in (b"# Old", b"# New"):
            entry = tarfile.TarInfo("a.md")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))
    (found,) = opened(Fetched("x", "x", "", out.getvalue()), Options())
    assert isinstance(found, Fetched)
    assert (found.source, found.body) == ("x!/a.md", b"# New")


def test_a_tar_that_ends_too_soon_gives_what_it_has() -> None:
    body = tarred({"a.md": b"# A", "b.md": b"# B" * 9_000})
    first, *others = opened(Fetched("x", "x", "", body[:4_000]), Options())
    assert (first.source, isinstance(first, Fetched)) == ("x!/a.md", True)
    assert any(isinstance(one, Missed) for one in others)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_without_anything_to_read_says_so(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    (found,) = opened(Fetched("x", "x", "", pack({".hidden": b"x"})), Options())
    assert isinstance(found, Missed)
    assert found.reason == "Nothing in it is read: it is empty, or holds hidden files alone."


def test_office_files_are_no_archives() -> None:
    for body in (made.docx(), made.xlsx(), made.pptx(), made.pdf()):
        fetched = Fetched("x", "x", "", body)
        assert list(opened(fetched, Options())) == [fetched]


def test_archives_in_archives_end() -> None:
    body = b"deep"
    for _ in range(6):
        body = zipped({"in.zip": body})
    (found,) = opened(Fetched("x.zip", "x.zip", "", body), Options())
    assert isinstance(found, Missed)
    assert "deeper than" in found.reason


def test_what_swells_is_not_unpacked() -> None:
    big = b"A" * 30_000_000
    many = zipped({f"{number}.txt": b"A" * 2_000_000 for number in range(10)})
    for name, body in (("b.zip", zipped({"b.txt": big})), ("b.gz", gzip.compress(big)), ("many.zip", many)):
        found = list(opened(Fetched(name, name, "", body), Options()))
        assert len(body) < 60_000
        assert sum(len(one.body) for one in found if isinstance(one, Fetched)) <= 10_000_000
        assert any(isinstance(one, Missed) and "200 times" in one.reason for one in found)


def test_bombs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    large = zipped({"large": b"\0" * 3_000_000, "small": b"x"})
    found = list(opened(Fetched("x.zip", "x.zip", "", large), Options(largest=1_000_000)))
    assert [type(f) for f in found] == [Missed, Fetched]
    monkeypatch.setattr(archives_module, "UNPACKED", 1_000_000)
    (one,) = opened(Fetched("x.gz", "x.gz", "", gzip.compress(b"\0" * 3_000_000)), Options())
    assert isinstance(one, Missed)
    found = list(opened(Fetched("x.zip", "x.zip", "", zipped({str(n): b"\0" * 300_000 for n in range(9)})), Options()))
    assert isinstance(found[-1], Missed)
    assert len(found) < 6
    monkeypatch.setattr(archives_module, "MEMBERS", 5)
    found = list(opened(Fetched("x.zip", "x.zip", "", zipped({str(n): b"x" for n in range(9)})), Options()))
    assert "more than 5 files" in found[-1].reason if isinstance(found[-1], Missed) else False


def test_an_encrypted_member_is_told_and_the_others_go_on() -> None:
    body = bytearray(zipped({"a.md": b"a", "b.md": b"b"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(mark) + at] |= 1
    first, second = opened(Fetched("x.zip", "x.zip", "", bytes(body)), Options())
    assert isinstance(first, Missed)
    assert "password" in first.reason
    assert isinstance(second, Fetched)


def test_mail_with_what_is_attached(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(made.eml())
    message, attached = fetch(str(tmp_path / "a.eml"))
    assert isinstance(message, Fetched)
    assert message.source.endswith("/a.eml")
    assert isinstance(attached, Fetched)
    assert attached.source.endswith("/a.eml!/Größe.pdf")


def test_a_mailbox_is_its_messages(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "box.mbox")
    for number in range(3):
        message = EmailMessage()
        message["Subject"], message["From"] = f"No. {number}", "a@example.com"
        if number:
            message["Message-ID"] = f"<{number}@example.com>"
        message.set_content(f"Text {number}.\nFrom here on.")
        box.add(message)
    box.close()
    found = [f for f in fetch(str(tmp_path / "box.mbox")) if isinstance(f, Fetched)]
    assert [f.source.rpartition("!/")[2] for f in found] == ["1.eml", "1@example.com.eml", "2@example.com.eml"]
    assert made.read(found[2].name, found[2].body).title == "No. 2"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([zipped(FILES), gzip.compress(tarred(FILES), mtime=0), tarred(FILES), made.eml()]), st.data())
def test_damaged_archives_never_raise(body: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(body) - 1))
    changed = bytearray(body[: data.draw(st.integers(1, len(body)))])
    if at < len(changed):
        changed[at] ^= data.draw(st.integers(1, 255))
    for found in opened(Fetched("x", "x", "", bytes(changed)), Options()):
        assert isinstance(found, Fetched | Missed)
