"""How commands speak: results on stdout (tables for people, plain columns in a pipe, JSON on request), hints on stderr.

Text that came over the network is stripped of control characters before a terminal sees it.
"""

import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec
import typer

from outrider.base import clock, ids, money

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")

_GAP = 3
"""Characters between two columns of a table."""

JSON_OPTION = typer.Option(False, "--json", help="Print JSON instead of a table.")


class CheckFailed(Exception):
    """A check has failed and has said why: exit code 1."""


def clean(text: str) -> str:
    """One line without control or direction characters."""
    return _CONTROL.sub(" ", text).strip()


def printable(text: str) -> str:
    """Several lines without control or direction characters: what others wrote does not steer the terminal."""
    return "\n".join(_CONTROL.sub(" ", line) for line in text.split("\n"))


def say(text: str = "") -> None:
    """A line of result."""
    typer.echo(text)


def note(text: str) -> None:
    """A line for the person at the terminal, on stderr."""
    typer.echo(text, err=True)


def hint(*commands: str, json: bool = False) -> None:
    """The next useful command. Silent with --json and in a pipe."""
    if not json and sys.stdout.isatty() and commands:
        note(typer.style("Next: " + "  or  ".join(commands), dim=True))


def plain(value: object) -> Any:
    """Plain lists, dicts, numbers and text: ids as UUID text, digests in hexadecimal."""
    if isinstance(value, bytes):
        return ids.text(value) if len(value) == 16 else value.hex()
    if isinstance(value, msgspec.Struct):
        return {f: plain(getattr(value, f)) for f in value.__struct_fields__}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def emit_json(value: object) -> None:
    """`value` as indented JSON on stdout."""
    typer.echo(msgspec.json.format(msgspec.json.encode(plain(value)), indent=2))


def emit_line(value: object) -> None:
    """`value` as one line of JSON on stdout, at once."""
    typer.echo(msgspec.json.encode(plain(value)))
    sys.stdout.flush()


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), spare: Sequence[str] = ()
) -> None:
    """A table on a terminal, tab-separated lines (with a heading) elsewhere.

    `right` names number columns; `spare` those that a narrow terminal leaves out, the first one first.
    """
    cells = [[clean(c) for c in row] for row in rows]
    columns = [clean(name) for name in columns]
    if not sys.stdout.isatty():
        for row in [list(columns), *cells]:
            typer.echo("\t".join(row))
        return
    if not rows:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widths = {name: max(len(name), *(len(row[i]) for row in cells)) for i, name in enumerate(columns)}
    left_out: set[str] = set()
    for name in spare:
        if sum(widths[n] + _GAP for n in columns if n not in left_out) <= console.width:
            break
        left_out.add(name)
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in columns:
        if name not in left_out:
            side: Literal["left", "right"] = "right" if name in right else "left"
            shown.add_column(Text(name), justify=side, no_wrap=True, overflow="ellipsis")
    for row in cells:
        shown.add_row(*[Text(cell) for name, cell in zip(columns, row, strict=True) if name not in left_out])
    console.print(shown)


def many(count: int, noun: str) -> str:
    """`1 run`, `1,200 runs`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def dollars(amount: int) -> str:
    """`$0.0015` from nano-dollars, exact."""
    return f"${money.usd(amount)}"


def took(ns: int) -> str:
    """A duration for people: `850 µs`, `12.3 ms`, `4.56 s`, `3 min 20 s`."""
    if ns < 1_000_000:
        return f"{ns / 1000:.0f} µs"
    if ns < 1_000_000_000:
        return f"{ns / 1e6:.1f} ms"
    if ns < 120_000_000_000:
        return f"{ns / 1e9:.2f} s"
    minutes, seconds = divmod(ns // 1_000_000_000, 60)
    return f"{minutes} min {seconds} s"


def when(ns: int) -> str:
    """UTC time to the second; empty for 0."""
    return clock.iso(ns)[:19].replace("T", " ") if ns else ""


def size(count: int) -> str:
    """Bytes for people, in powers of 1000."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def parse_with(parse: Callable[[str], Any], option: str, value: str) -> Any:
    """`parse(value)`, or a usage error that names the option."""
    try:
        return parse(value)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
