"""A run's steps as a tree to draw: nesting by `parent`, and where each bar lies on the run's time line. Pure."""

from collections.abc import Sequence

import msgspec

from outrider.journal.events import Step

DEEPEST = 12
SCALE = 1000


class Node(msgspec.Struct):
    """One step with its children. `left` and `width` are the bar, in thousandths of the run's duration.

    `elsewhere` is the parent's id when the parent is not among the steps at hand (another page of a long run).
    """

    step: Step
    left: float
    width: float
    elsewhere: int = 0
    children: list["Node"] = []
    below: int = 0


def grow(steps: Sequence[Step], duration: int) -> list[Node]:
    """The tree of `steps`, siblings by start. Steps nested deeper than 12 are shown at 12; a loop is cut open."""
    total = max(duration, max((s.start + s.duration for s in steps), default=0), 1)
    nodes = {s.id: _node(s, total) for s in steps}
    children: dict[int, list[Node]] = {}
    roots: list[Node] = []
    for node in nodes.values():
        parent = node.step.parent
        if parent in nodes and parent != node.step.id:
            children.setdefault(parent, []).append(node)
        else:
            node.elsewhere = parent if parent not in nodes else 0
            roots.append(node)
    placed: set[int] = set()
    _hang(roots, children, placed)
    for node in nodes.values():  # what is left hangs in a loop
        if node.step.id not in placed:
            node.elsewhere = node.step.parent
            roots.append(node)
            _hang([node], children, placed)
    roots.sort(key=lambda n: n.step.start)
    return roots


def _hang(roots: list[Node], children: dict[int, list[Node]], placed: set[int]) -> None:
    placed.update(node.step.id for node in roots)
    open_ = [(node, node, 1) for node in roots]  # (where it hangs, whose children, depth)
    while open_:
        place, node, depth = open_.pop()
        found = [child for child in children.get(node.step.id, ()) if child.step.id not in placed]
        found.sort(key=lambda child: child.step.start)
        placed.update(c.step.id for c in found)
        place.children = [*place.children, *found]
        node.below = len(found)
        for child in found:
            open_.append((child if depth < DEEPEST else place, child, depth + 1))


def _node(step: Step, total: int) -> Node:
    left = min(SCALE * max(0, step.start) / total, SCALE - 2)
    width = min(max(SCALE * max(0, step.duration) / total, 2), SCALE - left)
    return Node(step, round(left, 1), round(width, 1))
