"""What the configuration says of batches."""

import msgspec


class Rules(msgspec.Struct, frozen=True):
    """`concurrency` lines are under way at the same time in one process; it holds `most` batches at most. Files of
    results and batches that are over are kept for `keep` seconds (0: for ever); all files take `max_size` bytes at
    most. `longest` is the size of a line. `forward`: what a provider's own batch API does for less money goes there."""

    concurrency: int = 16
    most: int = 8
    keep: int = 30 * 86_400
    max_size: int = 10_000_000_000
    longest: int = 64_000_000
    forward: bool = True
