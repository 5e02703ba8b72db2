"""The searchable database of production LLM deployments, built on `outrider.knowledge` with its public functions."""
