"""Configurations of the journal, as people name them on the command line."""

import re
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from outrider.base import clock, ids
from outrider.base.errors import ConfigError, OutriderError
from outrider.cli._output import when
from outrider.cli.context import Outrider
from outrider.cli.runs import find_run

if TYPE_CHECKING:  # for annotations only: help should not wait for them
    from outrider.journal.rows import ConfigurationRow
    from outrider.store import Store

SHORT = 12
"""Hexadecimal digits of a digest that people see."""
LONG = 36
"""Characters of a run's id."""
NOW = "now"
_DIGEST = re.compile(r"[0-9a-f]{12,64}")


class Found(msgspec.Struct):
    """A configuration with its text. `name` is what a comparison calls it."""

    row: "ConfigurationRow"
    text: bytes
    name: str


def found(here: Outrider, store: "Store", text: str) -> Found:
    """The configuration that a person means. Raises BadParameter, ConfigError."""
    from outrider.journal import config_query as query
    from outrider.journal.rows import ConfigurationRow

    if text == NOW:
        record = here.recorded()
        return Found(
            ConfigurationRow(0, clock.now_ns(), "", b"", len(record), NOW, ""), record, str(here.config or NOW)
        )
    row = _row(here, store, text)
    kept = query.configuration_text(store, row)
    if kept is None:
        raise ConfigError(f"the text of the configuration of {clock.iso(row.at)} was given up when the spool was full")
    return Found(row, kept, f"{row.sha256.hex()[:SHORT]} ({when(row.at)} UTC)")


def shown(row: "ConfigurationRow") -> dict[str, Any]:
    """For `--json`."""
    return {
        "at": clock.iso(row.at), "configuration": row.sha256.hex(), "why": row.why, "version": row.version,
        "process": row.place, "size": row.size,
    }  # fmt: skip


def _row(here: Outrider, store: "Store", text: str) -> "ConfigurationRow":
    from outrider.journal import config_query as query
    from outrider.journal import spool, where

    run = find_run(store, text).id if text == "last" else _run(text) if len(text) == LONG else None
    if run is not None:
        row = query.configuration_of(store, run)
        if row is None:
            raise ConfigError(
                f"no configuration is on record for the run {text}: it is unknown, older, or was imported"
            )
        return row
    if _DIGEST.fullmatch(text) and (row := query.find_configuration(store, text)) is not None:
        return row
    try:
        moment = where.moment("as_of", text)
    except OutriderError as error:
        raise typer.BadParameter(error.message) from None
    row = query.configuration_at(store, moment, house=spool.identity(here.spool))
    row = row or query.configuration_at(store, moment)
    if row is None:
        raise ConfigError(f"no configuration is on record by {clock.iso(moment)}; see `outrider config history`")
    return row


def _run(text: str) -> bytes | None:
    try:
        return ids.parse(text)
    except (ValueError, OutriderError):
        return None
