"""`outrider doctor`: line by line what works, and what to do about what does not."""

import sys

import typer

from outrider.cli._output import JSON_OPTION, CheckFailed, clean, emit_json, hint, say
from outrider.cli.context import outrider

_SIGNS = {"good": "✓", "warn": "!", "bad": "✗"}
_COLOURS = {"good": "green", "warn": "yellow", "bad": "red"}


def command(ctx: typer.Context, json: bool = JSON_OPTION) -> None:
    """Say line by line what works, and what to do about what does not. Exit code 1 if something is broken."""
    from outrider.cli._checks import examine

    found = []
    for finding in examine(outrider(ctx)):
        found.append(finding)
        if json:
            continue
        sign = _SIGNS[finding.mark]
        shown = typer.style(sign, fg=_COLOURS[finding.mark]) if sys.stdout.isatty() else sign
        todo = f"  → {finding.todo}" if finding.todo else ""
        say(f"{shown} {finding.check}: {clean(finding.text)}{todo}")
    broken = sum(finding.mark == "bad" for finding in found)
    if json:
        emit_json({"ok": not broken, "checks": found})
    if broken:
        raise CheckFailed
    hint("outrider up", "outrider chat", json=json)
