"""What the fault bench counts, and the table that it prints."""

import statistics
from collections.abc import Iterable, Sequence
from math import sqrt
from typing import NamedTuple

import msgspec
from faults_caller import Told

INPUT_PRICE, OUTPUT_PRICE = 2.5, 10.0
"""Dollars per million tokens, at all deployments alike."""


class Cell(msgspec.Struct):
    """One fault, streamed or not, for one contender. `seen` are the requests that all providers together saw, `spent`
    what they would ask for (micro-dollars), `each` what one whole answer costs. Times are seconds."""

    fault: str
    stream: bool
    calls: int
    struck: int
    right: int
    wrong: int
    seen: int
    spent: float
    each: float
    added50: float | None
    added99: float | None
    whys: dict[str, int]

    @property
    def extra_calls(self) -> float:
        """Requests beyond one per call, for each fault that was met."""
        return max(0, self.seen - self.calls) / max(1, self.struck)

    @property
    def extra_cost(self) -> float:
        """What was paid beyond the right answers, for each fault that was met, in whole answers."""
        return (self.spent / self.each - self.right) / max(1, self.struck)


class Bill(NamedTuple):
    """What the providers counted in one cell."""

    requests: int
    input_tokens: int
    output_tokens: int

    @property
    def micro_dollars(self) -> float:
        return self.input_tokens * INPUT_PRICE + self.output_tokens * OUTPUT_PRICE


def score(fault: str, stream: bool, told: Sequence[Told], struck: set[str], bill: Bill, each: Bill) -> Cell:
    """A cell from what its callers were told. `struck` are the keys of the calls that met the fault."""
    hit = [t.seconds for t in told if t.right and t.key in struck]
    spared = [t.seconds for t in told if t.right and t.key not in struck]
    usual = statistics.median(spared) if spared else 0.0
    whys: dict[str, int] = {}
    for each_told in told:
        if each_told.why:
            whys[each_told.why] = whys.get(each_told.why, 0) + 1
    return Cell(
        fault,
        stream,
        len(told),
        len(struck),
        sum(t.right for t in told),
        sum(t.wrong for t in told),
        bill.requests,
        bill.micro_dollars,
        each.micro_dollars,
        percentile(hit, 0.5) - usual if hit else None,
        percentile(hit, 0.99) - usual if hit else None,
        dict(sorted(whys.items(), key=lambda item: -item[1])[:5]),
    )


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def wilson(good: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, good / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


# -- the table --------------------------------------------------------------------------------------------------------

_HEAD = ("success", "added p50 / p99", "extra calls / cost")


def table(results: dict[str, list[Cell]]) -> str:
    """A row per fault, plain and streamed; for every contender what its callers got, how late, and what it cost."""
    names = list(results)
    head = ["fault", "answer", f"{names[0]}: success"]
    head += [f"{name}: {column}" for name in names[1:] for column in _HEAD]
    rows = [head, ["---", "---", *["---:"] * (len(head) - 2)]]
    found = {name: {(c.fault, c.stream): c for c in cells} for name, cells in results.items()}
    for fault, stream in found[names[0]]:
        cells = [found[name][fault, stream] for name in names]
        columns = [_success(cells[0].right, cells[0].calls, cells[0].wrong)]
        for cell in cells[1:]:
            columns += [_success(cell.right, cell.calls, cell.wrong), _added(cell), _extra(cell)]
        rows.append([fault, "stream" if stream else "plain", *columns])
    rows.append(["**all**", "", *(c for n in names for c in _total(results[n])[: 1 if n == names[0] else None])])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _success(right: int, calls: int, wrong: int) -> str:
    return _percent(right, calls) + (f", **{wrong} wrong**" if wrong else "")


def _added(cell: Cell) -> str:
    return f"{_time(cell.added50)} / {_time(cell.added99)}" if cell.added50 is not None else "-"


def _extra(cell: Cell) -> str:
    return f"{cell.extra_calls:.2f} / {cell.extra_cost:.2f}"


def _total(cells: Iterable[Cell]) -> list[str]:
    every = list(cells)
    calls, right, struck = sum(c.calls for c in every), sum(c.right for c in every), sum(c.struck for c in every)
    low, high = wilson(right, calls)
    extra = sum(max(0, c.seen - c.calls) for c in every) / max(1, struck)
    cost = sum(c.extra_cost * c.struck for c in every) / max(1, struck)
    wrong = sum(c.wrong for c in every)
    share = f"**{_percent(right, calls)}** ({100 * low:.2f} to {100 * high:.2f} %)"
    return [share + (f", **{wrong} wrong**" if wrong else ""), "", f"**{extra:.2f} / {cost:.2f}**"]


def _percent(good: int, of: int) -> str:
    """Never rounded up to 100."""
    return "100 %" if good == of else f"{int(10_000 * good / max(1, of)) / 100:g} %"


def _time(seconds: float | None) -> str:
    """Whole milliseconds below a second; what came earlier than usual added nothing."""
    seconds = max(0.0, seconds or 0.0)
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def notes(results: dict[str, list[Cell]]) -> str:
    """What was counted, and what went wrong most often, for the log."""
    lines = []
    for name, cells in results.items():
        calls, struck = sum(c.calls for c in cells), sum(c.struck for c in cells)
        lines.append(f"{name}: {calls} calls, {struck} of them met a fault")
        for cell in cells:
            kind = "stream" if cell.stream else "plain"
            if name == "no resilience" and not cell.wrong:
                continue
            lines += [f"  {cell.fault}, {kind}: {number}x {why}" for why, number in cell.whys.items()]
    return "\n".join(lines)
