"""A shell script as a shell would read it: which commands with which words, what flows into them, where they write.

Quotes, escapes, variables that the script itself sets, `$IFS` and echoed texts are resolved; what only a running shell
would know is UNKNOWN. Parsed by tree-sitter's grammar of bash. Nothing is run.
"""

import codecs
import functools
import re
import shlex
from collections.abc import Iterator
from typing import Any

import msgspec

UNKNOWN = "\0"
"""Stands in a word for what cannot be known without running the script."""
_DEEPEST = 60
_NOT_ASCII = re.compile(r"[^\x01-\x7f]")
"""Read as letters. The grammar's scanner asks C's `isalpha` about them, which may end the process (tree-sitter-bash
0.25); so a byte that it reads is a character of the script."""
_BRACES = re.compile(r"\{([^{}\s]*,[^{}\s]*)\}")
_ANSI = re.compile(r"\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)


class Redirect(msgspec.Struct):
    """`way` is the operator (`>`, `>>`, `<`, `&>` …), `target` the word after it."""

    way: str
    target: str


class Command(msgspec.Struct):
    """One command: its words (the name first), the variables set for it alone, its redirections, and the commands whose
    output it reads. `start`, `end` are characters of the script. `behind` says that it runs in the background."""

    words: list[str]
    start: int
    end: int
    sets: dict[str, str] = {}
    redirects: list[Redirect] = []
    reads: list["Command"] = []
    holds: list["Command"] = []
    """Commands whose output stands in its words."""
    typed: str | None = None
    """What is typed into it (`<<`, `<<<`), where it is known."""
    behind: bool = False

    @property
    def name(self) -> str:
        """Without its folder, in small letters."""
        return self.words[0].rsplit("/", 1)[-1].lower().removesuffix(".exe") if self.words else ""


class Script(msgspec.Struct):
    """What was read. `odd` are spans that are no shell, `kinds` the kinds of all nodes, `sets` all variables that are
    set, `calls_itself` the spans of functions that start themselves again."""

    commands: list[Command]
    odd: list[tuple[int, int]]
    kinds: set[str]
    sets: dict[str, str]
    calls_itself: list[tuple[int, int]]


@functools.cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


def read(text: str) -> Script:
    """Read a script, or what there is of one."""
    script = Script([], [], set(), {}, [])
    _Reader(text, script).walk(_parser().parse(_NOT_ASCII.sub("x", text).encode("ascii")).root_node)
    for start, end in script.odd:
        script.commands += _loosely(text[start:end], start)
    return script


def _loosely(text: str, start: int) -> Iterator[Command]:
    """Commands of what the grammar does not know, word by word."""
    for match in re.finditer(r"[^;&|\n]+", text):
        try:
            words = shlex.split(match[0], comments=False)
        except ValueError:
            words = match[0].split()
        words = [inner for word in words for inner in braces(word)]
        if words:
            yield Command(words, start + match.start(), start + match.end())


def braces(word: str) -> list[str]:
    """`{rm,-rf}` is two words."""
    match = _BRACES.search(word)
    if match is None or len(word) > 500:
        return [word]
    found = [word[: match.start()] + one + word[match.end() :] for one in match[1].split(",")]
    return found if len(found) > 20 else [inner for one in found for inner in braces(one)]


class _Reader:
    """One walk through a tree."""

    def __init__(self, source: str, script: Script) -> None:
        self._source, self._script = source, script

    def _text(self, node: Any) -> str:
        return self._source[node.start_byte : node.end_byte]

    def _span(self, node: Any) -> tuple[int, int]:
        return node.start_byte, node.end_byte

    def walk(self, node: Any, reads: list[Command] | None = None, depth: int = 0) -> list[Command]:
        """The commands whose output is that of `node`; all that are met are added to the script."""
        self._script.kinds.add(node.type)
        if node.is_error or node.is_missing or depth > _DEEPEST:
            self._script.odd.append(self._span(node))
            return []
        if node.type == "command":
            return [self._command(node, reads or [], depth)]
        if node.type == "pipeline":
            flow = reads or []
            for child in node.named_children:
                flow = self.walk(child, flow, depth + 1)
            return flow
        if node.type == "redirected_statement":
            return self._redirected(node, reads or [], depth)
        if node.type in ("variable_assignment", "declaration_command"):
            self._set(node, depth)
            return []
        if node.type == "function_definition":
            self._function(node)
        return self._inside(node, reads, depth)

    def _inside(self, node: Any, reads: list[Command] | None, depth: int) -> list[Command]:
        made: list[Command] = []
        before = None
        for child in node.children:
            if child.is_named:
                before = self.walk(child, reads, depth + 1)
                made += before
            elif child.type == "&" and before:
                for one in before:
                    one.behind = True
        return made

    def _function(self, node: Any) -> None:
        name, body = self._text(node.named_children[0]), node.named_children[-1]
        again = [n for n in _below(body) if n.type == "command_name" and self._text(n) == name]
        spreads = any(n.type in ("pipeline", "&") for n in _below(body))
        if len(again) > 1 or (again and spreads):
            self._script.calls_itself.append(self._span(node))

    def _set(self, node: Any, depth: int) -> None:
        pairs = [node] if node.type == "variable_assignment" else node.named_children
        for pair in pairs:
            if pair.type == "variable_assignment" and len(pair.named_children) > 1:
                held: list[Command] = []
                value = " ".join(self._words(pair.named_children[-1], held, depth))
                self._script.sets[self._text(pair.named_children[0])] = value
            elif pair.type == "variable_assignment":
                self._script.sets[self._text(pair).partition("=")[0]] = ""

    def _command(self, node: Any, reads: list[Command], depth: int) -> Command:
        start, end = self._span(node)
        made = Command([], start, end, {}, [], reads)
        for child in node.named_children:
            if child.type == "variable_assignment":
                held: list[Command] = []
                value = self._words(child.named_children[-1], held, depth) if len(child.named_children) > 1 else []
                made.sets[self._text(child.named_children[0])] = " ".join(value)
            elif child.type in ("file_redirect", "herestring_redirect", "heredoc_redirect"):
                self._redirect(child, made, depth)
            elif child.type == "command_name":
                made.words += self._words(child.named_children[0], made.holds, depth) if child.named_children else []
            elif child.is_error:
                self._script.odd.append(self._span(child))
            else:
                made.words += self._words(child, made.holds, depth)
        self._script.commands.append(made)
        return made

    def _redirected(self, node: Any, reads: list[Command], depth: int) -> list[Command]:
        made: list[Command] = []
        body = next((n for n in node.named_children if not n.type.endswith("redirect")), None)
        if body is not None:
            made = self.walk(body, reads, depth + 1)
        carrier = made[-1] if made else Command(["true"], *self._span(node))
        if not made:
            self._script.commands.append(carrier)
        flow = made
        for child in node.named_children:
            if child.type.endswith("redirect"):
                flow = self._redirect(child, carrier, depth) or flow
        return flow

    def _redirect(self, node: Any, command: Command, depth: int) -> list[Command]:
        """Adds it; gives the last command of a pipeline that stands in the line of a here-document."""
        self._script.kinds.add(node.type)
        if node.type == "heredoc_redirect":
            return self._typed(node, command, depth)
        words = [
            w for n in node.named_children if n.type != "file_descriptor" for w in self._words(n, command.holds, depth)
        ]
        if node.type == "herestring_redirect":
            command.typed = " ".join(words)
            return []
        way = next((c.type for c in node.children if not c.is_named), ">")
        command.redirects += [Redirect(way, word) for word in words]
        return []

    def _typed(self, node: Any, command: Command, depth: int) -> list[Command]:
        flow: list[Command] = []
        for child in node.named_children:
            if child.type == "heredoc_body":
                command.typed = self._text(child)
            elif child.type == "pipeline":
                flow = [command]
                for piped in child.named_children:
                    flow = self.walk(piped, flow, depth + 1)
            elif child.type.endswith("_redirect"):
                self._redirect(child, command, depth)
            elif child.type in ("command", "list"):
                self.walk(child, [], depth + 1)
        return flow

    # -- words --------------------------------------------------------------------------------------------------------

    def _words(self, node: Any, held: list[Command], depth: int) -> list[str]:
        """The words that a node becomes."""
        whole = "".join(self._pieces(node, held, depth, quoted=False))
        found = [word for word in whole.split("\x01") if word] if "\x01" in whole else [whole]
        if "{" in whole and node.type in ("word", "concatenation") and not re.search(r"['\"\\]", self._text(node)):
            return [inner for word in found for inner in braces(word)]
        return found

    def _pieces(self, node: Any, held: list[Command], depth: int, *, quoted: bool) -> Iterator[str]:
        """Parts of a word; \\x01 stands where it is divided."""
        self._script.kinds.add(node.type)
        kind, text = node.type, self._text(node)
        if depth > _DEEPEST:
            yield UNKNOWN
        elif kind == "raw_string":
            yield text[1:-1]
        elif kind == "ansi_c_string":
            yield _ansi(text[2:-1])
        elif kind in ("string", "translated_string"):
            yield from self._string(node, held, depth)
        elif kind in ("simple_expansion", "expansion"):
            yield self._expanded(node, text, quoted=quoted)
        elif kind in ("command_substitution", "process_substitution"):
            yield self._substituted(node, held, depth, quoted=quoted)
        elif kind == "concatenation":
            at = node.start_byte
            for child in node.children:
                yield self._source[at : child.start_byte]
                yield from self._pieces(child, held, depth + 1, quoted=quoted)
                at = child.end_byte
        elif kind in ("arithmetic_expansion", "array", "subscript", "brace_expression", "ERROR"):
            for child in node.named_children:
                list(self._pieces(child, held, depth + 1, quoted=quoted))
            yield UNKNOWN
        elif kind == "string_content":
            yield re.sub(r'\\([\\"$`])', r"\1", text).replace("\\\n", "")
        else:
            yield re.sub(r"\\(.)", r"\1", text.replace("\\\n", ""), flags=re.DOTALL)

    def _string(self, node: Any, held: list[Command], depth: int) -> Iterator[str]:
        at = node.start_byte + (2 if self._text(node).startswith("$") else 1)
        for child in node.named_children:
            yield self._source[at : child.start_byte]
            yield from self._pieces(child, held, depth + 1, quoted=True)
            at = child.end_byte
        yield self._source[at : max(at, node.end_byte - 1)]

    def _expanded(self, node: Any, text: str, *, quoted: bool) -> str:
        name = re.fullmatch(r"\$\{?(\w+|[@*#?$!-])\}?", text)
        if name is None:
            default = re.fullmatch(r"\$\{\w+:?[-=](.*)\}", text, re.DOTALL)
            if default and default[1].isascii() and not re.search(r"[$`]", default[1]):
                return default[1] + UNKNOWN
            for child in node.named_children:
                list(self._pieces(child, [], _DEEPEST - 5, quoted=quoted))
            return "\x01" if text.startswith("${IFS") else UNKNOWN
        if name[1] == "IFS" and "IFS" not in self._script.sets:
            return " " if quoted else "\x01"
        if name[1] in ("@", "*"):  # nothing was given to the script
            return ""
        value = self._script.sets.get(name[1])
        if value is None:
            return "$HOME" if name[1] == "HOME" else UNKNOWN
        return value if quoted else re.sub(r"\s+", "\x01", value)

    def _substituted(self, node: Any, held: list[Command], depth: int, *, quoted: bool) -> str:
        made: list[Command] = []
        for child in node.named_children:
            made += self.walk(child, [], depth + 1)
        held += made
        said = printed(made[0]) if len(made) == 1 and node.type == "command_substitution" else None
        if said is None or UNKNOWN in said:
            return UNKNOWN
        return said if quoted else re.sub(r"\s+", "\x01", said.strip())


def printed(command: Command) -> str | None:
    """What a command prints, if it only prints what stands there. None: not known."""
    if command.redirects or command.reads:
        return None
    if command.name == "echo":
        words = [w for w in command.words[1:] if w not in ("-n", "-e", "-ne", "-en")]
        said = " ".join(words)
        return _ansi(said) if len(words) < len(command.words) - 1 else said
    if command.name == "printf" and len(command.words) > 1:
        form, *values = command.words[1:]
        if values and set(re.findall(r"%.", form)) <= {"%s", "%b"}:
            filled = iter(values)
            return _ansi(re.sub(r"%[sb]", lambda m: next(filled, ""), form))
        return _ansi(form)
    return None


def _ansi(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        escape = match[0]
        try:
            if escape[1] in "xuU":
                return chr(int(escape[2:], 16))
            if escape[1].isdigit():
                return chr(int(escape[1:], 8) & 255)
            return codecs.decode(escape, "unicode_escape") if escape[1] in "abfnrtv" else escape[1:]
        except (ValueError, OverflowError):
            return UNKNOWN

    return _ANSI.sub(one, text)


def _below(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += one.children
