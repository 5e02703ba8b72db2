"""Labels that are proposed: the worse where nothing is clear."""

import pytest

from outrider.base.errors import ConfigError
from outrider.policy.propose import Tool, effect, propose, steering, tools_of
from outrider.policy.traffic import sample

READS = """read_file list_directory search_files git_status get_issue web_search query get_balance
    get_unread_emails list_orders get_payment_status order_status permission_list payments_list email_read getInvoice
    lookup_customer check_opening_hours calendar.events.list whoami history"""
EFFECTS = """internal:write_file internal:create_directory internal:move_file destructive:delete_entities
    destructive:cancel_event external:slack_post_message external:send_email external:create_issue
    external:merge_pull_request external:invite_user external:execute_sql external:run_shell money:send_money
    money:schedule_transaction money:bookFlight money:stripe_refund credentials:update_password
    credentials:grant_access external:add_calendar_event_participants external:email_send internal:file_write
    external:notify_team destructive:calendar.events.delete"""


@pytest.mark.parametrize("name", READS.split())
def test_tools_that_read(name: str) -> None:
    assert effect(Tool(name))[0] == "none"


@pytest.mark.parametrize("said", EFFECTS.split())
def test_tools_that_do_something(said: str) -> None:
    wanted, _, name = said.partition(":")
    assert effect(Tool(name))[0] == wanted


def test_a_server_is_believed_where_it_says_the_worse() -> None:
    assert effect(Tool("zap", annotations={"destructiveHint": True}))[0] == "destructive"
    assert effect(Tool("send_mail", annotations={"readOnlyHint": True}))[0] == "external"
    assert effect(Tool("zap", annotations={"readOnlyHint": True}))[0] == "external"
    assert effect(Tool("zap"))[0] == "external"
    assert effect(Tool("get_it", annotations={"readOnlyHint": False}))[0] == "external"


def test_a_thing_that_is_looked_up_reads() -> None:
    day = {"properties": {"day": {"type": "string"}}}
    assert effect(Tool("free_rooms", "Rooms that are free on a day.", day))[0] == "none"
    assert (
        effect(Tool("free_rooms", "Rooms that are free on a day.", day, None, {"readOnlyHint": False}))[0] == "external"
    )
    told = {"properties": {"text": {"type": "string"}}}
    assert effect(Tool("notice", "A notice on the board.", told))[0] == "external"


@pytest.mark.parametrize(
    ("name", "schema", "kind"),
    [
        ("to", {"type": "string"}, "recipient"),
        ("whom", {"type": "array", "items": {"format": "email"}}, "recipient"),
        ("where", {"format": "uri"}, "url"),
        ("body", {"type": "string"}, None),
        ("message_body", {}, None),
        ("silent", {"type": "boolean"}, "choice"),
        ("format", {"enum": ["a"]}, "choice"),
        ("body", {"type": "object"}, "other"),
        ("thing", {}, "other"),
    ],
)
def test_arguments(name: str, schema: dict[str, object], kind: str | None) -> None:
    assert steering(name, schema) == kind


def test_fields_that_a_system_makes_itself() -> None:
    answers = [
        {"items": [{"id": f"m-{n}", "created_at": "2026-01-01T00:00:00Z", "size": n, "from": "a@b.c", "user": "bob"}]}
        for n in range(5)
    ]
    found = propose(Tool("list_mails"), [sample({}, one) for one in answers]).declaration.fields
    assert set(found) == {"items[].id", "items[].created_at", "items[].size"}
    assert propose(Tool("list_mails"), [sample({}, answers[0])]).declaration.fields == {}, "one answer shows too little"
    schema = {"properties": {"n": {"type": "integer"}, "t": {"type": "string"}, "l": {"items": {"enum": ["a"]}}}}
    assert propose(Tool("x", outputSchema=schema)).declaration.fields == {"n": "trusted", "l[]": "trusted"}


def test_every_label_has_its_reason() -> None:
    found = propose(Tool("fetch_url", "Fetch a page", {"properties": {"url": {}}}))
    assert (found.declaration.does, found.declaration.leaves, found.declaration.trust) == ("none", True, "untrusted")
    assert found.reasons[:2] == (
        "does: none ('fetch' in its name or description, and nothing that speaks for more)",
        "leaves: true (the argument url is an address)",
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"tools": [{"name": "a", "inputSchema": {"properties": {"x": {}}}}]}',
        '{"result": {"tools": [{"name": "a", "inputSchema": {"properties": {"x": {}}}}]}}',
        '[{"type": "function", "function": {"name": "a", "parameters": {"properties": {"x": {}}}}}]',
        '[{"name": "a", "input_schema": {"properties": {"x": {}}}}]',
    ],
)
def test_tools_in_every_form(text: str) -> None:
    (tool,) = tools_of(text)
    assert (tool.name, list(tool.arguments)) == ("a", ["x"])


@pytest.mark.parametrize("text", ["", "{}", "7", '["a"]', '[{"name": 7}]', "[" * 10_000])
def test_what_is_no_list_of_tools(text: str) -> None:
    with pytest.raises(ConfigError):
        tools_of(text)


@pytest.mark.parametrize(
    ("tool", "does"),
    [
        (Tool("mysql_query", "Run SQL queries.", {"properties": {"sql": {"type": "string"}}}), "external"),
        (Tool("query", "Run a read-only SQL query.", {"properties": {"sql": {"type": "string"}}}), "none"),
        (Tool("fetch_url", "Fetch.", {"properties": {"url": {}, "method": {"enum": ["GET", "POST"]}}}), "external"),
        (Tool("list_tabs", "List.", {"properties": {"action": {"enum": ["list", "close"]}}}), "external"),
        (Tool("cleanup", "Get rid of old rows."), "external"),
        (Tool("label", "Gets a label or creates it."), "external"),
        (Tool("archive_list", "Archive a list."), "destructive"),
    ],
)
def test_what_may_do_more_than_read_is_no_look_up(tool: Tool, does: str) -> None:
    assert effect(tool)[0] == does
