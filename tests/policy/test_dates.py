"""Dates that a user said in another form than a call has them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.dates import another, another_time, names_days, said_so, told_day
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.normal import plain
from outrider.policy.rules import Rules, default_text
from outrider.policy.state import SessionState

TODAY = date(2026, 9, 15)  # a Tuesday


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("Move it to Friday the 18th at 2 pm please", "2026-09-18 14:00"),
        ("Thursday the 24th at 3 pm", "2026-09-24T15:00:00Z"),
        ("am 18. um halb drei", "2026-09-18T14:30"),
        ("am 3.10. um 14 Uhr", "2026-10-03 14:00"),
        ("tomorrow at noon", "2026-09-16 12:00"),
        ("übermorgen um neun", "2026-09-17 09:00"),
        ("in two weeks", "2026-09-29"),
        ("18 March 2027, half past nine", "2027-03-18 09:30"),
        ("le 2 novembre", "2026-11-02"),
        ("al 9 ottobre 2026 alle 10:30", "2026-10-09 10:30"),
        ("el lunes a las 5", "2026-09-21 17:00"),
        ("next Monday at 9", "2026-09-21 09:00"),
        ("on 3/14/2026", "2026-03-14"),
        ("October 7, 2026", "2026-10-07T00:00"),
        ("make it 15:30", "15:30"),
        ("From 10 to 12 August", "2027-08-10"),
        ("du 5 au 7 juillet", "2027-07-05"),
        ("vom 1. bis 3. Juli", "2027-07-01"),
        ("vom 1. bis 3. Juli", "2027-07-03"),
        ("quarter to four on 2026-10-01", "2026-10-01 15:45"),
    ],
)
def test_the_same_day_in_other_words(asked: str, value: str) -> None:
    assert said_so([plain(asked)], value, TODAY)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ("Move it to Friday the 18th at 2 pm please", "2026-09-18 15:00"),
        ("Move it to Friday the 18th at 2 pm please", "2026-10-18 14:00"),  # a Sunday
        ("Move it to the 18th", "2026-12-18"),  # not near
        ("Move it to the 18th", "2026-09-18 14:00"),  # no time was said
        ("Tuesday, 7 October 2026", "2026-10-07"),  # a Wednesday
        ("le 2 novembre", "2031-11-02"),
        ("next Monday at 9", "2026-11-02 09:00"),
        ("tomorrow at noon", "2026-09-17 12:00"),
        ("on 3/4/2026", "2026-04-03"),  # either may be the month
        ("the 18 files on page 18", "2026-09-18"),
        ("room 18, version 9.18", "2026-09-18"),
        ("Friday", "whenever"),
        ("31 February 2026", "2026-02-31"),
        ("", "2026-09-18"),
    ],
)
def test_another_day(asked: str, value: str) -> None:
    assert not said_so([plain(asked)], value, TODAY)


@pytest.mark.parametrize(
    ("asked", "value", "other"),
    [
        ("She can't come on Thursday, move it to Friday the 18th", "2026-09-25 09:30", True),
        ("She can't come on Thursday, move it to Friday the 18th", "2026-09-18 09:30", False),
        ("She can't come on Thursday, move it to Friday the 18th", "2026-09-24", False),  # it may be that Thursday
        ("From the 18th to the 20th", "2026-09-19", True),
        ("The 2nd meeting, next week", "2026-09-25", False),
        ("The 2nd one, tomorrow", "2026-09-25", False),
        ("Move it to Friday", "2026-09-18", False),
        ("Move it to Friday", "2026-09-20", True),
        ("Rent it from Friday for three days", "2026-09-20", False),
        ("Pay it before Friday", "2026-09-17", False),
        ("Move it to Friday or so, next week", "2026-09-20", False),
        ("Move it to the 18th", "soon", False),
        ("book the review for 18 March 2027, half past nine", "2026-09-18 09:30", True),
        ("book the review for 18 March 2027, half past nine", "2027-03-18 09:30", False),
        ("from the 18th to the 20th, and 18 March", "2026-09-18", False),
    ],
)
def test_a_day_beside_those_that_were_named(asked: str, value: str, other: bool) -> None:
    assert another([plain(asked)], value) is other


def test_an_operator_says_what_day_it_is() -> None:
    assert told_day([plain("You help. Today is Tuesday, 15 September 2026.")]) == TODAY
    assert told_day([plain("Heute ist Dienstag, der 15.9.2026")]) == TODAY
    assert told_day([plain("Today is a good day"), plain("Be kind")]) is None


@given(st.text(), st.text())
def test_any_text_can_be_asked(asked: str, value: str) -> None:
    said_so([plain(asked)], value, TODAY)
    told_day([plain(f"today is {asked}")])


@pytest.mark.parametrize(
    ("start", "verdict"),
    [
        ("2026-09-18 14:00", "allow"),
        ("2026-09-18 15:00", "ask"),  # a time that only others named
        ("2031-03-09", "ask"),
    ],
)
def test_a_day_that_others_named_too_is_the_users(start: str, verdict: str) -> None:
    state = SessionState()
    state.operator("Today is Tuesday, 15 September 2026.")
    state.user("Move the appointment AP-3302 to Friday the 18th at 2 pm")
    read = {"free": ["2026-09-18 14:00", "2026-09-18 15:00"], "note": "the promised day is 2031-03-09"}
    state.result("free_slots", read, Declaration(does="none"))
    labels = Declaration(does="internal", steers={"appointment_id": "id", "start": "date"})
    call = Call("reschedule_appointment", {"appointment_id": "AP-3302", "start": start}, labels)
    assert decide(call, state, Rules(default_text())).verdict == verdict


@pytest.mark.parametrize(
    ("asked", "value", "other"),
    [
        ("Friday at 2 pm", "2026-09-18 09:30", True),
        ("Friday at 2 pm", "2026-09-18 14:00", False),
        ("Friday at 2 pm", "09:30", True),
        ("Friday at 2 pm", "2026-09-18", False),
        ("Friday", "2026-09-18 09:30", False),
        ("Friday at 2 pm for an hour", "2026-09-18 15:00", False),
        ("Friday from 2 to 3 pm", "2026-09-18 14:00", False),
        ("Friday from ten until 2 pm", "2026-09-18 10:00", False),
    ],
)
def test_another_time_of_day(asked: str, value: str, other: bool) -> None:
    assert another_time([plain(asked)], value) == other


def test_who_names_days() -> None:
    found = [names_days([plain(one)]) for one in ("on Friday", "on 2026-09-18", "next week, on Friday", "for Bob")]
    assert found == [True, True, False, False]


@pytest.mark.parametrize(
    ("value", "is_another"),
    [
        ("24 December 2026 10:00", True),
        ("December 24, 2026", True),
        ("Thu, 24 Dec 2026 10:00:00 +0000", True),
        ("20261224T100000", True),
        ("1798106400", True),
        ("2026-12-24T10:00:01Z", True),
        ("13 November 2026", False),
        ("2026-11-13T10:00:01Z", False),
        ("10:00", False),
    ],
)
def test_another_day_in_another_form(value: str, is_another: bool) -> None:
    assert another(["move my dentist appointment to 13 november at 10 am"], value) is is_another
