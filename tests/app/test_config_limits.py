"""`budgets:` in outrider.yaml: what it means, and what is said about mistakes."""

import pytest
import yaml

from outrider.app.config_limits import budgets_of
from outrider.app.config_schema import show
from outrider.app.settings import parse
from outrider.base.budget import Budget
from tests.app.mistakes import problems

TEAM = """\
projects: [default, search]
budgets:
  search-team:
    usd: 50
    window: month
    timezone: Europe/Berlin
    match: {project: search, tag: [batch, nightly]}
    per: user
    fit: true
    owner: ops@example.com
    alarms: {at: [80%, 50%, 1.0], slope: 10}
"""


def budgets(text: str) -> dict[str, Budget]:
    return budgets_of(parse(text, "outrider.yaml", {"CAP": "0.10"}).budgets)


def test_a_budget_with_everything() -> None:
    assert budgets(TEAM) == {
        "search-team": Budget(
            id="search-team",
            measure="money",
            limit=50_000_000_000,
            window="month",
            match={"project": ("search",), "tag": ("batch", "nightly")},
            per="user",
            zone="Europe/Berlin",
            fit=True,
            owner="ops@example.com",
            alarms=(0.5, 0.8, 1.0),
            slope=10.0,
        )
    }


@pytest.mark.parametrize(
    ("text", "measure", "limit", "window"),
    [
        ("usd: 0.000000001", "money", 1, "month"),
        ("usd: '${env:CAP}'", "money", 100_000_000, "month"),
        ("tokens: 1.5M", "total_tokens", 1_500_000, "month"),
        ("{input_tokens: 200k, window: 24h}", "input_tokens", 200_000, "86400"),
        ("{output_tokens: 1_000, window: lifetime}", "output_tokens", 1000, "lifetime"),
        ("{calls: 0, window: run}", "calls", 0, "run"),
    ],
)
def test_measures_and_windows(text: str, measure: str, limit: int, window: str) -> None:
    [made] = budgets(f"budgets: {{b: {text if text[0] == '{' else '{' + text + '}'}}}").values()
    assert (made.measure, made.limit, made.window) == (measure, limit, window)


def test_settings_are_shown_as_they_are_written() -> None:
    settings = parse(TEAM, "outrider.yaml", {})
    again = parse(yaml.safe_dump(show(settings)), "shown.yaml", {})
    assert again.budgets == settings.budgets
    assert budgets_of(again.budgets) == budgets(TEAM)


def test_every_mistake_has_its_line_and_key() -> None:
    found = problems(
        "budgets:\n"
        "  two:\n    usd: 5\n    tokens: 1M\n    window: fortnight\n    timezone: Mars\n"
        "    match: {projct: x, project: defalt}\n    per: usr\n    alarms: {at: [50, x], slope: 0.5}\n"
        "  run: {calls: 5, window: run, per: user}\n"
        "  none: {window: 24h}\n"
        "  bad name: {usd: 1}\n"
        "  soon: {usd: -1, window: 5s}\n"
        '  what: {usd: 1, match: {tag: []}, owner: "a\\nb"}\n'
    )
    said = [f.removeprefix("outrider.yaml:").split(": ")[:2] for f in found]
    assert said == [
        ["4", "budgets.two.tokens"],
        ["5", "budgets.two.window"],
        ["6", "budgets.two.timezone"],
        ["7", "budgets.two.match.projct"],
        ["7", "budgets.two.match.project"],
        ["8", "budgets.two.per"],
        ["9", "budgets.two.alarms.at.0"],
        ["9", "budgets.two.alarms.at.1"],
        ["9", "budgets.two.alarms.slope"],
        ["10", "budgets.run.per"],
        ["11", "budgets.none.usd"],
        ["12", "budgets.bad name"],
        ["13", "budgets.soon.usd"],
        ["13", "budgets.soon.window"],
        ["14", "budgets.what.owner"],
    ]
    assert "did you mean 'default'?" in found[4]
