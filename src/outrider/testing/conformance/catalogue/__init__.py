"""All scenes, in the order in which the matrix shows them."""

from outrider.testing.conformance.catalogue import answers, media, params, thinking, tools, troubles
from outrider.testing.conformance.scenes import Scene

SCENES: tuple[Scene, ...] = (
    *answers.SCENES,
    *params.SCENES,
    *media.SCENES,
    *tools.SCENES,
    *thinking.SCENES,
    *troubles.SCENES,
)

__all__ = ["SCENES"]
