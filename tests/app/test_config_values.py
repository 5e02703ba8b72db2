"""Secrets that do not show themselves, references, and dollars without rounding."""

import pickle

import pytest

from outrider.app.config_values import Secret, dollars, resolve


def test_a_secret_shows_its_reference_only() -> None:
    secret = Secret("hunter2", "${env:PW}")
    assert "hunter2" not in f"{secret} {secret!r} {[secret]} {secret:>20}"
    assert secret.reveal() == "hunter2"
    assert secret == Secret("hunter2", "${env:PW}")
    assert secret != Secret("other", "${env:PW}")
    assert len({secret, Secret("hunter2", "${env:PW}")}) == 1
    assert not hasattr(secret, "__dict__")
    assert pickle.loads(pickle.dumps(secret)) == secret


@pytest.mark.parametrize(
    ("text", "nano"), [("0.15", 150_000_000), ("0.1", 100_000_000), ("30", 30 * 10**9), ("1e-3", 10**6)]
)
def test_dollars_are_exact(text: str, nano: int) -> None:
    assert dollars(text) == nano


@pytest.mark.parametrize("text", ["", "-1", "NaN", "inf", "1e99", "$1", "one"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="expected dollars"):
        dollars(text)


def test_references_are_replaced_and_the_missing_named() -> None:
    env = {"A": "1", "B": "${env:A}", "EMPTY": ""}
    assert resolve("x-${env:A}-${env:A}", env) == ("x-1-1", [])
    assert resolve("${env:B}", env) == ("${env:A}", [])
    assert resolve("${env:EMPTY}${env:NO}", env) == ("", ["EMPTY", "NO"])
    assert resolve("$A ${A} plain", env) == ("$A ${A} plain", [])
