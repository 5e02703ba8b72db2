"""Exports of other tools as runs: a file's documents, in whichever form, become spans, and spans become runs and steps
as those that come over OTLP do."""
