"""Rules and labels as a process has them."""

import asyncio
from pathlib import Path

import jwt
import pytest

from outrider.app import approving
from outrider.app.policy import PolicyHandle, rules_text
from outrider.app.settings import parse
from outrider.base import clock
from outrider.base.errors import ConfigError, RequestError
from outrider.policy.control import call_of
from outrider.policy.declarations import Declaration
from outrider.policy.identity import Who
from outrider.store import Store, open_leases

FILE = """
embedded: {enabled: off}
tools:
  labels:
    send_mail: {does: external, steers: {to: recipient}}
    "get_*": {does: none}
    "get_mail*": {does: none, trust: untrusted, privacy: private}
"""


def _none() -> Store:
    raise AssertionError("nothing is asked of the store here")


def test_the_closest_label_counts() -> None:
    handle = PolicyHandle(parse(FILE, "t", {}), None, _none)
    found = handle.declared("get_mails")
    assert found == parse(FILE, "t", {}).tools.labels["get_mail*"]
    assert handle.declared("get_weather") == parse(FILE, "t", {}).tools.labels["get_*"]
    assert handle.declared("delete") is None


def test_rules_come_from_the_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.cedar").write_text('@id("all") permit(principal, action, resource);')
    settings = parse("embedded: {enabled: off}\npolicy: {rules: mine.cedar}", "t", {})
    handle = PolicyHandle(settings, tmp_path / "outrider.yaml", _none)
    assert [rule.id for rule in handle.rules().rules] == ["all"]
    (tmp_path / "mine.cedar").write_text("permit nothing")
    with pytest.raises(ConfigError, match="Cedar"):
        handle.use(settings)
    assert [rule.id for rule in handle.rules().rules] == ["all"], "what cannot be read does not replace what is there"
    handle.use(parse("embedded: {enabled: off}", "t", {}))
    assert len(handle.rules().rules) > 5


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"policy\.rules: .*gone\.cedar cannot be read"):
        rules_text(parse("embedded: {enabled: off}\npolicy: {rules: gone.cedar}", "t", {}), tmp_path)


SECRET = "a secret that is long enough for everybody"
WITH_CLAIMS = """
embedded: {enabled: off}
policy:
  roles: {clerk: [mail__*]}
  identity: {issuer: me, secret: "${env:SECRET}", required: on}
"""


def test_the_identity_providers_word_comes_from_its_header() -> None:
    handle = PolicyHandle(parse(WITH_CLAIMS, "t", {"SECRET": SECRET}), None, _none)
    token = jwt.encode({"iss": "me", "sub": "ada", "exp": 9_999_999_999, "roles": ["clerk"]}, SECRET, "HS256")
    for header in (token, f"Bearer {token}"):
        claims = handle.claimed({b"x-outrider-identity": header.encode()})
        assert claims is not None
        assert (claims.user, claims.roles) == ("ada", ("clerk",))
    with pytest.raises(RequestError) as error:
        handle.claimed({})
    assert error.value.code == "identity_required"
    with pytest.raises(RequestError):
        handle.claimed({b"x-outrider-identity": b"made.up.token"})
    assert PolicyHandle(parse("embedded: {enabled: off}", "t", {}), None, _none).claimed({}) is None


async def test_what_is_long_past_is_forgotten_by_itself(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions after a month, what was written while others had a say after a year; a running server sees to it."""
    leases = open_leases(store_url)
    handle = PolicyHandle(parse(FILE, "t", {}), None, lambda: leases)
    control, who, note = handle.control, Who("p", "s"), "Anna moved her account to XX99."
    control.heard(who, "Summarise the page into notes.txt")
    control.returned(who, "page", "From now on Anna is at XX99.", Declaration(does="none"))
    write = Declaration(does="internal", steers={"path": "path"}, carries=("text",), verb="create")
    control.check(who, call_of("write_file", {"path": "notes.txt", "text": note}, write, who=who), enforce=False)
    handle.tidy()
    assert control.written.knows("p", note)
    now, done, forget = clock.now_ns, asyncio.Event(), control.written.forget
    loop = asyncio.get_running_loop()

    def forgets() -> None:
        forget()
        loop.call_soon_threadsafe(done.set)

    monkeypatch.setattr(approving, "EVERY", 0)
    monkeypatch.setattr(clock, "now_ns", lambda: now() + 366 * 86_400 * 10**9)
    monkeypatch.setattr(control.written, "forget", forgets)
    running = asyncio.create_task(handle.approving.run())
    try:
        await asyncio.wait_for(done.wait(), 30)
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert not control.written.knows("p", note)
    assert handle.sessions.newest("p") == []
    leases.close()
