"""Every field says what it means, and every default is one that the file could hold."""

from collections.abc import Iterator

import pytest
from msgspec import inspect

from outrider.app.config_structs import Settings, TokenPrice


def fields(type_: inspect.Type, path: str = "") -> Iterator[tuple[str, inspect.Field]]:
    match type_:
        case inspect.Metadata(type=inner):
            yield from fields(inner, path)
        case inspect.UnionType(types=options):
            for option in options:
                yield from fields(option, path)
        case inspect.DictType(value_type=value):
            yield from fields(value, f"{path}.NAME")
        case inspect.StructType(fields=own):
            for field in own:
                yield f"{path}.{field.encode_name}", field
                yield from fields(field.type, f"{path}.{field.encode_name}")


@pytest.mark.parametrize(("path", "field"), list(fields(inspect.type_info(Settings))))
def test_a_field_is_described(path: str, field: inspect.Field) -> None:
    assert isinstance(field.type, inspect.Metadata), path
    description = str((field.type.extra_json_schema or {}).get("description", ""))
    assert description.endswith("."), path


def test_a_price_is_exact() -> None:
    price = TokenPrice(input=150_000_000, cached=75_000_000).price()
    assert (price.input, price.output, price.cached, price.cache_write) == (150_000_000, 0, 75_000_000, None)
