"""What other gateways' headers mean here."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.cache.controls import Controls, controls
from outrider.gateway.aliases import apply
from outrider.gateway.identify import Gate, bearer, identify
from outrider.limits.keys import Identity, KeyRing, new_key
from tests.gateway.calls import call

KEY = b"sk-or-0123456789abcdef-" + b"0123456789abcdef" * 3


def ours(**theirs: str) -> dict[bytes, bytes]:
    """What is added to these headers, whose names are given with underscores."""
    headers = {name.replace("_", "-").encode(): value.encode() for name, value in theirs.items()}
    made = apply(headers)
    assert headers.items() <= made.items() or b"cache-control" in headers or b"authorization" in headers
    return {name: value for name, value in made.items() if headers.get(name) != value}


def test_nothing_is_done_where_nothing_is_foreign() -> None:
    headers = {b"authorization": b"Bearer x", b"x-outrider-user": b"ada", b"x-litellm-unknown": b"1"}
    assert apply(headers) is headers
    assert apply({}) == {}


@pytest.mark.parametrize(
    ("theirs", "meant"),
    [
        ({"x_litellm_customer_id": "ada"}, {b"x-outrider-user": b"ada"}),
        ({"x_litellm_end_user_id": "ada"}, {b"x-outrider-user": b"ada"}),
        ({"x_litellm_customer_id": "ada", "x_litellm_end_user_id": "bob"}, {b"x-outrider-user": b"ada"}),
        ({"x_litellm_session_id": "s"}, {b"x-outrider-session": b"s"}),
        ({"x_litellm_trace_id": "t", "x_litellm_session_id": "s"}, {b"x-outrider-session": b"t"}),
        ({"x_litellm_agent_id": "a"}, {b"x-outrider-agent": b"a"}),
        ({"x_litellm_tags": "a,b"}, {b"x-outrider-tags": b"a,b"}),
        ({"x_litellm_timeout": "1.5"}, {b"x-outrider-deadline-ms": b"1500"}),
        (
            {"x_litellm_spend_logs_metadata": '{"project":"x","n":1,"on":true,"no":null,"deep":{"a":1},"l":[1]}'},
            {b"x-outrider-tags": b"project:x,n:1,on:true"},
        ),
        ({"x_portkey_trace_id": "t"}, {b"x-outrider-session": b"t"}),
        ({"x_portkey_request_timeout": "3000"}, {b"x-outrider-deadline-ms": b"3000"}),
        (
            {"x_portkey_metadata": '{"_user":"ada","_environment":"prod","feature":"a,b"}'},
            {b"x-outrider-user": b"ada", b"x-outrider-tags": b"environment:prod,feature:a b"},
        ),
        ({"x_portkey_cache_force_refresh": "True"}, {b"cache-control": b"no-cache"}),
        ({"x_portkey_cache_namespace": "a b"}, {b"cache-control": b"namespace=a%20b"}),
        ({"helicone_user_id": "ada"}, {b"x-outrider-user": b"ada"}),
        (
            {"helicone_session_id": "s", "helicone_session_name": "trip", "helicone_session_path": "/plan/hotel"},
            {b"x-outrider-session": b"s", b"x-outrider-tags": b"session-name:trip,session-path:/plan/hotel"},
        ),
        (
            {"helicone_property_environment": "prod", "helicone_prompt_id": "p1"},
            {b"x-outrider-tags": b"prompt:p1,environment:prod"},
        ),
        ({"helicone_cache_enabled": "true"}, {b"cache-control": b"ttl=604800"}),
        ({"helicone_cache_enabled": "false"}, {b"cache-control": b"no-store"}),
        (
            {"helicone_cache_enabled": "true", "cache_control": "max-age=3600", "helicone_cache_seed": "u1"},
            {b"cache-control": b"max-age=3600, ttl=3600, namespace=u1"},
        ),
        ({"x_claude_code_session_id": "c"}, {b"x-outrider-session": b"c"}),
        ({"x_codex_window_id": "s:0", "session_id": "s"}, {b"x-outrider-session": b"s"}),
        ({"session_id": "somebody else's"}, {}),
    ],
)
def test_what_they_mean(theirs: dict[str, str], meant: dict[bytes, bytes]) -> None:
    assert ours(**theirs) == meant


@pytest.mark.parametrize(
    "theirs",
    [
        {"x_litellm_timeout": "soon"},
        {"x_litellm_timeout": "nan"},
        {"x_litellm_timeout": "-1"},
        {"x_portkey_request_timeout": "inf"},
        {"x_portkey_metadata": "not json"},
        {"x_portkey_metadata": '["_user"]'},
        {"x_portkey_metadata": '{"_user": 5'},
        {"x_litellm_spend_logs_metadata": '"_user"'},
        {"helicone_user_id": ""},
        {"helicone_cache_enabled": "perhaps"},
        {"x_portkey_cache_force_refresh": "false"},
    ],
)
def test_what_cannot_be_read_is_left_out(theirs: dict[str, str]) -> None:
    assert ours(**theirs) == {}


def test_our_own_headers_win() -> None:
    both = {
        b"x-outrider-user": b"me", b"x-outrider-session": b"mine", b"x-outrider-tags": b"own",
        b"x-outrider-deadline-ms": b"5", b"helicone-user-id": b"ada", b"x-litellm-trace-id": b"t",
        b"x-litellm-tags": b"theirs", b"x-litellm-timeout": b"60",
    }  # fmt: skip
    assert apply(both) == both


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"x-litellm-api-key", KEY),
        (b"x-litellm-api-key", b"Bearer " + KEY),
        (b"x-portkey-api-key", KEY),
        (b"helicone-auth", b"Bearer " + KEY),
    ],
)
@pytest.mark.parametrize("own", [b"Bearer sk-proj-openai", b"Bearer sk-or-v1-openrouter", None])
def test_our_key_may_stand_where_theirs_stood(name: bytes, value: bytes, own: bytes | None) -> None:
    headers = {name: value} | ({b"authorization": own} if own else {})
    assert bearer(apply(headers)) == KEY.decode()


def test_a_key_of_theirs_is_no_key_and_ours_in_its_place_stays() -> None:
    assert b"authorization" not in apply({b"helicone-auth": b"Bearer sk-helicone-abc"})
    other = new_key("q")[0].encode()
    kept = {b"authorization": b"Bearer " + other, b"x-portkey-api-key": KEY}
    assert bearer(apply(kept)) == other.decode()
    assert b"authorization" not in apply({b"x-api-key": other, b"x-portkey-api-key": KEY})


async def test_limits_and_records_see_them() -> None:
    made = call(**{"x-portkey-metadata": '{"_user":"ada","team":"r\\u00fcst"}', "helicone-session-id": "s"})
    made.headers = apply(made.headers)

    async def nobody(public: str) -> None:
        return None

    assert identify(made, Gate(KeyRing(nobody), anonymous=Identity("p", ""))) is None
    assert (made.user, made.session, made.tags) == ("ada", "s", ["team:rüst"])


def test_caching_is_understood() -> None:
    made = apply({b"helicone-cache-enabled": b"true", b"helicone-cache-seed": b"a, no-store"})
    assert controls(made[b"cache-control"].decode(), None) == Controls(ttl=604800, namespace="a%2C%20no-store")


NAMES = [
    b"x-litellm-tags", b"x-litellm-timeout", b"x-litellm-spend-logs-metadata", b"x-portkey-metadata",
    b"x-portkey-request-timeout", b"x-portkey-cache-namespace", b"helicone-cache-enabled", b"helicone-property-a",
    b"helicone-auth", b"cache-control", b"authorization", b"x-outrider-user", b"helicone-user-id",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(string.printable), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=40) | JSON.map(lambda j: repr(j).encode())))
def test_any_value_is_taken(headers: dict[bytes, bytes]) -> None:
    made = apply(headers)
    assert made.items() >= {(k, v) for k, v in headers.items() if k not in (b"cache-control", b"authorization")}
    assert int(made.get(b"x-outrider-deadline-ms", b"1")) > 0
