import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from outrider.gateway.surface import body as json_body

SCALARS = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8)


def test_with_fields_leaves_the_others_byte_for_byte() -> None:
    body = b'{"model" : "a", "temperature": 1.50, "x": {"y" : [ 1e2 ]}, "cache": {"ttl": 5}}'
    changed = json_body.with_fields(body, model="b", cache=None, stream=True)
    assert changed == b'{"model":"b","temperature":1.50,"x":{"y" : [ 1e2 ]},"stream":true}'
    assert list(json_body.fields(changed)) == ["model", "temperature", "x", "stream"]


def test_with_fields_sets_null_when_asked() -> None:
    assert json_body.with_fields(b'{"a":1}', a=msgspec.Raw(b"null")) == b'{"a":null}'


@given(st.dictionaries(st.text(max_size=6), SCALARS, max_size=6), SCALARS.filter(lambda v: v is not None))
def test_with_fields_is_an_update(before: dict[str, object], value: object) -> None:
    changed = json_body.with_fields(json.dumps(before).encode(), model=value)
    assert json.loads(changed) == {**before, "model": value}
