"""Which values a filter matches, and how a snapshot counts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from outrider.knowledge.scope import Column, Snapshot, View

VALUES = st.one_of(st.integers(-3, 3), st.booleans(), st.sampled_from(["a", "b", ""]), st.floats(-2, 2))


def kind(value: object) -> object:
    return (type(value) is bool, isinstance(value, str), value)


@given(st.lists(st.lists(VALUES, max_size=3), max_size=8), st.lists(VALUES, max_size=3))
def test_having_is_what_a_scan_finds(rows: list[list[int | str | bool | float]], asked: list[int | str | bool]) -> None:
    mask = Column(rows).having(asked)
    wanted = {kind(a) for a in asked}
    assert mask.tolist() == [any(kind(v) in wanted for v in row) for row in rows]


@given(st.lists(st.lists(VALUES, max_size=3), max_size=8), st.floats(-3, 3), st.floats(-3, 3))
def test_between_is_what_a_scan_finds(rows: list[list[int | str | bool | float]], least: float, most: float) -> None:
    mask = Column(rows).between(least, most)
    numbers = [[v for v in row if isinstance(v, int | float) and not isinstance(v, bool)] for row in rows]
    assert mask.tolist() == [any(least <= v <= most for v in row) for row in numbers]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 4)), unique_by=lambda r: r[0], min_size=1), st.data())
def test_places_and_ids_are_each_others_way_back(versions: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = {key: (key, "x", 0, 0, "trusted", '["*"]', chunks) for key, chunks in versions}
    snapshot = Snapshot(rows, 1, 0)
    ids = np.array([key << 20 | place for key, n in sorted(versions) for place in range(n)], np.int64)
    assert snapshot.total == len(ids)
    assert snapshot.ids(np.arange(len(ids))).tolist() == ids.tolist()
    assert snapshot.places_of(ids).tolist() == list(range(len(ids)))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))), np.bool_)
    view = View(snapshot, mask, 0)
    assert view.chunks().tolist() == view.allows(ids).tolist()
    assert view.allowed == view.chunks().sum()
    assert not view.allows(np.array([51 << 20, 0], np.int64)).any()
