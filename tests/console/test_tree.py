from hypothesis import given
from hypothesis import strategies as st

from outrider.console.tree import Node, grow
from outrider.journal.events import Step


def _ids(nodes: list[Node]) -> list[int]:
    return [i for n in nodes for i in (n.step.id, *_ids(n.children))]


def _depth(nodes: list[Node]) -> int:
    return 1 + max((_depth(n.children) for n in nodes), default=0) if nodes else 0


def test_steps_nest_by_parent_and_lie_by_start() -> None:
    steps = [Step(1, "code", "root", duration=100), Step(3, "tool", "b", start=60, duration=40, parent=1),
             Step(2, "model", "a", start=10, duration=50, parent=1)]  # fmt: skip
    (root,) = grow(steps, 100)
    assert [c.step.name for c in root.children] == ["a", "b"]
    assert (root.children[0].left, root.children[0].width) == (100, 500)
    assert root.below == 2


def test_a_parent_on_another_page_is_named() -> None:
    (node,) = grow([Step(7, "tool", "t", parent=4)], 10)
    assert node.elsewhere == 4


def test_a_loop_is_cut_open() -> None:
    tree = grow([Step(1, "tool", "a", parent=2), Step(2, "tool", "b", parent=1)], 10)
    assert sorted(_ids(tree)) == [1, 2]


def test_a_deep_chain_is_flattened() -> None:
    tree = grow([Step(i, "code", str(i), parent=i - 1) for i in range(1, 5000)], 10)
    assert len(_ids(tree)) == 4999
    assert _depth(tree) <= 13


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(0, 10**12), st.integers(0, 10**12))),
       st.integers(0, 10**12))  # fmt: skip
def test_every_step_is_shown_once_and_every_bar_lies_inside(rows: list[tuple[int, int, int, int]], total: int) -> None:
    steps = {i: Step(i, "tool", "t", start=s, duration=d, parent=p) for i, p, s, d in rows}
    tree = grow(list(steps.values()), total)
    assert sorted(_ids(tree)) == sorted(steps)
    stack = list(tree)
    while stack:
        node = stack.pop()
        assert 0 <= node.left <= node.left + node.width <= 1000.2
        stack += node.children
