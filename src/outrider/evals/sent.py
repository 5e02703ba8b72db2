"""A suite that came over the network: it names routes and datasets, and nothing of the machine that it runs on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from outrider.base import yaml_text
from outrider.base.errors import OutriderError, RequestError
from outrider.evals import suite as suites
from outrider.evals.lines import check_flat
from outrider.evals.suite import Suite

MOST_TEXT = 60_000
MOST_AT_ONCE = 64
HERE_ALONE = {
    "variants": ("python", "command", "prompt_file", "replay"),
    "evaluators": ("python", "sql"),
}
"""What runs programs or opens files."""


def read(said: str | Mapping[str, Any], name: str = "suite") -> Suite:
    """The suite of a YAML text, or of its fields. Raises RequestError that names the line and the key."""
    text = said if isinstance(said, str) else msgspec.json.encode(said).decode()
    if len(text) > MOST_TEXT:
        raise _bad(f"a suite that is sent has at most {MOST_TEXT} characters")
    try:
        check_flat(text, "a suite")
        _check(yaml_text.load(text))
        found = suites.parse(text, name, Path())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _bad(f"not YAML: {' '.join(str(error).split())}") from None
    except OutriderError as error:
        raise _bad(error.message) from None
    if found.concurrency > MOST_AT_ONCE:
        raise _bad(f"{name}: concurrency: at most {MOST_AT_ONCE}")
    return found


def _check(said: Any) -> None:
    fields = said if isinstance(said, Mapping) else {}
    if str(fields.get("dataset", "")).endswith(".jsonl"):
        raise _bad("`dataset` is the name of a stored dataset here; a file is read by `outrider eval run`")
    variants = fields.get("variants")
    for name, one in variants.items() if isinstance(variants, Mapping) else ():
        _refuse("variants", one, f"the variant {name!r}")
    evaluators = fields.get("evaluators")
    for one in evaluators if isinstance(evaluators, list) else ():
        _refuse("evaluators", {one: {}} if isinstance(one, str) else one, "an evaluator")


def _refuse(which: str, given: Any, what: str) -> None:
    for key in HERE_ALONE[which]:
        if isinstance(given, Mapping) and key in given:
            raise _bad(f"{what} has `{key}`, which uses the machine itself: only `outrider eval run` takes it")


def _bad(message: str) -> RequestError:
    return RequestError(message, code="invalid_suite", param="suite")
