"""Settings of guardrails."""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.app.config_values import Duration
from outrider.base.errors import ConfigError
from outrider.guardrails import Rule, Rules


class Guardrails(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What texts are checked for, on their way to models and tools and back."""

    rules: Annotated[
        dict[str, Rule],
        Meta(description="Rules by name. All that cover a text look at it; the strictest decides."),
    ] = {}
    arguments: Annotated[
        dict[str, str],
        Meta(description="Guardrails of single arguments of tools: `{run_sql.query: sql}`. A finding blocks the call."),
    ] = {}
    placeholders_last: Annotated[
        Duration, Meta(ge=60.0, description="How long a session's placeholders are kept after it was last used.")
    ] = 86_400.0


def problems_of(settings: Guardrails) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where and what is wrong with rules that can be read."""
    for name, rule in settings.rules.items():
        try:
            Rules({name: rule})
        except ConfigError as error:
            path, _, message = error.message.partition(": ")
            yield ("rules", name, *path.removeprefix(f"guardrails.rules.{name}").strip(".").split(".")), message
    for argument, check in settings.arguments.items():
        try:
            Rules(arguments={argument: check})
        except ConfigError as error:
            yield ("arguments", argument), error.message.partition(": ")[2]
        if "." not in argument:
            yield ("arguments", argument), "it is a tool's name, a dot and the argument's: `run_sql.query`"
