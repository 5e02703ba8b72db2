"""The page of errors: the tree of classes, and every code with the messages that carry it, read from the source."""

import ast
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from outrider.app.docs.markdown import code, table
from outrider.base import errors
from outrider.base.errors import OutriderError

_INTRO = """\
# Errors

Every error has a stable `code` and a message that says what is wrong and what to do. On `/v1` it has OpenAI's shape:
`{"error": {"message": …, "type": …, "code": …, "param": …}}`. On the command line it is one line on stderr. A part in
braces is filled in.
"""
_EXIT = {"ConfigError": "2", "RequestError": "2"}


class Site(msgspec.Struct, order=True, frozen=True):
    """One place in the source that makes an error."""

    code: str
    class_: str
    status: str
    message: str


def page() -> str:
    """Markdown of the whole page."""
    classes = known()
    rows = [
        (code(name), code(c.code), _EXIT.get(name, "1"), ((c.__doc__ or "").strip().splitlines() or [""])[0])
        for name, c in classes.items()
    ]
    found = sorted(set(sites()))
    parts = [
        _INTRO,
        "## Classes\n\n```\n" + "\n".join((errors.__doc__ or "").splitlines()[2:]).rstrip() + "\n```\n",
        table(("class", "usual code", "exit code", "meaning"), rows),
        "## Codes\n",
        table(
            ("code", "class", "HTTP", "message"), [(code(s.code), code(s.class_), s.status, s.message) for s in found]
        ),
    ]
    return "\n".join(parts)


def known() -> dict[str, type[OutriderError]]:
    """The error classes by name."""
    return {n: c for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, OutriderError)}


def sites() -> Iterator[Site]:
    """Every place in the package that makes an error with a message that can be read from the source."""
    classes = known()
    for text in _sources(resources.files("outrider")):
        nodes = list(ast.walk(ast.parse(text)))
        named = [n for n in nodes if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)]
        for node in nodes:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
                site = _site(node, classes[node.func.id], named)
                if site is not None:
                    yield site


def _sources(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_text("utf-8")


def _site(call: ast.Call, class_: type[OutriderError], named: list[ast.Assign]) -> Site | None:
    given = {k.arg: k.value for k in call.keywords if k.arg}
    message = _words(_meant(call.args[0], named)) if call.args else ""
    if not message:
        return None
    own = given.get("code")
    code_ = own.value if isinstance(own, ast.Constant) and isinstance(own.value, str) else class_.code
    status = given.get("status")
    if isinstance(status, ast.Constant):
        shown = str(status.value)
    else:
        shown = "400" if class_ is errors.RequestError and status is None else ""
    return Site(code_, class_.__name__, shown, message)


def _meant(node: ast.expr, named: list[ast.Assign]) -> ast.expr:
    """What a variable was last set to above its use; any other expression is itself."""
    if not isinstance(node, ast.Name):
        return node
    before = [a for a in named if ast.unparse(a.targets[0]) == node.id and a.lineno < node.lineno]
    return max(before, key=lambda a: a.lineno).value if before else node


def _words(node: ast.expr) -> str:
    """The text of a literal or f-string, with `{…}` for what is filled in; "" for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [v.value if isinstance(v, ast.Constant) else "{…}" for v in node.values]
        return "".join(str(p) for p in parts)
    return ""
