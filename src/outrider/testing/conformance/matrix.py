"""The whole matrix: every scene, every caller, every provider; and how it is shown."""

from collections.abc import Callable, Iterable, Sequence

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.catalogue import SCENES
from outrider.testing.conformance.cell import FAIL, Cell, play
from outrider.testing.conformance.scenes import SPEAKERS, Scene
from outrider.testing.conformance.target import Target

PAIRS = [(caller, speaker) for caller in CALLERS for speaker in SPEAKERS]


def run(
    target: Target,
    scenes: Iterable[Scene] = SCENES,
    pairs: Sequence[tuple[str, str]] = PAIRS,
    told: Callable[[Cell], None] | None = None,
) -> list[Cell]:
    """Play the scenes; `told` gets every cell as it is known."""
    cells = []
    for scene in scenes:
        for caller, speaker in pairs:
            cells.append(play(target, scene, caller, speaker))
            if told is not None:
                told(cells[-1])
    return cells


def table(cells: Sequence[Cell], scenes: Sequence[Scene] = SCENES) -> str:
    """Markdown: a row for every scene, a column for every pair, callers one after the other."""
    found = {(cell.scene, cell.caller, cell.speaker): cell.outcome for cell in cells}
    pairs = [pair for pair in PAIRS if any(key[1:] == pair for key in found)]
    rows = ["| scene | " + " | ".join(f"{a}→{b}" for a, b in pairs) + " |", "|---|" + ":-:|" * len(pairs)]
    for scene in scenes:
        if any(key[0] == scene.name for key in found):
            rows.append(
                "| " + " | ".join([scene.title, *(found.get((scene.name, *pair), "") for pair in pairs)]) + " |"
            )
    return "\n".join(rows)


def failures(cells: Iterable[Cell]) -> list[str]:
    """What failed, one line each."""
    return [f"{c.scene}: {c.caller} → {c.speaker}: {c.why}" for c in cells if c.outcome == FAIL]
