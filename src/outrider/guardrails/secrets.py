"""Credentials: formats of providers (`secrets.toml`), private keys, tokens, passwords in connection strings, and values
that stand where a secret is assigned and look like one."""

import math
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from outrider.guardrails._contract import Context, Finding

NAME = "secrets"
WHAT = "Keys, tokens, passwords and private keys."
STAGES = ("input", "output", "tool_result", "tool_args")


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts beside the known formats."""

    assigned: Annotated[bool, Meta(description="Values of names such as `password` and `api_key`.")] = True
    ignore: Annotated[tuple[str, ...], Meta(description="Kinds that are not looked for.")] = ()


class _Pattern(NamedTuple):
    kind: str
    regex: re.Pattern[str]
    hint: tuple[str, ...]
    entropy: float


@cache
def _patterns() -> list[_Pattern]:
    said = tomllib.loads(Path(__file__).with_name("secrets.toml").read_text("utf-8"))
    return [
        _Pattern(p["kind"], re.compile(p["regex"]), tuple(p.get("hint", ())), p.get("entropy", 0.0))
        for p in said["pattern"]
    ]


_NAMES = (
    r"pass(?:word|wd|phrase|code)|passwort|mot[ _-]de[ _-]passe|contrase(?:ñ|n)a|senha|pwd"
    r"|secret(?:[ _-]?(?:key|access[ _-]?key))?"
    r"|api[ _-]?(?:key|token|secret)|access[ _-]?(?:key|token)|auth(?:entication|orization)?[ _-]?(?:key"
    r"|token)|client[ _-]?secret"
    r"|private[ _-]?key|encryption[ _-]?key|signing[ _-]?(?:key|secret)|session[ _-]?(?:key|token)"
    r"|refresh[ _-]?token|bearer[ _-]?token"
    r"|(?:master|account|service|deploy|license|webhook|shared|storage|bot)[ _-]?(?:key|token|secret)|token"
    r"|credentials?|recovery[ _-]?(?:code|key)|pin[ _-]?code"
)
_ASSIGNED = re.compile(
    rf"""(?i)(?<![a-z])(?P<name>[\w.-]{{0,40}}?(?:{_NAMES}))(?P<more>[\w-]{{0,20}})["'`*]{{0,3}}\s{{0,3}}(?P<sign>:=|=>|=|:|\bis\b:?|\bist\b:?|\bes\b:?|\best\b:?)\s{{0,3}}"""
    r"""(?P<quote>["'`*]{0,3})(?P<secret>[^\s"'`<>,;]{4,200})"""
)
_HINTS = re.compile(r"(?i)pass|pwd|secret|token|key|credential|contrase|senha|mot de|pin")
_PLACEHOLDER = re.compile(
    r"(?i)^(?:[\[{<$%*x.#-].*[\]}>%]?|\$\w+|your[\w-]*|my[-_]?\w*|example\w*|changeme|change_me|placeholder"
    r"|redacted|none|null|true|false|nil|undefined"
    r"|required|optional|string|str|int|bool|bytes|text|value|hidden|secret|password|passwd|token|key|todo"
    r"|tbd|n/a|test|dummy|foo|bar|env|os\.\S*|process\.\S*|self\.\S*|getenv\S*"
    r"|(?:\w+\.)+\w+\(.*|\w+\(.*|\w+\[.*|\*+|x+|\.+|-+)$"
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+[.,;:!?)]*")


_LEADS = re.compile(
    r"[\w.-]{0,60}[\"'`*]{0,3}\s{0,3}(?::=|=>|=|:|\bis\b|\b(?i:bearer|basic)\b|\B-u|--user)\s{0,3}[\"'`*]{0,3}\Z"
)


def check(text: str, context: Context) -> list[Finding]:
    options = context.options or Options()
    found = [*_formats(text), *(_assigned(text) if options.assigned else ())]
    kept: list[Finding] = []
    for one in found:  # a format says more than an assignment
        if one.kind not in options.ignore and not any(k.start < one.end and one.start < k.end for k in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def unfinished(text: str, context: Context) -> int:
    """A key that has begun, and the word at the end with what introduces it."""
    begun = text.rfind("-----BEGIN")
    if begun >= 0 and "PRIVATE" in text[begun : begun + 80] and "-----END" not in text[begun + 10 :]:
        return begun
    word = len(text)
    while word and not text[word - 1].isspace():
        word -= 1
    led = _LEADS.search(text, max(0, word - 90), word)
    return led.start() if led else word


def _formats(text: str) -> Iterator[Finding]:
    lowered = text.lower()
    for pattern in _patterns():
        if pattern.hint and not any(hint in lowered for hint in pattern.hint):
            continue
        for match in pattern.regex.finditer(text):
            start, end = _secret(match)
            value = text[start:end]
            if pattern.entropy and entropy(value) < pattern.entropy:
                continue
            if pattern.kind in ("connection_string", "basic_auth", "authorization") and _PLACEHOLDER.match(value):
                continue
            yield Finding(start, end, pattern.kind)


def _secret(match: re.Match[str]) -> tuple[int, int]:
    for name in ("secret", "secret2"):
        if name in match.re.groupindex and match[name] is not None:
            return match.span(name)
    return match.span()


def _assigned(text: str) -> Iterator[Finding]:
    if not _HINTS.search(text):
        return
    for match in _ASSIGNED.finditer(text):
        value = match["secret"].rstrip(".)]}!?*")
        spoken = match["sign"].strip().lower().rstrip(":") in ("is", "ist", "es", "est") or (
            match["sign"] == ":" and not match["quote"]
        )
        score = _looks_secret(match["name"].lower() + match["more"].lower(), value, spoken=spoken)
        if score:
            yield Finding(match.start("secret"), match.start("secret") + len(value), "assigned", score)


def _looks_secret(name: str, value: str, *, spoken: bool) -> float:
    """How sure it is that this is a secret; 0: no."""
    if len(value) < 4 or _PLACEHOLDER.match(value):
        return 0.0
    is_password = any(word in name for word in ("pass", "pwd", "contrase", "senha", "mot", "pin", "code"))
    plural = re.search(
        r"tokens$|count|limit|max|min|size|length|type|name|_id$|id$|url|path|file|policy|field|hint|expir", name
    )
    if plural:
        return 0.0
    classes = sum(bool(re.search(p, value)) for p in (r"[a-z]", r"[A-Z]", r"\d", r"[^\w]"))
    if is_password:
        if spoken and _WORD.fullmatch(value):
            return 0.0
        return 0.9 if classes >= 2 else 0.6 if not spoken and len(value) >= 6 else 0.0
    if re.search(r"[(){}\[\]]|^\d+$|^(?:https?:)?//", value) or _WORD.fullmatch(value):
        return 0.0
    return 0.85 if len(value) >= 12 and classes >= 2 and entropy(value) >= 3.0 and re.search(r"\d", value) else 0.0


def entropy(value: str) -> float:
    """Bits per character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0
