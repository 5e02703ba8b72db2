"""Shell commands that a model wants run: what destroys, runs what it fetched, leaves its folder, sends things away or
hides what it does; or, with a list of allowed commands, everything that is not certainly one of them.

It reads a script as a shell would. It is no sandbox: a command that looks harmless can do harm.
"""

import base64
import binascii
import itertools
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.guardrails import _shell_danger as danger
from outrider.guardrails._blocks import fenced
from outrider.guardrails._contract import Context, Finding
from outrider.guardrails._shell_words import UNKNOWN, Command, Redirect, Script, braces, printed, read

NAME = "shell"
WHAT = "Shell commands: destructive, fetched and run, out of bounds, sending things away, hidden; or not on a list."
STAGES = ("tool_args", "output")
KINDS = (
    "destructive",
    "remote_code",
    "exfiltration",
    "secrets",
    "hidden_command",
    "privilege",
    "persistence",
    "out_of_bounds",
    "substitution",
    "not_allowed",
    "unreadable",
)
_FENCES = ("sh", "bash", "shell", "zsh", "console", "terminal", "shell-session")
_LONGEST = 100_000
_MOST_SIGNS = (
    (re.compile(r"[|&<>;`]"), 2_000),  # pipes, redirections and separators
    (re.compile(r"[^\w\s\"'.,:=/-]"), 5_000),  # all that means something to a shell: brackets, `$`, `@`, `*` …
)  # at most: a script with more is nobody's, and the grammar takes their square to read it
_DEEPEST = 6


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be run."""

    allow: Annotated[
        tuple[str, ...],
        Meta(
            description="Only these commands, each by its first words: `git status`, `ls`. Empty: all that do no harm."
        ),
    ] = ()
    folders: Annotated[
        tuple[str, ...],
        Meta(description="Folders outside of the working folder that may be written to."),
    ] = ("/tmp",)
    arguments: Annotated[
        tuple[str, ...], Meta(description="Arguments of tools that are commands. Empty: all that are checked.")
    ] = ()


def check(text: str, context: Context) -> list[Finding]:
    """Findings of a script (an argument), or of the scripts in a text (`output`: those in fences)."""
    options = context.options if isinstance(context.options, Options) else Options()
    if context.where == "output":
        return [
            Finding(one.start + at, one.end + at, one.kind, one.score)
            for at, script in fenced(text, _FENCES)
            for one in findings(script, options)
        ]
    if options.arguments and context.argument not in options.arguments:
        return []
    return findings(text, options)


def findings(text: str, options: Options | None = None) -> list[Finding]:
    """What is found in a script; per place and kind the gravest."""
    wanted = options or Options()
    if not text.strip():
        return []
    if len(text) > _LONGEST or any(len(sign.findall(text)) > most for sign, most in _MOST_SIGNS):
        return [Finding(0, len(text), "unreadable", 0.9)]
    script = read(text)
    found: dict[tuple[int, int, str], float] = {}
    for start, end, kind, score in (*_harm(script, text, wanted, 0), *_refused(script, text, wanted)):
        found[start, end, kind] = max(score, found.get((start, end, kind), 0.0))
    return [Finding(start, end, kind, score) for (start, end, kind), score in sorted(found.items())]


_Hit = tuple[int, int, str, float]


def _harm(script: Script, text: str, options: Options, depth: int) -> Iterator[_Hit]:
    fetched: set[str] = set()
    for start, end in script.odd:
        yield start, end, "unreadable", 0.6
    for start, end in script.calls_itself:
        yield start, end, "destructive", 0.95
    if "while_statement" in script.kinds and any(one.behind for one in script.commands):
        yield 0, len(text), "destructive", 0.6
    for name, value in script.sets.items():
        if name in danger.LOADING:
            yield 0, len(text), "hidden_command", danger.loading(name, value)
    for command in script.commands:
        yield from _of(command, options, fetched, depth)


def _of(command: Command, options: Options, fetched: set[str], depth: int) -> Iterator[_Hit]:
    span = (command.start, command.end)
    for name, value in command.sets.items():
        if name in danger.LOADING:
            yield *span, "hidden_command", danger.loading(name, value)
    for one in command.redirects:
        yield from ((*span, kind, score) for kind, score in _redirected(one, options))
    if command.holds:
        yield *span, "substitution", 0.3
    for shown in _unwrapped(command):
        if not shown.words:
            continue
        if _is_hidden(shown.words[0]):
            yield *span, "hidden_command", 0.85
        for sign in danger.signs(shown):
            yield *span, sign.kind, sign.score
        yield from ((*span, kind, score) for kind, score in _sent(shown))
        yield from ((*span, kind, score) for kind, score in _written(shown, options))
        yield from ((*span, kind, score) for kind, score in _ran(shown, fetched))
        for inner in _scripts(shown):
            yield from _nested(inner, span, options, depth)


def _nested(inner: str, span: tuple[int, int], options: Options, depth: int) -> Iterator[_Hit]:
    if UNKNOWN in inner:
        yield *span, "hidden_command", 0.85
    if depth < _DEEPEST and inner.strip(UNKNOWN + " \n"):
        for _, _, kind, score in _harm(read(inner.replace(UNKNOWN, "")), inner, options, depth + 1):
            yield *span, kind, score


def _is_hidden(name: str) -> bool:
    return UNKNOWN in name or (name not in ("[", "[[") and bool(re.search(r"[*?\[\]$`]", name)))


def _unwrapped(command: Command) -> Iterator[Command]:
    """The command, and those that it runs for others (`sudo`, `env`, `xargs` …)."""
    yield command
    shown = command
    for _ in range(_DEEPEST):
        words = danger.inner(shown)
        if not words:
            return
        shown = msgspec.structs.replace(command, words=words)
        yield shown


# -- where things go --------------------------------------------------------------------------------------------------


def _redirected(one: Redirect, options: Options) -> Iterator[tuple[str, float]]:
    target = one.target
    if target.startswith(("/dev/tcp/", "/dev/udp/")):
        yield "exfiltration", 0.95
    elif one.way.startswith("<"):
        if danger.is_secret(target):
            yield "secrets", 0.7
    elif danger.STARTED.search(target):
        yield "persistence", 0.95
    elif re.match(r"/dev/(?:sd|nvme|hd|vd|mmcblk|disk|mem|kmem|port)|/proc/sys|/sys/", target):
        yield "destructive", 0.95
    elif not _may_write(target, options):
        yield "out_of_bounds", 0.6 if UNKNOWN in target and not danger.outside(target.replace(UNKNOWN, "")) else 0.85


def _may_write(path: str, options: Options) -> bool:
    if re.fullmatch(r"/dev/(?:null|stdout|stderr|tty|zero|fd/\d)|&?\d+|-", path) or not danger.outside(path):
        return True
    inside = any(path == one or path.startswith(one.rstrip("/") + "/") for one in options.folders)
    return inside and UNKNOWN not in path and ".." not in path.split("/")


def _written(command: Command, options: Options) -> Iterator[tuple[str, float]]:
    """Files that a command writes by its words."""
    name, what = command.name, danger.targets(command.words)
    places: list[str] = []
    if name in ("cp", "mv", "ln", "install", "rsync", "scp"):
        places = [w for w in what[-1:] if ":" not in w]
    elif name in ("tee", "touch", "mkdir", "truncate", "sponge"):
        places = what
    elif name in danger.FETCHERS:
        wanted = ("-o", "-O", "--output", "--output-document", "-P", "--directory-prefix", "-OutFile")
        pairs = zip(command.words, command.words[1:], strict=False)
        places = [b for a, b in pairs if a in wanted and not b.startswith(("-", "http"))]
        places += [w.partition("=")[2] for w in command.words if w.startswith(("--output=", "--output-document="))]
    elif name in ("tar", "unzip"):
        places = [b for a, b in zip(command.words, command.words[1:], strict=False) if a in ("-C", "-d", "--directory")]
    if any(not _may_write(place, options) for place in places):
        yield "out_of_bounds", 0.7


# -- what is run ------------------------------------------------------------------------------------------------------


def _sources(command: Command) -> Iterator[Command]:
    """Everything that flows into a command, through pipes and substitutions."""
    waiting, seen = [*command.reads, *command.holds], 0
    while waiting and seen < 100:
        one = waiting.pop()
        seen += 1
        yield one
        waiting += [*one.reads, *one.holds]


_INSTALLERS = ("pip", "pip3", "uv", "npm", "gem", "go", "cargo", "npx", "uvx", "bunx", "pnpm", "yarn")


def _ran(command: Command, fetched: set[str]) -> Iterator[tuple[str, float]]:
    """Whether what runs came from elsewhere."""
    name, words = command.name, command.words
    if name in danger.FETCHERS:
        fetched.update(_saved(words))
    sources = {inner.name for one in _sources(command) for inner in _unwrapped(one)}
    runs = name in danger.INTERPRETERS or name in (
        "eval",
        "source",
        ".",
        "iex",
        "invoke-expression",
        "xargs",
        "at",
        "batch",
    )
    if runs and sources & danger.FETCHERS:
        yield "remote_code", 0.98
    elif (
        runs
        and sources - {"echo", "printf", "true"}
        and (name in danger.INTERPRETERS or name in ("eval", "source", "."))
    ):
        takes = name in danger.INTERPRETERS and any(w for w in words[1:] if not w.startswith("-") and UNKNOWN not in w)
        if not takes:
            yield "hidden_command", 0.8
    path = words[0].removeprefix("./")
    if path in fetched or (
        name in (*danger.INTERPRETERS, "chmod", "source", ".") and fetched & {w.removeprefix("./") for w in words[1:]}
    ):
        yield "remote_code", 0.9
    if name in ("nc", "ncat", "netcat") and danger.flags(words) & {"e", "c", "--exec", "--sh-exec"}:
        yield "remote_code", 0.98
    if name == "socat" and any(re.match(r"(?i)(?:exec|system|shell):", w) for w in words[1:]):
        yield "remote_code", 0.98
    from_where = r"(?:git\+|https?://|git@|--(?:extra-)?index-url|--registry|-i$)"
    if name in _INSTALLERS and any(re.match(from_where, word) for word in words[1:]):
        yield "remote_code", 0.75


def _saved(words: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        if word in ("-o", "--output", "-O", "--output-document") and at + 1 < len(words):
            yield words[at + 1].removeprefix("./")
        if re.match(r"https?://", word):
            yield word.rstrip("/").rsplit("/", 1)[-1]


def _scripts(command: Command) -> Iterator[str]:
    """Scripts that a command runs out of its own words, or of what is typed into it."""
    name, words = command.name, command.words
    if name == "eval":
        yield " ".join(words[1:])
    if name in danger.SHELLS or name == "su":
        for at, word in enumerate(words[1:-1], 1):
            if re.fullmatch(r"-\w*c|--command|/[ck]|-Command", word):
                yield words[at + 1]
        if any(re.match(r"(?i)-e(?:nc|ncodedcommand)?$", w) for w in words) and name in ("pwsh", "powershell"):
            yield UNKNOWN
    if name == "ssh" and len(what := danger.targets(words)) > 1:
        yield " ".join(what[1:])
    if name in ("trap", "watch", "at"):
        yield from danger.targets(words)[:1]
    if name in danger.SHELLS and command.typed is not None:
        yield command.typed
    if name in danger.SHELLS and len(command.reads) == 1:
        said = _said(command.reads[0])
        if said is not None:
            yield said
    if name in danger.INTERPRETERS - danger.SHELLS and (code := _code(words)):
        for inner in re.findall(
            r"(?:system|popen|exec\w*|run|call|spawn\w*|check_output|Popen)\s*\(\s*\[?(['\"].*?['\"])\s*[\]),]", code
        ):
            yield inner[1:-1]
        if re.search(r"\b(?:exec|eval|compile|__import__|unlink|rmtree|remove|socket|urllib|requests|http)\b", code):
            yield UNKNOWN


def _code(words: Sequence[str]) -> str:
    return next((b for a, b in itertools.pairwise(words[1:]) if re.fullmatch(r"-\w*[cer]|--eval|-p|--print", a)), "")


def _said(command: Command) -> str | None:
    """What flows out of a command, if that can be known: printed, or printed and unpacked."""
    said = printed(command)
    if said is not None:
        return said
    if len(command.reads) != 1 or command.redirects:
        return None
    before = _said(command.reads[0]) if command.reads else command.typed
    how = danger.flags(command.words)
    try:
        if before is not None and command.name in ("base64", "gbase64") and how & {"d", "D", "--decode"}:
            return base64.b64decode(before.strip(), validate=False).decode("utf-8", "replace")
        if before is not None and command.name == "xxd" and {"r", "p"} <= how:
            return bytes.fromhex("".join(before.split())).decode("utf-8", "replace")
        if before is not None and command.name == "rev":
            return "\n".join(line[::-1] for line in before.splitlines())
    except (binascii.Error, ValueError):
        return None
    return before if before is not None and command.name == "cat" and len(command.words) == 1 else None


# -- what is sent -----------------------------------------------------------------------------------------------------

_SENDS = re.compile(
    r"-(?:d|F|T)$|-(?:d|F|T).+|--(?:data\S*|form\S*|upload-file\S*|post-\w+\S*|body-\w+\S*|json\S*|attach\S*)$|--(?:data|form|post)\S*="
)
_LOCAL = re.compile(r"(?:^|@|//)(?:localhost|127\.\d|\[?::1|0\.0\.0\.0)")


def _sent(command: Command) -> Iterator[tuple[str, float]]:
    name, words = command.name, command.words
    if name not in danger.SENDERS:
        return
    if any(_LOCAL.search(w) for w in words[1:]) and not any("@" in w and UNKNOWN in w for w in words):
        return
    reads = {one.name for one in _sources(command)}
    feeds = [one.target for one in command.redirects if one.way.startswith("<")]
    if any(danger.is_secret(w) for w in (*words[1:], *feeds)) or reads & {"env", "printenv", "set", "export"}:
        yield "exfiltration", 0.95
    elif any(UNKNOWN in word for word in words[1:]) or command.holds or command.reads or feeds or command.typed:
        yield "exfiltration", 0.8
    elif name in danger.FETCHERS and any(_SENDS.match(word) for word in words[1:]):
        yield "exfiltration", 0.6 if not any("@" in word for word in words[1:]) else 0.85
    elif name in ("scp", "rsync", "sftp", "rclone") and any(":" in w for w in danger.targets(words)[-1:]):
        yield "exfiltration", 0.75


# -- only what is allowed ---------------------------------------------------------------------------------------------

_PLAIN = {"program", "command", "command_name", "word", "string", "string_content", "raw_string", "concatenation"} | {
    "number",
    "list",
    "pipeline",
    "comment",
}
"""Nodes of a script that has nothing but commands and words."""


def _refused(script: Script, text: str, options: Options) -> Iterator[_Hit]:
    """With a list: everything but plain commands that are on it, which two readers understand alike."""
    if not options.allow:
        return
    whole = (0, len(text))
    if script.odd or not script.kinds <= _PLAIN or "\r" in text or "\0" in text or not script.commands:
        yield *whole, "not_allowed", 1.0
        return
    allowed = [tuple(shlex.split(one)) for one in options.allow]
    for command in script.commands:
        words = tuple(command.words)
        if not any(one and words[: len(one)] == one for one in allowed) or command.behind:
            yield command.start, command.end, "not_allowed", 1.0
    if _divided(text) != [tuple(one.words) for one in sorted(script.commands, key=lambda c: c.start)]:
        yield *whole, "not_allowed", 1.0


def _divided(text: str) -> list[tuple[str, ...]] | None:
    """The same script read in another way, by the standard library; None: it is no plain script."""
    reader = shlex.shlex(text.replace("\n", " ; "), posix=True, punctuation_chars=";&|<>()")
    reader.whitespace_split = True
    reader.commenters = ""
    found: list[tuple[str, ...]] = []
    words: list[str] = []
    try:
        tokens = list(reader)
    except ValueError:
        return None
    for token in tokens:
        if token and set(token) <= set(";&|<>()"):
            if token not in (";", "&&", "||", "|"):
                return None
            if words:
                found.append(tuple(words))
            words = []
        else:
            words.append(token)
    found += [tuple(words)] if words else []
    odd = any(re.search(r"[{}$`]", word) for words in found for word in words) or any(
        braces(w) != [w] for c in found for w in c
    )
    return None if odd else found
