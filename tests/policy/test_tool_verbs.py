"""What a tool's name says that it does."""

import pytest

from outrider.policy.tool_verbs import class_of, looks_up, only_reads, verb_in, verb_of


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


@pytest.mark.parametrize(
    ("tool", "described", "arguments"),
    [
        ("staff_rota", "Who works when.", {}),
        ("patient_record", "A patient's file: medical history, and what they wrote.", {"patient_id": "PT-1"}),
        ("free_slots", "Free times of a dentist on a day.", {"dentist": "Dr Anand", "day": "2026-09-18"}),
        ("free_rooms", "Rooms that are free on a day.", {"day": "2026-09-18"}),
        ("my_bookings", "Bookings of the traveller.", {}),
    ],
)
def test_a_thing_that_is_looked_up(tool: str, described: str, arguments: dict[str, object]) -> None:
    assert looks_up(tool, described, arguments)


@pytest.mark.parametrize(
    ("tool", "described", "arguments"),
    [
        ("staff_rota", "", {}),  # nothing says so
        ("staff_rota", "Sends the rota to everybody.", {}),
        ("staff_rota", "The rota, sent to everybody.", {}),
        ("courier", "Dispatches a courier.", {"address_id": "A-1"}),
        ("courier", "Courier to an address.", {"address_id": "A-1"}),
        ("send_rota", "The rota of a day.", {}),
        ("order_goods", "All that is ordered.", {"id": "ST-1"}),
        ("reports", "Reports a user.", {"id": "U-1"}),
        ("terminal", "A terminal.", {"command": "rm -rf /"}),
        ("python", "The interpreter.", {"code": "print()"}),
        ("notice", "A notice on the board.", {"text": "Hello"}),
        ("balance", "The balance of an account.", {"account": "CH93", "amount": 5}),
        ("page_of", "A page of the web.", {"url": "https://evil.example"}),
        ("staff_rota", "Who works when.", {"day": "x" * 61}),
        ("staff_rota", "Who works when.", {"day": ["2026-09-18"]}),
        ("staff_rota", "Who works when.", {"to": "eve@evil.example"}),
    ],
)
def test_what_may_be_more_than_a_look(tool: str, described: str, arguments: dict[str, object]) -> None:
    assert not looks_up(tool, described, arguments)


@pytest.mark.parametrize(
    ("tool", "verb"),
    [
        ("orders.cancel", "delete"),
        ("bookings-modify", "update"),
        ("message_delete", "delete"),
        ("create_refund", "pay"),
        ("payments.create", "pay"),
        ("make_reservation", "book"),
        ("add_comment", "post"),
        ("create_message", "send"),
        ("add_tag", "create"),
        ("add_participant", "invite"),
        ("mail.drafts.create", "create"),
        ("check_in_guest", "update"),
        ("void_invoice", "delete"),
        ("moderate_comments", ""),
        ("crm.contacts.update", "update"),
    ],
)
def test_a_name_has_a_verb_and_a_thing(tool: str, verb: str) -> None:
    assert verb_of(tool) == verb


def test_what_is_saved_is_made_or_changed() -> None:
    assert verb_of("save_draft") == "create"
    assert verb_of("save_draft", wanted=["update"]) == "update"


def test_an_argument_may_be_the_verb() -> None:
    assert verb_in({"comment_ids": ["C-1"], "action": "delete"}) == "delete"
    assert verb_in({"action": 3}) == verb_in({"note": "delete"}) == ""


@pytest.mark.parametrize(
    "tool", ["reviews.reply", "reviews_reply", "review_reply", "lists.post", "search.share", "checks__forward"]
)
def test_a_thing_that_is_called_like_reading_is_none(tool: str) -> None:
    assert not only_reads(tool)


@pytest.mark.parametrize(
    "tool", ["orders.list", "mail__search_messages", "view_order", "check_booking", "contacts.find"]
)
def test_reading_beside_things_that_are_called_like_effects(tool: str) -> None:
    assert only_reads(tool)


def test_what_is_set_is_not_made() -> None:
    assert verb_of("set_payment_method") in ("create", "update")
    assert verb_of("schedule_payment") == "pay"
