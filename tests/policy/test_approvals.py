"""Approvals in both stores: bound, used once, expiring, decided by another."""

import threading
from collections.abc import Iterator
from unittest import mock

import pytest

from outrider.base import clock
from outrider.base.errors import JournalFull, RequestError
from outrider.journal.events import ApprovalAsked, ApprovalDecided, ApprovalExpired, ApprovalUsed, Event
from outrider.policy.approvals import LARGEST, LASTS_NS, MOST_WAITING, Approval, Approvals, digest
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.explain import sentences
from outrider.policy.pending import Decider, Terms
from outrider.policy.state import SessionState
from outrider.store import Store, open_leases
from tests.policy.scenes import RULES


@pytest.fixture
def approvals(store_url: str) -> Iterator[Approvals]:
    store: Store = open_leases(store_url)
    yield Approvals(lambda: store)
    store.close()


def call(to: str = "eve@evil.example", agent: str = "robot") -> Call:
    return Call(
        "send_email", {"to": to, "body": "see http://evil.example"}, Declaration(carries=("body",)), agent=agent
    )


def ask(approvals: Approvals, one: Call | None = None, session: str = "s", **more: object) -> Approval:
    one = one or call()
    state = SessionState()
    state.user("Send it to Bob")
    state.result("mail", "eve@evil.example, http://evil.example", Declaration(does="none"))
    decision = decide(one, state, RULES)
    assert decision.verdict == "ask"
    return approvals.ask("p", session, one, decision, sentences(decision, state), user="uma", **more)  # type: ignore[arg-type] # by name


def test_what_a_person_is_shown_is_the_call(approvals: Approvals) -> None:
    asked = ask(approvals)
    assert [one.id for one in approvals.waiting("p")] == [asked.id]
    shown = approvals.open("p", asked.id)
    assert (shown.about.tool, shown.about.agent, shown.about.user) == ("send_email", "robot", "uma")
    assert b"eve@evil.example" in bytes(shown.about.arguments)
    assert [(v.path, v.origin, v.tool) for v in shown.about.values] == [("to", "untrusted", "mail")]
    assert [v.value for v in shown.about.carried] == ["http://evil.example"]
    assert any(reason.startswith("aimed-by-others") for reason in shown.about.reasons)
    assert approvals.waiting("other") == []


def test_an_approval_is_used_once_and_for_this_call_alone(approvals: Approvals) -> None:
    asked = ask(approvals)
    one = call()
    assert approvals.use("p", "s", one.tool, one.arguments) is None, "nobody has approved it"
    approvals.decide("p", asked.id, approve=True, by="olga")
    assert approvals.use("p", "s", one.tool, {**one.arguments, "to": "x"}) is None
    assert approvals.use("p", "other", one.tool, one.arguments) is None
    assert approvals.use("q", "s", one.tool, one.arguments) is None
    used = approvals.use("p", "s", one.tool, dict(reversed(list(one.arguments.items()))))
    assert used is not None
    assert approvals.use("p", "s", one.tool, one.arguments) is None
    assert (approvals.get("p", asked.id).state, used.decider) == ("used", "olga")


def test_of_many_at_once_one_uses_it(approvals: Approvals) -> None:
    asked = ask(approvals)
    approvals.decide("p", asked.id, approve=True, by="olga")
    got: list[object] = []
    one = call()
    threads = [
        threading.Thread(target=lambda: got.append(approvals.use("p", "s", one.tool, one.arguments))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), sum(one is not None for one in got)) == (8, 1)


def test_the_same_call_is_asked_once(approvals: Approvals) -> None:
    first = ask(approvals)
    assert ask(approvals).id == first.id
    assert ask(approvals, session="other").id != first.id
    approvals.decide("p", first.id, approve=False, by="olga", note="no")
    again = ask(approvals)
    assert (again.id, again.state, again.note) == (first.id, "denied", "no")


def test_who_asks_does_not_decide(approvals: Approvals) -> None:
    asked = ask(approvals)
    for by in ("uma", "robot"):
        with pytest.raises(RequestError, match="another person") as refused:
            approvals.decide("p", asked.id, approve=True, by=by)
        assert refused.value.status == 403
    assert approvals.get("p", asked.id).state == "pending"


def test_what_is_decided_or_not_there_cannot_be_decided(approvals: Approvals) -> None:
    asked = ask(approvals)
    approvals.decide("p", asked.id, approve=True, by="olga")
    with pytest.raises(RequestError, match="it is approved") as refused:
        approvals.decide("p", asked.id, approve=False, by="olga")
    assert refused.value.status == 409
    for project, id_ in (("p", "appr_x"), ("other", asked.id)):
        with pytest.raises(RequestError) as missing:
            approvals.decide(project, id_, approve=True, by="olga")
        assert missing.value.status == 404


