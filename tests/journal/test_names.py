"""Numbers for names: one for each project, field and value, whoever asks, for ever."""

import pytest

from outrider.journal.names import Names, clean
from outrider.store import Store


def test_a_name_has_one_number_that_stays(store: Store) -> None:
    first, second = Names(), Names()
    with store.write() as tx:
        p = first.project(tx, "p")
        found = {key: first.number(tx, *key) for key in [(p, "route", "a"), (p, "model", "a"), (p + 100, "route", "a")]}
        assert len({p, *found.values()}) == 4
        class_ = first.size_class(tx, p, "cost", 3)
    first.forget()
    for names in (first, second):
        with store.write() as tx:
            assert names.project(tx, "p") == p
            assert {key: names.number(tx, *key) for key in found} == found
            assert names.size_class(tx, p, "cost", 3) == class_ == names.number(tx, p, "cost", "3")


def test_a_number_that_was_rolled_back_is_forgotten(store: Store) -> None:
    names = Names()
    with pytest.raises(RuntimeError), store.write() as tx:  # noqa: PT012
        lost = names.number(tx, 0, "route", "lost")
        raise RuntimeError
    names.forget()
    with store.write() as tx:
        assert names.number(tx, 0, "route", "other") == lost
        assert names.number(tx, 0, "route", "lost") != lost


def test_long_names_are_cut(store: Store) -> None:
    names = Names()
    with store.write() as tx:
        assert names.number(tx, 0, "user", "x" * 256) == names.number(tx, 0, "user", "x" * 5000)


def test_text_that_both_databases_take() -> None:
    assert clean("a\0b\0") == "ab"
    assert clean("abcdef", 3) == "abc"
