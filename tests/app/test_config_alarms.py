import importlib.util

import pytest

from outrider.app.settings import parse

from .mistakes import problems

URL = "slack://T1/B2/secret"


def test_places_are_references() -> None:
    settings = parse(
        'alarms: {notify: ["${env:HOOK}", "json://${env:HOST}/x"], down: 90s}', "t", {"HOOK": URL, "HOST": "h"}
    )
    assert [url.reveal() for url in settings.alarms.notify] == [URL, "json://h/x"]
    assert settings.alarms.down == 90
    assert "T1/B2" not in repr(settings)
    assert parse("", "t", {}).alarms.notify == ()


def test_a_url_in_the_file_is_refused() -> None:
    assert problems("alarms:\n  notify:\n  - json://127.0.0.1/x\n") == [
        "outrider.yaml:3: alarms.notify.0: a URL that messages go to is a secret and does not belong in this file; "
        "write ${env:NAME} and export NAME"
    ]


def test_what_is_no_url_is_refused_without_being_shown() -> None:
    (said,) = problems('alarms: {notify: ["${env:HOOK}"]}', {"HOOK": "secret words"})
    assert said == "outrider.yaml:1: alarms.notify.0: ${env:HOOK} is not a URL such as json://host/path or mailto://…"


def test_the_library_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (said,) = problems('alarms: {notify: ["${env:HOOK}"]}', {"HOOK": URL})
    assert said.endswith("alarms.notify: messages need the library apprise: pip install 'outrider[alarms]'")
