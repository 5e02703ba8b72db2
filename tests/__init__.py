"""Tests mirror src/outrider; shared pieces of a folder are imported as `tests.<folder>.<module>`."""
