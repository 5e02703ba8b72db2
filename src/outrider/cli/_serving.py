"""A server for suites whose variants ask routes: the one that runs, or one for the time of the command."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from outrider.base.errors import OutriderError
from outrider.cli import _http
from outrider.cli._output import note
from outrider.cli.context import outrider

if TYPE_CHECKING:
    from outrider.evals.suite import Suite

PATIENCE = 60.0
"""Seconds that a server has to begin, and to end."""


@contextmanager
def reached(ctx: typer.Context, suite: "Suite", url: str, serve: bool) -> Iterator[None]:
    """A server answers while the block runs, if the suite asks routes. Raises OutriderError that says what to do."""
    if not any(one.model for one in suite.variants):
        yield
        return
    server = outrider(ctx).settings().server
    base = url or _http.local_url(server.host, server.port)
    if _answers(base):
        yield
        return
    if url:
        raise OutriderError(f"nobody answers at {url}: is Outrider running there, and can it be reached from here?")
    if not serve:
        raise OutriderError(
            f"no Outrider answers at {base}, and the suite asks its routes: start it with `outrider up`, name another "
            "with --url, or let this command start it for the time with --serve"
        )
    yield from _started(ctx, base)


def _started(ctx: typer.Context, base: str) -> Iterator[None]:
    here = outrider(ctx)
    where = ["--home", str(here.home), *(["--config", str(here.config)] if here.config else [])]
    note(f"starting Outrider at {base} for the time of this command")
    child = subprocess.Popen(
        [sys.executable, "-m", "outrider.app.main", *where, "up"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _wait(child, base)
        yield
    finally:
        child.terminate()
        try:
            child.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()


def _wait(child: "subprocess.Popen[bytes]", base: str) -> None:
    until = time.monotonic() + PATIENCE
    while not _answers(base):
        if child.poll() is not None:
            _, said = child.communicate()
            words = said.decode("utf-8", "replace").strip()[-500:]
            raise OutriderError(f"Outrider did not start: {words or f'it ended with {child.returncode}'}")
        if time.monotonic() > until:
            raise OutriderError(f"Outrider did not answer at {base} within {PATIENCE:g} s: see `outrider doctor`")
        time.sleep(0.1)


def _answers(base: str) -> bool:
    try:
        return _http.get(f"{base}/health", timeout=2.0)[0] == 200
    except _http.Unreachable:
        return False
