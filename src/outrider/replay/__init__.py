"""Replay: recorded runs are done again, with what was recorded in the place of everything that is not to be live."""
