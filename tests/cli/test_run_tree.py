"""The step tree: every step once, whatever the parents say."""

from hypothesis import given
from hypothesis import strategies as st

from outrider.cli._run_tree import facts, line, ordered
from outrider.journal.events import RunRecorded, Step

STEPS = st.lists(
    st.builds(
        Step,
        id=st.integers(1, 8),
        kind=st.just("code"),
        name=st.text(max_size=3),
        parent=st.integers(0, 8),
        start=st.integers(0, 9),
    ),
    unique_by=lambda step: step.id,
    max_size=8,
)


@given(STEPS)
def test_every_step_is_there_once(steps: list[Step]) -> None:
    shown = ordered(steps)
    assert sorted(step.id for _, step in shown) == sorted(step.id for step in steps)
    depths = [depth for depth, _ in shown]
    assert all(after <= before + 1 for before, after in zip([-1, *depths], depths, strict=False))


def test_children_stand_below_their_parent_by_start() -> None:
    steps = [
        Step(id=3, kind="code", name="late", parent=1, start=9),
        Step(id=1, kind="model", name="root"),
        Step(id=2, kind="code", name="early", parent=1, start=1),
    ]
    assert [(depth, step.name) for depth, step in ordered(steps)] == [(0, "root"), (1, "early"), (1, "late")]


def test_lines_have_no_control_characters() -> None:
    step = Step(id=1, kind="tool", name="rm\x1b[2J", status="error", error="a\nb")
    assert line(step) == "✗ tool rm [2J  +0 µs  0 µs  a b"


def test_a_bare_run_has_few_facts() -> None:
    shown = dict(facts(RunRecorded(id=bytes(16), project="p", at=0, name="x")))
    assert set(shown) == {"run", "started", "status", "project", "cost", "time"}
