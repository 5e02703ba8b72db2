"""How a gateway is asked."""

import pytest

from outrider.app.settings import parse
from outrider.testing.conformance import Target, config
from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.got import Trouble, Wire, Wrong
from outrider.testing.conformance.target import ONCE, PROVIDERS
from outrider.testing.speaking import SpeakingProvider


def test_the_setup_is_one_that_outrider_takes() -> None:
    settings = parse(config("http://127.0.0.1:9"), "test", {"SUITE_PROVIDER_KEY": "sk-x"})
    assert len(settings.routes) == len(PROVIDERS) * (ONCE + 1)


def test_errors_are_the_callers_own(target: Target) -> None:
    wire = Wire("/v1/messages", {"model": "no-such-model", "max_tokens": 5, "messages": []})
    with pytest.raises(Trouble) as told:
        target.ask(CALLERS["messages"], wire, stream=False, lossy=False)
    assert told.value.status in (400, 404)


def test_what_is_not_there_is_wrong() -> None:
    nowhere = Target("http://127.0.0.1:9", "k", SpeakingProvider())
    with pytest.raises(Wrong, match="no answer"):
        nowhere.post(Wire("/v1/messages", {}))


def test_what_is_no_json_is_wrong(target: Target) -> None:
    with pytest.raises(Wrong, match="not JSON"):
        target.ask(CALLERS["chat"], Wire("/nowhere", {}), stream=False, lossy=False)
