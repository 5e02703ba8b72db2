"""A report as text: Markdown for people, JSON for programs."""

import msgspec

from outrider.knowledge.evaluate.compared import MAIN, MEASURES, Report, Result


def markdown(report: Report) -> str:
    """The report as a page of Markdown."""
    about = f"{report.questions} questions; 95 % intervals. {report.verdict}"
    head = [f"# Retrieval on {report.collection}", "", about, ""]
    columns = ["strategy", *MEASURES, f"{MAIN} against {report.simplest}", "ms", "CPU ms", "$ per 1,000"]
    lines = [_line(columns), _line(["---"] * len(columns))]
    return "\n".join([*head, *lines, *(_line(cells(report, result)) for result in report.results)]) + "\n"


def cells(report: Report, result: Result) -> list[str]:
    """A result as the cells of a table's row."""
    against = result.against.get(MAIN)
    name = f"**{result.strategy}**" if result.strategy == report.best else result.strategy
    return [
        name,
        *(str(result.measured[measure]) for measure in MEASURES),
        f"{against} (p = {result.p:.2g})" if against is not None else "",
        f"{result.wall_ms.estimate:.1f}",
        f"{result.cpu_ms:.1f}",
        f"{result.cost / 1e6 / max(1, report.questions):.4f}",
    ]


def json(report: Report) -> bytes:
    """The whole report, with every question's value."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1)


def _line(cells_: list[str]) -> str:
    return f"| {' | '.join(cells_)} |"
