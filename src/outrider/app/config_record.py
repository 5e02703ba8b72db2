"""The settings as the journal keeps them, so that a later time knows what they were: canonical JSON without secrets.

`{"settings": …, "files": …, "digests": …}`: all settings in force with their defaults, as outrider.yaml writes them and
in its order (the first provider is the default one), the text of files that they name and that say what is allowed, and
the digests of others (`config_files`). Where the file has a reference to the environment, the record has the same. What
else is or may be a secret is hidden: the record says `${hidden:PATH}` in its place.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from outrider.app.config_schema import show
from outrider.app.config_structs import Referring, Settings
from outrider.app.config_values import REFERENCE, Secret
from outrider.base.errors import ConfigError

RULES = "policy.rules"
"""The name of the Cedar text among the files."""
HIDDEN = "${hidden:"
"""What a mark in the place of a secret begins with."""
_SCHEMES = ("", "bearer", "basic", "token", "bot")
_SECRET = r"(?:auth|key|token|secret|pass|pwd|credential|cookie|bearer|jwt|dsn)"
_NAME = re.compile(rf"(?i){_SECRET}")
_GIVEN = re.compile(rf"(?i)(--?[\w-]*{_SECRET}[\w-]*\s+|{_SECRET}[\w-]*[\"']?\s*[=:]\s*[\"']?)\S.*", re.DOTALL)
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")
_HARMLESS = ("-m", "-y", "--yes")
"""Options whose value is the program that is run."""
_LONG_REST = 8
_PAT = re.compile(r"(?i)(--(?:pat|user)[=\s]+|(?<!\S)-u\s+)\S.*", re.DOTALL)
_URL = re.compile(r"(?i)[a-z][a-z0-9+.-]*://[^\s\"'<>]+")
_PART = re.compile(r"(?<=/)(?=[\w:-]*\d)(?=[\w:-]*[A-Za-z])[\w:-]{24,}(?=/|$)")
"""A part of a URL's path that is as long and as mixed as secrets are: some services take theirs there."""
_LONGEST = 4000
_ARGUMENTS = ("fixed", "defaults", "arguments")
"""Where arguments of tools are set, by names that say whether they are secrets."""

Path_ = tuple[str, ...]


class Record(msgspec.Struct, frozen=True):
    """A record, read: `settings` as plain values, `files` by name, `digests` of files by the setting that names
    them."""

    settings: dict[str, Any]
    files: dict[str, str] = {}
    digests: dict[str, str] = {}


def written(settings: Settings, files: Mapping[str, str], digests: Mapping[str, str] = {}) -> bytes:
    """The record of settings."""
    shown: Any = show(settings)
    references = settings.references if isinstance(settings, Referring) else {}
    for path, text in references.items():
        _put(shown, path, _without_secrets(path, text))
    for path, value in _texts(settings, ()):
        if isinstance(value, Secret):
            rest = REFERENCE.sub("", value.reference).strip().lower()
            if value.reference and (rest not in _SCHEMES or rest == value.reference.strip().lower()):
                _put(shown, path, hidden(path))
        elif path not in references and path[:-1] not in references and not _of_command(path):
            kept = hidden(path) if _is_argument(path, value) else _without_secrets(path, value)
            if kept != value:
                _put(shown, path, kept)
    for name, server in settings.tools.servers.items():
        _options(shown["tools"]["servers"][name]["command"], server.command, ("tools", "servers", name, "command"))
    return msgspec.json.encode(Record(shown, dict(files), dict(digests)))


def read(text: bytes) -> Record:
    """Raises ConfigError for what is no record."""
    try:
        return msgspec.json.decode(text, type=Record)
    except (msgspec.DecodeError, RecursionError):
        raise ConfigError("the recorded configuration cannot be read; a newer Outrider may have written it") from None


def lines(text: bytes) -> list[str]:
    """A record as people read it: YAML as in outrider.yaml, then the files."""
    record = read(text)
    shown = yaml.dump(record.settings, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100).splitlines()
    for name, content in record.files.items():
        shown += ["", f"# --- {name}", *content.splitlines()]
    if record.digests:
        shown += ["", "# --- files that are named (sha256)"]
        shown += [f"{name}: {digest or 'it could not be read'}" for name, digest in record.digests.items()]
    return shown


