"""The answer is JSON of the right form."""

from collections.abc import Mapping
from typing import Any

import msgspec

from outrider.base.errors import RequestError
from outrider.evals.evaluators import Ports
from outrider.evals.records import Case, Outcome, Score

WHAT = "the answer is JSON that validates against a schema"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`schema` is a JSON Schema; without it the case's context has it as `schema`."""

    schema: Mapping[str, Any] = {}


def score(case: Case, outcome: Outcome, options: Options, ports: Ports) -> Score:
    schema = options.schema or case.context.get("schema")
    if not isinstance(schema, Mapping):
        return Score(None, "there is no schema")
    said, why = read(outcome.text)
    if why:
        return Score(0.0, why)
    import jsonschema_rs

    try:
        checks = jsonschema_rs.validator_for(dict(schema), offline=True)
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise RequestError(f"the schema is none: {error}", param="schema") from None
    fault = next(iter(checks.iter_errors(said)), None)
    if fault is None:
        return Score(1.0)
    where = "/".join(str(part) for part in fault.instance_path)
    return Score(0.0, f"{where or 'the whole'}: {fault.message}"[:300])


def read(text: str) -> tuple[Any, str]:
    """What the JSON in a text says (bare, or in one Markdown fence); or why there is none."""
    bare = text.strip()
    if bare.startswith("```") and bare.endswith("```"):
        bare = bare[3:-3].partition("\n")[2]
    try:
        return msgspec.json.decode(bare), ""
    except (msgspec.DecodeError, RecursionError) as error:
        return None, f"the answer is no JSON: {error}"
