"""Why something is cancelled, and who lacks something."""

from outrider.policy.tellings import is_reason, lacks, says_to_whom


def test_a_reason_is_told_of_somebody() -> None:
    assert is_reason("i can't make the dentist")
    assert is_reason("we don't need it any more")
    assert not is_reason("don't touch the dentist")
    assert not is_reason("please don't forget the dentist")
    assert not is_reason("cancel the dentist")


def test_who_lacks_something() -> None:
    assert lacks("ingrid needs the report", "ingrid")
    assert lacks("ingrid should get the report", "ingrid")
    assert not lacks("bob says that ingrid wrote it", "ingrid")
    assert not lacks("ingrid needs what bob wrote", "bob")
    assert (says_to_whom("share it with bob"), says_to_whom("share it please")) == (True, False)
