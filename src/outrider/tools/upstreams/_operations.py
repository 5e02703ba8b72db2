"""An OpenAPI document (3.0, 3.1) as operations, each with one JSON Schema of all its arguments. Pure, no I/O.

References are followed inside the document only, by `referencing`; what refers elsewhere is refused by name.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from outrider.base.errors import ConfigError

Place = Literal["path", "query", "header", "cookie", "body", "whole"]
"""Where an argument goes; `whole` is all of the body."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_OWN_HEADERS = ("accept", "content-type", "authorization", "cookie", "host", "content-length", "connection")
_URN = "urn:document"
MOST_OPERATIONS = 2_000
_BY_NAME = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords whose members are named by the document's author."""
_VALUES = ("enum", "const", "default", "examples", "required")
_LEFT_OUT = ("example", "xml", "externalDocs", "discriminator", "nullable")


class Argument(msgspec.Struct, frozen=True):
    """One argument: its name for the model, and where and how the service wants it."""

    name: str
    own: str
    place: Place
    style: str = ""
    explode: bool = True
    json: bool = False


class Operation(msgspec.Struct, frozen=True):
    """One method of one path. `media` is the type of its body ("": it has none). `security` are the names of schemes
    that it takes, the first that can be fulfilled counts."""

    name: str
    method: str
    path: str
    title: str
    description: str
    schema: Mapping[str, Any]
    arguments: Sequence[Argument]
    media: str = ""
    output: Mapping[str, Any] | None = None
    security: Sequence[Sequence[str]] = ()
    labels: Mapping[str, Any] | None = None
    instructions: str = ""


class Scheme(msgspec.Struct, frozen=True):
    """How a service wants its credential: `apiKey` (in a header, query or cookie of that name), `http` bearer or basic,
    or a token of OAuth."""

    name: str
    kind: str
    place: str = ""
    field: str = ""
    scheme: str = ""


