"""What is wanted where nothing is said."""

from outrider.gateway.control.wishes import Wishes


def test_nothing_is_withheld_by_chance() -> None:
    assert Wishes().mode == "off"
    assert (Wishes().on_ask, Wishes().user_text, Wishes().unrecognised) == ("explain", "messages", "new")
