"""Discovery by file name: every public module of a package is an add-on, imported only when used.

Third parties add modules through the entry-point group `outrider.<package>`.
"""

import functools
import importlib
import pkgutil
from importlib.metadata import entry_points
from types import ModuleType


def names(package: str) -> list[str]:
    """Names of the add-ons in `package` (dotted), built-in and third-party, sorted; nothing is imported but it."""
    return list(_names(package))


@functools.cache
def _names(package: str) -> tuple[str, ...]:
    """Looked up once: to find entry points, the files of every installed package are read."""
    parent = importlib.import_module(package)
    found = {m.name for m in pkgutil.iter_modules(parent.__path__) if not m.name.startswith("_")}
    found |= {e.name for e in entry_points(group=package)}
    return tuple(sorted(found))


@functools.cache
def load(package: str, name: str) -> ModuleType:
    """Import the add-on `name` of `package`. Raises LookupError with the names that exist."""
    known = names(package)
    if name not in known:
        raise LookupError(f"no {name!r} in {package}; there are: {', '.join(known)}")
    for entry in entry_points(group=package):
        if entry.name == name:
            module: ModuleType = entry.load()
            return module
    return importlib.import_module(f"{package}.{name}")