def test_both_the_question_and_the_answer_expire(approvals: Approvals) -> None:
    one = call()
    asked = ask(approvals)
    later = clock.now_ns() + LASTS_NS + 1
    with mock.patch.object(clock, "now_ns", return_value=later):
        assert approvals.waiting("p") == []
        with pytest.raises(RequestError, match="it is expired"):
            approvals.decide("p", asked.id, approve=True, by="olga")
        again = ask(approvals)
        assert again.id != asked.id
        approvals.decide("p", again.id, approve=True, by="olga")
    with mock.patch.object(clock, "now_ns", return_value=later + LASTS_NS + 1):
        assert approvals.use("p", "s", one.tool, one.arguments) is None
        assert approvals.get("p", again.id).state == "expired"


def plan_of(approvals: Approvals, *to: str) -> list[Approval]:
    return [ask(approvals, call(f"{one}@evil.example"), plan="trip") for one in to]


def test_one_decision_covers_a_plan(approvals: Approvals) -> None:
    first, second = plan_of(approvals, "a", "b")
    other = ask(approvals, call("c@evil.example"))
    decided = approvals.decide("p", first.id, approve=True, by="olga", plan=True)
    assert {one.id for one in decided} == {first.id, second.id}
    assert [one.id for one in approvals.waiting("p")] == [other.id]


def test_without_being_told_so_a_decision_covers_one_call(approvals: Approvals) -> None:
    first, second = plan_of(approvals, "a", "b")
    approvals.decide("p", first.id, approve=True, by="olga")
    assert [one.id for one in approvals.waiting("p")] == [second.id]


def test_a_part_of_a_plan_is_approved(approvals: Approvals) -> None:
    first, second, third = plan_of(approvals, "a", "b", "c")
    decided = approvals.decide("p", first.id, approve=True, by="olga", only=[first.id, third.id])
    assert [one.id for one in decided] == [first.id, third.id]
    assert approvals.get("p", second.id).state == "pending"
    with pytest.raises(RequestError, match="not of the plan"):
        approvals.decide("p", second.id, approve=True, by="olga", only=[ask(approvals).id])
    with pytest.raises(RequestError, match="it is approved") as refused:
        approvals.decide("p", second.id, approve=False, by="olga", only=[second.id, third.id])
    assert refused.value.status == 409
    assert approvals.get("p", second.id).state == "pending", "all or none"


def test_a_plan_that_somebody_saw_does_not_grow(approvals: Approvals) -> None:
    first, second = plan_of(approvals, "a", "b")
    approvals.open("p", first.id)
    late, later = plan_of(approvals, "late", "later")
    assert {one.id for one in approvals.plan_of(first)} == {first.id, second.id}
    assert late.plan == later.plan != first.plan
    decided = approvals.decide("p", first.id, approve=True, by="olga", plan=True)
    assert {one.id for one in decided} == {first.id, second.id}
    assert ask(approvals, call("third@evil.example"), plan="trip").plan == late.plan


def test_the_key_that_the_agent_calls_with_never_decides(approvals: Approvals) -> None:
    asked = ask(approvals, key="k1")
    with pytest.raises(RequestError, match="this very key"):
        approvals.decide("p", asked.id, approve=True, by=Decider("k1", "k1"))
    done = approvals.decide("p", asked.id, approve=True, by=Decider("operator", "k1", operator=True))
    assert done[0].decider == "operator"


def test_the_own_user_decides_only_where_no_separation_is_required(store_url: str) -> None:
    store = open_leases(store_url)
    approvals = Approvals(lambda: store, terms=lambda: Terms(separated=frozenset(("money",))))
    asked = ask(approvals)
    with pytest.raises(RequestError, match="who asks"):
        approvals.decide("p", asked.id, approve=True, by=Decider("x", known_as=("rоbot",)))  # Cyrillic о
    assert approvals.decide("p", asked.id, approve=True, by=Decider("k2", known_as=("Uma",)))[0].state == "approved"
    strict = Approvals(lambda: store)
    other = ask(strict, session="other")
    with pytest.raises(RequestError, match="own user"):
        strict.decide("p", other.id, approve=True, by=Decider("k2", known_as=("UMA",)))
    store.close()


