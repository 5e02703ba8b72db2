"""What single commands of a shell do that should not be done unseen: by their names and words, as data and rules."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from typing import NamedTuple

from outrider.guardrails._shell_words import UNKNOWN, Command

_TABLE = tomllib.loads(resources.files("outrider.guardrails").joinpath("shell.toml").read_text("utf-8"))
WRAPPERS: dict[str, tuple[str, ...]] = {name: tuple(valued.split()) for name, valued in _TABLE["wraps"].items()}
"""Commands that run another: with those of their options that take a value."""
_FIRST = {"timeout", "chroot", "flock"}
"""Wrappers whose first word is not the command."""
SHELLS = frozenset(_TABLE["shells"].split())
INTERPRETERS = SHELLS | frozenset(_TABLE["interpreters"].split())
FETCHERS = frozenset(_TABLE["fetchers"].split())
SENDERS = FETCHERS | frozenset(_TABLE["senders"].split())
_SECRETS = re.compile(
    r"(?:^|[/@=])(?:\.env(?:\.\w+)?|id_(?:rsa|dsa|ecdsa|ed25519)|\.aws|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.git-credentials|"
    r"\.kube|\.docker|\.ssh|\.gnupg|credentials(?:\.\w+)?|shadow|environ|\.bash_history|\.zsh_history|secrets?(?:\.\w+)?"
    r"|service[-_]?account\S*\.json|\.config/gcloud|login\.keychain\S*|cookies(?:\.sqlite)?)(?:$|[/:])|\.(?:pem|key|pfx|p12|kdbx)$",
    re.IGNORECASE,
)
_SYSTEM = re.compile(r"^(?:/|[A-Za-z]:\\|~|\$HOME)")
STARTED = re.compile(
    r"\.(?:bashrc|zshrc|profile|bash_profile|zprofile|zshenv|bash_login|inputrc)$|authorized_keys|/cron|crontab"
    r"|\.git/hooks/|/etc/(?:profile|rc|init|systemd|ld\.so|sudoers)|systemd/|LaunchAgents|/autostart/|\.vimrc$|sitecustomize|\.pth$",
    re.IGNORECASE,
)
LOADING = frozenset(_TABLE["sets"].split())
"""Variables by which another program is loaded or run."""
_PATHS = {"PATH", "PYTHONPATH", "PERL5LIB", "LD_LIBRARY_PATH", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS"}


def loading(name: str, value: str) -> float:
    """How odd it is to set such a variable: search paths within the folder are usual."""
    return 0.4 if name in _PATHS and not outside(value.replace(UNKNOWN, "").split(":")[0] or ".") else 0.85


class Sign(NamedTuple):
    """What a command does: a kind of finding, and how sure it is that this should not be done unseen."""

    kind: str
    score: float


def flags(words: Sequence[str]) -> set[str]:
    """Single letters of `-rf`, and `--recursive` as it is; those before `--`."""
    found: set[str] = set()
    for word in words[1:]:
        if word == "--":
            break
        if word.startswith("--"):
            found.add(word.partition("=")[0])
        elif word.startswith("-") and len(word) > 1:
            found |= {*word[1:], word}
    return found


def targets(words: Sequence[str]) -> list[str]:
    """Words that are no options."""
    bare: list[str] = []
    ended = False
    for word in words[1:]:
        if word == "--" and not ended:
            ended = True
        elif ended or not word.startswith("-") or word == "-":
            bare.append(word)
    return bare


def outside(path: str) -> bool:
    """Whether a path may leave the folder that a script works in."""
    return UNKNOWN in path or bool(_SYSTEM.match(path)) or ".." in re.split(r"[/\\]", path)


def is_secret(path: str) -> bool:
    """Whether a file by its name holds secrets."""
    return bool(_SECRETS.search(path))


def _rm(words: list[str]) -> Sign | None:
    how, what = flags(words), targets(words)
    if how & {"r", "R", "--recursive", "--no-preserve-root", "-Recurse", "/s"}:
        return Sign("destructive", 0.95)
    wide = any(outside(one) or "*" in one or one in (".", "./") for one in what)
    return Sign("destructive", 0.85 if wide else 0.4) if what else None


def _git(words: list[str]) -> Sign | None:
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option in ("-C", "--git-dir", "--work-tree", "--namespace") and rest:
            rest.pop(0)
        elif option == "-c" and rest:
            value = rest.pop(0).lower()
            if re.match(
                r"alias\.|core\.(?:sshcommand|pager|editor|fsmonitor|hookspath)|diff\.external|credential|filter\.",
                value,
            ):
                return Sign("hidden_command", 0.9)
    if not rest:
        return None
    verb, how, what = rest[0], flags(rest), targets(rest)
    if verb == "push":
        forced = how & {
            "f",
            "--force",
            "--force-with-lease",
            "--mirror",
            "--delete",
            "d",
            "--prune",
            "--force-if-includes",
        }
        return Sign("destructive", 0.9) if forced or any(w[:1] in "+:" for w in what if w) else None
    gone = {
        "reset": {"--hard", "--merge"},
        "clean": {"f", "--force"},
        "branch": {"D", "--delete"},
        "stash": set(),
        "filter-branch": None,
        "filter-repo": None,
        "checkout": {"f", "--force"},
        "restore": None,
        "reflog": set(),
        "update-ref": {"d"},
        "gc": {"--prune"},
        "worktree": set(),
        "tag": {"d", "--delete"},
    }
    if verb in gone and (gone[verb] is None or how & (gone[verb] or set())):
        return Sign("destructive", 0.85)
    if (verb, *what[:1]) in (("stash", "drop"), ("stash", "clear"), ("reflog", "expire"), ("worktree", "remove")):
        return Sign("destructive", 0.8)
    if verb == "checkout" and any(w in (".", "*") for w in what):
        return Sign("destructive", 0.7)
    runs = {"--exec", "--upload-pack", "--receive-pack", "x", "--ext-diff", "--open-files-in-pager"}
    return Sign("hidden_command", 0.8) if how & runs and verb != "clean" else None


def _find(words: list[str]) -> Sign | None:
    runs = {"-exec", "-execdir", "-ok", "-okdir"} & set(words) and {"rm", "shred", "unlink", "/bin/rm"} & set(words)
    return Sign("destructive", 0.9) if runs or {"-delete", "-fprint", "-fprintf", "-fls"} & set(words) else None


def _dd(words: list[str]) -> Sign | None:
    out = [w[3:] for w in words if w.startswith("of=")]
    return Sign("destructive", 0.95 if any(outside(w) for w in out) else 0.5) if out else None


def _mode(words: list[str]) -> Sign | None:
    wide = any(re.fullmatch(r"0?777|a\+rwx|[ugoa]*\+[rwx]*s|[2467]\d{3}|o\+w\S*", w) for w in words[1:])
    if flags(words) & {"R", "--recursive"}:
        return Sign("destructive", 0.8)
    return Sign("privilege", 0.75) if wide else None


def _tar(words: list[str]) -> Sign | None:
    odd = any(re.match(r"--(?:checkpoint-action|to-command|use-compress-program|rsh-command)|-I", w) for w in words)
    return Sign("hidden_command", 0.85) if odd else None


def _awk(words: list[str]) -> Sign | None:
    return (
        Sign("hidden_command", 0.8)
        if any(re.search(r"\bsystem\s*\(|\|\s*getline|\|\s*\"|print[^;]*[|>]", w) for w in words)
        else None
    )


def _sed(words: list[str]) -> Sign | None:
    scripts = [w for w in words[1:] if not w.startswith("-")][:1]
    runs = any(re.search(r"(?:^|[;}\d$/])\s*e(?:\s|$)|/[gip\d]*e[gip\d]*$|(?:^|;)\s*[wW]\s", s) for s in scripts)
    return Sign("hidden_command", 0.75) if runs else None


_RULES: dict[str, Callable[[list[str]], Sign | None]] = {
    "rm": _rm,
    "del": _rm,
    "unlink": _rm,
    "remove-item": lambda words: Sign("destructive", 0.95 if "-recurse" in {w.lower() for w in words} else 0.5),
    "git": _git,
    "find": _find,
    "dd": _dd,
    "chmod": _mode,
    "chown": _mode,
    "chgrp": _mode,
    "setfacl": _mode,
    "tar": _tar,
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
    "sed": _sed,
    "crontab": lambda words: None if "-l" in words else Sign("persistence", 0.85),
    "kill": lambda words: Sign("destructive", 0.9) if words[-1] == "-1" else None,
}
_DOES: dict[str, list[tuple[frozenset[str], Sign]]] = {}
for _row in _TABLE["does"]:
    for _name in _row["commands"].split():
        _words = frozenset(_row.get("with", "").split())
        _DOES.setdefault(_name, []).append((_words, Sign(_row["kind"], _row["score"])))


def signs(command: Command) -> Iterator[Sign]:
    """What a command by itself does."""
    name, words = command.name, command.words
    if name.startswith("mkfs"):
        yield Sign("destructive", 0.95)
    own = {word.lower() for word in words[1:]}
    yield from (sign for wanted, sign in _DOES.get(name, ()) if not wanted or wanted & own)
    rule = _RULES.get(name)
    sign = rule(words) if rule else None
    if sign is not None:
        yield sign
    if name in ("mv", "cp", "install", "ln", "tee") and (what := targets(words)):
        places = what if name == "tee" else what[-1:]
        if any(STARTED.search(one) for one in places):
            yield Sign("persistence", 0.9)
        elif name == "mv" and places == ["/dev/null"]:
            yield Sign("destructive", 0.9)
    if any(is_secret(word) for word in words[1:]):
        yield Sign("secrets", 0.7)


def inner(command: Command) -> list[str]:
    """The words of the command that a wrapper runs; empty: it is none."""
    name, words = command.name, list(command.words[1:])
    if name == "find":
        for way in ("-exec", "-execdir", "-ok", "-okdir"):
            if way in words:
                return [w for w in words[words.index(way) + 1 :] if w not in (";", "+", "{}")]
        return []
    if name == "git" and "rebase" in words and ("--exec" in words or "-x" in words):
        return []
    valued = WRAPPERS.get(name)
    if valued is None:
        return []
    while words:
        word = words[0]
        if word == "--":
            words.pop(0)
            break
        if name in ("env", "sudo") and re.match(r"\w+=", word):
            words.pop(0)
        elif word.startswith("-") and len(word) > 1:
            words.pop(0)
            if word in valued and words:
                words.pop(0)
        else:
            break
    if name in _FIRST and words:
        words.pop(0)
    return words
