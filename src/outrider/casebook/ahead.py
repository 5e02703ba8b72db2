"""Entries are extracted by processes of their own, ahead of who writes them down: most of an import's work is here.

The other side (`python -m outrider.casebook.ahead`) reads parts from its standard input and ends with it, so none is
left behind when the import is killed. Where a process cannot be had, or ends, the work is done in this one.
"""

import os
import struct
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, suppress
from typing import IO, Any, TypeVar

import msgspec

from outrider.casebook.admission import Verdict, judge
from outrider.casebook.entries import Entry
from outrider.casebook.extract import Extracted, extracted

LEAST = 128
"""Entries for which other processes are worth their start (0.4 s of CPU each)."""
MOST = 4
_SIZE = struct.Struct(">I")

T = TypeVar("T")


class Part(msgspec.Struct, array_like=True):
    """Entries of one set with the canonical names of their organisations ("": as written)."""

    origin: str
    entries: list[Entry]
    names: list[str]


class Done(msgspec.Struct, array_like=True):
    """What the text of an entry gave, and whether it tells of a deployment."""

    made: Extracted
    verdict: Verdict


def done(part: Part) -> list[Done]:
    """The part's entries, extracted and judged."""
    found = []
    for entry, name in zip(part.entries, part.names, strict=True):
        made = extracted(entry, origin=part.origin, organisation=name)
        found.append(Done(made, judge(entry.text, made.case.results)))
    return found


def ahead(parts: Sequence[Part], processes: int | None = None) -> Generator[tuple[Part, list[Done]], None, None]:
    """Every part with what it gave, in order. `processes`: how many work on them (None: as many as there are cores,
    where the parts are worth it)."""
    count = _worthwhile(parts) if processes is None else processes
    with ExitStack() as opened:
        others = [opened.enter_context(_Other()) for _ in range(min(count, len(parts)))]
        for at, other in enumerate(others):
            other.give(parts[at])
        for at, part in enumerate(parts):
            if not others:
                yield part, done(part)
                continue
            other = others[at % len(others)]
            found = other.take()
            if at + len(others) < len(parts):
                other.give(parts[at + len(others)])
            yield part, done(part) if found is None else found


def _worthwhile(parts: Sequence[Part]) -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST) if cores > 1 and sum(len(part.entries) for part in parts) >= LEAST else 0


class _Other:
    """A process that does one part at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Other":
        command = [sys.executable, "-m", "outrider.casebook.ahead"]
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0)
        except OSError:
            self._process = None
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def give(self, part: Part) -> None:
        if self._process is not None and self._process.stdin is not None:
            try:
                _write(self._process.stdin, part)
            except OSError:
                self._end()

    def take(self) -> list[Done] | None:
        """What became of the part that was given; None: the process ended."""
        if self._process is None or self._process.stdout is None:
            return None
        found = _read(self._process.stdout, list[Done])
        if found is None:
            self._end()
        return found

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # it has nothing to finish: what it did not tell is done again
            process.communicate()


def _write(to: IO[bytes], what: Any) -> None:
    body = msgspec.msgpack.encode(what)
    to.write(_SIZE.pack(len(body)) + body)
    to.flush()


def _read(source: IO[bytes], kind: type[T]) -> T | None:
    """The next thing; None at the end."""
    head = source.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    size = _SIZE.unpack(head)[0]
    body = source.read(size)
    return msgspec.msgpack.decode(body, type=kind) if len(body) == size else None


def main() -> None:
    """Parts from standard input, what they gave to standard output, until there are no more."""
    with suppress(BrokenPipeError):  # the import is gone
        while (part := _read(sys.stdin.buffer, Part)) is not None:
            _write(sys.stdout.buffer, done(part))


if __name__ == "__main__":
    main()
