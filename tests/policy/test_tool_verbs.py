"""What a tool's name says that it does."""

import pytest

from outrider.policy.propose import Tool, effect
from outrider.policy.tool_verbs import acting, class_of, goes_on, looks_up, only_reads, verb_in, verb_of
from tests.policy.known_tools import EFFECTS, READ, SILENT


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


@pytest.mark.parametrize(("tool", "may"), EFFECTS)
def test_tools_that_are_known_have_their_class_and_none_is_taken_for_reading(tool: str, may: str) -> None:
    assert verb_of(tool) in may.split("/")
    assert effect(Tool(tool))[0] != "none"
    assert not only_reads(tool)


@pytest.mark.parametrize("tool", SILENT)
def test_tools_without_a_class_are_not_taken_for_reading(tool: str) -> None:
    assert effect(Tool(tool))[0] != "none"
    assert not only_reads(tool)


def test_most_tools_that_read_are_proposed_so_by_their_names_alone() -> None:
    assert len(READ) > 200
    assert sum(effect(Tool(tool))[0] == "none" for tool in READ) / len(READ) > 0.92
    assert sum(only_reads(tool) for tool in READ) / len(READ) > 0.86


_DOES = """
delete remove drop purge wipe truncate cancel kill clear archive trash publish share send execute run deploy
trigger merge create add insert update set edit write rename replace enable disable start stop approve pay
refund withdraw grant revoke impersonate ban block hide suspend freeze lock dismiss accept reject confirm flag
rotate restore subscribe activate toggle pause void sign release print
"""


@pytest.mark.parametrize("does", _DOES.split())
def test_what_is_done_to_a_thing_that_is_called_like_reading_is_no_reading(does: str) -> None:
    for thing in ("list", "view", "query", "check", "review", "watch"):
        for tool in (f"{does}_{thing}", f"{does}{thing.title()}", f"get_or_{does}", f"{thing}_and_{does}"):
            assert effect(Tool(tool))[0] != "none", tool
            assert not only_reads(tool), tool


@pytest.mark.parametrize(
    ("tool", "verb"),
    [
        ("add_observations", "create"),
        ("git_add", "create"),
        ("add_to_channel", "invite"),
        ("group.add", "invite"),
        ("add_user_to_group", "invite"),
        ("add_card_to_list", "create"),
        ("send_invoice", "send"),
        ("send_payment_reminder", "send"),
        ("send_payment", "pay"),
        ("pay_invoice", "pay"),
        ("issue_write", "create"),
        ("write_email", "send"),
        ("create_task_comment", "post"),
        ("create_task_for_payment", "create"),
        ("create_reminder_for_payment", "create"),
    ],
)
def test_what_is_added_sent_or_written(tool: str, verb: str) -> None:
    assert verb_of(tool) == verb


@pytest.mark.parametrize(
    "tool",
    [
        "resume_subscription", "check_in_guest", "check_out_book", "collect_payment", "review_product", "track_event",
        "convert_lead", "watch_repository", "load_data", "status_update", "list_clear", "query_kill", "get_rid_of_rows",
        "post_status", "request_review", "list_remove_item",
    ],
)  # fmt: skip
def test_words_of_reading_that_do_something(tool: str) -> None:
    assert effect(Tool(tool))[0] != "none"
    assert not only_reads(tool)


@pytest.mark.parametrize(
    "tool",
    [
        "export_status",
        "issue_read",
        "commit_history",
        "list_merge_requests",
        "view_refund",
        "track_order",
        "get_commit",
    ],
)
def test_reading_beside_what_is_called_like_doing(tool: str) -> None:
    assert effect(Tool(tool))[0] == "none"


@pytest.mark.parametrize(
    ("tool", "arguments", "reads"),
    [
        ("query", {"sql": "SELECT 1"}, True),
        ("query", {"sql": "select 1; delete from users"}, False),
        ("query", {"sql": "with x as (delete from users returning 1) select 1"}, False),
        ("query", {"sql": ["DELETE FROM users"]}, False),
        ("query", {"query": "DELETE FROM users"}, False),
        ("query", {"query": "mutation { deleteUser }"}, False),
        ("search", {"query": "how to delete from a list"}, True),
        ("fetch", {"url": "https://x.example", "method": "POST"}, False),
        ("fetch", {"url": "https://x.example", "method": "GET"}, True),
        ("list_tabs", {"action": "close"}, False),
        ("list_tabs", {"action": "list"}, True),
        ("read_file", {"path": "a", "command": "rm a"}, False),
    ],
)
def test_an_argument_may_say_that_more_is_done(tool: str, arguments: dict[str, object], reads: bool) -> None:
    assert only_reads(tool, arguments) is reads


def test_a_thing_is_not_looked_up_where_an_argument_says_more() -> None:
    assert looks_up("staff_rota", "The rota of a day.", {"day": "2026-09-18"})
    assert not looks_up("staff_rota", "The rota of a day.", {"action": "delete"})
    assert not looks_up("staff_rota", "The rota of a day, or deletes it.", {})


def test_what_goes_on_behind_reading() -> None:
    assert acting(["get", "or", "create", "label"], {"get"}) == "create"
    assert acting(["label", "create"], {"get"}) == ""
    assert goes_on("Retrieve and delete a mail.") == "delete"
    assert goes_on("Checks a guest out. Sends a bill.") == "checks a guest out"
    assert goes_on("Find mails and return them.") == goes_on("") == ""
