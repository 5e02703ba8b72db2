"""One call judged: permissions before rules, a strict grant after them."""

from decimal import Decimal

from outrider.policy.decide import Call
from outrider.policy.declarations import Declaration
from outrider.policy.events import Did, Granted, Said
from outrider.policy.grants import Grant
from outrider.policy.judging import NOT_PERMITTED, OUTSIDE, did, judged
from outrider.policy.rules import Rules
from outrider.policy.sessions import Session

OPEN = Rules('@id("all") permit(principal, action, resource);')
PAY = Declaration(does="money", steers={"to": "recipient", "amount": "amount"}, verb="pay")


def call(amount: str = "1,000.00", **more: bool) -> Call:
    return Call("pay", {"to": "Bob", "amount": amount}, PAY, **more)


def told(*events: Said | Granted) -> Session:
    session = Session("p", "s")
    for one in events:
        session.see(one)
    return session


def test_no_rule_gives_what_permissions_do_not() -> None:
    for refused in (call(user_may=False), call(agent_may=False)):
        decision = judged(told(), refused, OPEN, 1)
        assert (decision.verdict, decision.because) == ("deny", (NOT_PERMITTED,))
    assert judged(told(), call(), OPEN, 1).verdict == "allow"


def test_a_strict_grant_holds_against_rules_that_permit() -> None:
    session = told(Granted(Grant((), strict=True)))
    decision = judged(session, call(), OPEN, 1)
    assert (decision.verdict, decision.because) == ("deny", (OUTSIDE,))
    read, fetch = Declaration(does="none"), Declaration(does="none", leaves=True)
    assert judged(session, Call("read", {}, read), OPEN, 1).verdict == "allow"
    assert judged(session, Call("fetch", {}, fetch), OPEN, 1).verdict == "deny"


def test_what_a_call_moves_is_kept_as_a_number() -> None:
    session = told(Granted(Grant(("pay",), ("Bob",), total=Decimal(1500))))
    decision = judged(session, call(), OPEN, 1)
    event = did(call(), decision)
    assert isinstance(event, Did)
    assert (event.grant, event.amounts) == (0, ("1000.00",))
    session.see(event)
    assert session.grants[0][0].total == Decimal("500.00")
    assert judged(session, call("501"), OPEN, 1).grant == -1
