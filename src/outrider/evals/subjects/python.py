"""A Python function that answers: `def answer(case) -> str | Outcome`, plain or async."""

import asyncio
import inspect
import time

from outrider.base.errors import OutriderError
from outrider.evals.evaluators.python import function
from outrider.evals.records import Case, Outcome, Variant


class PythonSubject:
    """Asks `variant.python`. Plain functions run in threads."""

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        began = time.monotonic()
        try:
            called = function(variant.python)
            if inspect.iscoroutinefunction(called):
                found = await called(case, **variant.set)
            else:
                found = await asyncio.to_thread(called, case, **variant.set)
        except OutriderError as error:
            return Outcome("error", error=error.message)
        except Exception as error:  # noqa: BLE001 -- the edge of functions that anybody may write
            return Outcome("error", error=f"{type(error).__name__}: {error}"[:2_000], seconds=time.monotonic() - began)
        if isinstance(found, Outcome):
            return found
        return Outcome(text=str(found), seconds=time.monotonic() - began)

    async def close(self) -> None:
        """Nothing is open."""
