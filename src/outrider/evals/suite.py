"""A suite: what is compared, on which cases, by which scores, and what must hold. One YAML file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from outrider.base import money, yaml_text
from outrider.base.errors import ConfigError, OutriderError, RequestError
from outrider.evals import evaluators, gates
from outrider.evals.evaluators import Evaluator
from outrider.evals.lines import line_of
from outrider.evals.records import Variant

MOST_TEXT, LONGEST_NAME = 1_000_000, 200
MOST_BUDGET = 2**62
"""Nano-dollars."""


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    """A suite as it is written."""

    dataset: str
    variants: dict[str, Any]
    name: str = ""
    version: int = 0
    split: str = ""
    tags: list[str] = []
    baseline: str = ""
    repeats: int = 1
    concurrency: int = 8
    per_minute: int = 0
    budget: str | int | float = 0
    reuse: bool = True
    seed: int = 0
    sample: int = 0
    evaluators: list[Any] = []
    gates: list[str] = []


class Suite(msgspec.Struct, frozen=True):
    """A suite, checked. `dataset` is a file beside the suite (`folder` says where) or the name of one in the store;
    `split`, `tags` and `sample` (drawn by `seed`) choose of its cases. `budget` is nano-dollars (0: none),
    `per_minute` calls (0: as fast as they are answered). `reuse`: what was answered before is not asked again."""

    name: str
    dataset: str
    variants: tuple[Variant, ...]
    evaluators: tuple[Evaluator, ...]
    gates: tuple[gates.Gate, ...]
    folder: Path
    version: int = 0
    split: str = ""
    tags: tuple[str, ...] = ()
    baseline: str = ""
    repeats: int = 1
    concurrency: int = 8
    per_minute: int = 0
    budget: int = 0
    reuse: bool = True
    seed: int = 0
    sample: int = 0


def load(path: Path) -> Suite:
    """The suite of a file. Raises ConfigError that names the file, the line and the key."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    return parse(text, str(path), path.parent)


def parse(text: str, name: str, folder: Path) -> Suite:
    """A suite from YAML. Raises ConfigError."""
    if len(text) > MOST_TEXT:
        raise ConfigError(f"{name}: a suite has at most {MOST_TEXT} characters")
    try:
        tree, said = yaml_text.compose(text), yaml_text.load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    try:
        written = msgspec.convert(said, _Written, strict=True)
        return _checked(written, folder, Path(name).stem)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").strip(".")
        raise ConfigError(f"{name}:{line_of(tree, path)}: {path or 'the suite'}: {what}") from None
    except _Bad as error:
        raise ConfigError(f"{name}:{line_of(tree, error.path)}: {error.path}: {error}") from None


class _Bad(Exception):
    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


def _checked(written: _Written, folder: Path, name: str) -> Suite:
    variants = tuple(_variant(one, fields, folder) for one, fields in written.variants.items())
    if not variants:
        raise _Bad("variants", "there is none: give at least one, such as `now: {model: my-route}`")
    scored = tuple(_evaluator(f"evaluators[{at}]", given) for at, given in enumerate(written.evaluators))
    if len({one.name for one in scored}) < len(scored):
        raise _Bad("evaluators", "two of them have the same name: give one another by `name:`")
    names = [one.name for one in variants]
    baseline = written.baseline or names[0]
    if baseline not in names:
        raise _Bad("baseline", f"{baseline!r} is none of the variants: {', '.join(names)}")
    _check_names({"name": [written.name], "variants": names, "evaluators": [one.name for one in scored]})
    for key, least in (("repeats", 1), ("concurrency", 1), ("per_minute", 0), ("sample", 0), ("version", 0)):
        if getattr(written, key) < least:
            raise _Bad(key, f"at least {least}")
    return Suite(
        written.name or name,
        written.dataset,
        variants,
        scored,
        tuple(_gate(at, text, scored, names) for at, text in enumerate(written.gates)),
        folder,
        written.version,
        written.split,
        tuple(written.tags),
        baseline,
        written.repeats,
        written.concurrency,
        written.per_minute,
        _budget(written.budget),
        written.reuse,
        written.seed,
        written.sample,
    )


