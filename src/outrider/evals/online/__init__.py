"""Live traffic, sampled by rules and scored in the background."""

__all__: list[str] = []
