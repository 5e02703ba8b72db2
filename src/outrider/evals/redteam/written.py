"""A red team's report in the forms that people and build servers read: Markdown and JUnit."""

from xml.sax.saxutils import escape, quoteattr

from outrider.base import money
from outrider.calibrate.intervals import Interval
from outrider.evals.redteam.library import SEVERITIES
from outrider.evals.redteam.report import Rate, Report, Success

MOST_SHOWN = 60
_SIGNS = {"passed": "✓", "failed": "✗", "inconclusive": "?"}


def markdown(found: Report) -> str:
    """For a pull request."""
    lines = [
        f"### {_cell(found.name)}: {found.verdict if found.gates else 'no gates'}",
        "",
        f"{found.attempts} attempts ({found.survey} of them the survey), {len(found.successes)} successes, "
        f"${money.usd(found.cost)}" + (f" — {found.why}" if found.why else ""),
        "",
    ]
    if found.gates:
        lines += ["| gate | | |", "|---|---|---|"]
        lines += [f"| {_cell(g.gate)} | {_SIGNS[g.verdict]} {g.verdict} | {_cell(g.reason)} |" for g in found.gates]
        lines.append("")
    lines += ["| family | attacks | as they are [95 %] | dressed [95 %] | by the search | ever broken |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    lines += [_row(one) for one in (*found.families, found.total)]
    if found.unheard:
        lines += ["", f"Without an answer to judge: {found.unheard}"]
    if found.successes:
        lines += ["", "| success | severity | taxonomy | what happened |", "|---|---|---|---|"]
        lines += [_told(one) for one in worst(found)[:MOST_SHOWN]]
    if len(found.successes) > MOST_SHOWN:
        lines += ["", f"… and {len(found.successes) - MOST_SHOWN} more"]
    return "\n".join(lines) + "\n"


def junit(found: Report, fail_on: str = "") -> str:
    """A test case for each gate, and a failed one for each attack that succeeded and is as severe as `fail_on`."""
    least = SEVERITIES.index(fail_on) if fail_on else len(SEVERITIES)
    severe = [one for one in worst(found) if SEVERITIES.index(one.severity) >= least]
    held = [one for one in found.gates if one.verdict == "passed"]
    tests, failures = len(found.gates) + len(severe), len(found.gates) - len(held) + len(severe)
    name = quoteattr(found.name)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<testsuite name={name} tests="{tests}" failures="{failures}">',
    ]
    for gate in found.gates:
        failed = "" if gate.verdict == "passed" else _failure(gate.verdict, gate.reason)
        parts.append(f"<testcase classname={name} name={quoteattr(gate.gate)}>{failed}</testcase>")
    for one in severe:
        failed = _failure(f"{one.severity}: {one.goal}", one.reason)
        parts.append(f"<testcase classname={name} name={quoteattr(one.case)}>{failed}</testcase>")
    return "\n".join([*parts, "</testsuite>"]) + "\n"


def worst(found: Report) -> list[Success]:
    """Successes, the most severe first, and one for each attack before others of the same."""
    seen: set[str] = set()
    ranked = []
    for one in found.successes:
        ranked.append((one.attack in seen, -SEVERITIES.index(one.severity), len(one.chain), one))
        seen.add(one.attack)
    return [one for *_, one in sorted(ranked, key=lambda each: each[:3])]


def share(found: Interval) -> str:
    """`12 % [5, 24]`."""
    if not found.n:
        return "-"
    return f"{found.estimate * 100:.3g} % [{found.low * 100:.3g}, {found.high * 100:.3g}]"


def searched(one: Rate) -> str:
    """`3 of 40`: the search's successes and its attempts."""
    return f"{one.found} of {one.searched}" if one.searched else "-"


def _row(one: Rate) -> str:
    rates = f"{share(one.plain)} | {share(one.dressed)} | {searched(one)}"
    return f"| {_cell(one.name)} | {one.attacks} | {rates} | {one.broken} |"


def _told(one: Success) -> str:
    return f"| `{_cell(one.case)}` | {one.severity} | {one.taxonomy} | {_cell(one.goal)}: {_cell(one.reason)} |"


def _failure(message: str, text: str) -> str:
    return f"<failure message={quoteattr(_printable(message))}>{escape(_printable(text))}</failure>"


def _printable(text: str) -> str:
    """XML has no signs for control characters."""
    return "".join(c if c in "\t\n" or (c.isprintable() and ord(c) < 0xFFFE) else "�" for c in text)


def _cell(text: str) -> str:
    return _printable(text).replace("|", "\\|").replace("\n", " ").replace("`", "'")