class Document:
    """A parsed document. Raises ConfigError where it is none."""

    def __init__(self, raw: Any, where: str) -> None:
        version = str(raw.get("openapi", "")) if isinstance(raw, Mapping) else ""
        if not re.match(r"3\.[012]\.", version + "."):
            raise ConfigError(f"{where}: not an OpenAPI 3 document (`openapi: {version[:20]!r}`); convert it to 3.1")
        self.raw: Mapping[str, Any] = raw
        self.where = where
        self._old = version.startswith("3.0")
        resource: Resource[Any] = Resource.from_contents(raw, default_specification=DRAFT202012)
        registry: Registry[Any] = Registry().with_resource(_URN, resource)
        self._resolver = registry.resolver(_URN)

    def followed(self, value: Any) -> Any:
        """`value`, or what it refers to. Raises ConfigError for a reference that leads nowhere or elsewhere."""
        for _ in range(20):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return value
            reference = value["$ref"]
            if not reference.startswith("#"):
                raise ConfigError(f"{self.where}: {reference[:200]!r} is in another document; bundle it into one")
            try:
                value = self._resolver.lookup(_URN + reference).contents
            except Unresolvable:
                raise ConfigError(f"{self.where}: {reference[:200]!r} leads nowhere") from None
        raise ConfigError(f"{self.where}: references go round in a circle at {str(value)[:100]}")

    def servers(self) -> list[str]:
        """Base URLs that it names, with their variables' defaults."""
        found = []
        for server in self.raw.get("servers") or ():
            url = str(server.get("url", ""))
            for name, variable in (server.get("variables") or {}).items():
                url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
            found.append(url)
        return found

    def schemes(self) -> dict[str, Scheme]:
        found = {}
        for name, given in ((self.raw.get("components") or {}).get("securitySchemes") or {}).items():
            one = self.followed(given)
            kind, scheme = str(one.get("type", "")), str(one.get("scheme", "")).lower()
            found[name] = Scheme(name, kind, str(one.get("in", "")), str(one.get("name", "")), scheme)
        return found

    def operations(self) -> tuple[list[Operation], list[str]]:
        """Its operations in order, and what could not be read of it."""
        found: list[Operation] = []
        faults: list[str] = []
        taken: set[str] = set()
        for path, item in (self.raw.get("paths") or {}).items():
            item = self.followed(item)
            for method in METHODS:
                if not isinstance(item.get(method), Mapping):
                    continue
                try:
                    made = self._operation(str(path), method, item, item[method], taken)
                except ConfigError as error:
                    faults.append(f"{method.upper()} {path}: {error.message}")
                    continue
                taken.add(made.name)
                found.append(made)
                if len(found) > MOST_OPERATIONS:
                    raise ConfigError(f"{self.where}: more than {MOST_OPERATIONS} operations; choose some with `only`")
        return found, faults

    def _operation(
        self, path: str, method: str, item: Mapping[str, Any], said: Mapping[str, Any], taken: set[str]
    ) -> Operation:
        parameters = {(p["name"], p["in"]): p for p in self._parameters(item)}
        parameters |= {(p["name"], p["in"]): p for p in self._parameters(said)}
        secret = {(s.field.lower(), s.place) for s in self.schemes().values() if s.kind == "apiKey"}
        gathered = _Gathered()
        for parameter in parameters.values():
            place = parameter["in"]
            own = place == "header" and parameter["name"].lower() in _OWN_HEADERS
            if own or (parameter["name"].lower(), place) in secret:
                continue  # ours to set, never the model's
            content = next(iter((parameter.get("content") or {}).values()), None)
            schema = content.get("schema", {}) if content else parameter.get("schema", {})
            style = parameter.get("style") or ("form" if place in ("query", "cookie") else "simple")
            explode = bool(parameter.get("explode", style in ("form", "deepObject")))
            about = _about(self.followed(parameter).get("description"), schema)
            argument = Argument(parameter["name"], parameter["name"], place, style, explode, content is not None)
            gathered.add(argument, about, required=place == "path" or bool(parameter.get("required")))
        media = self._body(said, gathered)
        schema = {"type": "object", "properties": gathered.properties, "additionalProperties": False}
        if gathered.required:
            schema["required"] = gathered.required
        labels = said.get("x-outrider")
        return Operation(
            _named(str(said.get("operationId") or f"{method}_{path.strip('/')}"), taken),
            method.upper(),
            path,
            str(said.get("summary") or ""),
            "\n\n".join(str(said[f]).strip() for f in ("summary", "description") if said.get(f)),
            self._closed(schema),
            gathered.arguments,
            media,
            self._output(said),
            tuple(tuple(one) for one in said.get("security", self.raw.get("security", ())) or ()),
            labels if isinstance(labels, Mapping) else None,
            str(said.get("x-outrider-instructions") or ""),
        )

    def _parameters(self, item: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        for one in item.get("parameters") or ():
            found = self.followed(one)
            if not isinstance(found, Mapping) or not isinstance(found.get("name"), str):
                raise ConfigError("a parameter has no name")
            if found.get("in") not in ("path", "query", "header", "cookie"):
                raise ConfigError(f"the parameter {found['name']!r} is in {found.get('in')!r}, which is not known")
            yield found

    def _body(self, said: Mapping[str, Any], gathered: "_Gathered") -> str:
        """Arguments of the body; its media type."""
        body = self.followed(said.get("requestBody") or {})
        content: Mapping[str, Any] = body.get("content") or {}
        if not content:
            return ""
        media = next((m for m in content if _is_json(m)), None) or next(
            (m for m in content if m in ("application/x-www-form-urlencoded", "multipart/form-data")),
            next(iter(content)),
        )
        schema = content[media].get("schema") or {}
        members = self._members(schema) if _is_json(media) or "form" in media else None
        required = bool(body.get("required", False))
        if members is None or set(members[0]) & {one.name for one in gathered.arguments} or not members[0]:
            name = "body" if "body" not in gathered.properties else "request_body"
            about = _about(body.get("description"), schema if _is_json(media) else {"type": "string"})
            gathered.add(Argument(name, name, "whole"), about, required=required)
            return media
        for name, inner in members[0].items():
            if not (isinstance(inner, Mapping) and inner.get("readOnly")):
                gathered.add(Argument(name, name, "body"), inner, required=required and name in members[1])
        return media

    def _members(self, schema: Any) -> tuple[dict[str, Any], list[str]] | None:
        """Properties of an object and those it needs; None: it is not simply an object."""
        schema = self.followed(schema)
        if not isinstance(schema, Mapping) or any(key in schema for key in ("oneOf", "anyOf", "not", "if")):
            return None
        properties, required = dict(schema.get("properties") or {}), list(schema.get("required") or ())
        for part in schema.get("allOf") or ():
            inner = self._members(part)
            if inner is None:
                return None
            properties, required = {**properties, **inner[0]}, [*required, *inner[1]]
        if schema.get("type", "object") != "object" or schema.get("additionalProperties") not in (None, False):
            return None
        return properties, required

    def _output(self, said: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """What a success looks like, where that is one JSON object."""
        responses: Mapping[str, Any] = said.get("responses") or {}
        good = [self.followed(r) for code, r in responses.items() if str(code).startswith("2")]
        if len(good) != 1:
            return None
        content = good[0].get("content") or {}
        schema = next((c.get("schema") for m, c in content.items() if _is_json(m)), None)
        if len(content) != 1 or not isinstance(schema, Mapping) or self.followed(schema).get("type") != "object":
            return None
        found = self._closed(schema)
        if "$ref" in found:
            found = {**self._plain(self.followed(schema)), "$defs": found.get("$defs", {})}
        return found

    # -- schemas --------------------------------------------------------------------------------------------------

    def _closed(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """A schema that needs nothing outside itself: what it refers to is in its `$defs`."""
        made: dict[str, Any] = self._plain(schema)
        definitions: dict[str, Any] = {}
        pending = list(_references(made))
        while pending:
            name = pending.pop()
            if name in definitions:
                continue
            inner = self.followed({"$ref": name})
            definitions[name] = self._plain(inner)
            pending += _references(definitions[name])
        if not definitions:
            return made
        short = _short_names(definitions)
        made["$defs"] = {short[name]: inner for name, inner in definitions.items()}
        closed: dict[str, Any] = _renamed(made, {name: f"#/$defs/{new}" for name, new in short.items()})
        return closed

    def _plain(self, schema: Any) -> Any:
        """JSON Schema of 2020-12 from a schema object: OpenAPI 3.0 says some things in its own way."""
        if isinstance(schema, list):
            return [self._plain(part) for part in schema]
        if not isinstance(schema, Mapping):
            return schema
        made: dict[str, Any] = {}
        for key, part in schema.items():
            if key in _BY_NAME and isinstance(part, Mapping):
                made[key] = {name: self._plain(inner) for name, inner in part.items()}
            elif key not in _LEFT_OUT:
                made[key] = part if key in _VALUES else self._plain(part)
        if not self._old:
            return made
        if schema.get("nullable") is True and isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
            if "enum" in made and None not in made["enum"]:
                made["enum"] = [*made["enum"], None]
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and bound in made:
                made[exclusive] = made.pop(bound)
        return made


class _Gathered:
    """Arguments of one operation; a name that two places have is given to the second with its place."""

    def __init__(self) -> None:
        self.properties: dict[str, Any] = {}
        self.required: list[str] = []
        self.arguments: list[Argument] = []

    def add(self, argument: Argument, schema: Any, *, required: bool) -> None:
        name = argument.name if argument.name not in self.properties else f"{argument.place}_{argument.name}"
        self.properties[name] = schema
        self.arguments.append(msgspec.structs.replace(argument, name=name))
        if required:
            self.required.append(name)


def _about(description: Any, schema: Any) -> Any:
    """A schema with the description that stands beside it."""
    if not description or not isinstance(schema, Mapping) or "$ref" in schema:
        return schema
    return {**schema, "description": str(description)}


def _is_json(media: str) -> bool:
    plain = media.partition(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json")


def _named(wanted: str, taken: set[str]) -> str:
    """A name that models take and nobody has, from an operation's own."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "_", wanted).strip("_")[:50] or "operation"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#/$defs/"):
            yield reference
        for part in schema.values():
            yield from _references(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _short_names(definitions: Mapping[str, Any]) -> dict[str, str]:
    """The last part of each reference, made unlike the others."""
    taken: set[str] = set()
    found = {}
    for name in definitions:
        last = re.sub(r"[^A-Za-z0-9_.-]+", "_", name.rpartition("/")[2]) or "part"
        found[name] = _named(last, taken)
        taken.add(found[name])
    return found


def _renamed(schema: Any, names: Mapping[str, str]) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: names.get(part, part) if key == "$ref" and isinstance(part, str) else _renamed(part, names)
            for key, part in schema.items()
        }
    return [_renamed(part, names) for part in schema] if isinstance(schema, list) else schema
