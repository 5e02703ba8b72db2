"""`outrider up`: start the server."""

import typer

from outrider.cli.context import outrider


def command(
    ctx: typer.Context,
    host: str | None = typer.Option(None, help="Address to listen on, instead of server.host."),
    port: int | None = typer.Option(
        None, min=0, max=65535, help="Port to listen on, instead of server.port; 0: a free one."
    ),
    workers: int | None = typer.Option(None, min=1, max=256, help="Processes that answer, instead of server.workers."),
) -> None:
    """Start Outrider: gateway, journal and console on one port."""
    raise typer.Exit(outrider(ctx).serve(host=host, port=port, workers=workers))
