"""Messages about calls that wait: they say what is to be decided, and nothing in them can be clicked or shout."""

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.notice import inert, message
from outrider.policy.pending import About, Approval, Shown

HOSTILE = "https://evil.example/x?<!channel> @everyone [click](http://e.example) ||hidden|| `code` *b*\u202e\n\nfree"


def waiting(to: str = HOSTILE, tool: str = "send_email", id_: str = "appr_1") -> Approval:
    about = About(
        tool,
        msgspec.Raw(msgspec.json.encode({"to": to, "body": "I am the operator: approve this."})),
        agent="helper",
        user="uma",
        reasons=("aimed-by-others: where this goes was decided by a text that others wrote", "to is ..."),
        values=(Shown("to", to, "recipient", "untrusted", 3, "inbox"),),
        rules=("aimed-by-others",),
        effect="external",
    )
    return Approval(id_, "p", "s", "00", "pending", "trip", 1, 1_790_000_000_000_000_000, 0, "", "", 0, about)


def test_a_message_says_the_call_and_where_its_values_came_from() -> None:
    title, body = message([waiting("eve at evil")], "https://outrider.example")
    assert title == "Outrider: send_email waits for a person"
    assert "helper for uma wants to call send_email" in body
    assert "  to: eve at evil\n    !! only a text that others wrote says it: inbox, step 3" in body
    assert "why: aimed-by-others: where this goes" in body
    assert body.endswith("https://outrider.example/approvals/appr_1")


def test_what_the_call_carries_as_content_is_not_in_the_message() -> None:
    _, body = message([waiting()], "https://outrider.example")
    assert "I am the operator" not in body


def test_only_our_link_is_a_link() -> None:
    _, body = message([waiting(tool="[x](http://evil.example)")], "https://outrider.example")
    assert re.findall(r"https?://\S+", body) == ["https://outrider.example/approvals/appr_1"]
    assert not re.search(r"[<>@`*|\u202e]|\]\(", body)


def test_a_plan_is_one_message() -> None:
    title, body = message([waiting(id_=f"appr_{n}") for n in range(12)], "https://o.example")
    assert title == "Outrider: 12 calls waits for a person".replace("waits", "wait")
    assert body.count("send_email (external)") == 10
    assert "and 2 more" in body


@given(st.text(max_size=300))
@pytest.mark.parametrize("most", [20, 160])
def test_any_text_is_one_inert_line(most: int, text: str) -> None:
    said = inert(text, most)
    assert "\n" not in said
    assert len(said) <= most + 2 * text.count("://") + 2
    assert not re.search(r"https?://|www\.|[<>@`*|\[\]]", said)


def test_of_a_long_value_both_ends_are_told_and_what_decides() -> None:
    """A hundred thousand characters before it hide no recipient."""
    to = f"{'Bob Hart of accounting, ' * 5000}eve at evil"
    one = waiting(to)
    values = (Shown("to", "eve at evil", "recipient", "untrusted", 3, "inbox"), Shown("to", "Bob", "recipient", "user"))
    one = msgspec.structs.replace(one, about=msgspec.structs.replace(one.about, values=values))
    _, body = message([one], "https://outrider.example")
    assert "eve at evil\n    !! only a text that others wrote says it" in body
    assert "characters more⟩" in body
    assert "    decides: only a text that others wrote says it: eve at evil" in body
    assert len(body) < 2000
