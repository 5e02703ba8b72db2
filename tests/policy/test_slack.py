"""Messages of Slack about calls that wait, and what of its presses is believed."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest

from outrider.base.errors import RequestError
from outrider.policy.office import Office
from outrider.policy.pending import About, Approval, Shown
from outrider.policy.slack import posted, pressed, shown_whole, signature, value
from outrider.store import open_leases
from tests.console.agents import asks, office, who
from tests.policy.slack_there import SECRET, problems

NOW = 1_800_000_000


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Office]:
    store = open_leases(f"sqlite:///{tmp_path / 'db'}")
    yield office(lambda: store)
    store.close()


def test_a_plan_is_decided_in_the_console_alone(there: Office) -> None:
    group = [asks(there, who("plan"), to=f"Eve{n}", plan="trip") for n in range(2)]
    (look,) = posted(group, "https://outrider.example", SECRET)["blocks"][-1]["elements"]
    assert look["action_id"] == "look"


def test_a_hostile_call_makes_no_message_that_slack_refuses(there: Office) -> None:
    one = asks(there, who("loud"), to="<!channel> *Bob* " + "&" * 9_000, note="\u202e" * 50)
    made = posted([one] * 12, "https://outrider.example", SECRET)
    assert list(problems(made)) == []
    assert "<!channel>" not in str(made)
    assert not shown_whole(one)


def call(path: str, value: str, kind: str = "command", origin: str = "user", tool: str = "run") -> Approval:
    """A call of one value that waits."""
    arguments = msgspec.Raw(msgspec.json.encode({path: value}))
    about = About(tool, arguments, "helper", "uma", values=(Shown(path, value, kind, origin),))
    return Approval("appr_1", "default", "s", "0", "pending", "", 1, 2, 0, "", "", 0, about)


def test_what_the_message_shows_as_it_is_may_be_approved_there() -> None:
    one = call("command", "ls -l /tmp")
    assert "command: ls -l /tmp" in str(posted([one], "https://o", SECRET))
    assert shown_whole(one)


@pytest.mark.parametrize(
    "one",
    [
        call("command", "ls\nrm -rf /home"),
        call("command", "ls    -l"),
        call("command", "ls\t" * 30),
        call("command", "x" * 161),
        call("p" * 61, "ls"),
        call("a\u202eb", "ls"),
        call("command", "ls", tool="t" * 81),
        call("query", "DELETE FROM people", "query", "made_up"),
        call("date", "2027-01-01", "date", "untrusted"),
    ],
)
def test_what_the_message_cuts_or_changes_or_nobody_said_is_approved_in_the_console(one: Approval) -> None:
    assert not shown_whole(one)
    assert [each["action_id"] for each in posted([one], "https://o", SECRET)["blocks"][-1]["elements"]] == [
        "deny",
        "look",
    ]


def press(raw: bytes, moment: str = str(NOW)) -> object:
    headers = {"x-slack-request-timestamp": moment, "x-slack-signature": signature(SECRET, moment, raw)}
    return pressed(SECRET, raw, headers, NOW)


@pytest.mark.parametrize(
    "raw", [b"", b"payload=", b"payload=%7B%7D", b"other=1", b"payload=[1]", b"\xff", b"payload=%FF"]
)
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestError, match="cannot be used") as refused:
        press(raw)
    assert refused.value.code == "invalid_body"


@pytest.mark.parametrize("moment", ["", "soon", str(NOW - 301), str(NOW + 301), "9" * 40, "١٢٣"])
def test_another_time_is_refused(moment: str) -> None:
    with pytest.raises(RequestError, match="seconds old"):
        press(b"payload=%7B%7D", moment)


def test_a_missing_signature_is_refused() -> None:
    with pytest.raises(RequestError, match="does not fit") as refused:
        pressed(SECRET, b"payload=%7B%7D", {"x-slack-request-timestamp": str(NOW)}, NOW)
    assert refused.value.status == 401


def test_a_project_may_be_called_anything() -> None:
    said = value(SECRET, "deny", "appr_1", "a|b c")
    told = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "deny", "value": said}]}
    found = press(("payload=" + quote(json.dumps(told))).encode())
    assert found == ("deny", "a|b c", "appr_1", "U1", "")
