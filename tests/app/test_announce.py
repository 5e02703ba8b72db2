"""What a start says: a key once, a link that works, text that can be pasted."""

from pathlib import Path

import pytest

from outrider.app import announce
from outrider.app.settings import Settings, parse
from outrider.console.sessions import SignIns
from outrider.limits.keys import public_part


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", f"sqlite:///{tmp_path / 'db.sqlite3'}")
    return parse("embedded: {enabled: false}\nroutes: {}\nproviders: {a: {base_url: 'http://127.0.0.1:9/v1'}}", "t", {})


def test_a_key_is_made_once(settings: Settings, tmp_path: Path) -> None:
    first, second = announce.prepare(settings, tmp_path), announce.prepare(settings, tmp_path)
    assert public_part(first.key)
    assert second.key == ""
    assert first.link != second.link
    assert SignIns(tmp_path).redeem(first.link) is not None
    assert SignIns(tmp_path).redeem(first.link) is None


def test_no_key_without_auth(tmp_path: Path, settings: Settings) -> None:
    off = parse("auth: off\nembedded: {enabled: false}\nproviders: {a: {base_url: 'http://127.0.0.1:9/v1'}}", "t", {})
    assert announce.prepare(off, tmp_path).key == ""


def test_a_database_that_is_away_is_said_and_no_obstacle(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OUTRIDER_DATABASE_URL", "postgresql://me:hidden@127.0.0.1:9/none")
    assert announce.prepare(settings, tmp_path).key == ""
    said = capsys.readouterr().out
    assert "recorded in the spool" in said
    assert "hidden" not in said


def test_what_is_printed_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    announce.ready(announce.First("sk-or-a-b", "token", "m"), "http://127.0.0.1:1")
    said = capsys.readouterr().out
    assert 'curl http://127.0.0.1:1/v1/chat/completions -H "Authorization: Bearer sk-or-a-b"' in said
    assert 'OpenAI(base_url="http://127.0.0.1:1/v1", api_key="sk-or-a-b")' in said
    assert "http://127.0.0.1:1/login?token=token" in said
    announce.ready(announce.First("", "token", "m"), "http://127.0.0.1:1")
    again = capsys.readouterr().out
    assert "Bearer $OUTRIDER_KEY" in again
    assert 'api_key=os.environ["OUTRIDER_KEY"]' in again
    announce.ready(announce.First("", "token", "m", auth=False), "http://127.0.0.1:1")
    assert "Bearer" not in capsys.readouterr().out