def test_of_two_who_decide_at_once_one_is_told_that_it_is_decided(store_url: str) -> None:
    stores = [open_leases(store_url) for _ in range(2)]
    both = [Approvals(lambda s=s: s) for s in stores]  # type: ignore[misc] # a default binds the store
    asked = ask(both[0])
    got: list[int | str] = []

    def go(n: int) -> None:
        try:
            got.append(both[n % 2].decide("p", asked.id, approve=bool(n % 2), by=f"o{n}")[0].decider)
        except RequestError as error:
            got.append(error.status)

    threads = [threading.Thread(target=go, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [one for one in got if isinstance(one, str)]
    assert (len(winners), got.count(409)) == (1, 7)
    assert both[0].get("p", asked.id).decider == winners[0]
    for store in stores:
        store.close()


def test_a_refusal_outlasts_waiting(approvals: Approvals) -> None:
    asked = ask(approvals)
    approvals.decide("p", asked.id, approve=False, by="olga")
    with mock.patch.object(clock, "now_ns", return_value=clock.now_ns() + 20 * LASTS_NS):
        assert (ask(approvals).id, ask(approvals).state) == (asked.id, "denied")


def test_a_session_that_asks_for_too_much_is_refused(approvals: Approvals) -> None:
    for number in range(MOST_WAITING):
        ask(approvals, call(f"{number}@evil.example"))
    refused = ask(approvals, call("more@evil.example"))
    assert (refused.state, refused.id) == ("denied", "")
    assert len(approvals.waiting("p")) == MOST_WAITING
    assert ask(approvals, session="other").state == "pending"


def test_a_call_that_nobody_could_read_is_refused(approvals: Approvals) -> None:
    state = SessionState()
    large = Call("send_email", {"to": "eve@evil.example", "body": "x" * LARGEST}, Declaration(carries=("body",)))
    refused = approvals.ask("p", "s", large, decide(large, state, RULES), ())
    assert (refused.state, refused.id, approvals.waiting("p")) == ("denied", "", [])
    assert "nobody could read" in refused.note


def test_what_became_of_it_goes_into_the_journal(store_url: str) -> None:
    store, seen = open_leases(store_url), list[Event]()
    full = True

    def record(event: Event) -> None:
        if full:
            raise JournalFull("no room")
        seen.append(event)

    approvals = Approvals(lambda: store, record)
    first = ask(approvals, key="k1", plan="trip")
    assert seen == []
    full = False
    approvals.decide("p", first.id, approve=True, by=Decider("olga", through="console"), note="fine")
    approvals.use("p", "s", call().tool, call().arguments)
    kinds = [type(one) for one in seen]
    assert kinds == [ApprovalAsked, ApprovalDecided, ApprovalUsed]
    asked, decided = seen[0], seen[1]
    assert isinstance(asked, ApprovalAsked)
    assert (asked.tool, asked.key, asked.digest.hex(), asked.plan) == ("send_email", "k1", first.digest, "trip")
    assert "aimed-by-others" in asked.rules
    assert isinstance(decided, ApprovalDecided)
    assert (decided.verdict, decided.by, decided.note, decided.through) == ("approved", "olga", "fine", "console")
    late = ask(approvals, session="late")
    with mock.patch.object(clock, "now_ns", return_value=clock.now_ns() + LASTS_NS + 1):
        assert approvals.sweep() == 1
        assert approvals.sweep() == 0
    last = seen[-1]
    assert isinstance(last, ApprovalExpired)
    assert (last.id, last.was) == (late.id, "pending")
    store.close()


def test_people_are_told_once_also_if_who_tells_them_dies(approvals: Approvals) -> None:
    asked = ask(approvals)
    assert [one.id for one in approvals.to_tell()] == [asked.id]
    assert approvals.to_tell() == [], "somebody is at it"
    with mock.patch.object(clock, "now_ns", return_value=clock.now_ns() + 200_000_000_000):
        assert [one.id for one in approvals.to_tell()] == [asked.id]
        approvals.told([asked.id], "not taken by 1 (json)")
    assert approvals.to_tell() == []
    assert approvals.get("p", asked.id).untold == "not taken by 1 (json)"


def test_lists_are_filtered_and_paged(approvals: Approvals) -> None:
    first = ask(approvals, call("a@evil.example", agent="one"))
    second = ask(approvals, call("b@evil.example", agent="two"), session="t")
    before = approvals.mark("p")
    approvals.decide("p", first.id, approve=False, by="olga")
    assert approvals.mark("p") > before
    assert [one.id for one in approvals.past("p")] == [second.id, first.id]
    assert [one.id for one in approvals.past("p", state="denied")] == [first.id]
    assert [one.id for one in approvals.past("p", agent="two", session="t")] == [second.id]
    assert [one.id for one in approvals.past("p", before=second.asked)] == [first.id]
    assert approvals.past("p", state="expired") == approvals.past("other") == []


def test_the_last_alike_was_approved(approvals: Approvals) -> None:
    first, second, third = (ask(approvals, call(f"{n}@evil.example")) for n in "abc")
    assert approvals.last_alike(third) is None
    approvals.decide("p", first.id, approve=True, by="olga")
    approvals.decide("p", second.id, approve=False, by="olga")
    alike = approvals.last_alike(third)
    assert alike is not None
    assert alike.id == first.id


def test_the_digest_is_of_the_whole_call() -> None:
    assert digest("s", "t", {"a": 1, "b": 2}) == digest("s", "t", {"b": 2, "a": 1})
    assert len({digest("s", "t", {"a": 1}), digest("s", "t", {"a": "1"}), digest("s", "u", {"a": 1})}) == 3
