"""The settings of approvals: safe where nobody wrote any."""

from typing import get_args

from outrider.app.config_approvals import Approvals, problems_of
from outrider.policy.declarations import Effect


def test_usually_all_effects_are_separated_and_an_hour_is_given() -> None:
    terms = Approvals().terms()
    assert terms.separated == frozenset(get_args(Effect))
    assert terms.lasts == 3_600_000_000_000
    assert list(problems_of(Approvals())) == []


def test_an_address_has_to_be_one() -> None:
    assert list(problems_of(Approvals(url="https://outrider.example/console"))) == []
    assert [path for path, _ in problems_of(Approvals(url="javascript:alert(1)"))] == [("url",)]
