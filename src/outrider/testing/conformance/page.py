"""The reference page, from a run: `make conformance` writes it."""

from collections import Counter
from collections.abc import Sequence

from outrider.testing.conformance.callers import CALLERS
from outrider.testing.conformance.catalogue import SCENES
from outrider.testing.conformance.cell import FAIL, NAMED, NONE, PASS, Cell
from outrider.testing.conformance.matrix import tables
from outrider.testing.conformance.scenes import SPEAKERS

_INTRO = """\
# Conformance

What reaches which provider from which caller. This page is written by `make conformance` from a run of the suite
against Outrider: {scenes} scenes, {callers} callers' languages, {speakers} providers' languages, each cell played whole
and as a stream through real sockets. The suite is `outrider.testing.conformance`; it serves any gateway
(`python -m outrider.testing.conformance --url http://… --key …`, see `--help`), and shares no code with what it tests.

A cell is

- **pass**: the provider, which refuses what its documentation does not allow, heard all that the caller said (text,
  media, tools, parameters, thoughts with their signatures), and the caller got all that the provider said (text, calls,
  ids, reasons, citations, usage), in an answer or a stream that keeps to the caller's own rules;
- **named**: the provider's language has no words for it. The request is refused with the field's name before anybody is
  asked; with `x-outrider-lossy: allow` it is left out, named in `x-outrider-lost`, and all the rest passes;
  What changes no answer (marks for a cache that the provider fills by itself) goes without a word and passes, and so
  does what is said in another way (that a tool failed, where there is no flag for it; that an answer is to be JSON);
- **–**: the caller's language cannot say it, or one of the two cannot tell it.

Of {cells} cells {passed} pass, {named} are named, {none} do not apply and {failed} fail.
"""


def page(cells: Sequence[Cell]) -> str:
    """Markdown of the whole page."""
    found = Counter(cell.outcome for cell in cells)
    intro = _INTRO.format(
        scenes=len(SCENES),
        callers=len(CALLERS),
        speakers=len(SPEAKERS),
        cells=len(cells),
        passed=found[PASS],
        named=found[NAMED],
        none=found[NONE],
        failed=found[FAIL],
    )
    return f"{intro}\n{tables(cells)}"