def _check_names(said: Mapping[str, Sequence[str]]) -> None:
    for key, names in said.items():
        if any(len(one) > LONGEST_NAME or not one.isprintable() or one != one.strip() for one in names):
            raise _Bad(key, f"a name has at most {LONGEST_NAME} printable characters, without space at its ends")


def _variant(name: str, fields: Any, folder: Path) -> Variant:
    where = f"variants.{name}"
    if isinstance(fields, str):
        fields = {"model": fields}
    if not isinstance(fields, Mapping):
        raise _Bad(where, "give a route's name, or `{model: …, set: {…}, prompt: …}`")
    given = dict(fields)
    if isinstance(file := given.pop("prompt_file", None), str):
        try:
            given["prompt"] = (folder / file).read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise _Bad(f"{where}.prompt_file", f"cannot be read: {error}") from None
    unknown = sorted(set(given) - set(Variant.__struct_fields__))
    if unknown:
        raise _Bad(f"{where}.{unknown[0]}", f"a variant has: {', '.join(Variant.__struct_fields__[1:])}, prompt_file")
    try:
        made = msgspec.convert({**given, "name": name}, Variant)
    except msgspec.ValidationError as error:
        raise _Bad(where, str(error)) from None
    if sum((bool(made.model), bool(made.python), bool(made.command), made.replay is not None)) != 1:
        raise _Bad(where, "exactly one of `model`, `python`, `command` and `replay` is asked")
    if made.replay is not None and (wrong := set(made.replay) - {"live", "stand_ins", "as_of"}):
        raise _Bad(f"{where}.replay.{min(wrong)}", "a replay has: live, stand_ins, as_of")
    if made.replay is not None and not set(made.replay.get("live", ())) <= {"models", "tools", "retrieval"}:
        raise _Bad(f"{where}.replay.live", "a list of what is live: models, tools, retrieval")
    as_of = (made.replay or {}).get("as_of", 0)
    if type(as_of) is not int or as_of < 0:
        raise _Bad(f"{where}.replay.as_of", "a moment in nanoseconds since the epoch")
    return made


def evaluator(given: Any, where: str) -> Evaluator:
    """An evaluator as it stands in a suite: its name, or its name with options. Raises RequestError that says where."""
    try:
        return _evaluator(where, given)
    except _Bad as bad:
        raise RequestError(f"{where}: {bad}", param="evaluators") from None


def _evaluator(where: str, given: Any) -> Evaluator:
    if isinstance(given, str):
        given = {given: {}}
    if not isinstance(given, Mapping) or not given:
        raise _Bad(where, "give a name, or `{name: {options}}`")
    fields = dict(given)
    called = fields.pop("name", "")
    if len(fields) != 1:
        raise _Bad(where, "one evaluator with its options, and perhaps `name:`")
    kind, options = next(iter(fields.items()))
    try:
        return evaluators.named(str(kind), options or {}, str(called))
    except OutriderError as error:
        raise _Bad(where, error.message) from None


def _gate(at: int, text: str, scored: Sequence[Evaluator], variants: Sequence[str]) -> gates.Gate:
    try:
        return gates.parse(text, [one.name for one in scored], variants)
    except OutriderError as error:
        raise _Bad(f"gates[{at}]", error.message) from None


def _budget(said: str | float) -> int:
    try:
        found = money.nano(str(said).strip().removeprefix("$")) if said else 0
    except (ValueError, ArithmeticError):
        found = -1
    if not 0 <= found < MOST_BUDGET:
        raise _Bad("budget", f"{str(said)[:40]!r} is no amount of dollars: give one such as 2.50 (0: no limit)")
    return found
