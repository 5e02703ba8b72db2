"""Who calls: credentials in every usual place, and what headers say of user, session and trace."""

import pytest

from outrider.base.errors import RequestError
from outrider.gateway.identify import LONGEST, Gate, Headers, bearer, identify, known_as, trace_context
from outrider.limits.keys import Identity, KeyRing, KnownKey, new_key
from tests.gateway.calls import call

TEXT, EVENT = new_key("p")
KEY = KnownKey(EVENT.public, "p", EVENT.digest)
ME = Identity("p", KEY.public)


async def nobody(public: str) -> KnownKey | None:
    return None


def ring(*keys: KnownKey) -> KeyRing:
    made = KeyRing(nobody)
    made.load(keys)
    return made


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({b"authorization": b"Bearer abc"}, "abc"),
        ({b"authorization": b"bearer  abc "}, "abc"),
        ({b"authorization": b"Basic abc"}, None),
        ({b"x-api-key": b"abc"}, "abc"),
        ({b"api-key": b"abc"}, "abc"),
        ({b"authorization": b"Basic abc", b"x-api-key": b"k"}, "k"),
        ({b"authorization": b"Bearer \xff"}, "\xff"),
        ({}, None),
    ],
)
def test_where_a_key_may_stand(headers: Headers, key: str | None) -> None:
    assert bearer(headers) == key


async def test_a_known_key_needs_no_waiting() -> None:
    made = call(authorization=f"Bearer {TEXT}")
    assert identify(made, Gate(ring(KEY))) is None
    assert made.identity == ME


async def test_an_unknown_key_is_asked_for_and_taken_over() -> None:
    async def find(public: str) -> KnownKey | None:
        return KEY if public == KEY.public else None

    made = call(authorization=f"Bearer {TEXT}")
    asking = identify(made, Gate(KeyRing(find)))
    assert asking is not None
    await asking
    assert made.identity == ME


@pytest.mark.parametrize("headers", [{}, {b"authorization": b"Bearer sk-or-x-y"}, {b"x-api-key": b"\xff"}])
async def test_without_a_good_key_it_is_a_401(headers: Headers) -> None:
    with pytest.raises(RequestError) as caught:
        await Gate(ring(KEY)).full(headers)
    assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")
    assert caught.value.headers == (("www-authenticate", "Bearer"),)
    assert "sk-or-x-y" not in caught.value.message


async def test_with_auth_off_everybody_is_somebody() -> None:
    gate = Gate(ring(KEY), anonymous=Identity("p", ""))
    for headers in ({}, {b"authorization": b"Bearer anything"}):
        assert await gate.full(headers) == Identity("p", "")
    assert gate.quick({b"authorization": f"Bearer {TEXT}".encode()}) == ME


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (b"http://localhost:3000", True),
        (b"http://127.0.0.1:8720", True),
        (b"https://evil.example", False),
        (b"null", False),
        (b"http://[", False),
    ],
)
async def test_with_auth_off_a_strangers_page_cannot_call_through_the_browser(origin: bytes, let_in: bool) -> None:
    gate = Gate(ring(KEY), anonymous=Identity("p", ""))
    assert (gate.quick({b"origin": origin}) is not None) is let_in
    assert gate.quick({b"origin": origin, b"authorization": f"Bearer {TEXT}".encode()}) is not None


async def test_the_consoles_cookie_counts_where_no_key_is_given() -> None:
    gate = Gate(ring(KEY), session=lambda headers: ME if headers[b"cookie"] == b"good" else None)
    assert gate.quick({b"cookie": b"good"}) == ME
    assert gate.quick({b"cookie": b"bad"}) is None
    assert gate.quick({b"cookie": b"good", b"x-api-key": b"wrong"}) is None


async def test_headers_name_session_user_agent_and_tags() -> None:
    made = call(
        x_outrider_session="s" * 300, x_outrider_user="u", x_outrider_agent="a", x_outrider_tags=" x, ,y," + "z," * 50
    )
    identify(made, Gate(ring(), anonymous=ME))
    assert (made.session, made.user, made.agent) == ("s" * LONGEST, "u", "a")
    assert made.tags[:3] == ["x", "y", "z"]
    assert len(made.tags) <= 32


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("jürgen 😀".encode(), "jürgen 😀"),
        ("jürgen".encode("latin-1"), "jürgen"),
        (b" anna\t", "anna"),
        ("ü".encode() * 300, "ü" * LONGEST),
        (b"an\xc2\x9bna", "anna"),
    ],
)
async def test_a_header_names_the_same_user_as_a_body_does(sent: bytes, kept: str) -> None:
    """Else a limit for each user would be two for some of them."""
    made = call()
    made.headers = {b"x-outrider-user": sent, b"x-outrider-session": sent, b"x-outrider-tags": b"a," + sent}
    identify(made, Gate(ring(), anonymous=ME))
    assert (made.user, made.session, made.tags) == (kept, kept, ["a", kept])
    assert known_as(kept) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [("an\x00na", "anna"), ("\x1b[31manna\n", "[31manna"), ("x" * 100_000, "x" * LONGEST), ("\x00", "")],
)
def test_what_no_store_or_terminal_takes_is_left_out_of_names(said: str, kept: str) -> None:
    assert known_as(said) == kept


TRACE = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_trace_parent_is_read() -> None:
    trace, span = trace_context(TRACE)
    assert (trace.hex(), f"{span:x}") == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00-xyz-b7ad6b7169203331-01",
        TRACE.replace(b"00-", b"ff-", 1),
        b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01",
        TRACE.replace(b"b7ad6b7169203331", b"0" * 16),
        TRACE.replace(b"b7ad6b7169203331", b"1"),
        TRACE.replace(b"b7ad6b7169203331", b"-b7ad6b716920333"),
        TRACE.replace(b"0af7", b"0a"),
        b"00-\xff-b7ad6b7169203331-01",
    ],
)
def test_a_malformed_trace_parent_is_none(value: bytes) -> None:
    assert trace_context(value) == (b"", 0)
