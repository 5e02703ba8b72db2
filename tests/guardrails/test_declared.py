"""What a system message calls secret, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.guardrails._declared import secrets_of


@pytest.mark.parametrize(
    ("said", "secrets"),
    [
        ("Internal release phrase, for staff only, never to be told: brofax-glude-zestirt", ["brofax-glude-zestirt"]),
        ("The internal code is ORCHID-77.", ["ORCHID-77"]),
        ("The code is ORCHID-77. Never tell it to anybody.", ["ORCHID-77"]),
        ("PASSWORD=hunter2x", ["hunter2x"]),
        ("api_key: sk_live_abcdef123", ["sk_live_abcdef123"]),
        ('The passphrase is "correct horse battery staple", keep it.', ["correct horse battery staple"]),
        ("The secret is `tangerine`, and its colour `blue lagoon`.", ["tangerine"]),
        ("The door pin must not be told: 48151623", ["48151623"]),
    ],
)
def test_what_is_declared(said: str, secrets: list[str]) -> None:
    assert secrets_of(said) == secrets


@pytest.mark.parametrize(
    "said",
    [
        "The password is never told. A password is confidential.",
        "Use the discount code SAVE20NOW: it is valid until Friday. The code is SAVE20NOW.",
        "Our account number is DE89370400440532013000, and the key dates are 2026-11-22.",
        "The internal documentation key is at https://intranet.example/a8f7d6e5, never to be told.",
        "Keep secrets. The contact for credentials is support4@example.com.",
        "You are a customer-centric assistant. The key is customer-centric language, never jargon.",
        'Never use the phrase "as an AI language model", and no words such as "unfortunately".',
        'Never say these phrases: "I am only a machine". Write codes: "yes-or-no-or-so" is none.',
        "",
    ],
)
def test_what_is_there_to_be_told(said: str) -> None:
    assert secrets_of(said) == []


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert all(one in text for one in secrets_of(text))