def hidden(path: Path_) -> str:
    """What stands in the place of a secret."""
    return f"{HIDDEN}{'.'.join(path)}}}"


_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _texts(value: Any, path: Path_) -> Iterator[tuple[Path_, Secret | str]]:
    """Every secret and every text among the settings, with its path."""
    if isinstance(value, Secret | str):
        yield path, value
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            if not (isinstance(value, Settings) and field.name == "references"):
                yield from _texts(getattr(value, field.name), (*path, field.encode_name))
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, (*path, str(name)))
    elif isinstance(value, tuple | list):
        for at, one in enumerate(value):
            yield from _texts(one, (*path, str(at)))


def _of_command(path: Path_) -> bool:
    return path[:2] == ("tools", "servers") and path[3:4] == ("command",)


def _is_argument(path: Path_, text: str) -> bool:
    """Whether it is an argument that is set to a secret. One that refers to another (`$input.token`) is none."""
    at = next((at for at, name in enumerate(path) if name in _ARGUMENTS and path[0] == "tools" and at > 2), None)
    return at is not None and not text.startswith("$") and any(map(_NAME.search, path[at + 1 :])) and _is_value(path)


def _is_value(path: Path_) -> bool:
    """A composite's own arguments are schemas, not values."""
    return path[1] == "masks" or "steps" in path


def _without_secrets(path: Path_, text: str) -> str:
    """A URL without what stands in its query or before its host: many a service takes its key there. References to the
    environment stay."""
    if len(text) > _LONGEST or not _URL.fullmatch(text):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return hidden(path)
    user, at, place = parts.netloc.rpartition("@")
    user = user if not _said(user, ":") else hidden(path)
    query = parts.query if not _said(parts.query, "&") else hidden(path)
    where = _PART.sub(lambda _: hidden(path), parts.path)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{text.partition(':')[0]}://{user}{at}{place}{where}{'?' if query else ''}{query}{fragment}"


def _said(text: str, between: str) -> bool:
    """Whether something in it is no reference; `name=${env:X}` says nothing but the reference."""
    return any(REFERENCE.sub("", one.partition("=")[2] or one) for one in text.split(between))


def _options(shown: list[str], words: tuple[str, ...], path: Path_) -> None:
    """Hide what a program is given and may be a secret: the value of every option (`-p x`, `--token=x`), and what looks
    like one within words that a shell reads and in URLs. Nothing needs them: servers are always today's."""
    for at, word in enumerate(words):
        mine = (*path, str(at))
        option, is_set, _ = word.partition("=")
        if REFERENCE.search(shown[at]):
            rest = REFERENCE.sub("", shown[at].removeprefix(f"{option}=") if _OPTION.fullmatch(option) else shown[at])
            shown[at] = hidden(mine) if sum(map(str.isalnum, rest)) >= _LONG_REST else shown[at]
        elif at and is_set and _OPTION.fullmatch(option):
            shown[at] = f"{option}={hidden(mine)}"
        elif at > 1 and _OPTION.fullmatch(words[at - 1]) and words[at - 1] not in _HARMLESS and word[:1] != "-":
            shown[at] = hidden(mine)
        else:
            shown[at] = _word(word, mine)


def _word(word: str, path: Path_) -> str:
    for given in (_GIVEN, _PAT):
        word = given.sub(lambda found: found[1] + hidden(path), word, count=1)
    return _URL.sub(lambda found: _without_secrets(path, found[0]), word)


def _put(shown: Any, path: Path_, text: str) -> None:
    """Change a text at a path. One that the file may write plainly is at its only or first place."""
    for at, key in enumerate(path):
        inner = shown[int(key)] if isinstance(shown, list) else shown[key]
        if at == len(path) - 1 or isinstance(inner, str):
            place = int(key) if isinstance(shown, list) else key
            if isinstance(inner, list):
                inner[0] = text
            elif isinstance(inner, dict):
                inner[next(iter(inner))] = text
            else:
                shown[place] = text
            return
        shown = inner
