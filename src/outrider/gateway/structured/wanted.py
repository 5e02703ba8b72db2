"""What a chat request wants of its answer's form, and how each deployment is told."""

from typing import Any, Literal

import msgspec

from outrider.base.ports import Deployment
from outrider.gateway.structured.schema import Schema, read
from outrider.gateway.surface import body as json_body
from outrider.gateway.surface.chat import ChatRequest

Form = Literal["json_schema", "json_object"]

PARAM = "response_format.json_schema.schema"
KEPT, KEPT_BYTES = 256, 8 << 20
"""Compiled schemas that are kept, and the bytes of their sources together."""

_INSTRUCTION = """\
Answer with one JSON {kind} and nothing else: no text before or after it, no code fence, no comments."""
_BY_SCHEMA = "\nIt must be valid against this JSON Schema{name}:\n{schema}"


class Rules(msgspec.Struct, frozen=True):
    """How a route holds its answers to their form. `retries`: times that a misfit is asked again; `repair`: mend broken
    punctuation."""

    retries: int = 1
    repair: bool = True


class Wanted(msgspec.Struct):
    """The form that one call's answer must have. `source` is the schema as the caller wrote it, `name` the caller's
    word for it. `watcher` is what watches the answer if it streams (`stream.watch` sets it)."""

    form: Form
    schema: Schema
    rules: Rules
    source: bytes = b""
    name: str = ""
    watcher: Any = None


_kept: dict[bytes, Schema] = {}
_OBJECT, _ANY = b'{"type":"object"}', b"{}"


def wanted(request: ChatRequest, rules: Rules | None) -> Wanted | None:
    """The form that `request` wants, None if any text will do or the route does not care (`rules` None).

    Raises RequestError 400 `invalid_json_schema`, its `param` the path in the schema.
    """
    form = request.response_format
    if form is None or rules is None:
        return None
    if form.type == "json_object":
        return Wanted("json_object", _compiled(_OBJECT), rules)
    if form.type != "json_schema" or form.json_schema is None:
        return None
    source = bytes(form.json_schema.schema)
    schema = _compiled(source if source not in (b"", b"null") else _ANY)
    return Wanted("json_schema", schema, rules, source if source != b"null" else b"", form.json_schema.name or "")


def _compiled(source: bytes) -> Schema:
    """Each schema is compiled once. The oldest leave when there are too many: callers repeat theirs."""
    found = _kept.pop(source, None)
    if found is None:
        found = read(source, PARAM)
        while len(_kept) >= KEPT or (_kept and sum(map(len, _kept)) + len(source) > KEPT_BYTES):
            del _kept[next(iter(_kept))]
    _kept[source] = found
    return found


def adapt(body: bytes, deployment: Deployment, want: Wanted) -> bytes:
    """The request as this deployment takes it: `body` itself if it knows the form natively.

    Otherwise the form is told in words, and `response_format` becomes `json_object` or goes. A body without it (one
    that continues a broken answer) has been told already.
    """
    if want.form in deployment.forms and not (want.form == "json_schema" and deployment.facts.json_schema is False):
        return body
    fields = json_body.fields(body)
    if "response_format" not in fields:
        return body
    native = want.form == "json_schema" and "json_object" in deployment.forms
    messages = msgspec.json.decode(fields["messages"])
    return json_body.with_fields(
        body,
        messages=_instructed(messages, instruction(want)),
        response_format={"type": "json_object"} if native else None,
    )


def instruction(want: Wanted) -> str:
    """The form in words, for a model whose provider does not see to it."""
    said = _INSTRUCTION.format(kind="object" if want.form == "json_object" else "value")
    if not want.source:
        return said
    name = f" ({want.name})" if want.name else ""
    return said + _BY_SCHEMA.format(name=name, schema=want.source.decode())


def _instructed(messages: list[Any], words: str) -> list[Any]:
    """`words` at the end of the system message; a new one if there is none (several are not taken everywhere)."""
    first = messages[0]
    if first.get("role") not in ("system", "developer"):
        return [{"role": "system", "content": words}, *messages]
    content = first.get("content")
    if isinstance(content, list):
        content = [*content, {"type": "text", "text": words}]
    else:
        content = f"{content}\n\n{words}" if content else words
    return [{**first, "content": content}, *messages[1:]]
