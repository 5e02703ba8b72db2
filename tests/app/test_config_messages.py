"""Where messages go is a secret, and a URL."""

import pytest

from outrider.app.config_messages import problems_of
from outrider.app.settings import ConfigError, parse


def test_nobody_is_told() -> None:
    assert list(problems_of(())) == []


@pytest.mark.parametrize("section", ["alarms: {{notify: [{0}]}}", "policy: {{approvals: {{notify: [{0}]}}}}"])
@pytest.mark.parametrize(
    ("url", "says"), [('"json://hook.example/x"', "a secret"), ("'${env:TOLD_AT}'", "is not a URL such as")]
)
def test_both_settings_say_what_is_wrong(monkeypatch: pytest.MonkeyPatch, section: str, url: str, says: str) -> None:
    monkeypatch.setenv("TOLD_AT", "nobody")
    with pytest.raises(ConfigError, match=says) as caught:
        parse(section.format(url), "outrider.yaml", {"TOLD_AT": "nobody"})
    assert "notify" in caught.value.message
