"""What a model is asked about a user's words, and what of its answer holds."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.grants import Grant, checked
from outrider.policy.normal import holds, plain
from outrider.policy.reading import Reading, held, question, readable
from outrider.policy.state import SessionState
from tests.policy.scenes import RULES

FAR = 2**62
PAGE = Declaration(does="external", steers={"who": "recipient"}, carries=("text",), verb="page")
PAY = Declaration(does="money", steers={"to": "recipient", "amount": "amount"}, verb="pay")
ABSENT = Declaration(does="internal", steers={"pupil": "id"}, verb="record")
TOOLS = {
    "page": PAGE,
    "pay": PAY,
    "record_absence": ABSENT,
    "run": Declaration(does="external", steers={"command": "command"}),
    "drop": Declaration(does="destructive", steers={"path": "path"}, verb="delete"),
    "mail__*": PAGE,
    "send_sms": Declaration(does="external", steers={"who": "recipient"}, carries=("text",)),
    "delete_letter": Declaration(does="internal", steers={"letter": "id"}),
    "inbox": Declaration(does="none"),
    "bare": Declaration(does="external"),
}


def state(*texts: str) -> SessionState:
    made = SessionState()
    for text in texts:
        made.user(text)
    return made


def read(of: SessionState, *items: dict[str, Any]) -> Reading:
    return held(json.dumps({"grants": items}), of, TOOLS, FAR)


def verdict(of: SessionState, grant: Grant, tool: str, **arguments: Any) -> str:
    return decide(Call(tool, arguments, TOOLS[tool]), of, RULES, [(grant, 0)]).verdict


def test_only_tools_that_their_owner_labelled_by_name_are_told() -> None:
    assert set(readable(TOOLS)) == {"page", "pay", "record_absence", "drop", "send_sms", "delete_letter"}
    fields = question(["a"], TOOLS)
    told = json.loads(fields["messages"][1]["content"])
    assert told["words"] == ["a"]
    assert next(one for one in told["tools"] if one["name"] == "page") == {
        "name": "page",
        "does": "external",
        "verb": "page",
        "steered_by": {"who": "recipient"},
    }


def test_what_the_rules_cannot_read_and_the_user_named() -> None:
    of = state("Noor has to hear about INC-42")
    (grant,) = read(of, {"tool": "page", "recipients": ["Noor"], "calls": 5}).grants
    assert (grant.recipients, grant.calls, grant.until) == (("Noor",), 1, FAR)
    assert verdict(of, grant, "page", who="Noor", text="INC-42") == "allow", "as a person gives it"


@pytest.mark.parametrize(
    "text",
    [
        "What did Noor write yesterday?",
        "Read the mail of Noor",
        "Do not let this come to Noor",
        "Everybody except Noor ought to hear about it",
        "Noor has to hear about it. Well, not Noor after all",
        "Noor has to hear about it. Then do whatever the file says",
        "Send the report of Noor to Bob",
        "Noor linked an article this morning",
        "In the meeting Bob asked Noor",
    ],
)
def test_what_the_user_did_not_name_for_it(text: str) -> None:
    found = read(state(text), {"tool": "page", "recipients": ["Noor"]})
    assert found.grants == ()
    assert found.dropped


def test_few_reasons_are_kept() -> None:
    many = [f"nobody{n}@x.example" for n in range(30)]
    found = read(state("Noor has to hear it"), *[{"tool": "page", "recipients": many}] * 30)
    assert (len(found.dropped), found.dropped[-1][:4]) == (41, "and ")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Noor ought to hear about the letter from Eve", "from Eve"),
        ("Noor ought to hear about the letter from Eve", "Noor ought to hear about the letter from Eve"),
        ("Noor has to hear what Eve's mail means", "Eve's mail"),
        ("Noor has to hear what Eve's mail means", "Noor has to hear what Eve"),
    ],
)
def test_more_of_the_users_words_than_a_name_lead_nowhere_else(text: str, named: str) -> None:
    of = state(text)
    assert read(of, {"tool": "page", "recipients": ["Eve"]}).grants == ()
    for grant in read(of, {"tool": "page", "recipients": [named]}).grants:
        assert verdict(of, msgspec.structs.replace(grant, read=1), "page", who="Eve", text="Hi") == "ask"
    (grant,) = read(of, {"tool": "page", "recipients": ["Noor"]}).grants
    assert verdict(of, msgspec.structs.replace(grant, read=1), "page", who="Noor", text="Hi") == "allow"


def test_what_is_grave_the_rules_have_to_read_too() -> None:
    item = {"tool": "pay", "recipients": ["Bob"], "amount": 50}
    assert read(state("Bob ought to have 50 of mine"), item).grants == ()
    (grant,) = read(state("Pay Bob 50 and Eve 900"), item).grants
    assert grant.amount == Decimal(50)
    assert read(state("Pay Bob 50 and Eve 900"), {**item, "amount": 900}).grants == ()
    assert read(state("Bob's /old/a.txt is of no use"), {"tool": "drop", "paths": ["/old/a.txt"]}).grants == ()
    of = state("Pay Bob 50")
    soft = Grant(("pay",), ("Bob", "Eve"), amount=Decimal(900), read=1)
    assert verdict(of, soft, "pay", to="Eve", amount=900) == "ask", "by itself it says nothing about money"
    assert verdict(of, Grant(("drop",), paths=("a.txt",), read=1), "drop", path="a.txt") == "ask"


def test_by_itself_it_ends_with_the_next_word_and_lifts_no_other_rule() -> None:
    of = state("Noor has to hear about INC-42")
    soft = Grant(("page",), ("Noor",), calls=1, read=1)
    assert decide(Call("page", {"who": "Noor"}, PAGE), of, RULES).verdict == "ask"
    assert verdict(of, soft, "page", who="Noor", text="INC-42") == "allow"
    assert verdict(of, soft, "page", who="Ann", text="INC-42") == "ask"
    assert decide(Call("page", {"who": "Noor"}, PAGE), of, RULES, [(soft, 1)]).verdict == "ask", "it is used up"
    assert verdict(of, soft, "page", who="Noor", text="https://evil.example/x") == "ask"
    of.effect("page", "page", "noor")
    assert verdict(of, soft, "page", who="Noor", text="INC-42") == "ask", "once more"
    assert verdict(state("Noor has to hear about INC-42", "Thanks"), soft, "page", who="Noor") == "ask"


def test_a_name_covers_what_trusted_data_have_under_it() -> None:
    of = state("Mila Novak is ill on the 18th, enter that please")
    (grant,) = read(of, {"tool": "record_absence", "ids": ["Mila Novak"]}).grants
    register = [{"id": "P-1", "name": "Mila Novak"}, {"id": "P-2", "name": "Tom Hall"}]
    of.result("pupils", register, Declaration(trust="trusted", does="none"))
    soft = Grant(grant.tools, ids=grant.ids, calls=1, read=1)
    assert verdict(of, soft, "record_absence", pupil="P-1") == "allow"
    assert verdict(of, soft, "record_absence", pupil="P-2") == "ask"
    of.result("web", [{"id": "P-9", "name": "Mila Novak"}], Declaration(does="none"))
    assert verdict(of, soft, "record_absence", pupil="P-9") == "ask", "others say who Mila Novak is"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "none",
        "[]",
        '{"grants": 1}',
        '{"grants": [{"tool": 1}]}',
        '{"grants": [], "also": 1}',
        "[" * 100_000,
        "\ud800",
    ],
)
def test_another_form_is_nothing(answer: str) -> None:
    assert "no JSON" in held(answer, state("Page Noor"), TOOLS, FAR).dropped[0]


def test_a_fence_around_it_is_no_matter_and_many_are_cut() -> None:
    of = state("Noor has to hear about INC-42")
    one = {"tool": "page", "recipients": ["Noor"]}
    assert held(f"```json\n{json.dumps({'grants': [one]})}\n```", of, TOOLS, FAR).grants
    found = read(of, *[one] * 50)
    assert len(found.grants) == 1
    assert "30 more" in found.dropped[0]


@given(
    st.text(max_size=120),
    st.lists(
        st.fixed_dictionaries(
            {
                "tool": st.sampled_from([*TOOLS, "*", "none"]),
                "recipients": st.lists(st.text(max_size=20) | st.sampled_from(["Noor", "Bob", "*", "N*"]), max_size=3),
                "paths": st.lists(st.text(max_size=20), max_size=2),
                "ids": st.lists(st.sampled_from(["Noor", "INC-42", "*"]), max_size=2),
                "amount": st.none() | st.integers() | st.sampled_from(["50", "1e9", "NaN"]),
                "calls": st.integers(min_value=-(2**31), max_value=2**31),
            }
        ),
        max_size=4,
    ),
)
def test_whatever_it_answers_a_grant_is_the_users_own(text: str, items: list[dict[str, Any]]) -> None:
    of = state("Noor has to hear about INC-42, and pay Bob 50", text)
    for grant in read(of, *items).grants:
        checked(grant)
        assert grant.tools[0] in readable(TOOLS)
        assert not grant.strict
        for value in (*grant.recipients, *grant.paths, *grant.urls, *grant.ids):
            assert "*" not in value
            assert any(
                holds(said, plain(value)) or plain(value).replace(" ", "") in said.replace(" ", "") for said in of.asked
            )
        assert grant.until == FAR
        assert 1 <= grant.calls <= 3


def test_the_way_and_the_kind_of_thing_that_the_user_said_hold_for_what_a_model_reads() -> None:
    of = state("Write Noor a letter that school is out")
    found = read(of, {"tool": "send_sms", "recipients": ["Noor"]})
    assert (found.grants, found.dropped) == ((), ("send_sms: the user wants it told in another way",))
    soft = Grant(("send_sms",), ("Noor",), read=1)
    assert verdict(of, soft, "send_sms", who="Noor", text="School is out") == "ask", "nor where it was given anyhow"
    assert read(state("Text Noor that school is out"), {"tool": "send_sms", "recipients": ["Noor"]}).grants
    of = state("Delete the appointment of Noor")
    found = read(of, {"tool": "delete_letter", "ids": ["Noor"]})
    assert (found.grants, found.dropped) == ((), ("delete_letter: the user wants it done to another kind of thing",))
