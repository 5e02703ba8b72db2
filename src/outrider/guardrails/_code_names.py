"""The names by which code reaches out: processes, the network, files, the environment, the interpreter itself."""

import functools
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import NamedTuple


class Reach(NamedTuple):
    """A kind of finding, and how sure it is."""

    kind: str
    score: float


@functools.cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str | float]]]:
    return tomllib.loads(resources.files("outrider.guardrails").joinpath("code.toml").read_text("utf-8"))


@functools.cache
def _names(language: str) -> tuple[Mapping[str, Reach], tuple[tuple[str, Reach], ...]]:
    """Whole names, and beginnings."""
    whole: dict[str, Reach] = {}
    begins: list[tuple[str, Reach]] = []
    for kind, told in _table()[language].items():
        if kind == "attributes":
            continue
        reach = Reach(kind, float(told["score"]))
        for name in str(told["names"]).split():
            if name.endswith("*"):
                begins.append((name[:-1], reach))
            else:
                whole[name] = reach
    return whole, tuple(begins)


_DEEPEST = 12
"""Parts of a name that are looked at; no name that is known has more."""


@functools.lru_cache(maxsize=4096)
def reach(language: str, dotted: str) -> Reach | None:
    """What a name reaches, by itself or by what it lies below; the longest name that is known counts."""
    whole, begins = _names(language)
    found = next((one for start, one in begins if dotted.startswith(start)), None)
    parts = dotted.split(".", _DEEPEST)[:_DEEPEST]
    for upto in range(len(parts), 0, -1):
        one = whole.get(".".join(parts[:upto]))
        if one is not None:
            return one
    return found


@functools.cache
def attributes(language: str) -> Mapping[str, Reach]:
    """What an attribute reaches, whatever it is an attribute of."""
    scores = {"escape": 0.85, "file_write": 0.55, "process": 0.75, "dynamic": 0.6}
    told = _table()[language]["attributes"]
    return {name: Reach(kind, scores[kind]) for kind, names in told.items() for name in str(names).split()}


_SECRET = re.compile(
    r"\.env\b|\.ssh/|\.aws/|id_rsa|/etc/(?:passwd|shadow)|/proc/|\.netrc|credentials|\.pem$|secrets?\b", re.I
)


def path_reach(path: str | None, mode: str | None) -> Reach:
    """What opening a file reaches; None: not known."""
    if mode is None or re.search(r"[wax+]", mode):
        far = path is None or path.startswith(("/", "~", "\\\\")) or ".." in path or ":" in path
        return Reach("file_write", 0.75 if far else 0.6)
    if path is None:
        return Reach("file_read", 0.4)
    if _SECRET.search(path):
        return Reach("environment", 0.8)
    return Reach("file_read", 0.6 if path.startswith(("/", "~")) or ".." in path else 0.3)
