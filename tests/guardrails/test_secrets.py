"""Credentials in their formats, and such as only look like one. The values are made up here, so that no scanner of
repositories takes this file for a leak."""

import random
import string

import pytest

from outrider.guardrails import Context, secrets

_chance = random.Random(6)
ALNUM = string.ascii_letters + string.digits


def made(signs: str, size: int) -> str:
    return "".join(_chance.choices(signs, k=size))


HEX = "0123456789abcdef"
FORMATS = {
    "aws_access_key": "AKIA" + made("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
    "google_api_key": "AIza" + made(ALNUM + "-_", 35),
    "github_token": "ghp_" + made(ALNUM, 36),
    "gitlab_token": "glpat-" + made(ALNUM, 20),
    "openai_key": "sk-proj-" + made(ALNUM, 60),
    "anthropic_key": "sk-ant-api03-" + made(ALNUM, 93),
    "model_provider_key": "hf_" + made(string.ascii_letters, 34),
    "stripe_key": "sk_live_" + made(ALNUM, 24),
    "slack_token": "xoxb-" + made(string.digits, 12) + "-" + made(ALNUM, 24),
    "mail_provider_key": "SG." + made(ALNUM, 22) + "." + made(ALNUM, 43),
    "package_registry_token": "npm_" + made(ALNUM, 36),
    "telegram_token": made("123456789", 9) + ":AA" + made(ALNUM, 33),
    "saas_token": "dop_v1_" + made(HEX, 64),
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + made(ALNUM, 43),
    "azure_client_secret": made(ALNUM, 3) + "8Q~" + made(ALNUM, 34),
    "twilio_key": "SK" + made(HEX, 32),
    "private_key": "-----BEGIN RSA PRIVATE KEY-----\n" + made(ALNUM, 200) + "\n-----END RSA PRIVATE KEY-----",
}


def kinds(text: str) -> list[str]:
    return [one.kind for one in secrets.check(text, Context(options=secrets.Options()))]


@pytest.mark.parametrize(("kind", "value"), FORMATS.items())
def test_formats(kind: str, value: str) -> None:
    (found,) = secrets.check(f"use {value} for it", Context(options=secrets.Options()))
    assert (found.kind, found.start, found.end) == (kind, 4, 4 + len(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("postgres://app:s3cr3tPw@db.example:5432/x", "s3cr3tPw"),
        ("Server=db;User Id=app;Password=Hu8-kk2;", "Hu8-kk2"),
        ("curl -u admin:Tr0ub4dor https://x.test", "Tr0ub4dor"),
        ("Authorization: Bearer " + FORMATS["jwt"][-40:], FORMATS["jwt"][-40:]),
        ("DB_PASSWORD=correct-h0rse", "correct-h0rse"),
        ('"api_key": "f81d4fae7dec11d0a76500a0c91e6bf6"', "f81d4fae7dec11d0a76500a0c91e6bf6"),
        ("My password is Hunter2!", "Hunter2"),
        ("password: hunter22", "hunter22"),
        (
            "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzzKEYKEYabcd",
            "wJalrXUtnFEMIK7MDENGbPxRfiCYzzKEYKEYabcd",
        ),
    ],
)
def test_by_where_they_stand(text: str, value: str) -> None:
    found = secrets.check(text, Context(options=secrets.Options()))
    assert [text[one.start : one.end] for one in found] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "The password is wrong. The token is expired and the key is lost.",
        "password = os.environ['DB_PASSWORD']",
        "api_key: ${env:OPENAI_API_KEY}",
        "password: <your password>",
        "max_tokens: 4096, token_count=1200",
        "commit 9d6e5a5b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f",
        "run 018f3c2e-7b1a-7c3d-9e4f-5a6b7c8d9e0f",
        "the secret of success: patience",
        "token: str = ''",
        "sk-learn and task-force are words",
    ],
)
def test_is_left_alone(text: str) -> None:
    assert kinds(text) == []


def test_a_key_waits_for_its_end() -> None:
    text = "here: -----BEGIN PRIVATE KEY-----\nabc"
    assert secrets.unfinished(text, Context()) == 6
    assert secrets.unfinished("words and sk-proj", Context()) <= 10
