"""The settings of one process: `load` makes them from outrider.yaml and the environment.

What the settings are is in `config_structs`, how YAML becomes structs in `config_decode`, what the
environment offers in `config_env`, and the rules that reach over several keys in `config_check`.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from outrider.app import config_check, config_decode, config_env, config_evaluation
from outrider.app.config_structs import (
    CacheRule,
    Embedded,
    JournalRules,
    Otlp,
    Provider,
    Route,
    Server,
    Settings,
    TokenPrice,
    referring,
)
from outrider.app.config_values import Secret
from outrider.base import env as environment
from outrider.base.errors import ConfigError

__all__ = [
    "CacheRule",
    "Embedded",
    "JournalRules",
    "Otlp",
    "Provider",
    "Route",
    "Secret",
    "Server",
    "Settings",
    "TokenPrice",
    "changed",
    "load",
    "parse",
]


def load(path: Path | None, env: Mapping[str, str] | None = None) -> Settings:
    """The settings of the file, or of the environment alone if `path` is None.

    Raises ConfigError that lists every mistake with file, line and key.
    """
    if path is None:
        return parse("", "the environment", env)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}:1: it is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        hint = "write one with `outrider init`, or name another with --config"
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; {hint}") from None
    return parse(text, str(path), env)


def parse(text: str, name: str, env: Mapping[str, str] | None = None) -> Settings:
    """Settings from YAML text; `name` is what errors call it. Empty text: what the environment offers."""
    env = environment.all_() if env is None else env
    problems = config_decode.Problems(name)
    settings = config_decode.decode(config_decode.parse(text, name), Settings, env, problems)
    if settings is None:
        problems.raise_if_any()
        raise ConfigError(f"{name}:1: expected the keys of outrider.yaml; `outrider init --print` shows them")
    if ("providers",) not in problems.lines:
        settings = msgspec.structs.replace(settings, providers=config_env.providers(env))
    config_check.check(settings, problems)
    problems.raise_if_any()
    own = config_evaluation.budgets(settings.evaluation)
    settings = msgspec.structs.replace(settings, budgets={**settings.budgets, **own}) if own else settings
    return referring(settings, problems.references)


def changed(path: Path, last: tuple[int, int] | None) -> tuple[int, int] | None:
    """A mark of the file's present state (modification time in ns, size); differs from `last` after a change.

    While the file is away (an editor may be replacing it) the mark stays `last`. For a watch that reloads.
    """
    try:
        stat = path.stat()
    except OSError:
        return last
    return (stat.st_mtime_ns, stat.st_size)
