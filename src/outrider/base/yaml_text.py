"""YAML that others wrote, read without harm: libyaml's loader calls itself for each level, so that some ten thousand
brackets end the process, and aliases make a large thing of a small text. Both are found in the text's events, before
anything is built of them.
"""

import contextlib
from typing import Any

import yaml

DEEPEST = 100
MOST_REPEATED = 100_000
"""Nodes that aliases add to those that are written out."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class TooMuch(yaml.MarkedYAMLError):
    """A text that is not read; `problem`, `problem_mark` and `line` say why and where. `alias`: for its aliases."""

    def __init__(self, problem: str, mark: Any, *, alias: bool = False) -> None:
        super().__init__(problem=problem, problem_mark=mark)
        self.alias, self.line = alias, mark.line + 1


def load(text: str | bytes) -> Any:
    """The values of the one document, None if there is none. Raises yaml.YAMLError, ValueError for a date that is
    none, RecursionError."""
    check(text)
    return yaml.load(text, _LOADER)


def compose(text: str | bytes) -> yaml.Node | None:
    """The nodes of the one document. Raises yaml.YAMLError."""
    check(text)
    found: yaml.Node | None = yaml.compose(text, _LOADER)
    return found


def values(node: yaml.Node) -> Any:
    """What a node that was composed says. Raises yaml.YAMLError, ValueError."""
    loader = _LOADER("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def check(text: str | bytes, *, deepest: int = DEEPEST, most_repeated: int = MOST_REPEATED) -> None:
    """Raises TooMuch for more levels than `deepest` and for aliases that add more than `most_repeated` nodes;
    yaml.YAMLError for what is no YAML."""
    counted = _Counted(deepest, most_repeated)
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.AliasEvent):
            counted.alias(event)
        elif isinstance(event, yaml.ScalarEvent):
            counted.scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            counted.start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            counted.end()
        elif isinstance(event, yaml.DocumentStartEvent):
            counted.anchors.clear()


def refuse_too_much(text: str | bytes) -> None:
    """Raises TooMuch, as `check` does. Of other faults the loader that comes next has something to say."""
    with contextlib.suppress(yaml.reader.ReaderError, yaml.scanner.ScannerError, yaml.parser.ParserError):
        check(text)


class _Counted:
    """How many nodes there are at each level, those of aliases included."""

    def __init__(self, deepest: int, most_repeated: int) -> None:
        self.deepest, self.left = deepest, most_repeated
        self.anchors: dict[str, int] = {}
        self.open: list[tuple[str | None, int]] = []
        """Each open collection: its anchor, and the nodes before it."""
        self.nodes = 0

    def scalar(self, event: yaml.ScalarEvent) -> None:
        self.nodes += 1
        if event.anchor:
            self.anchors[event.anchor] = 1

    def start(self, event: yaml.CollectionStartEvent) -> None:
        if len(self.open) >= self.deepest:
            raise TooMuch(f"it is nested more than {self.deepest} levels deep", event.start_mark)
        self.open.append((event.anchor, self.nodes))
        self.nodes += 1

    def end(self) -> None:
        anchor, before = self.open.pop()
        if anchor:
            self.anchors[anchor] = self.nodes - before

    def alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor or ""
        if any(anchor == name for anchor, _ in self.open):
            raise TooMuch(f"*{name[:40]} repeats what it stands in", event.start_mark, alias=True)
        size = self.anchors.get(name, 1)
        self.nodes += size
        self.left -= size
        if self.left < 0:
            raise TooMuch("its aliases (`*name`) repeat too much: write it out", event.start_mark, alias=True)
