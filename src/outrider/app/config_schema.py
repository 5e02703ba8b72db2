"""The published JSON Schema of outrider.yaml, and settings written back as plain values; both follow the structs."""

from typing import Any

import msgspec
from msgspec import inspect

from outrider.app.config_structs import Settings
from outrider.app.config_values import NAMED, ONE_OR_MORE, Secret
from outrider.base import money, plugins, units
from outrider.providers.presets import presets

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_UNITS: dict[str, dict[str, Any]] = {
    "duration": {"type": ["string", "integer"], "pattern": units.DURATION_PATTERN + "|^0$", "maximum": 0},
    "size": {"type": ["string", "integer"], "pattern": units.SIZE_PATTERN, "minimum": 0},
    "dollars": {"type": "number", "minimum": 0},
    "money": {"type": ["number", "string"], "minimum": 0},
    "count": {"type": ["integer", "string"], "minimum": 0},
    "rate": {"type": "string"},
    "window": {"type": "string"},
    "time zone": {"type": "string"},
    "part": {"type": ["string", "number"]},
    "factor": {"type": ["number", "string"], "minimum": 0},
    ONE_OR_MORE: {"type": ["string", "array"], "items": {"type": "string"}},
}


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of outrider.yaml."""
    defs: dict[str, Any] = {}
    root = _schema(inspect.type_info(Settings), defs)
    defs["Route"]["properties"]["strategy"]["enum"] = plugins.names("outrider.routing")
    defs["Provider"]["properties"]["preset"]["enum"] = ["", *sorted(presets())]
    return {"$schema": DIALECT, "title": "outrider.yaml", **root, "$defs": defs}


def _schema(type_: inspect.Type, defs: dict[str, Any]) -> dict[str, Any]:
    match type_:
        case inspect.Metadata(type=inner, extra=extra, extra_json_schema=more):
            unit = (extra or {}).get("unit")
            if unit == NAMED:
                return {"anyOf": [{"type": "string"}, _schema(inner, defs)]} | (more or {})
            return (dict(_UNITS[unit]) if unit else _schema(inner, defs)) | (more or {})
        case inspect.UnionType(types=options):
            return {"anyOf": [_schema(o, defs) for o in options]}
        case inspect.StructType():
            _define(type_, defs)
            return {"$ref": f"#/$defs/{type_.cls.__name__}"}
        case inspect.DictType(value_type=value):
            return {"type": "object", "additionalProperties": _schema(value, defs)}
        case inspect.VarTupleType(item_type=item):
            return {"type": "array", "items": _schema(item, defs)}
        case inspect.LiteralType(values=allowed):
            return {"enum": list(allowed)}
        case inspect.IntType(ge=low, le=high) | inspect.FloatType(ge=low, le=high):
            bounds = {"minimum": low, "maximum": high}
            kind = "integer" if isinstance(type_, inspect.IntType) else "number"
            return {"type": kind} | {k: v for k, v in bounds.items() if v is not None}
        case inspect.FloatType(ge=least, le=most):
            return {"type": "number"} | {k: v for k, v in {"minimum": least, "maximum": most}.items() if v is not None}
        case inspect.AnyType():
            return {}
        case inspect.CustomType():
            return {"type": "string"}
        case inspect.BoolType():
            # YAML 1.1 reads `on` as true, YAML 1.2 as text: editors differ, Outrider takes both.
            return {"enum": [True, False, "on", "off", "yes", "no"]}
    plain = {inspect.StrType: "string", inspect.NoneType: "null"}
    return {"type": plain[type(type_)]}


def _define(type_: inspect.StructType, defs: dict[str, Any]) -> None:
    name = type_.cls.__name__
    if name in defs:
        return
    made: dict[str, Any] = {
        "type": "object",
        "description": (type_.cls.__doc__ or "").strip(),
        "additionalProperties": False,
        "required": [f.encode_name for f in type_.fields if f.required],
    }
    defs[name] = made
    properties: dict[str, Any] = {}
    for field in type_.fields:
        shape = _schema(field.type, defs)
        default = default_of(field)
        if default is not msgspec.NODEFAULT and not isinstance(default, msgspec.Struct):
            shape["default"] = plain(default, field.type)
        properties[field.encode_name] = shape
    made["properties"] = properties


def default_of(field: inspect.Field) -> Any:
    """The field's default value, or `msgspec.NODEFAULT`."""
    factory: Any = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()


def unit_of(type_: inspect.Type) -> str:
    """`duration`, `size`, `dollars` or nothing."""
    match type_:
        case inspect.Metadata(type=inner, extra=extra):
            return str((extra or {}).get("unit", "")) or unit_of(inner)
        case inspect.UnionType(types=options):
            return next((unit for o in options if (unit := unit_of(o))), "")
    return ""


def plain(value: Any, type_: inspect.Type) -> Any:
    """A setting as outrider.yaml writes it: `2h`, `64MB`, lists, mappings; a secret as its reference."""
    unit = unit_of(type_)
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    if value is None:
        return None
    if isinstance(value, Secret):
        return value.reference
    if isinstance(value, msgspec.Struct):
        fields = inspect.type_info(type(value))
        assert isinstance(fields, inspect.StructType)
        return {f.encode_name: plain(getattr(value, f.name), f.type) for f in fields.fields}
    if isinstance(value, dict) and isinstance(type_, inspect.DictType):
        return {k: plain(v, type_.value_type) for k, v in value.items()}
    if isinstance(value, tuple) and isinstance(type_, inspect.VarTupleType):
        return [plain(v, type_.item_type) for v in value]
    if unit == "duration":
        return units.show_duration(value)
    if unit == "size":
        return units.show_size(value)
    if unit == "dollars":
        amount = money.usd(value)
        return float(amount) if "." in amount else int(amount)
    return value


def show(settings: Settings) -> dict[str, Any]:
    """All settings in force, defaults included, as plain values."""
    fields = inspect.type_info(Settings)
    assert isinstance(fields, inspect.StructType)
    return {f.encode_name: plain(getattr(settings, f.name), f.type) for f in fields.fields}
