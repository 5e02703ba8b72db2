"""Calls of tools, their results, and how they are chosen."""

from typing import Any

from outrider.testing.conformance.catalogue.making import CLOCK, WEATHER, assistant, one, says, scene, user
from outrider.testing.conformance.catalogue.media import PNG
from outrider.testing.speaking.words import Call, Reply, Result, Text, Tool

ASKED = user("How is the weather in Bern?")
BERN = Call("call_Bern01", "get_weather", {"city": "Bern", "days": 2})
BASEL = Call("call_Basel02", "get_weather", {"city": "Basel", "days": 1})
TIME = Call("call_Time03", "get_time", {})
CALLS = Reply((BERN,), "tool_calls")
NESTED = Call(
    "call_Deep04",
    "plan",
    {"stops": [{"name": "Genève", "at": None, "fast": True}], "budget": 12.5, "note": 'say "hi"\n\\ü', "empty": {}},
)
PLAN = Tool(
    "plan",
    "Plans a trip.\nIn several lines.",
    {
        "type": "object",
        "properties": {
            "stops": {"type": "array", "items": {"$ref": "#/$defs/stop"}, "minItems": 1},
            "budget": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "note": {"type": "string", "enum": ["a", "b"]},
        },
        "required": ["stops"],
        "$defs": {"stop": {"type": "object", "properties": {"name": {"type": "string"}}}},
    },
)
STRICT = Tool(WEATHER.name, WEATHER.description, WEATHER.schema, True)
LENIENT = Tool(WEATHER.name, WEATHER.description, WEATHER.schema, False)


def gave(call: Call, *parts: Any, error: bool = False) -> Result:
    return Result(call.id, tuple(Text(p) if isinstance(p, str) else p for p in parts), error, call.name)


def chosen(name: str, title: str, choice: str, reply: Reply = CALLS) -> Any:
    return one(name, title, ASKED, tools=(WEATHER, CLOCK), choice=choice, reply=reply)


SCENES = (
    one("tool-call", "A tool's call", ASKED, tools=(WEATHER,), reply=CALLS),
    one("tool-calls", "Calls at once", ASKED, tools=(WEATHER, CLOCK), reply=Reply((BERN, BASEL, TIME), "tool_calls")),
    one(
        "text-and-call",
        "Text before a call",
        ASKED,
        tools=(WEATHER,),
        reply=says("Let me look. ", BERN, finish="tool_calls"),
    ),
    one("no-arguments", "A call without arguments", ASKED, tools=(CLOCK,), reply=Reply((TIME,), "tool_calls")),
    one(
        "arguments",
        "Nested arguments, a schema with references",
        user("Plan."),
        tools=(PLAN,),
        reply=Reply((NESTED,), "tool_calls", piece=3),
    ),
    one("tool-unused", "Tools that are not called", ASKED, tools=(WEATHER, CLOCK)),
    chosen("choice-auto", "Tool choice: auto", "auto"),
    chosen("choice-none", "Tool choice: none", "none", Reply()),
    chosen("choice-required", "Tool choice: required", "required"),
    chosen("choice-named", "Tool choice: one by name", "=get_weather"),
    one(
        "one-call",
        "No calls at once",
        ASKED,
        tools=(WEATHER,),
        params={"parallel": False},
        reply=CALLS,
        needs="parallel",
    ),
    one(
        "one-call-held",
        "One call although the provider makes two",
        ASKED,
        tools=(WEATHER,),
        params={"parallel": False},
        reply=Reply((BERN, BASEL), "tool_calls"),
        needs="parallel",
        tells="held_calls",
    ),
    one(
        "server-tool",
        "A tool of the provider's own",
        ASKED,
        tools=(Tool("web_search", kind="web_search"),),
        needs="server_tool",
    ),
    one("strict-tool", "A strict tool", ASKED, tools=(STRICT,), reply=CALLS, needs="strict"),
    one("lenient-tool", "A tool that is not strict", ASKED, tools=(LENIENT,), reply=CALLS, needs="strict"),
    scene(
        "tool-result",
        "A tool's result",
        ((ASKED,), CALLS),
        ((user(gave(BERN, "Rain.")),), says("It rains.")),
        tools=(WEATHER,),
    ),
    scene(
        "tool-results",
        "Results of calls at once",
        ((ASKED,), Reply((BERN, BASEL), "tool_calls")),
        ((user(gave(BERN, "Rain."), gave(BASEL, "Sun.")),), says("Mixed.")),
        tools=(WEATHER,),
    ),
    scene(
        "tool-rounds",
        "Several rounds of calls",
        ((ASKED,), says("First Bern. ", BERN, finish="tool_calls")),
        ((user(gave(BERN, "Rain.")),), Reply((BASEL,), "tool_calls")),
        ((user(gave(BASEL, "Sun.")),), says("Mixed.")),
        ((user("Thanks."),), says("Bye.")),
        tools=(WEATHER,),
    ),
    scene(
        "result-and-text",
        "A result, and words with it",
        ((ASKED,), CALLS),
        ((user(gave(BERN, "Rain."), "Be quick."),), says("It rains.")),
        tools=(WEATHER,),
    ),
    scene(
        "json-result",
        "A result that is JSON",
        ((ASKED,), CALLS),
        ((user(gave(BERN, '{"sky":"rain","degrees":[7.5,null]}')),), says("It rains.")),
        tools=(WEATHER,),
    ),
    scene(
        "failed-result",
        "A result that is an error",
        ((ASKED,), CALLS),
        ((user(gave(BERN, "No such city.", error=True)),), says("I do not know.")),
        tools=(WEATHER,),
        needs="tool_error",
    ),
    scene(
        "image-result",
        "A result with an image",
        ((ASKED,), CALLS),
        ((user(gave(BERN, "A photo:", PNG)),), says("It rains.")),
        tools=(WEATHER,),
        needs="tool_image",
    ),
    scene(
        "empty-result",
        "A result that says nothing",
        ((ASKED,), CALLS),
        ((user(gave(BERN, "")),), says("Done.")),
        tools=(WEATHER,),
    ),
    one(
        "earlier-calls",
        "Calls that another model made, under ids of its own",
        ASKED,
        assistant(Call("functions.get_weather:0", "get_weather", {"city": "Bern", "days": 2})),
        user(Result("functions.get_weather:0", (Text("Rain."),), name="get_weather")),
        tools=(WEATHER,),
        needs="foreign_ids",
        ids=False,
    ),
)
