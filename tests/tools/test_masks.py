"""Masks: what stays is untouched, what is gone cannot be called, hidden arguments cannot be passed."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.policy.identity import Who
from outrider.tools.masks import MaskRule, Seen, ToolMask, View, When, problems_of, view
from outrider.tools.paths import GONE
from outrider.tools.ports import Tool

WHO = Who("p", "s", user="ann", agent="bot")
NOTHING = Seen()
SEND = Tool(
    name="mail__send",
    title="Send",
    description="Sends a mail.",
    input_schema={
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "bcc": {"type": "string"},
            "body": {"type": "string"},
            "options": {"type": "object", "properties": {"sender": {"type": "string"}, "urgent": {"type": "boolean"}}},
        },
        "required": ["to", "bcc", "body"],
    },
)
READ = Tool(name="mail__read", description="Reads a mail.")
PAY = Tool(name="bank__pay", description="Pays.")
TOOLS = [SEND, READ, PAY]


def seen_by(mask: MaskRule, *, who: Who = WHO, seen: Seen = NOTHING, asked: str = "") -> View:
    return view(TOOLS, {"m": mask}, who, seen, asked)


def names(found: View) -> list[str]:
    return [tool.name for tool in found.listed]


# -- which tools ------------------------------------------------------------------------------------------------------


def test_some_stay_and_some_go() -> None:
    assert names(seen_by(MaskRule(only=("mail__*",)))) == ["mail__send", "mail__read"]
    assert names(seen_by(MaskRule(without=("bank__*",)))) == ["mail__send", "mail__read"]
    assert names(seen_by(MaskRule(agents=("other*",), only=("none",)))) == ["mail__send", "mail__read", "bank__pay"]


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        (MaskRule(agents=("bo*",), only=("x",)), WHO),
        (MaskRule(users=("ann",), only=("x",)), WHO),
        (MaskRule(sessions=("task-*",), only=("x",)), Who("p", "task-7")),
        (MaskRule(projects=("p",), only=("x",)), WHO),
    ],
)
def test_whom_a_mask_is_for(rule: MaskRule, who: Who) -> None:
    assert names(seen_by(rule, who=who)) == []
    assert len(names(seen_by(rule, who=Who("q", "z", user="zoe", agent="zed")))) == 3


def test_a_mask_on_request_is_for_who_names_it() -> None:
    rule = MaskRule(on_request=True, only=("bank__pay",))
    assert len(names(seen_by(rule))) == 3
    assert names(seen_by(rule, asked="m")) == ["bank__pay"]


def test_states_open_and_close() -> None:
    untainted = MaskRule(tools={"bank__pay": ToolMask(when=When(tainted=False))})
    assert "bank__pay" in names(seen_by(untainted))
    assert "bank__pay" not in names(seen_by(untainted, seen=Seen(tainted=True)))
    after = MaskRule(tools={"bank__pay": ToolMask(when=When(after=("mail__*",), before=("x",)))})
    assert "bank__pay" not in names(seen_by(after))
    assert "bank__pay" in names(seen_by(after, seen=Seen(called=frozenset({"mail__read"}))))
    assert "bank__pay" not in names(seen_by(after, seen=Seen(called=frozenset({"mail__read", "x"}))))
    whole = MaskRule(when=When(tainted=True, private=None), without=("*",))
    assert len(names(seen_by(whole))) == 3
    assert names(seen_by(whole, seen=Seen(tainted=True))) == []


def test_several_masks_each_take_away() -> None:
    masks = {"a": MaskRule(only=("mail__*",)), "b": MaskRule(without=("*__send",))}
    assert names(view(TOOLS, masks, WHO, Seen())) == ["mail__read"]


# -- what stays -------------------------------------------------------------------------------------------------------

_NAMES = st.lists(st.text("abc_", min_size=1, max_size=4), min_size=1, max_size=12, unique=True)


@given(_NAMES, st.data())
def test_what_stays_keeps_its_bytes_and_its_place(tool_names: list[str], draw: Any) -> None:
    tools = [Tool(name=name, description=f"does {name}", input_schema={"type": "object"}) for name in tool_names]
    without = draw.draw(st.lists(st.sampled_from(tool_names)))
    changed = draw.draw(st.lists(st.sampled_from(tool_names), unique=True))
    rule = MaskRule(without=tuple(without), tools={n: ToolMask(description="other") for n in changed})
    found = view(tools, {"m": rule}, WHO, Seen()).listed
    kept = [tool for tool in tools if tool.name not in without]
    assert [t.name for t in found] == [t.name for t in kept]
    for before, after in zip(kept, found, strict=True):
        if before.name not in changed:
            assert msgspec.json.encode(before) == msgspec.json.encode(after)


# -- arguments --------------------------------------------------------------------------------------------------------

FIXED = MaskRule(
    tools={
        "mail__send": ToolMask(
            name="send_mail", fixed={"bcc": "audit@x", "options.sender": "bot@x"}, defaults={"body": "Hello"}
        )
    }
)


def test_arguments_are_hidden_set_and_defaulted() -> None:
    found = seen_by(FIXED)
    (shown, *_) = found.listed
    assert shown.name == "send_mail"
    assert set(shown.input_schema["properties"]) == {"to", "body", "options"}
    assert shown.input_schema["required"] == ["to"]
    assert set(shown.input_schema["properties"]["options"]["properties"]) == {"urgent"}
    opened = found.open("send_mail", {"to": "a@x", "options": {"urgent": True}})
    assert opened.offered.tool is SEND
    assert opened.arguments == {
        "to": "a@x",
        "options": {"urgent": True, "sender": "bot@x"},
        "body": "Hello",
        "bcc": "audit@x",
    }
    assert sorted(opened.put) == ["Hello", "audit@x", "bot@x"]
    assert found.open("send_mail", {"to": "a@x", "body": "mine"}).arguments["body"] == "mine"


@pytest.mark.parametrize(
    "passed",
    [
        {"bcc": "evil@x"},
        {"BCC": "evil@x"},
        {"b_cc": "evil@x"},
        {"ｂｃｃ": "evil@x"},
        {"b\u200bcc": "evil@x"},
        {"options": {"sender": "evil@x"}},
        {"options": {"Sender": "evil@x"}},
        {"OPTIONS": {"sender": "evil@x"}},
        {"options.sender": "evil@x"},
        {"options": [{"sender": "evil@x"}]},
        {"something": "else"},
    ],
)
def test_what_is_hidden_cannot_be_passed(passed: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        seen_by(FIXED).open("send_mail", {"to": "a@x", **passed})
    assert refused.value.code == "argument_not_allowed"


@pytest.mark.parametrize(
    "name", ["mail__send", "MAIL__SEND", "send", "mail.send", "Send_Mail", " send_mail", "ｓend_mail"]
)
def test_a_masked_tool_is_refused_by_every_other_name(name: str) -> None:
    with pytest.raises(RequestError) as refused:
        seen_by(FIXED).open(name, {"to": "a@x"})
    assert refused.value.code == "unknown_tool"


def test_a_tool_that_is_there_and_one_that_is_not_are_refused_alike() -> None:
    found = seen_by(MaskRule(without=("bank__pay",)))

    def said(name: str) -> str:
        with pytest.raises(RequestError) as refused:
            found.open(name, {})
        return refused.value.message.replace(name, "X")

    assert said("bank__pay") == said("bank__nix")


def test_a_mask_that_does_not_fit_leaves_the_tool_out() -> None:
    for rule in (ToolMask(hide=("nix",)), ToolMask(hide=("bcc",)), ToolMask(defaults={"a.b": 1})):
        found = seen_by(MaskRule(tools={"mail__send": rule}))
        assert "mail__send" not in names(found)
        assert found.left_out


def test_a_name_that_is_taken_is_not_given() -> None:
    found = seen_by(MaskRule(tools={"mail__send": ToolMask(name="bank__pay")}))
    assert found.find("bank__pay").tool is PAY  # type: ignore[union-attr]
    assert names(found) == ["mail__read", "bank__pay"]
    hidden = seen_by(MaskRule(without=("bank__pay",), tools={"mail__send": ToolMask(name="bank__pay")}))
    assert names(hidden) == ["mail__read"]  # the name of a hidden tool stays that tool's
    reserved = view(
        TOOLS, {"m": MaskRule(tools={"mail__send": ToolMask(name="call_tool")})}, WHO, Seen(), reserved=("call_tool",)
    )
    assert names(reserved) == ["mail__read", "bank__pay"]


def test_a_second_mask_does_not_undo_the_first() -> None:
    masks = {
        "a": MaskRule(tools={"mail__send": ToolMask(fixed={"bcc": "audit@x"})}),
        "b": MaskRule(tools={"mail__send": ToolMask(defaults={"body": "x"}, description="Other.")}),
    }
    found = view(TOOLS, masks, WHO, Seen())
    assert found.open("mail__send", {"to": "a"}).arguments == {"to": "a", "body": "x", "bcc": "audit@x"}
    again = {"a": masks["a"], "b": MaskRule(tools={"mail__send": ToolMask(fixed={"bcc": "evil@x"})})}
    assert "mail__send" not in names(view(TOOLS, again, WHO, Seen()))  # it has no such argument any more


# -- results ----------------------------------------------------------------------------------------------------------


def test_fields_of_results() -> None:
    rule = MaskRule(tools={"mail__read": ToolMask(keep=("subject", "parts[].id"), drop=("parts[].id.raw",))})
    (found,) = [one for one in seen_by(rule).offered if one.tool is READ]
    assert found.cuts
    assert found.shown.output_schema is None
    value = {"subject": "s", "body": "b", "parts": [{"id": {"raw": 1, "n": 2}, "x": 3}]}
    assert found.result(value) == {"subject": "s", "parts": [{"id": {"n": 2}}]}
    assert found.result("not JSON") is GONE


def test_mistakes_are_named() -> None:
    rule = MaskRule(
        tools={
            "a": ToolMask(fixed={"x": 1}, defaults={"x": 2}),
            "b": ToolMask(hide=("l[].x", "")),
            "c": ToolMask(name="a b"),
        }
    )
    found = list(problems_of(rule))
    assert [path for path, _ in found] == [
        ("tools", "a", "defaults"),
        ("tools", "b", "hide"),
        ("tools", "b", "hide"),
        ("tools", "c", "name"),
    ]
