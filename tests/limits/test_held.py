"""A hold that says only what its form does not is read as one that says everything."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from outrider.base import ids
from outrider.base.budget import Amount, Budget
from outrider.limits import holds
from outrider.limits.account import Account
from outrider.limits.held import Brief, Held, Note
from outrider.limits.hold import form_of
from outrider.limits.holds import HoldFile, Left
from outrider.limits.leases import Key

AT = 1_790_000_000_123_456_789
TRACE = bytes(range(1, 17))
NOTE = Note("p", AT, "chat.completions", "m", "r", "p/m", "p", "k", user="ann", agent="a", session="s", stream=True)
ACCOUNTS = (
    Account(Key("all", "", 0), "", Budget("all", "money", 10, window="3600")),
    Account(Key("now", "", 0), "", Budget("now", "concurrent", 10, window="lifetime")),
    Account(Key("day", "ann", 86_400), "ann", Budget("day", "total_tokens", 10, window="day", per="user")),
)


def only(folder: Path) -> Left:
    (left,) = holds.left_behind(folder)
    return left


def brief(file: HoldFile, key: str = "a", note: Note = NOTE, at: int = AT, trace: bytes = b"", span: int = 0) -> Brief:
    """The second of two calls that are alike has a form."""
    made = [file.new_form(key, lambda: form_of(note, ACCOUNTS)) for _ in range(2)]
    assert made[0] is None
    form = file.forms[key]
    assert made[1] is form
    return form, at, trace, span


def full(one: Brief, run: bytes, amount: Amount, needs: list[int]) -> Held:
    """What the whole note would have said."""
    _, at, trace, span = one
    charges = [a.charge(at, need) for a, need in zip(ACCOUNTS, needs, strict=True) if a.charged and need]
    note = structs.replace(NOTE, at=at, trace=trace, parent_span=span)
    return Held(run, amount.money, amount.input, amount.output, charges, note)


INT63 = st.integers(0, 2**63 - 1)


@given(
    at=st.integers(0, 2**62), money=INT63, tokens=INT63, need=INT63, traced=st.booleans(),
    span=st.integers(0, 2**64 - 1),
)  # fmt: skip
def test_it_is_read_as_it_would_be_in_full(
    tmp_path_factory: pytest.TempPathFactory, at: int, money: int, tokens: int, need: int, traced: bool, span: int
) -> None:
    folder = tmp_path_factory.mktemp("held")
    file = HoldFile(folder, "0", cells=8)
    one = brief(file, at=at, trace=TRACE if traced else b"", span=span)
    run, amount, needs = ids.new_id(), Amount(money, tokens, 7, 1, 1), [money, 1, need]
    file.put_brief(one, run, amount, needs)
    file.close()
    assert only(folder).open_holds() == [full(one, run, amount, needs)]


def test_numbers_that_are_too_large_for_it_are_said_in_full(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)
    one, run, amount = brief(file), ids.new_id(), Amount(2**63, 1, 2, 1, 1)
    file.put_brief(one, run, amount, [2**63, 1, 5])
    file.close()
    assert only(tmp_path).open_holds() == [full(one, run, amount, [2**63, 1, 5])]


def test_without_a_free_cell_it_has_a_file_of_its_own(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=4)
    one, amount = brief(file), Amount(5, 1, 2, 1, 1)
    runs = [ids.new_id() for _ in range(5)]
    cells = [file.put_brief(one, run, amount, [5, 1, 3]) for run in runs]
    assert [cell > 0 for cell in cells] == [True, True, True, False, False]
    file.clear(cells[4])
    file.close()
    assert only(tmp_path).open_holds() == [full(one, run, amount, [5, 1, 3]) for run in runs[:4]]


def test_a_form_stays_as_long_as_a_hold_needs_it(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)
    one, amount, run = brief(file), Amount(5, 1, 2, 1, 1), ids.new_id()
    cell = file.put_brief(one, run, amount, [5, 1, 3])
    file.forget_forms()
    assert not file.forms
    grown = file.put_brief(one, run, Amount(9, 1, 2, 1, 1), [9, 1, 3])  # a hold may grow after that
    file.clear(cell)
    other = brief(file, "b", Note("other", AT))
    assert other[0].cell != one[0].cell
    file.clear(grown)
    again = file.put_brief(one, run, amount, [5, 1, 3])  # its cell is gone: in full
    file.close()
    assert again > 0
    assert only(tmp_path).open_holds() == [full(one, run, amount, [5, 1, 3])]


def test_with_many_forms_the_oldest_makes_room(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)  # two forms at most
    oldest = brief(file, "a")
    cell = file.put_brief(oldest, ids.new_id(), Amount(5), [5, 0, 0])
    brief(file, "b")
    assert [file.new_form("c", lambda: form_of(NOTE, ACCOUNTS)) for _ in range(2)] == [None, None]  # `a` is needed
    file.clear(cell)
    assert file.new_form("c", lambda: form_of(NOTE, ACCOUNTS)) is not None
    assert list(file.forms) == ["b", "c"]
    file.close()
    assert only(tmp_path).open_holds() == []


def test_a_form_that_fits_no_cell_is_none(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)
    large = Note("p", AT, session="s" * 2000)
    assert [file.new_form("a", lambda: form_of(large, ACCOUNTS)) for _ in range(3)] == [None] * 3
    file.close()


def test_a_hold_whose_form_is_damaged_is_left_out(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)
    one = brief(file)
    file.put_brief(one, ids.new_id(), Amount(5), [5, 0, 0])
    file.put(full(one, run := ids.new_id(), Amount(7), [7, 0, 0]))
    file.close()
    (path,) = tmp_path.glob("*.holds")
    content = bytearray(path.read_bytes())
    content[holds.HEAD + holds.CELL * (one[0].cell - 1)] = 0
    path.write_bytes(content)
    assert [held.run for held in only(tmp_path).open_holds()] == [run]


def test_a_file_of_before_is_read(tmp_path: Path) -> None:
    file = HoldFile(tmp_path, "0", cells=8)
    one = Held(ids.new_id(), 1, 2, 3, [], NOTE)
    file.put(one)
    file.close()
    (path,) = tmp_path.glob("*.holds")
    path.write_bytes(holds.MAGIC_BEFORE + path.read_bytes()[len(holds.MAGIC) :])
    assert only(tmp_path).open_holds() == [one]
