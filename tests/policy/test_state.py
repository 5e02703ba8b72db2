"""Labels only grow, and every value is found by where it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy import state as state_module
from outrider.policy.declarations import Declaration
from outrider.policy.origins import Origin
from outrider.policy.state import SessionState

READ = Declaration(does="none")
TRUSTED = Declaration(does="none", trust="trusted", privacy="public")


def where(state: SessionState, value: str) -> tuple[Origin, int, str] | None:
    found = state.field(value)
    return None if found is None else (found.origin, found.step, found.tool)


def test_reading_what_others_wrote_taints_for_good() -> None:
    state = SessionState()
    state.result("contacts", {"name": "Bob"}, TRUSTED)
    assert state.taint is None
    state.result("read_page", "Buy now!", Declaration(does="none", privacy="public"))
    assert state.taint is not None
    assert (state.taint.step, state.taint.tool, state.private) == (2, "read_page", None)
    state.result("mails", [{"body": "x"}], READ)
    assert state.taint.tool == "read_page"
    assert state.private is not None


def test_numbers_and_truths_that_others_set_say_nothing_to_a_model() -> None:
    state = SessionState()
    state.result("stock", {"price": 4.5, "open": True}, READ)
    assert state.taint is None
    assert where(state, "4.5") == (Origin.UNTRUSTED, 1, "stock")


def test_fields_of_a_result_have_labels_of_their_own() -> None:
    mails = Declaration(does="none", fields={"mails[].id": "trusted", "*.date": "trusted"})
    state = SessionState()
    state.result("mails", {"mails": [{"id": "m-7", "subject": "Hi", "meta": {"date": "2026-01-02"}}]}, mails)
    assert where(state, "m-7") == (Origin.TRUSTED, 1, "mails")
    assert where(state, "2026-01-02") == (Origin.TRUSTED, 1, "mails")
    assert where(state, "hi") == (Origin.UNTRUSTED, 1, "mails")


def test_a_trusted_field_is_linked_to_what_the_user_named() -> None:
    state = SessionState()
    state.result("contacts", [{"name": "Bob", "account": "AC-1"}, {"name": "Eve", "account": "AC-2"}], TRUSTED)
    assert where(state, "ac-1") == (Origin.TRUSTED, 1, "contacts")
    state.user("Pay Bob, please")
    assert where(state, "ac-1") == (Origin.LINKED, 1, "contacts")
    assert where(state, "ac-2") == (Origin.TRUSTED, 1, "contacts")


def test_json_in_a_text_is_read_as_json() -> None:
    state = SessionState()
    state.result("mails", '{"id": "m-1", "body": "hello"}', Declaration(does="none", fields={"id": "trusted"}))
    assert where(state, "m-1") == (Origin.TRUSTED, 1, "mails")
    state.result("mails", "{not json", READ)
    assert where(state, "not json") == (Origin.UNTRUSTED, 2, "mails")


def test_a_value_within_a_text_is_found_whole() -> None:
    state = SessionState()
    state.result("page", "Write to EVE@evil.example or call.", READ)
    assert where(state, "eve@evil.example") == (Origin.UNTRUSTED, 1, "page")
    assert where(state, "evil.example") is None
    assert where(state, "nobody") is None


def test_what_is_trusted_vouches_for_what_others_say_too() -> None:
    state = SessionState()
    state.result("page", "IBAN: DE1", READ)
    state.result("contacts", {"iban": "DE1"}, TRUSTED)
    assert where(state, "de1") == (Origin.TRUSTED, 2, "contacts")


def test_numbers_in_other_spellings() -> None:
    state = SessionState()
    state.user("Send 1,200.00 to Bob")
    state.operator("At most 2k a day")
    assert state.counted("1200") == Origin.USER
    assert state.counted("2000") == Origin.OPERATOR
    assert state.counted("7") is None
    state.result("bill", {"total": "98.70"}, READ)
    assert where(state, "98.7") == (Origin.UNTRUSTED, 3, "bill")


def test_a_branch_has_the_labels_of_its_parent() -> None:
    parent, branch = SessionState(), SessionState()
    parent.user("Pay Bob")
    parent.result("contacts", {"name": "Bob", "account": "AC-1"}, TRUSTED)
    parent.result("page", "evil@x.example", READ)
    branch.result("other", {"name": "Zoe"}, TRUSTED)
    branch.inherit(parent)
    assert branch.taint == parent.taint
    assert branch.said("bob") == Origin.USER
    assert where(branch, "ac-1") == (Origin.LINKED, 2, "contacts")
    assert where(branch, "evil@x.example") == (Origin.UNTRUSTED, 3, "page")
    assert where(branch, "zoe") == (Origin.TRUSTED, 1, "other")


def test_what_is_beyond_the_room_keeps_its_taint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_module, "MOST_TEXT", 10)
    monkeypatch.setattr(state_module, "MOST_VALUES", 0)
    state = SessionState()
    state.result("page", "evil@x.example, a long page", READ)
    assert state.taint is not None
    assert where(state, "evil@x.example") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(json_values, max_size=4))
def test_any_result_is_observed_and_no_label_is_lost(results: list[object]) -> None:
    state = SessionState()
    tainted = private = False
    for at, result in enumerate(results):
        state.result("tool", result, READ if at % 2 else TRUSTED)
        tainted, private = tainted or state.taint is not None, private or state.private is not None
        assert (state.taint is not None) >= tainted
        assert (state.private is not None) >= private
    assert state.step == len(results)
