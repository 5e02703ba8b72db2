"""The page of outrider.yaml: every key with its type, its default and what it means."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from outrider.app.config_schema import default_of, plain, unit_of
from outrider.app.config_structs import Settings
from outrider.app.docs.markdown import code, table
from outrider.base import plugins
from outrider.providers.presets import presets

_INTRO = """\
# outrider.yaml

One YAML file: `--config FILE`, else `OUTRIDER_CONFIG`, else `./outrider.yaml`, else none. Every key is optional.
`outrider init` writes a first one, `outrider config check` finds mistakes, `outrider config show` prints what is in
force. The JSON Schema for editors is [outrider.schema.json](outrider.schema.json) (`outrider init --schema`). A
changed file is taken over without a restart; one with a mistake is refused and the old settings stay.

- **Durations** are written `250ms`, `30s`, `5m`, `2h`, `30d`, `2w` or a sum such as `1h30m`.
- **Sizes** are written `512kB`, `64MB`, `20GB` (powers of 1000) or `64MiB` (powers of 1024).
- **Secrets** are written as references, `${env:NAME}`; a literal one is refused. References work in every value.
- **Dollars** are amounts per million tokens, such as `0.15`. **Money** is an amount: `50`, `0.25`.
- **Counts** are written `5000`, `200k` or `1.5M`, **parts** `80%` or `0.8`, **windows** `month` or `24h`,
  **rates** `600/min`, `1M/min` or `10/s` (also `/h`, `/day`).

| variable | meaning |
| --- | --- |
| `OUTRIDER_HOME` | Folder of its state (`--home`). Default: the platform's user data folder. |
| `OUTRIDER_CONFIG` | The file to read. |
| `OUTRIDER_DATABASE_URL` | `sqlite:///path` or `postgresql://…`. Default: SQLite under the home folder. |
| `OUTRIDER_MODELS` | Folder of the embedded models. Default: `models` under the home folder. |
| `OUTRIDER_KEY` | The key that `outrider chat` uses. |
| `OTEL_EXPORTER_OTLP_ENDPOINT` and others | [The collector](../guides/opentelemetry.md), when the file names none. |
"""


def page() -> str:
    """Markdown of the whole page."""
    root = inspect.type_info(Settings)
    assert isinstance(root, inspect.StructType)
    parts = [_INTRO, *_sections("", root), _presets()]
    return "\n".join(parts)


def _sections(path: str, type_: inspect.StructType) -> Iterator[str]:
    """A section per struct, depth first, each with its own fields."""
    title = f"`{path}`" if path else "Top level"
    yield f"## {title}\n\n{(type_.cls.__doc__ or '').strip()}\n"
    yield table(("key", "value", "default", "meaning"), [_row(field) for field in type_.fields])
    for field in type_.fields:
        suffix, inner = _struct_in(field.type)
        if inner is not None:
            yield from _sections(f"{path}.{field.encode_name}".lstrip(".") + suffix, inner)


def _row(field: inspect.Field) -> tuple[str, str, str, str]:
    default = default_of(field)
    if default is msgspec.NODEFAULT:
        shown = "required"
    elif isinstance(default, msgspec.Struct):
        shown = ""
    else:
        shown = code(_yaml(plain(default, field.type)))
    return code(field.encode_name), _value(field.type), shown, _description(field.type)


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "{}" if value == {} else str(value) or '""'


def _description(type_: inspect.Type) -> str:
    more = type_.extra_json_schema if isinstance(type_, inspect.Metadata) else None
    return str((more or {}).get("description", ""))


def _value(type_: inspect.Type) -> str:
    """What may be written, in words."""
    unit = unit_of(type_)
    match type_:
        case inspect.Metadata(type=inner):
            return unit or _value(inner)
        case inspect.UnionType(types=options):
            return " or null".join([next(_value(o) for o in options if not isinstance(o, inspect.NoneType)), ""])
        case inspect.DictType(value_type=value):
            return "mapping of names, see below" if _struct_in(value)[1] else f"mapping of names to {_value(value)}"
        case inspect.VarTupleType(item_type=item):
            return f"list of {_value(item)}"
        case inspect.LiteralType(values=allowed):
            return " or ".join(code(str(a)) for a in allowed)
        case inspect.IntType(ge=low, le=high) if low is not None and high is not None:
            return f"number from {low} to {high}"
        case inspect.StructType():
            return "see below"
        case inspect.AnyType():
            return "any value"
        case inspect.CustomType():
            return "secret or text"
        case inspect.BoolType():
            return "on or off"
    return "text" if isinstance(type_, inspect.StrType) else "number"


def _struct_in(type_: inspect.Type) -> tuple[str, inspect.StructType | None]:
    """The struct inside a field's type, and what stands for the names or numbers on the way to it."""
    match type_:
        case inspect.Metadata(type=inner):
            return _struct_in(inner)
        case inspect.UnionType(types=options):
            return next((found for o in options if (found := _struct_in(o))[1] is not None), ("", None))
        case inspect.DictType(value_type=value):
            suffix, inside = _struct_in(value)
            return f".NAME{suffix}", inside
        case inspect.VarTupleType(item_type=item):
            return _struct_in(item)
        case inspect.StructType():
            return "", type_
    return "", None


def _presets() -> str:
    rows = [
        (code(name), code(p.base_url), code(p.env), code(p.base_url_env), f"<{p.doc}>" if p.doc else "")
        for name, p in presets().items()
    ]
    strategies = ", ".join(code(name) for name in plugins.names("outrider.routing"))
    return (
        f"## Strategies\n\n{strategies}\n\n## Presets\n\nA provider whose key or URL variable is set is there without "
        "a file.\n\n" + table(("preset", "base URL", "key variable", "URL variable", "documentation"), rows)
    )
