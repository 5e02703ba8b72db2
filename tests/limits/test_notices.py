"""Messages arrive where they should, are tried again, and nothing says a URL."""

import importlib.util
import logging

import pytest

from outrider.base.errors import ConfigError
from outrider.limits.notices import PAUSES, Delivery, Notices

from .sinks import mailbox, webhook


def test_a_webhook_and_a_mailbox_are_told() -> None:
    with webhook() as sink, mailbox() as (mail, got):
        notices = Notices([sink.url, mail])
        assert notices.places == ["1 (json)", "2 (mailto)"]
        assert notices.send("Outrider: test", "a line\nand another", urgent=True) == Delivery(2, 0)
    assert sink.got[0]["title"] == "Outrider: test"
    assert sink.got[0]["message"] == "a line\nand another"
    assert sink.got[0]["type"] == "failure"
    assert got[0]["subject"] == "Outrider: test"
    assert got[0]["to"] == "ops@example.com"
    assert "and another" in got[0].as_string()


def test_a_place_that_fails_is_tried_again() -> None:
    pauses: list[float] = []
    with webhook(500, 502) as sink:
        assert Notices([sink.url], pause=pauses.append).send("t", "b") == Delivery(1, 0)
    assert len(sink.got) == 3
    assert tuple(pauses) == PAUSES


def test_a_place_that_takes_nothing_is_named_without_its_url(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with webhook(*[500] * 9) as sink, webhook() as good:
        urls = [sink.url, "nothing://secret-path", good.url, "json://127.0.0.1:1/secret-path"]
        told = Notices(urls, pause=lambda _: None).send("t", "b")
    assert told == Delivery(1, 3, "not taken by 1 (json), 2 (nothing), 4 (json)")
    assert "secret" not in caplog.text


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'outrider\[alarms\]'"):
        Notices(["json://x"])
