import msgspec
import pytest

from outrider.base.budget import Budget
from outrider.journal.events import AlarmRaised
from outrider.limits.alarm_words import MOST_LINES, head, line, message

NOW = 1_790_000_000_000_000_000  # 2026-09-21 14:13:20 UTC
ALARM = AlarmRaised(bytes(16), "fraction", "team", NOW, "", 1, 800, 10**10, 8_120_000_000)
BUDGET = Budget("team", "money", 10**10, "month", zone="Europe/Berlin", owner="ops@example.com")


def alarm(**fields: object) -> AlarmRaised:
    return msgspec.structs.replace(ALARM, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "budget", "told"),
    [
        (
            ALARM,
            BUDGET,
            "budget 'team' has used 80 % of its limit: $8.12 of $10, until 2026-10-01 00:00 CEST; "
            "ops@example.com can raise it",
        ),
        (
            alarm(value="anna", level=1000, measure="calls", amount=5, limit=5),
            Budget("team", "calls", 5, "lifetime"),
            "budget 'team' for 'anna' has used 100 % of its limit: 5 calls of 5 calls",
        ),
        (
            alarm(what="refusal", level=0),
            BUDGET,
            "budget 'team' refuses calls: $8.12 of $10 is used, until 2026-10-01 00:00 CEST; what is left is held by "
            "calls under way, or less than one may take; ops@example.com can raise it",
        ),
        (
            alarm(what="quality", subject="support", value="kind", period=NOW, level=612, usual=905, amount=41),
            None,
            "kind of 'support' fell from 90.5 % to 61.2 % since 2026-09-21T14:13:20.000Z, by 41 scores of live "
            "traffic; see the console's quality page",
        ),
        (
            alarm(what="quality", subject="s", value="seconds", period=NOW, level=3100, usual=1250, amount=9, unit="s"),
            None,
            "seconds of 's' rose from 1.25 s to 3.1 s since 2026-09-21T14:13:20.000Z, by 9 scores of live "
            "traffic; see the console's quality page",
        ),
        (
            alarm(
                what="quality",
                subject="s",
                value="dollars",
                period=NOW,
                level=400_000,
                usual=1_200_000,
                amount=9,
                unit="$",
            ),
            None,
            "dollars of 's' fell from $0.0012 to $0.0004 since 2026-09-21T14:13:20.000Z, by 9 scores of live "
            "traffic; see the console's quality page",
        ),
        (
            alarm(what="slope", level=10_000, limit=0, usual=500_000_000),
            None,
            "budget 'team' spends 16 times the usual: $8.12 in an hour, usual is $0.5",
        ),
        (
            alarm(what="provider", subject="openai/gpt"),
            None,
            "openai/gpt is down: no calls are sent there since 2026-09-21T14:13:20.000Z; see the console's "
            "deployments page",
        ),
    ],
)
def test_an_alarm_says_what_and_who(given: AlarmRaised, budget: Budget | None, told: str) -> None:
    assert line(given, budget, NOW) == told
    assert told.startswith(head(given))


def test_of_one_account_the_highest_part_is_told() -> None:
    told = message([alarm(level=500), alarm(level=1000), alarm(level=800)], {"team": BUDGET}, NOW)
    assert told.title == "Outrider: budget 'team' has used 100 % of its limit"
    assert told.body.count("\n") == 0
    assert told.urgent


def test_that_calls_are_refused_is_told_before_any_part() -> None:
    refused = alarm(what="refusal", level=0)
    for alarms in ([alarm(), refused], [refused, alarm(level=1000)]):
        told = message(alarms, {"team": BUDGET}, NOW)
        assert told.title == "Outrider: budget 'team' refuses calls"
        assert told.urgent


def test_many_alarms_are_one_message() -> None:
    told = message([alarm(value=str(n)) for n in range(MOST_LINES + 7)], {}, NOW)
    assert told.title == f"Outrider: {MOST_LINES + 7} alarms"
    assert told.body.count("\n") == MOST_LINES
    assert told.body.endswith("and 7 more: `outrider alarms list`")
    assert not told.urgent
