"""Who answers for tools that were not called in the recording: `stand-ins.yaml` beside the work, one entry a tool.

    get_weather: It is sunny.
    get_order: {status: sent, items: 2}
    search: {python: "my.module:search"}

A value is the result; `{python: module:function}` names a function of the arguments that gives it.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from outrider.base import yaml_text
from outrider.base.errors import ConfigError, RequestError

MOST_TEXT = 4_000_000
StandIn = Callable[[Any], Any]


def load(path: Path) -> dict[str, StandIn]:
    """The stand-ins of a file, by tool. Raises ConfigError that names the file and the tool."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    if len(text) > MOST_TEXT:
        raise ConfigError(f"{path}: at most {MOST_TEXT} characters")
    try:
        said = yaml_text.load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(said, Mapping):
        raise ConfigError(f"{path}: name a result for each tool, such as `get_weather: It is sunny.`")
    return {str(tool): _stand_in(path, str(tool), value) for tool, value in said.items()}


def _stand_in(path: Path, tool: str, value: Any) -> StandIn:
    if isinstance(value, Mapping) and set(value) == {"python"}:
        return _function(path, tool, str(value["python"]))
    try:
        text = as_text(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{path}: {tool}: the result is nothing that JSON can say") from None
    return lambda arguments: text


def _function(path: Path, tool: str, named: str) -> StandIn:
    module, mark, name = named.partition(":")
    folder = str(path.parent.resolve())
    sys.path.insert(0, folder)
    try:
        found = getattr(importlib.import_module(module), name) if mark and module else None
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{path}: {tool}: {named!r} cannot be had: {error}") from None
    finally:
        sys.path.remove(folder)
    if not callable(found):
        raise ConfigError(f"{path}: {tool}: {named!r} is no function; write `module:function`")
    return _asked(tool, found)


def _asked(tool: str, function: StandIn) -> StandIn:
    def ask(arguments: Any) -> str:
        try:
            return as_text(function(arguments))
        except Exception as error:
            raise RequestError(
                f"the stand-in for {tool!r} failed: {type(error).__name__}: {error}"[:500], code="stand_in_failed"
            ) from error

    return ask


def as_text(value: Any) -> str:
    """A result as a model reads it: a text as it is, else its JSON."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
