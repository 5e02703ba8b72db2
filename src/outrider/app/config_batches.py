"""The settings of batches."""

from typing import Annotated

import msgspec
from msgspec import Meta

from outrider.app.config_values import Duration, Size
from outrider.gateway.batches.rules import Rules


class BatchRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How batches (`/v1/batches`) are worked on, and what is kept of them."""

    concurrency: Annotated[
        int, Meta(ge=1, le=1000, description="Lines that one worker has under way at the same time, of all batches.")
    ] = 16
    keep: Annotated[
        Annotated[Duration, Meta(ge=3600.0)] | None,
        Meta(description="How long files and finished batches are kept, unless the caller wants less; null: for ever."),
    ] = 30 * 86_400.0
    max_size: Annotated[
        Size, Meta(ge=1_000_000, description="Size of all files at which further ones are refused.")
    ] = 10_000_000_000
    forward: Annotated[
        bool,
        Meta(
            description="Give batches to the provider's own batch API, where it has one that costs less; budgets hold "
            "the worst case meanwhile."
        ),
    ] = True

    def rules(self, longest: int) -> Rules:
        """The same as `gateway.batches` reads it. `longest` is the largest request body that is accepted."""
        keep = int(self.keep) if self.keep is not None else 0
        return Rules(self.concurrency, keep=keep, max_size=self.max_size, longest=longest, forward=self.forward)
