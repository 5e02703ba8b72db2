"""The whole matrix: every scene, every caller, every provider; and how it is shown."""

from collections.abc import Callable, Iterable, Sequence

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.catalogue import SCENES
from outrider.testing.conformance.cell import FAIL, Cell, play
from outrider.testing.conformance.flow import NAME, TITLE
from outrider.testing.conformance.own import CASES
from outrider.testing.conformance.scenes import SPEAKERS, Scene
from outrider.testing.conformance.target import Target

PAIRS = [(caller, speaker) for caller in CALLERS for speaker in SPEAKERS]
PATHS = {
    "chat": "OpenAI chat completions, `/v1/chat/completions`",
    "responses": "OpenAI Responses, `/v1/responses`",
    "messages": "Anthropic Messages, `/v1/messages`",
    "gemini": "Gemini, `/v1beta/models/…:generateContent` and `:streamGenerateContent`",
}


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


def tables(cells: Sequence[Cell]) -> str:
    """Markdown: a table for every caller, with a row for every scene and a column for every provider; last the
    gateway's own errors."""
    found = {(cell.scene, cell.caller, cell.speaker): cell.outcome for cell in cells}
    shown = []
    for caller in CALLERS:
        speakers = [speaker for speaker in SPEAKERS if any(key[1:] == (caller, speaker) for key in found)]
        rows = [
            (title, [found[name, caller, speaker] for speaker in speakers])
            for name, title in [*((scene.name, scene.title) for scene in SCENES), (NAME, TITLE)]
            if any((name, caller, speaker) in found for speaker in speakers)
        ]
        if rows:
            shown.append(f"## From {PATHS[caller]}\n\n{_table(speakers, rows)}")
    own = [(case.title, [found[case.name, c, "gateway"] for c in CALLERS]) for case in CASES if _has(found, case.name)]
    if own:
        shown.append(f"## The gateway's own errors, in the caller's shape\n\n{_table(list(CALLERS), own)}")
    return "\n\n".join(shown) + "\n"


def _has(found: Iterable[tuple[str, str, str]], name: str) -> bool:
    return any(key[0] == name for key in found)


def _table(heads: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> str:
    lines = [f"| | {' | '.join(heads)} |", "|---|" + ":-:|" * len(heads)]
    return "\n".join([*lines, *(f"| {title} | {' | '.join(outcomes)} |" for title, outcomes in rows)])


def failures(cells: Iterable[Cell]) -> list[str]:
    """What failed, one line each."""
    return [f"{c.scene}: {c.caller} → {c.speaker}: {c.why}" for c in cells if c.outcome == FAIL]
