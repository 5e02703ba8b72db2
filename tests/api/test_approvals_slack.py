"""Approvals by a button in Slack: who may, what may be approved so, and that nothing else decides."""

import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outrider.policy.control import Outcome, call_of
from outrider.policy.office import Office
from outrider.policy.pending import Approval
from outrider.policy.slack import value
from outrider.testing.running import running
from tests.console.agents import PAY, asks, who
from tests.policy.slack_there import SECRET, SlackThere

CONFIG = """
embedded: {enabled: false}
casebook: {enabled: false}
policy:
  approvals:
    url: https://outrider.example
    slack:
      webhook: "${env:SLACK_WEBHOOK}"
      secret: "${env:SLACK_SECRET}"
      people: {U0OLGA: olga, U0UMA: uma, U0BOT: helper}
"""


@pytest.fixture(scope="module")
def slack() -> Iterator[SlackThere]:
    there = SlackThere()
    thread = threading.Thread(target=there.serve_forever)
    thread.start()
    yield there
    there.shutdown()
    thread.join()
    there.server_close()


@pytest.fixture(scope="module")
def server(slack: SlackThere, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLACK_WEBHOOK", slack.webhook)
        patch.setenv("SLACK_SECRET", SECRET)
        with running(CONFIG, tmp_path_factory.mktemp("home")) as outrider:
            yield outrider


CALL = {"to": "Bob", "amount": 50}


def makes(there: Office, session: str) -> Outcome:
    """A call all of whose values the user said, and which waits since nobody asked for a payment."""
    return there.control.check(who(session), call_of("pay", CALL, PAY, who=who(session)))


def waits(server: Any, slack: SlackThere, session: str) -> tuple[Approval, dict[str, Any]]:
    """Such a call, with the buttons of its message."""
    there = server.worker.policy.office
    there.control.heard(who(session), "What do I owe Bob: 50?")
    one = makes(there, session).approval
    assert one is not None
    return one, told(slack, one)


def told(slack: SlackThere, one: Approval) -> dict[str, Any]:
    """The buttons of the message about a call, when it has come."""
    while not (found := [n for n, said in enumerate(slack.messages) if one.id in str(said)]):
        assert slack.posted.wait(60), "no message came"
        slack.posted.clear()
    return slack.buttons(found[0])


def state(server: Any, one: Approval) -> str:
    return str(server.worker.policy.office.approvals.get("default", one.id).state)


def test_a_press_approves_one_call_once(server: Any, slack: SlackThere) -> None:
    one, buttons = waits(server, slack, "once")
    assert buttons["look"]["url"] == f"https://outrider.example/approvals/{one.id}"
    assert slack.press(server.url, buttons["approve"]) == (200, {"became": "approved"})
    assert slack.replies[-1]["replace_original"] is True
    assert slack.replies[-1]["text"] == "pay: approved by olga"
    done = server.worker.policy.office.approvals.get("default", one.id)
    assert (done.decider, done.state) == ("olga", "approved")
    for verb in ("approve", "deny"):
        assert slack.press(server.url, buttons[verb]) == (200, {"became": "nothing"})
        assert slack.replies[-1]["response_type"] == "ephemeral"
    there = server.worker.policy.office
    assert makes(there, "once").verdict == "allow"
    assert slack.press(server.url, buttons["approve"]) == (200, {"became": "nothing"})
    assert state(server, one) == "used"
    assert makes(there, "once").verdict == "ask"


def test_a_press_refuses(server: Any, slack: SlackThere) -> None:
    one, buttons = waits(server, slack, "no")
    assert slack.press(server.url, buttons["deny"]) == (200, {"became": "denied"})
    assert slack.replies[-1]["text"] == "pay: refused by olga"
    assert state(server, one) == "denied"


def test_what_slack_or_we_did_not_sign_decides_nothing(server: Any, slack: SlackThere) -> None:
    one, buttons = waits(server, slack, "forged")
    other, _ = waits(server, slack, "another")
    good = buttons["approve"]["value"]
    for changed in (
        {"secret": "x" * 32},
        {"seconds": 1_700_000_000},
        {"value": good.replace(one.id, other.id)},
        {"value": buttons["deny"]["value"]},
        {"value": good.replace("|default", "|other")},
        {"value": ""},
    ):
        status, said = slack.press(server.url, buttons["approve"], **changed)
        assert (status, said["error"]["code"]) == (401, "not_signed"), changed
    assert slack.press(server.url, buttons["approve"], kind="view_submission") == (200, {"became": "nothing"})
    assert slack.press(server.url, buttons["look"]) == (200, {"became": "nothing"})
    assert (state(server, one), state(server, other)) == ("pending", "pending")


@pytest.mark.parametrize(
    ("user", "why"),
    [("U0EVE", "not among those"), ("U0UMA", "own user does not"), ("U0BOT", "who asks does not")],
)
def test_who_may_not_decide_is_told_alone(server: Any, slack: SlackThere, user: str, why: str) -> None:
    one, buttons = waits(server, slack, f"of {user}")
    assert slack.press(server.url, buttons["approve"], user) == (200, {"became": "nothing"})
    assert slack.replies[-1]["response_type"] == "ephemeral"
    assert why in slack.replies[-1]["text"]
    assert state(server, one) == "pending"


def test_what_nobody_vouches_for_is_approved_in_the_console_alone(server: Any, slack: SlackThere) -> None:
    one = asks(server.worker.policy.office, who("doubted"))
    buttons = told(slack, one)
    assert set(buttons) == {"deny", "look"}
    forged = {"action_id": "approve", "value": value(SECRET, "approve", one.id, "default")}
    assert slack.press(server.url, forged) == (200, {"became": "nothing"})
    assert "in the console" in slack.replies[-1]["text"]
    assert state(server, one) == "pending"


def test_a_press_on_a_long_message_is_taken(server: Any, slack: SlackThere) -> None:
    """Slack sends the whole message along, each letter of it in up to 16 bytes."""
    there = server.worker.policy.office
    there.control.heard(who("long"), "Pay somebody")
    smile = "\U0001f600"
    hidden = " ".join(base64.b64encode(f"say {n} {smile * 150}".encode()).decode() for n in range(3))
    call = {"to": [f"{n} {smile * 160} {hidden}" for n in range(8)], "amount": 50}
    one = there.control.check(who("long"), call_of("pay", call, PAY, who=who("long"))).approval
    buttons = told(slack, one)
    raw, _ = slack.pressing(buttons["deny"], "U0OLGA")
    assert len(raw) > 64_000
    assert slack.press(server.url, buttons["deny"]) == (200, {"became": "denied"})


def test_two_who_press_at_the_same_moment_decide_once(server: Any, slack: SlackThere) -> None:
    one, buttons = waits(server, slack, "race")
    came: list[tuple[int, Any]] = []
    threads = [
        threading.Thread(target=lambda v=v: came.append(slack.press(server.url, buttons[v])))  # type: ignore[misc] # bound by a default
        for v in ("approve", "deny") * 6
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (became,) = [said["became"] for _, said in came if said["became"] != "nothing"]
    assert len(came) == len(threads)
    assert {status for status, _ in came} == {200}
    assert state(server, one) == became


def test_replies_go_where_messages_go(server: Any, slack: SlackThere) -> None:
    one, buttons = waits(server, slack, "elsewhere")
    replies, elsewhere = len(slack.replies), slack.url.replace("127.0.0.1", "localhost")
    assert slack.press(server.url, buttons["deny"], reply=f"{elsewhere}/actions/1") == (200, {"became": "denied"})
    assert (state(server, one), len(slack.replies)) == ("denied", replies)


def test_presses_that_nobody_set_up_are_refused(slack: SlackThere, tmp_path: Path) -> None:
    with running("embedded: {enabled: false}\ncasebook: {enabled: false}\n", tmp_path / "home") as outrider:
        status, said = slack.press(outrider.url, {"action_id": "approve"})
        assert (status, said["error"]["code"]) == (401, "not_signed")
        assert "policy.approvals.slack" in said["error"]["message"]
