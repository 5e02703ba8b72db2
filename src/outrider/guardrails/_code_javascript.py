"""JavaScript as tree-sitter's grammar reads it: what is imported, called and reached. Nothing is run."""

import functools
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from outrider.guardrails._code_names import Reach, attributes, reach
from outrider.guardrails._code_python import Hit

_DEEPEST = 400
_LONGEST_NAME = 400


@functools.cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_javascript

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def read(code: str, *, clean: bool = False) -> list[Hit] | None:
    """All places; None where most of it is no JavaScript (`clean`: where any of it is none)."""
    source = code.encode("utf-8", "replace")
    root = _parser().parse(source).root_node
    if clean and root.has_error:
        return None
    odd = sum(n.end_byte - n.start_byte for n in _all(root) if n.is_error)
    if odd * 2 > len(source):
        return None
    walk = _Walk(source)
    for node in _all(root):
        walk.learn(node)
    walk.name(root)
    return [hit for node in _all(root) for hit in walk.at(node)]


def _all(root: Any) -> Iterator[Any]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.named_children)


class _Walk:
    """What names stand for, and what each node reaches."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._places = None if source.isascii() else list(accumulate((byte & 0xC0) != 0x80 for byte in source))
        self._names: dict[int, str | None] | None = None
        self._naming: dict[int, str] = {}  # what each identifier stands in; to ask for a parent is slow
        self._known: dict[str, str] = {}
        self._texts: dict[str, str] = {}

    def _text(self, node: Any) -> str:
        return self._source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def _hit(self, node: Any, what: Reach, module: str = "") -> Hit:
        return Hit(self._place(node.start_byte), self._place(node.end_byte), what, module)

    def _place(self, byte: int) -> int:
        """The character that begins at a byte of the source."""
        if self._places is None or not byte:
            return byte
        return self._places[byte - 1]

    def _loads(self, callee: Any) -> bool:
        """Whether it is what loads a module; a long callee is not read for that."""
        return callee.end_byte - callee.start_byte <= len("require") and self._text(callee) in ("require", "import")

    # -- what stands for what -----------------------------------------------------------------------------------------

    def learn(self, node: Any) -> None:
        """Take over what a declaration, an assignment or an import says."""
        if node.type in ("variable_declarator", "assignment_expression"):
            name = node.child_by_field_name("name") or node.child_by_field_name("left")
            value = node.child_by_field_name("value") or node.child_by_field_name("right")
            if name is None or value is None:
                return
            dotted, text = self.dotted(value), self.literal(value)
            if name.type == "identifier" and dotted is not None and dotted != self._text(name):
                self._known[self._text(name)] = dotted
            if name.type == "identifier" and text is not None:
                self._texts[self._text(name)] = text
            if name.type == "object_pattern" and dotted is not None:
                for one in name.named_children:
                    self._known[self._text(one).split(":")[-1].strip()] = (
                        f"{dotted}.{self._text(one).split(':')[0].strip()}"
                    )
        elif node.type == "import_statement":
            module = self.literal(node.child_by_field_name("source"))
            for one in _all(node):
                if one.type == "identifier" and module is not None:
                    self._known[self._text(one)] = module

    def dotted(self, node: Any, depth: int = 0) -> str | None:
        """The full name of what an expression is."""
        if depth > _DEEPEST:
            return None
        if self._names is not None and node.id in self._names:
            return self._names[node.id]
        name = self._dotted(node, depth)
        return name if name is None or len(name) <= _LONGEST_NAME else None

    def name(self, root: Any) -> None:
        """Tell all names once, the inner ones first, when what they stand for is known."""
        self._names = {}
        for node in reversed(list(_all(root))):
            self._names[node.id] = self.dotted(node)
            self._naming.update((child.id, node.type) for child in node.named_children if child.type == "identifier")

    def _dotted(self, node: Any, depth: int) -> str | None:
        if node.type == "identifier":
            return self._known.get(self._text(node), self._text(node))
        if node.type in ("member_expression", "subscript_expression"):
            below = self.dotted(node.child_by_field_name("object"), depth + 1)
            if node.type == "member_expression":
                key: str | None = self._text(node.child_by_field_name("property"))
            else:
                key = self.literal(node.child_by_field_name("index"))
            if below in ("globalThis", "window", "global", "self"):
                return key
            return f"{below}.{key}" if below is not None and key is not None else None
        if node.type in ("call_expression", "new_expression"):
            callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
            given = node.child_by_field_name("arguments")
            first = given.named_children[0] if given is not None and given.named_children else None
            if callee is not None and self._loads(callee) and first is not None:
                return self.literal(first)
        if node.type in ("await_expression", "parenthesized_expression") and node.named_children:
            return self.dotted(node.named_children[0], depth + 1)
        return None

    def literal(self, node: Any, depth: int = 0) -> str | None:
        """A text that can be told without running it."""
        if node is None or depth > 50:
            return None
        if node.type == "string":
            return re.sub(r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})", _char, self._text(node)[1:-1])
        if node.type == "template_string" and not any(n.type == "template_substitution" for n in node.named_children):
            return self._text(node)[1:-1]
        if node.type == "identifier":
            return self._texts.get(self._text(node))
        if node.type == "parenthesized_expression" and node.named_children:
            return self.literal(node.named_children[0], depth + 1)
        if node.type == "binary_expression" and self._text(node.children[1]) == "+":
            left, right = self.literal(node.children[0], depth + 1), self.literal(node.children[2], depth + 1)
            return left + right if left is not None and right is not None else None
        return None

    # -- what is reached ----------------------------------------------------------------------------------------------

    def at(self, node: Any) -> Iterator[Hit]:
        """What one node reaches."""
        if node.type == "import_statement":
            module = self.literal(node.child_by_field_name("source")) or ""
            yield self._hit(node, reach("javascript", module.replace("/", "/")) or Reach("import", 0.1), module)
        elif node.type in ("call_expression", "new_expression"):
            yield from self._call(node)
        elif node.type in ("member_expression", "subscript_expression"):
            yield from self._member(node)
        elif node.type == "identifier" and self._naming.get(node.id) not in _NAMING:
            what = reach("javascript", self._known.get(self._text(node), self._text(node)))
            if what is not None:
                yield self._hit(node, what)

    def _call(self, node: Any) -> Iterator[Hit]:
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        given = node.child_by_field_name("arguments")
        first = given.named_children[0] if given is not None and given.named_children else None
        if callee is not None and self._loads(callee) and first is not None:
            module = self.literal(first)
            if module is None:
                yield self._hit(node, Reach("dynamic", 0.8))
            else:
                yield self._hit(node, reach("javascript", module) or Reach("import", 0.1), module)
        elif (
            callee is not None
            and callee.type == "identifier"
            and self._text(callee) in ("setTimeout", "setInterval")
            and first is not None
            and first.type in ("string", "binary_expression")
        ):
            yield self._hit(node, Reach("dynamic", 0.8))
        elif (dotted := self.dotted(callee) if callee is not None else None) and (what := reach("javascript", dotted)):
            yield self._hit(node, what)

    def _member(self, node: Any) -> Iterator[Hit]:
        dotted = self.dotted(node)
        what = reach("javascript", dotted) if dotted else None
        if what is not None:
            yield self._hit(node, what)
        key = dotted.rsplit(".", 1)[-1] if dotted else None
        if key is None and node.type == "subscript_expression":
            index = node.child_by_field_name("index")
            key = self.literal(index)
            if key is None and index.type in ("binary_expression", "template_string", "call_expression"):
                yield self._hit(node, Reach("reflection", 0.55))
            elif key is not None and (named := reach("javascript", key)) and named.kind == "dynamic":
                yield self._hit(node, named)
        elif key is None:
            key = self._text(node.child_by_field_name("property"))
        if key is not None and key in attributes("javascript"):
            yield self._hit(node, attributes("javascript")[key])


_NAMING = ("import_specifier", "import_clause", "variable_declarator", "formal_parameters")


def _char(match: re.Match[str]) -> str:
    return chr(int(match[1] or match[2], 16))
