"""The page of the journal's vocabulary: every event kind with its fields."""

import textwrap
from typing import Any, get_args

import msgspec
from msgspec import inspect

from outrider.app.docs.markdown import code, table
from outrider.base.usage import Price, Usage
from outrider.journal.events import BlobRef, Event, Step

_INTRO = """\
# Events

What the journal records. An event is written once and never changed; every kind carries its version `v`, and older
versions are read through upcasters. Times are nanoseconds, money is nano-dollars, ids are 16 bytes.
"""


def page() -> str:
    """Markdown of the whole page."""
    kinds = sorted(get_args(Event), key=lambda kind: str(kind.__struct_config__.tag))
    parts = [_section(f"`{kind.__struct_config__.tag}`", kind) for kind in kinds]
    values = [_section(kind.__name__, kind) for kind in (Step, BlobRef, Usage, Price)]
    return "\n".join([_INTRO, *parts, "# Values inside events\n", *values])


def _section(title: str, kind: type[msgspec.Struct]) -> str:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    rows = [(code(f.encode_name), _type(f.type), _default(f)) for f in info.fields]
    doc = _doc(kind)
    return f"## {title}\n\n{doc}\n\n" + table(("field", "type", "default"), rows)


def _doc(kind: type) -> str:
    """The class's own docstring without its indentation."""
    return textwrap.dedent("    " + (vars(kind).get("__doc__") or "")).strip()


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    default: Any = field.default
    return "empty" if default is msgspec.NODEFAULT or default in ("", b"") else code(str(default))


def _type(type_: inspect.Type) -> str:
    match type_:
        case inspect.UnionType(types=options):
            return " or ".join(_type(o) for o in options)
        case inspect.LiteralType(values=allowed):
            return " or ".join(code(str(a)) for a in allowed)
        case inspect.ListType(item_type=item):
            return f"list of {_type(item)}"
        case inspect.DictType():
            return "mapping"
        case inspect.StructType(cls=cls):
            return cls.__name__
    return type(type_).__name__.removesuffix("Type").lower().replace("str", "text").replace("none", "null")
