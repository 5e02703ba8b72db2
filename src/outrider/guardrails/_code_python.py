"""Python as its own parser reads it: what is imported, called and reached, under whatever name. Nothing is run."""

import ast
import base64
import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from outrider.guardrails._code_names import Reach, attributes, path_reach, reach

_LONGEST = 4_000
_LONGEST_NAME = 400
_IMPORTS = ("__import__", "importlib.import_module", "builtins.__import__", "importlib.__import__", "runpy.run_module")
_ESCAPED = re.compile(r"\{[^{}]*\.__\w+__|\{[^{}]*\[[^\]]*__|%\([^)]*__\w+__")
_DUNDER = re.compile(r"__\w+__|f_globals|gi_frame")


class Hit(NamedTuple):
    """A place (characters), and what is reached there."""

    start: int
    end: int
    reach: Reach
    module: str = ""


def read(code: str) -> list[Hit] | None:
    """All places; None where it is no Python."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    walk = _Walk(code)
    try:
        walk.names(tree)
        walk.visit(tree)
    except RecursionError:
        return None
    return walk.found


class _Walk(ast.NodeVisitor):
    """Names first (what stands for which module or function), then every place."""

    def __init__(self, code: str) -> None:
        self.found: list[Hit] = []
        self._known: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._lines = [0]
        for line in code.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))
        self._code = code.splitlines(keepends=True)
        self._ascii = code.isascii()

    # -- places -------------------------------------------------------------------------------------------------------

    def _place(self, line: int, column: int) -> int:
        if not self._ascii and line <= len(self._code):
            column = len(self._code[line - 1].encode()[:column].decode("utf-8", "ignore"))
        return self._lines[min(line, len(self._lines)) - 1] + column

    def _add(self, node: ast.expr | ast.stmt, what: Reach, module: str = "") -> None:
        start = self._place(node.lineno, node.col_offset)
        end = self._place(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
        self.found.append(Hit(start, end, what, module))

    # -- names --------------------------------------------------------------------------------------------------------

    def names(self, tree: ast.AST) -> None:
        """Twice, so that what stands for what stands for something is known, too."""
        for _ in range(2):
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    for one in node.names:
                        self._known[one.asname or one.name.split(".")[0]] = (
                            one.name if one.asname else one.name.split(".")[0]
                        )
                elif isinstance(node, ast.ImportFrom):
                    for one in node.names:
                        self._known[one.asname or one.name] = f"{node.module or ''}.{one.name}"
                elif isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                    targets: list[ast.expr] = [*node.targets] if isinstance(node, ast.Assign) else [node.target]
                    self._stands(targets, node.value)

    def _stands(self, targets: list[ast.expr], value: ast.expr) -> None:
        for target in targets:
            if isinstance(target, ast.Name):
                dotted, text = self.dotted(value), self.text(value)
                if dotted is not None and dotted != target.id:
                    self._known[target.id] = dotted[:_LONGEST_NAME]
                if text is not None:
                    self._texts[target.id] = text
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                for one, other in zip(target.elts, value.elts, strict=True):
                    self._stands([one], other)

    def dotted(self, node: ast.expr) -> str | None:
        """The full name of what an expression is, as far as it can be told."""
        if isinstance(node, ast.Name):
            return self._known.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            below = self.dotted(node.value)
            return f"{below}.{node.attr}" if below is not None else None
        if isinstance(node, ast.Subscript):
            below, key = self.dotted(node.value), self.text(node.slice)
            if below in ("__builtins__", "globals()", "locals()", "vars()", "builtins.__dict__") and key is not None:
                return self._known.get(key, key)
            return key if below == "sys.modules" else None
        if isinstance(node, ast.Call):
            return self._called(node)
        return None

    def _called(self, node: ast.Call) -> str | None:
        name = self.dotted(node.func)
        first = self.text(node.args[0]) if node.args else None
        if name in _IMPORTS:
            return first
        if name in ("getattr", "builtins.getattr") and len(node.args) > 1:
            below, key = self.dotted(node.args[0]), self.text(node.args[1])
            return f"{below}.{key}" if below is not None and key is not None else None
        if name in ("globals", "locals", "vars"):
            return f"{name}()"
        return f"{name}()" if name in ("pathlib.Path", "pathlib.PurePath") else None

    # -- texts --------------------------------------------------------------------------------------------------------

    def text(self, node: ast.AST) -> str | None:
        """A text that can be told without running it: put together, turned round, unpacked."""
        found = self._text(node)
        return found if found is not None and len(found) <= _LONGEST else None

    def _text(self, node: ast.AST) -> str | None:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bytes):
                return node.value.decode("latin-1")
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._texts.get(node.id)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text(node.left), self.text(node.right)
            return left + right if left is not None and right is not None else None
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(v.value if isinstance(v, ast.FormattedValue) else v) for v in node.values]
            return "".join(p for p in parts if p is not None) if None not in parts else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            text, step = self.text(node.value), node.slice.step
            backwards = isinstance(step, ast.UnaryOp) and node.slice.lower is None and node.slice.upper is None
            return text[::-1] if text is not None and backwards else None
        return self._made(node) if isinstance(node, ast.Call) else None

    def _made(self, node: ast.Call) -> str | None:
        if isinstance(node.func, ast.Attribute) and not isinstance(node.func.value, ast.Name):
            below = self.text(node.func.value)
            if below is not None:
                return self._method(below, node)
        name = self.dotted(node.func) or ""
        first = self.text(node.args[0]) if node.args else None
        if (
            name == "chr"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, int)
        ):
            return chr(node.args[0].value) if 0 <= node.args[0].value < 0x110000 else None
        if first is None:
            return (
                self._method(below, node)
                if isinstance(node.func, ast.Attribute) and (below := self.text(node.func.value))
                else None
            )
        try:
            if name in ("base64.b64decode", "base64.decodebytes", "base64.urlsafe_b64decode"):
                return base64.b64decode(first + "=" * (-len(first) % 4)).decode("utf-8", "replace")
            if name in ("bytes.fromhex", "bytearray.fromhex", "binascii.unhexlify"):
                return bytes.fromhex(first).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return None
        return first if name in ("str", "bytes") else None

    def _method(self, below: str, node: ast.Call) -> str | None:
        how = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if how in ("decode", "encode", "strip", "format") and not node.args:
            return below
        if how == "join" and node.args and isinstance(node.args[0], ast.List | ast.Tuple):
            parts = [self.text(one) for one in node.args[0].elts]
            return below.join(p for p in parts if p is not None) if None not in parts else None
        if how == "replace" and len(node.args) == 2:
            old, new = self.text(node.args[0]), self.text(node.args[1])
            return below.replace(old, new) if old is not None and new is not None else None
        return {"lower": below.lower(), "upper": below.upper()}.get(how)

    # -- every place --------------------------------------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            self._imported(node, one.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            self._imported(node, f"{node.module or ''}.{one.name}")

    def _imported(self, node: ast.stmt, dotted: str) -> None:
        what = reach("python", dotted)
        self._add(node, what if what else Reach("import", 0.1), dotted.lstrip("."))

    def visit_Call(self, node: ast.Call) -> None:
        name = self.dotted(node.func)
        if name in ("open", "io.open", "codecs.open", "builtins.open", "os.fdopen"):
            self._opened(node)
        elif name in ("getattr", "hasattr", "builtins.getattr") and len(node.args) > 1:
            key = self.text(node.args[1])
            if key is None:
                self._add(node, Reach("reflection", 0.65))
            elif key in attributes("python") or _DUNDER.search(key):
                self._add(node, attributes("python").get(key, Reach("escape", 0.85)))
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "open" and name not in ("os.open",):
            self._opened(node, method=True)
        elif isinstance(node.func, ast.Call | ast.Subscript | ast.Lambda) and name is None:
            self._add(node, Reach("reflection", 0.3))
        if name in _IMPORTS:
            self._add(node, Reach("dynamic", 0.85), (self.text(node.args[0]) if node.args else None) or "?")
        dynamic = self.dotted(node)
        if dynamic is not None and dynamic != name:
            self._named(node, dynamic)
        self.generic_visit(node)

    def _opened(self, node: ast.Call, *, method: bool = False) -> None:
        at = 0 if method else 1
        given: Mapping[str | None, ast.expr] = {one.arg: one.value for one in node.keywords}
        mode = given.get("mode") or (node.args[at] if len(node.args) > at else None)
        path = None if method else self.text(node.args[0]) if node.args else None
        self._add(node, path_reach(path, "r" if mode is None else self.text(mode)))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self.dotted(node)
        if dotted is None or not self._named(node, dotted):
            what = attributes("python").get(node.attr)
            if what is not None and not (node.attr == "__class__" and isinstance(node.ctx, ast.Store)):
                self._add(node, what)
        if dotted is None:
            self.generic_visit(node)
        elif isinstance(node.value, ast.Attribute) and node.value.attr in attributes("python"):
            self.visit_Attribute(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._named(node, self._known.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        dotted = self.dotted(node)
        if dotted is not None:
            self._named(node, dotted)
        key = self.text(node.slice)
        if key is not None and _DUNDER.search(key):
            self._add(node, Reach("escape", 0.85))
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and _ESCAPED.search(node.value):
            self._add(node, Reach("escape", 0.75))

    def _named(self, node: ast.expr, dotted: str) -> bool:
        what = reach("python", dotted)
        if what is not None:
            self._add(node, what, dotted if isinstance(node, ast.Call) else "")
        return what is not None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._defined(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._defined(node)

    def _defined(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name in (
            "__del__",
            "__reduce__",
            "__getattr__",
            "__getattribute__",
            "__class_getitem__",
            "__init_subclass__",
        ):
            self._add(node, Reach("reflection", 0.4))
        self.generic_visit(node)
