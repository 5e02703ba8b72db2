"""Who works on an experiment, named so that another process of the same machine sees at once when it was killed.

A name is `<machine>/<process id>/<when it began>/<random>`. Where the system does not say these things (no /proc), or
the holder is elsewhere, only time tells.
"""

from pathlib import Path

from outrider.base import ids

_PROC = Path("/proc")


def name() -> str:
    """A new name for work of this process."""
    began = _began("self")
    own = _here() and began and f"{_here()}/{_pid()}/{began}/"
    return f"{own}{ids.token(8)}"


def gone(holder: str) -> bool:
    """Whether the process of that name is known to be dead."""
    machine, _, rest = holder.partition("/")
    if not rest or machine != _here():
        return False
    pid, began, _ = rest.split("/", 2)
    return _began(pid) != began


def _here() -> str:
    """This start of this machine, seen from this container; empty where it is not known."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{(_PROC / 'self/ns/pid').readlink()}".replace("/", "")
    except OSError:
        return ""


def _pid() -> str:
    return (_PROC / "self").readlink().name


def _began(pid: str) -> str:
    """When a process began, in ticks since the machine did; empty for one that is gone, or dead and not yet waited
    for."""
    try:
        fields = (_PROC / pid / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
