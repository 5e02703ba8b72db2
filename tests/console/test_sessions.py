import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base import clock
from outrider.console.sessions import SignIns
from outrider.limits.keys import Identity

WHO = Identity("default", "abc")
BY_LINK = Identity(WHO.project, WHO.key, operator=True)


def test_a_session_is_read_by_another_worker_and_after_a_restart(tmp_path: Path) -> None:
    token = SignIns(tmp_path).open(WHO)
    session = SignIns(tmp_path).verify(token)
    assert session is not None
    assert (session.project, session.key) == ("default", "abc")
    assert SignIns(tmp_path).verify(token) == session  # the CSRF token too


def test_the_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    SignIns(tmp_path).open(WHO)
    path = tmp_path / "console" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32
    assert os.listdir(tmp_path / "console") == ["secret"]


def test_another_homes_tokens_do_not_count(tmp_path: Path) -> None:
    token = SignIns(tmp_path / "a").open(WHO)
    assert SignIns(tmp_path / "b").verify(token) is None


def test_a_link_works_once_over_all_workers(tmp_path: Path) -> None:
    token = SignIns(tmp_path).link(WHO)
    assert SignIns(tmp_path).redeem(token) == BY_LINK
    assert SignIns(tmp_path).redeem(token) is None


def test_a_link_is_no_session_and_a_session_no_link(tmp_path: Path) -> None:
    sign_ins = SignIns(tmp_path)
    assert sign_ins.verify(sign_ins.link(WHO)) is None
    assert sign_ins.redeem(sign_ins.open(WHO)) is None


@pytest.mark.parametrize(("minutes", "works"), [(14, True), (16, False)])
def test_a_link_ends_after_fifteen_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int, works: bool
) -> None:
    sign_ins, now = SignIns(tmp_path), clock.now_ns()
    token = sign_ins.link(WHO)
    monkeypatch.setattr(clock, "now_ns", lambda: now + minutes * 60 * 10**9)
    assert (sign_ins.redeem(token) == BY_LINK) is works


def test_marks_of_used_links_are_cleaned_up(tmp_path: Path) -> None:
    sign_ins, used = SignIns(tmp_path), tmp_path / "console" / "used"
    assert sign_ins.redeem(sign_ins.link(WHO))
    old = next(used.iterdir())
    os.utime(old, (1, 1))
    assert sign_ins.redeem(sign_ins.link(WHO))
    assert not old.exists()


@given(st.text())
def test_no_text_is_a_session_by_chance(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    sign_ins = SignIns(tmp_path_factory.getbasetemp() / "fuzz")
    assert sign_ins.verify(text) is None
    assert sign_ins.redeem(text) is None


@given(st.integers(0, 10_000), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_token_does_not_count(tmp_path_factory: pytest.TempPathFactory, place: int, letter: str) -> None:
    sign_ins = SignIns(tmp_path_factory.getbasetemp() / "fuzz")
    token = sign_ins.open(WHO)
    place %= len(token) - 1  # the last letter of base64 carries unused bits
    changed = token[:place] + letter + token[place + 1 :]
    dot = token.index(".")
    assert changed == token or place == dot - 1 or sign_ins.verify(changed) is None


def test_who_came_by_a_link_is_known_as_operator(tmp_path: Path) -> None:
    sign_ins = SignIns(tmp_path)
    found = [sign_ins.verify(sign_ins.open(identity)) for identity in (WHO, BY_LINK)]
    assert [session is not None and session.operator for session in found] == [False, True]
