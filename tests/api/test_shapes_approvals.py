"""What machines read of approvals: the whole call, times as text, nothing that people see and they do not."""

import msgspec

from outrider.api import shapes_approvals as shapes
from outrider.calibrate.intervals import share
from outrider.policy.friction import Cost
from outrider.policy.grants import Grant
from outrider.policy.pending import About, Approval, Shown
from outrider.policy.present import lines
from outrider.policy.timeline import Brief


def waiting() -> Approval:
    values = (Shown("to", "Eve\u202e", "recipient", "untrusted", 3, "inbox"),)
    about = About("pay", msgspec.Raw(b'{"to": "Eve\xe2\x80\xae"}'), "helper", "uma", ("r: why",), values, rules=("r",))
    return Approval("appr_1", "p", "s", "ab", "pending", "trip", 1, 2_000_000_000, 0, "", "", 0, about, key="k1")


def test_an_approval_has_its_times_as_text_and_not_the_key() -> None:
    one = shapes.approval(waiting())
    assert (one.expires_at, one.decided_at, one.tool, one.rules) == (
        "1970-01-01T00:00:02.000Z",
        None,
        "pay",
        ["r"],
    )
    assert b"k1" not in msgspec.json.encode(one)


def test_a_value_has_its_pieces_and_warnings() -> None:
    (line,) = lines(waiting().about)
    value = shapes.value(line)
    assert "".join(piece.text for piece in value.pieces) == value.text
    assert [piece.mark for piece in value.pieces] == ["", "hidden"]
    assert msgspec.to_builtins(value)["from"].startswith("only a text that others wrote")


def test_costs_sessions_and_grants() -> None:
    half = share(1, 2)
    cost = shapes.cost(Cost(1, 2, 1, 0, 0, half, half, half))
    assert (cost.blind.n, cost.seconds_median) == (2, None)
    session = shapes.session(Brief("s", "a", "u", 0, 1_000_000_000, 5, True, False))
    assert (session.used_at, session.tainted) == ("1970-01-01T00:00:01.000Z", True)
    assert shapes.grant(Grant(("pay",), by="olga"), 2).grant["tools"] == ["pay"]
