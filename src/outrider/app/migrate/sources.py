"""Reads the configuration of another gateway and says whose it is, by what is in it."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import yaml

from outrider.app.migrate import litellm, writing
from outrider.app.migrate.notes import Note, Notes
from outrider.base import yaml_text
from outrider.base.errors import ConfigError

MAX_TEXT = 4_000_000
DEEPEST = 5


class Migrated(msgspec.Struct, frozen=True):
    """The new file, what there is to say, and what is in it: routes, providers, variables that it needs."""

    source: str
    text: str
    notes: list[Note]
    routes: int
    providers: int
    variables: list[str]


def migrate(path: Path) -> Migrated:
    """`path` written anew as outrider.yaml. Raises ConfigError if it cannot be read, or is nobody's that we know."""
    content = read(path)
    if not litellm.matches(content):
        raise ConfigError(
            f"{path}: it is not a configuration that can be read; `--from` takes LiteLLM's config.yaml, "
            "which has a `model_list`"
        )
    notes = Notes()
    draft = litellm.translate(content, notes)
    return Migrated(
        draft.source,
        writing.text(draft, list(notes), path.name),
        list(notes),
        len(draft.routes),
        len(draft.providers),
        list(draft.variables()),
    )


def read(path: Path, depth: int = 0) -> dict[str, object]:
    """The mapping in a YAML file, with those that it includes. Raises ConfigError."""
    content = _parsed(path)
    included = content.pop("include", None)
    for name in included if isinstance(included, list) else []:
        if depth >= DEEPEST:
            raise ConfigError(f"{path}: files include one another more than {DEEPEST} deep; join them into one")
        _join(content, read(path.parent / str(name), depth + 1))
    return content


def _parsed(path: Path) -> dict[str, object]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: it is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}; name the file after --from") from None
    if len(text) > MAX_TEXT:
        raise ConfigError(f"{path}: it has more than {MAX_TEXT:,} characters; is it the right file?")
    try:
        yaml_text.refuse_too_much(text)
        content = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{path}:{line}: {error.problem or 'it is not YAML'}; correct it and try again") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(
            f"{path}: it cannot be read as YAML ({type(error).__name__}); is it the right file?"
        ) from None
    return {str(key): value for key, value in content.items()} if isinstance(content, dict) else {}


def _join(content: dict[str, object], more: Mapping[str, object]) -> None:
    """What an included file adds: its lists come behind, its other keys where there are none."""
    for key, value in more.items():
        mine = content.get(key)
        if isinstance(mine, list) and isinstance(value, list):
            content[key] = mine + value
        elif isinstance(mine, dict) and isinstance(value, dict):
            content[key] = {**value, **mine}
        elif mine is None:
            content[key] = value
