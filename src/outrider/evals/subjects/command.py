"""A command that answers: the case as JSON on its standard input, its answer on standard output (text, or an outcome
as JSON: `{"text": …, "calls": …, "cost": …}`).
"""

import asyncio
import contextlib
import time

import msgspec

from outrider.evals import cases
from outrider.evals.records import Case, Outcome, Variant

PATIENCE = 600.0
MOST_OUTPUT = 16 << 20
_outcome = msgspec.json.Decoder(Outcome)


class CommandSubject:
    """Runs `variant.command` for each case."""

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        began = time.monotonic()
        try:
            child = await asyncio.create_subprocess_exec(
                *variant.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
        except OSError as error:
            return Outcome("error", error=f"{variant.command[0]} cannot be started: {error.strerror}")
        try:
            async with asyncio.timeout(PATIENCE):
                said, faults = await child.communicate(cases.body(case))
        except TimeoutError:
            return Outcome("error", error=f"the command took longer than {PATIENCE:g} s")
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        seconds = time.monotonic() - began
        if child.returncode:
            why = faults.decode("utf-8", "replace").strip()[-500:]
            return Outcome("error", error=f"the command ended with {child.returncode}: {why}", seconds=seconds)
        return _read(said[:MOST_OUTPUT], seconds)

    async def close(self) -> None:
        """Nothing is open."""


def _read(said: bytes, seconds: float) -> Outcome:
    if said.lstrip()[:1] == b"{":
        with contextlib.suppress(msgspec.DecodeError):
            found = _outcome.decode(said)
            found.seconds = found.seconds or seconds
            return found
    return Outcome(text=said.decode("utf-8", "replace").strip(), seconds=seconds)
