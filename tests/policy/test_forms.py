"""Forms of the words of users."""

import pytest

from outrider.policy.forms import base_of, classes_of


@pytest.mark.parametrize(
    ("word", "base"),
    [("sent", "send"), ("sending", "send"), ("pays", "pay"), ("cancelled", "cancel"), ("removing", "remove"),
     ("summaries", "summaries"), ("checks", "check"), ("walrus", "walrus"), ("", "")],
)  # fmt: skip
def test_the_base_of_a_word(word: str, base: str) -> None:
    assert base_of(word) == base


def test_the_classes_of_a_word() -> None:
    assert classes_of("forwarded") == {"send"}
    assert classes_of("writes") >= {"send", "post", "create"}
    assert classes_of("walrus") == classes_of("read") == frozenset()
