"""Sessions that go round in circles: found by what they do, and nothing else."""

import pytest

from outrider.policy.declarations import UNDECLARED, Declaration
from outrider.policy.events import Did, Event, Judged, Returned, Turned, WentOn
from outrider.policy.loops import Limits, Trail

READ = Declaration(does="none")
SEND = Declaration(does="external", verb="send")
SECOND = 1_000_000_000


def called(tool: str, arguments: str = "{}", declaration: Declaration = READ, at: int = SECOND) -> Judged:
    return Judged(tool, arguments.encode(), declaration, "allow", at)


def answered(tool: str, text: str) -> Returned:
    return Returned(tool, f'"{text}"'.encode(), READ)


def names(trail: Trail, limits: Limits = Limits(), agent: str = "", now: int = 2 * SECOND) -> list[str]:  # noqa: B008
    return [one.limit for one in trail.over(limits, now, agent)]


def fed(*events: Event) -> Trail:
    trail = Trail()
    for one in events:
        trail.see(one)
    return trail


def test_the_same_call_with_nothing_new() -> None:
    trail = Trail()
    for _ in range(15):
        assert "same_call" not in names(trail)
        trail.see(called("look", '{"at":1}'))
        trail.see(answered("look", "nothing"))
    assert names(trail) == ["same_call"]
    assert trail.over(Limits(), 0)[0].text == "look was called 15 times in the same way, with nothing new"


def test_waiting_for_something_that_comes_is_no_loop() -> None:
    trail = Trail()
    for number in range(100):
        trail.see(called("status"))
        trail.see(answered("status", f"{number} percent"))
    assert names(trail) == []


def test_an_effect_again_and_again_is_one_whatever_the_answers_say() -> None:
    trail = Trail()
    for number in range(15):
        trail.see(called("send", "{}", SEND))
        trail.see(answered("send", f"sent as {number}"))
    assert names(trail) == ["same_call"]


def test_calls_in_a_circle() -> None:
    trail = Trail()
    for _ in range(6):
        for tool in ("plan", "look", "check"):
            trail.see(called(tool))
            trail.see(answered(tool, f"{tool} again"))
    assert "cycle" in names(trail)
    assert "3 calls were made" in next(one.text for one in trail.over(Limits(), 0) if one.limit == "cycle")
    other = Trail()
    for number in range(10):
        for tool in ("plan", "look"):
            other.see(called(tool))
            other.see(answered(tool, f"{tool} {number}"))
    assert names(other) == []


def test_answers_that_are_all_known() -> None:
    trail = Trail()
    for number in range(26):
        trail.see(called("search", f'{{"q":{number}}}'))
        trail.see(answered("search", "no results"))
    assert names(trail) == ["same_results"]


def test_a_call_that_waits_and_is_asked_again_is_no_loop() -> None:
    waiting = Judged("pay", b"{}", SEND, "ask", SECOND)
    assert names(fed(*[waiting] * 50)) == []


@pytest.mark.parametrize(
    ("lineage", "agent", "loops"),
    [
        ((), "a", False),
        (("a",), "b", False),
        (("a", "b"), "a", True),
        (("a", "b", "c"), "b", True),
        (("a",), "a", False),
    ],
)
def test_agents_that_ask_each_other(lineage: tuple[str, ...], agent: str, loops: bool) -> None:
    trail = Trail()
    for at in range(len(lineage)):
        parent = Trail()
        parent.lineage = lineage[:at]
        trail.inherit(parent, lineage[at])
    assert ("returns" in names(trail, agent=agent)) is loops


def test_turns_time_and_spend() -> None:
    trail = fed(*[Turned(at * SECOND, 2_000_000_000) for at in range(1, 6)])
    assert names(trail, Limits(turns=5)) == ["turns"]
    assert names(trail, Limits(seconds=60), now=61 * SECOND) == ["seconds"]
    assert names(trail, Limits(spend=10_000_000_000)) == ["spend"]
    assert names(trail, Limits(slope=10_000_000_000), now=5 * SECOND) == ["slope"]
    assert names(trail, Limits(slope=10_000_000_000), now=3600 * SECOND) == []
    assert trail.steepest == 10_000_000_000
    assert names(fed(*[called("x", str(n)) for n in range(10)]), Limits(calls=10)) == ["calls"]


def test_who_goes_on_has_the_limits_anew() -> None:
    trail = fed(*[Turned(SECOND, 1)] * 5, *[called("x")] * 15)
    assert set(names(trail, Limits(turns=5, calls=15))) == {"turns", "same_call", "calls"}
    trail.see(WentOn(3 * SECOND, "carol"))
    assert names(trail, Limits(turns=5, calls=15, seconds=60), now=4 * SECOND) == []
    assert trail.rounds == 1
    for _ in range(5):
        trail.see(Turned(4 * SECOND))
    assert names(trail, Limits(turns=5)) == ["turns"]


def test_the_last_steps_are_told() -> None:
    trail = fed(*[called("x", f'{{"n":{n}}}') for n in range(40)], called("y", "a" * 400))
    assert len(trail.last) == 12
    assert trail.last[0] == 'x {"n":29}: allow'
    assert trail.last[-1].endswith("a…: allow")


def test_many_deeds_with_the_same_short_answer_are_progress() -> None:
    trail = Trail()
    for number in range(60):
        trail.see(called("update_row", f'{{"n":{number}}}', Declaration(does="internal")))
        trail.see(answered("update_row", "done"))
    assert names(trail) == []


@pytest.mark.parametrize("labels", [UNDECLARED, Declaration(does="internal")])
def test_a_step_forward_is_told_by_what_it_shows(labels: Declaration) -> None:
    trail = Trail()
    for number in range(60):
        trail.see(called("next_page", "{}", labels))
        trail.see(answered("next_page", f"page {number}"))
    assert names(trail) == []


def test_a_call_that_a_person_let_go_is_a_call_and_no_loop() -> None:
    asked = Judged("send", b"{}", SEND, "ask", SECOND)
    trail = fed(called("send", "{}", SEND), Did("send", "send", "eve"), asked, asked, Did("send", "send", "eve"))
    assert (trail.calls, trail.most_same) == (2, 1)
