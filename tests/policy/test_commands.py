"""A command is granted as a whole or not at all."""

import pytest

from outrider.policy.commands import is_whole


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("run git push origin dev", "git push origin dev"),
        ("run git push origin dev and tell me", "git push origin dev"),
        ("please run make test. then post the result", "make test"),
        ("run `make test`, then `make lint`", "make lint"),
        ("run make test on web-1", "make test"),
        ("run npm test to see what fails", "npm test"),
        ("execute: uptime", "uptime"),
        ("restart the service", "systemctl restart nginx"),
    ],
)
def test_a_whole_command(said: str, command: str) -> None:
    assert is_whole([said], command)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("run git push origin dev", "git push"),
        ("run git push origin dev", "push origin dev"),
        ("run git push origin dev", "origin dev"),
        ("run `git push origin dev`", "git push"),
        ("run `git push origin dev --dry-run` please", "git push origin dev"),
        ("run git push origin dev --dry-run", "git push origin dev"),
        ("run echo rm -rf build", "rm -rf build"),
    ],
)
def test_a_part_of_one(said: str, command: str) -> None:
    assert not is_whole([said], command)


def test_it_is_whole_where_any_text_says_so() -> None:
    assert is_whole(["run git push origin dev", "now run git push"], "git push")
