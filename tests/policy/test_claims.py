"""Tokens of an identity provider: only what it signed counts."""

import base64
import hmac
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from outrider.base import clock
from outrider.base.errors import ConfigError, RequestError
from outrider.policy.claims import Claims, Provider, Verifier

SECRET = "a secret that is long enough for everybody"


def now() -> int:
    return clock.now_ns() // 1_000_000_000


def said(**more: Any) -> dict[str, Any]:
    return {"iss": "https://id.example", "sub": "ada", "exp": now() + 600, "roles": ["clerk"], **more}


@pytest.fixture
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def keys(tmp_path: Path, rsa_key: rsa.RSAPrivateKey) -> Path:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key.public_key()))
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}))
    return path


def test_a_user_with_roles(keys: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    verifier = Verifier(Provider("https://id.example", keys=keys.name), keys.parent)
    token = jwt.encode(said(), rsa_key, "RS256", headers={"kid": "one"})
    assert verifier.claims(token) == Claims("ada", ("clerk",))


def test_claims_within_others_and_what_they_mean() -> None:
    provider = Provider(
        "https://id.example",
        audience="outrider",
        secret=SECRET,
        user_claim="https://corp.example/mail",
        agent_claim="act.sub",
        roles_claim="realm_access.roles",
        roles={"finance": ("clerk", "reader"), "it": ("reader",)},
    )
    claims = said(aud="outrider", act={"sub": "helper"}, realm_access={"roles": ["finance", "it", "other", 7]})
    claims["https://corp.example/mail"] = "ada@corp.example"
    token = jwt.encode(claims, SECRET, "HS256")
    assert Verifier(provider).claims(token) == Claims("ada@corp.example", ("clerk", "reader"), "helper")


def test_roles_in_one_text() -> None:
    verifier = Verifier(Provider("https://id.example", secret=SECRET, roles_claim="scope"))
    assert verifier.claims(jwt.encode(said(scope="a b"), SECRET, "HS256")).roles == ("a", "b")
    assert verifier.claims(jwt.encode(said(scope={"a": 1}), SECRET, "HS256")).roles == ()


@pytest.mark.parametrize(
    "more",
    [
        {"exp": 1},
        {"iss": "https://evil.example"},
        {"sub": ""},
        {"sub": "two\nlines"},
        {"sub": True},
        {"sub": None},
        {"aud": "somebody else"},
        {"nbf": 99_999_999_999},
    ],
)
def test_a_token_that_does_not_hold(more: dict[str, Any]) -> None:
    verifier = Verifier(Provider("https://id.example", audience="outrider", secret=SECRET))
    claims = {**said(aud="outrider"), **more}
    with pytest.raises(RequestError) as error:
        verifier.claims(jwt.encode({k: v for k, v in claims.items() if v is not None}, SECRET, "HS256"))
    assert (error.value.status, error.value.code) == (401, "invalid_identity")
    assert SECRET not in error.value.message


def test_what_nobody_signed(keys: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    verifier = Verifier(Provider("https://id.example", keys=str(keys)))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = [
        jwt.encode(said(), "", "none", headers={"kid": "one"}),
        jwt.encode(said(), other, "RS256", headers={"kid": "one"}),
        jwt.encode(said(), rsa_key, "RS256", headers={"kid": "two"}),
        jwt.encode(said(), ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": "one"}),
        jwt.encode(said(), SECRET, "HS256", headers={"kid": "one"}),
        jwt.encode({k: v for k, v in said().items() if k != "exp"}, rsa_key, "RS256", headers={"kid": "one"}),
        "x" * 20_000,
        "a.b.c",
        "",
        "{}",
    ]
    for token in forged:
        with pytest.raises(RequestError) as error:
            verifier.claims(token)
        assert error.value.status == 401, token


def test_the_public_key_is_no_secret(keys: Path, rsa_key: rsa.RSAPrivateKey) -> None:
    """The old trick: a public key, which everybody has, used as the secret of a signature."""

    def part(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    head = part(json.dumps({"alg": "HS256", "kid": "one", "typ": "JWT"}).encode())
    signed = head + b"." + part(json.dumps(said()).encode())
    forged = (signed + b"." + part(hmac.digest(keys.read_bytes(), signed, "sha256"))).decode()
    with pytest.raises(RequestError):
        Verifier(Provider("https://id.example", keys=str(keys))).claims(forged)


@pytest.mark.parametrize(
    "provider",
    [
        Provider("i"),
        Provider("i", keys="a", secret="b" * 40),
        Provider("i", secret="short"),
        Provider("i", keys="missing.json"),
        Provider("i", keys="http://id.example/keys"),
    ],
)
def test_a_provider_that_cannot_be_used(provider: Provider, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"policy\.identity"):
        Verifier(provider, tmp_path)


def test_keys_at_an_address_that_is_away() -> None:
    verifier = Verifier(Provider("https://id.example", keys="http://127.0.0.1:9/jwks"))
    token = jwt.encode(said(), SECRET, "HS256", headers={"kid": "one"})
    with pytest.raises(RequestError) as error:
        verifier.claims(token)
    assert error.value.status == 503
