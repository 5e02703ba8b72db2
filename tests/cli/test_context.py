"""What commands are given satisfies what they ask for."""

import typer

from outrider.app.main import Installation
from outrider.cli.context import Outrider, outrider


def test_an_installation_is_what_commands_expect() -> None:
    here: Outrider = Installation()
    assert {name for name in vars(Outrider) if not name.startswith("_")} <= set(dir(here))


def test_commands_find_it_in_their_context() -> None:
    here = Installation()
    context = typer.Context(typer.main.get_command(typer.Typer(callback=lambda: None)), obj=here)
    assert outrider(context) is here
