"""A report in the forms that people and build servers read: Markdown and JUnit."""

from xml.sax.saxutils import escape, quoteattr

from outrider.base import money
from outrider.evals.compare import Against, Held, Measured, Report

_SIGNS = {"passed": "✓", "failed": "✗", "inconclusive": "?"}


def markdown(report: Report) -> str:
    """For a pull request."""
    lines = [
        f"### {report.name}: {report.verdict if report.gates else 'no gates'}",
        "",
        f"{report.cases} cases, {report.answers} answers ({report.cached} from before), ${money.usd(report.cost)}"
        + ("" if report.complete else " — **not complete**"),
        "",
    ]
    if report.gates:
        lines += ["| gate | | |", "|---|---|---|", *(_gate(one) for one in report.gates), ""]
    lines += ["| score | variant | mean [95 %] | n | against the baseline | |", "|---|---|---:|---:|---|---|"]
    against = {(one.score, one.variant): one for one in report.against}
    lines += [_row(one, against.get((one.score, one.variant))) for one in report.measured]
    flaky = [f"{one.score} / {one.variant}: {', '.join(one.flaky[:10])}" for one in report.measured if one.flaky]
    if flaky:
        lines += ["", "Repeats disagree on: " + "; ".join(flaky)]
    for name, note in dict.fromkeys((one.score, one.note) for one in report.measured if one.note):
        lines += ["", f"**{_cell(name)}**: {_cell(note)}"]
    broken = [f"{name}: {count}" for name, count in report.failed.items() if count]
    if broken:
        lines += ["", "Without an answer: " + ", ".join(broken)]
    return "\n".join(lines) + "\n"


def junit(report: Report) -> str:
    """One test case for each gate; a gate that is inconclusive is a failure, for nobody knows that it holds."""
    failures = [one for one in report.gates if one.verdict != "passed"]
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<testsuite name={quoteattr(report.name)} tests={quoteattr(str(len(report.gates)))}"
        f" failures={quoteattr(str(len(failures)))}>",
    ]
    for one in report.gates:
        parts.append(f"<testcase classname={quoteattr(report.name)} name={quoteattr(one.gate)}>")
        if one.verdict != "passed":
            parts.append(f"<failure message={quoteattr(one.verdict)}>{escape(one.reason)}</failure>")
        parts.append("</testcase>")
    return "\n".join([*parts, "</testsuite>"]) + "\n"


def against_words(one: Against) -> str:
    """A comparison in a few words."""
    found = one.difference
    sure = "" if one.p >= 0.05 else " *"
    return f"{found.estimate:+.3f} [{found.low:+.3f}, {found.high:+.3f}] p = {one.p:.2g}{sure}"


def _gate(one: Held) -> str:
    return f"| {_cell(one.gate)} | {_SIGNS[one.verdict]} {one.verdict} | {_cell(one.reason)} |"


def _row(one: Measured, against: Against | None) -> str:
    mean = f"{one.mean.estimate:.3f} [{one.mean.low:.3f}, {one.mean.high:.3f}]{one.unit and ' ' + one.unit}"
    changed = f"+{len(against.gained)} −{len(against.lost)} ={against.ties}" if against else ""
    words = against_words(against) if against else "baseline"
    return f"| {_cell(one.score)} | {_cell(one.variant)} | {mean} | {one.mean.n} | {words} | {changed} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
