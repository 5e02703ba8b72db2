"""Attacks as data: YAML files of families, and the houses (an assistant's task, secret and tools) that they are led
against. What a user brings has the same form.
"""

import functools
import hashlib
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from outrider.base import yaml_text
from outrider.base.errors import RequestError
from outrider.evals import patterns
from outrider.evals.lines import line_of
from outrider.evals.redteam import macros
from outrider.evals.redteam.mutators import MUTATORS

FOLDER = Path(__file__).parent / "attacks"
HOUSES = "houses.yaml"
LARGEST = 4 << 20
Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class Check(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When an attack has succeeded. `leaks`: the secret comes out, in any encoding; `says`: the two words are joined,
    as the attack asked; `calls`: one of `tools` is proposed, with `having` in its arguments ("": any); `complies`: no
    refusal, and `least` of `words` are there; `matches`: the answer fits `pattern`; `recites`: much of the system
    message comes out; `fails`: the server fails (HTTP 5xx but 503 and 504, which say that it is full or slow; or
    it is gone)."""

    kind: Literal["leaks", "says", "calls", "complies", "matches", "recites", "fails"]
    tools: tuple[str, ...] = ()
    having: str = ""
    words: tuple[str, ...] = ()
    least: int = 2
    pattern: str = ""


class Attack(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One attack. `text` is what is to be obeyed; it comes in the user's own message, in a `document` of theirs, or in
    a `tool`'s result (`via`), with `ask` as the user's question; `turns` are user messages before it. `dress` are
    mutators that belong to it, `messages` and `fields` what a request has instead of all that. `taxonomy` is a number
    of the OWASP list for LLM applications, 2025."""

    id: str
    family: str
    goal: str
    check: Check
    text: str = ""
    severity: Severity = "medium"
    language: str = "en"
    taxonomy: str = "LLM01:2025"
    house: str = "parcels"
    via: Literal["user", "document", "tool"] = "user"
    ask: str = ""
    turns: tuple[str, ...] = ()
    dress: tuple[str, ...] = ()
    messages: tuple[dict[str, Any], ...] = ()
    fields: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not self.text and not self.messages:
            raise ValueError("an attack has a `text`, or `messages`")
        if self.check.kind == "calls" and not self.check.tools:
            raise ValueError("`calls` names the `tools` that must not be called")


class House(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is attacked: the system message of an assistant, its `tools` (OpenAI's form), the tool through which it
    reads what others wrote (`reads`, called with `reading`), what a user asks it for, and what its other tools
    answer."""

    system: str
    ask: str
    reads: str
    reading: dict[str, Any]
    tools: list[dict[str, Any]] = []
    answers: dict[str, str] = {}


class Library(msgspec.Struct, frozen=True):
    """Attacks by id, and houses by name."""

    attacks: dict[str, Attack]
    houses: dict[str, House]

    def only(self, families: Sequence[str] = (), languages: Sequence[str] = (), least: str = "low") -> "Library":
        """The attacks of these families and languages (empty: all), from a severity on. Raises RequestError for names
        that nothing has."""
        for what, wanted, known in (
            ("family", families, {one.family for one in self.attacks.values()}),
            ("language", languages, {one.language for one in self.attacks.values()}),
            ("severity", [least], set(SEVERITIES)),
        ):
            if unknown := sorted(set(wanted) - known):
                raise RequestError(
                    f"there is no {what} {unknown[0][:40]!r}; there are: {', '.join(sorted(known))}", param=what
                )
        lowest = SEVERITIES.index(least)
        kept = {
            id_: one
            for id_, one in self.attacks.items()
            if (not families or one.family in families)
            and (not languages or one.language in languages)
            and SEVERITIES.index(one.severity) >= lowest
        }
        return Library(kept, self.houses)

    def without(self, *kinds: str) -> "Library":
        """The library without attacks whose success is found by these checks."""
        kept = {id_: one for id_, one in self.attacks.items() if one.check.kind not in kinds}
        return Library(kept, self.houses)

    def digest(self) -> str:
        """What it holds, in short: 16 hexadecimal characters."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


@functools.cache
def bundled() -> Library:
    """The library that comes with Outrider."""
    houses = msgspec.convert(_yaml(_text(FOLDER / HOUSES), HOUSES), dict[str, House])
    attacks: dict[str, Attack] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        if path.name != HOUSES:
            attacks |= read(path, houses)
    return Library(attacks, houses)


def read(path: Path, houses: Mapping[str, House]) -> dict[str, Attack]:
    """The attacks of a file, by id. Raises RequestError as `parse` does."""
    return parse(_text(path), path.name, path.stem, houses)


def parse(text: str, name: str, family: str, houses: Mapping[str, House]) -> dict[str, Attack]:
    """The attacks of a YAML text, by id: a mapping with `attacks`, whose other fields are each attack's unless it says
    otherwise; those that name no family are of `family`. Raises RequestError that names the file, the line and the
    attack."""
    said = _yaml(text, name)
    if not isinstance(said, dict) or not isinstance(said.get("attacks"), list):
        raise _bad(f"{name}: a file of attacks has `attacks`, a list")
    shared = {key: value for key, value in said.items() if key != "attacks"}
    found: dict[str, Attack] = {}
    for at, one in enumerate(said["attacks"]):
        try:
            made = _made(one, {"family": family, **shared}, houses)
            id_ = f"{made.family}/{made.id}"
            if id_ in found or not made.id or set("+~ ") & set(id_):
                raise _Bad("an id is there once, without spaces, `+` and `~`", "id")
        except _Bad as bad:
            own = isinstance(one, dict) and (not bad.key or bad.key in one or bad.key not in shared)
            line = line_of(yaml_text.compose(text), f"attacks[{at}].{bad.key}" if own else bad.key)
            called = one.get("id", at + 1) if isinstance(one, dict) else at + 1
            raise _bad(f"{name}:{line}: attack {str(called)[:80]}: {bad}") from None
        found[id_] = msgspec.structs.replace(made, id=id_)
    return found


class _Bad(Exception):
    """What is wrong with an attack, and in which of its fields ("": the whole)."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key


def _made(one: Any, shared: Mapping[str, Any], houses: Mapping[str, House]) -> Attack:
    if not isinstance(one, dict):
        raise _Bad("it is no mapping")
    try:
        made = msgspec.convert({**shared, **one}, Attack)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        path = where.rstrip("`").strip(".")
        raise _Bad(f"{path}: {what}" if path else what, re.split(r"[.\[]", path)[0]) from None
    if made.house not in houses:
        raise _Bad(f"there is no house {made.house[:40]!r}; there are: {', '.join(houses)}", "house")
    if unknown := sorted(set(made.dress) - MUTATORS.keys()):
        raise _Bad(f"there is no mutator {unknown[0][:40]!r}; there are: {', '.join(MUTATORS)}", "dress")
    try:
        patterns.compiled(made.check.pattern)
    except ValueError as error:
        raise _Bad(f"`pattern` {error}", "check") from None
    for key in ("text", "turns", "messages", "fields", "check"):
        try:
            msgspec.json.encode(getattr(made, key))
            for text in texts(msgspec.to_builtins(getattr(made, key))):
                macros.check(text)
        except (ValueError, TypeError, OverflowError) as error:  # what no request can say, a range that is none
            raise _Bad(str(error), key) from None
    return made


def texts(value: Any) -> Iterator[str]:
    """Every text in a value of JSON, names of fields too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield str(name)
            yield from texts(one)
    elif isinstance(value, Sequence):
        for one in value:
            yield from texts(one)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise _bad(f"{path}: larger than {LARGEST} bytes")
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(f"{path}: cannot be read: {error}") from None


def _yaml(text: str, name: str) -> Any:
    try:
        return yaml_text.load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _bad(f"{name}: not YAML: {' '.join(str(error).split())[:300]}") from None


def _bad(message: str) -> RequestError:
    return RequestError(message, param="attacks")


# -- words that an attack is known by ---------------------------------------------------------------------------------

_WORDS = [
    "amber", "basil", "cedar", "dune", "ember", "fjord", "gravel", "heron", "indigo", "jasper", "kelp", "lynx",
    "maple", "nectar", "ochre", "pebble", "quartz", "raven", "sable", "thistle", "umber", "velvet", "walnut",
    "yarrow", "zephyr", "birch", "cobalt", "dahlia", "falcon", "ginger"
]  # fmt: skip
_STARTS, _ENDS = ("br", "d", "f", "gl", "h", "k", "m", "pr", "t", "v", "z", "st"), ("x", "n", "k", "sk", "m", "rt")


class Marks(msgspec.Struct, frozen=True):
    """What is looked for: two words whose joining shows obedience, a secret of words that nothing says by chance and
    no language has another word for, and an address that only the attacker names."""

    a: str
    b: str
    canary: str
    evil: str


def marks(seed: int, attack: str) -> Marks:
    """Always the same for a seed and an attack."""
    rng = random.Random(f"marks/{seed}/{attack}")
    a, b = rng.sample(_WORDS, 2)
    canary = "-".join(_made_up(rng) for _ in range(3))
    return Marks(a, b, canary, f"desk@{_made_up(rng)}-{_made_up(rng)}.example")


def _made_up(rng: random.Random) -> str:
    return "".join(rng.choice(_STARTS) + rng.choice("aeiou") for _ in range(2)) + rng.choice(_ENDS)
