"""Whom and what a clause names as where something comes from."""

import pytest

from outrider.policy.intent import Intent
from outrider.policy.normal import fold
from outrider.policy.sources import is_source


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("send the note from eve to bob", "eve"),
        ("forward eve's mail to bob", "eve"),
        ("copy the last message of bob in general to random", "general"),
        ("copy the last message in #general to #random", "general"),
        ("copy what bob wrote in the general channel to random", "general"),
        ("forward the poll from the channel general to random", "general"),
        ("repost the news on the dev channel into random", "dev"),
        ("kopiere die letzte nachricht im kanal general nach random", "general"),
        ("copie le dernier message dans general vers random", "general"),
        ("ask lang for a reference on eve", "eve"),
        ("write to bob about eve", "eve"),
        ("écris à bob que eve a accepté", "eve"),
        ("let bob know that eve is late", "eve"),
    ],
)
def test_where_it_comes_from(text: str, value: str) -> None:
    assert is_source(text, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("copy the last message of bob in general to random", "random"),
        ("copy the last message in dev to the general channel", "general"),
        ("post the news in general to cheer everybody up", "general"),
        ("write in general to bob that we eat at noon", "general"),
        ("copy the menu in general", "general"),
        ("copy the menu from dev in general", "general"),
        ("send it to bob", "bob"),
        ("write about the party to bob", "bob"),
        ("see that bob gets it", "bob"),
    ],
)
def test_where_it_goes(text: str, value: str) -> None:
    assert not is_source(text, value)


@pytest.mark.parametrize(
    "text", ["Copy the last message of Bob in general to random", "Copy it in #general to #random"]
)
def test_the_place_that_something_is_copied_from_is_not_meant(text: str) -> None:
    intent = Intent([fold(text)])
    assert not intent.meant("post", "recipient", "general")
    assert intent.meant("post", "recipient", "random")
