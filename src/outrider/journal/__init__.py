"""The journal: the single append-only record of runs made of steps. Everything else is a reader of it."""
