"""What a tool's name says that it does."""

import pytest

from outrider.policy.tool_verbs import class_of, only_reads, verb_of


@pytest.mark.parametrize(
    ("tool", "described", "verb"),
    [
        ("send_money", "", "pay"),
        ("add_participant", "", "invite"),
        ("bank__transfer", "", "pay"),
        ("submit_claim", "Hand a claim in.", ""),
        ("x1", "Cancel an order.", "delete"),
        ("page_team", "", "send"),
    ],
)
def test_the_class_of_a_tool(tool: str, described: str, verb: str) -> None:
    assert verb_of(tool, described) == verb


def test_what_is_set_is_what_is_wanted() -> None:
    assert verb_of("set_price") == "create"
    assert verb_of("set_price", wanted=["update"]) == "update"


def test_a_declared_verb_is_any_word_of_its_class() -> None:
    assert (class_of("cancel"), class_of("pay"), class_of("frobnicate"), class_of("")) == (
        "delete",
        "pay",
        "frobnicate",
        "",
    )


def test_tools_that_only_read() -> None:
    assert only_reads("list_mails")
    assert only_reads("who_is_there")
    assert not only_reads("delete_and_list")
    assert not only_reads("mail")
