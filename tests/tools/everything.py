"""A server with everything that the public MCP conformance suite asks for, made with the official SDK.

`python everything.py` speaks stdio; with `--http PORT` Streamable HTTP on 127.0.0.1.
"""

import base64
import json
import re
import sys
import warnings
from typing import Any

import anyio
import mcp_types as types
from mcp import MCPError
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp.shared.message import ServerMessageMetadata

PNG = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000000030001"
        "1e6e4a3b0000000049454e44ae426082"
    )
).decode()
WAV = base64.b64encode(b"RIFF$\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00@\x1f\x00\x00\x80>\x00\x00").decode()
NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
TEXT = {"type": "string"}
EMBEDDED = {
    "type": "resource",
    "resource": {
        "uri": "test://embedded-resource",
        "mimeType": "text/plain",
        "text": "This is an embedded resource content.",
    },
}
IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}
FIXED: dict[str, list[dict[str, Any]]] = {
    "test_simple_text": [{"type": "text", "text": "This is a simple text response for testing."}],
    "test_image_content": [IMAGE],
    "test_audio_content": [{"type": "audio", "data": WAV, "mimeType": "audio/wav"}],
    "test_embedded_resource": [EMBEDDED],
    "test_multiple_content_types": [
        {"type": "text", "text": "Multiple content types test:"},
        IMAGE,
        {
            "type": "resource",
            "resource": {
                "uri": "test://mixed-content-resource",
                "mimeType": "application/json",
                "text": '{"test":"data","value":123}',
            },
        },
    ],
}
SCHEMA_2020 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {"address": {"type": "object", "properties": {"street": TEXT, "city": TEXT}}},
    "properties": {"name": TEXT, "address": {"$ref": "#/$defs/address"}},
    "additionalProperties": False,
}
DEFAULTS = {
    "name": {"type": "string", "description": "User name", "default": "John Doe"},
    "age": {"type": "integer", "description": "User age", "default": 30},
    "score": {"type": "number", "description": "User score", "default": 95.5},
    "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    "verified": {"type": "boolean", "default": True},
}
TITLED = [{"const": f"value{n}", "title": title} for n, title in enumerate(("First Option", "Second", "Third"), 1)]
ENUMS = {
    "untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
    "titledSingle": {"type": "string", "oneOf": TITLED},
    "legacyEnum": {"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["One", "Two", "Three"]},
    "untitledMulti": {"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
    "titledMulti": {"type": "array", "items": {"anyOf": TITLED}},
}
USER = {
    "username": {"type": "string", "description": "User's response"},
    "email": {"type": "string", "description": "User's email address"},
}
ASKS = {
    "test_elicitation": (USER, ["username", "email"], "User response"),
    "test_elicitation_sep1034_defaults": (DEFAULTS, [], "Elicitation completed"),
    "test_elicitation_sep1330_enums": (ENUMS, [], "Elicitation completed"),
}
TOOLS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(FIXED, NOTHING),
    "test_tool_with_logging": NOTHING,
    "test_error_handling": NOTHING,
    "test_tool_with_progress": NOTHING,
    "test_reconnection": NOTHING,
    "test_sampling": {"type": "object", "properties": {"prompt": TEXT}, "required": ["prompt"]},
    "test_elicitation": {"type": "object", "properties": {"message": TEXT}, "required": ["message"]},
    "test_elicitation_sep1034_defaults": NOTHING,
    "test_elicitation_sep1330_enums": NOTHING,
    "json_schema_2020_12_tool": SCHEMA_2020,
    "echo": {"type": "object", "properties": {"text": TEXT}, "required": ["text"]},
    "sleep": {"type": "object", "properties": {"seconds": {"type": "number"}}, "required": ["seconds"]},
    "calls": NOTHING,
    "flaky": NOTHING,
    "change_tools": NOTHING,
}
RESOURCES = {
    "test://static-text": ("text/plain", "This is the content of the static text resource."),
    "test://static-binary": ("image/png", None),
    "test://watched-resource": ("text/plain", "Watched resource content"),
}
PROMPTS = {
    "test_simple_prompt": [],
    "test_prompt_with_arguments": ["arg1", "arg2"],
    "test_prompt_with_embedded_resource": ["resourceUri"],
    "test_prompt_with_image": [],
}


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def whole(handler: Any) -> Any:
    """What the present revision wants in every result."""

    async def answer(context: Any, params: Any) -> Any:
        found = await handler(context, params)
        return {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", **found}

    return answer


class Everything:
    def __init__(self) -> None:
        self.called: list[str] = []
        self.cancelled = 0
        self.more: list[str] = []
        with warnings.catch_warnings():  # older clients still ask for a level of logs
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            self.server = self.made()

    def made(self) -> Server[Any]:
        return Server(
            "everything",
            version="1.0.0",
            on_list_tools=whole(self.tools),
            on_call_tool=whole(self.call),
            on_list_resources=whole(self.resources),
            on_list_resource_templates=whole(self.templates),
            on_read_resource=whole(self.read),
            on_subscribe_resource=self.nothing,
            on_unsubscribe_resource=self.nothing,
            on_list_prompts=whole(self.prompts),
            on_get_prompt=whole(self.prompt),
            on_completion=whole(self.complete),
            on_set_logging_level=self.nothing,
        )

    async def nothing(self, context: Any, params: Any) -> Any:
        return types.EmptyResult()

    async def tools(self, context: Any, params: Any) -> Any:
        listed = {**TOOLS, **dict.fromkeys(self.more, NOTHING)}
        return {"tools": [{"name": n, "description": f"{n} for tests", "inputSchema": s} for n, s in listed.items()]}

    async def call(self, context: Any, params: Any) -> Any:
        name, arguments = params.name, params.arguments or {}
        self.called.append(name)
        if name in FIXED:
            return {"content": FIXED[name]}
        if name in ASKS:
            fields, required, word = ASKS[name]
            return await self.ask(context, arguments.get("message", "Please fill in"), fields, required, word)
        found = getattr(self, name.removeprefix("test_"), None)
        if found is None or name not in {**TOOLS, **dict.fromkeys(self.more)}:
            raise MCPError(types.INVALID_PARAMS, f"unknown tool {name}")
        return await found(context, arguments)

    async def echo(self, context: Any, arguments: Any) -> Any:
        return {"content": [text(arguments["text"])]}

    async def calls(self, context: Any, arguments: Any) -> Any:
        said = {"called": self.called, "cancelled": self.cancelled}
        return {"content": [text(json.dumps(said))], "structuredContent": said}

    async def sleep(self, context: Any, arguments: Any) -> Any:
        try:
            await anyio.sleep(arguments["seconds"])
        except anyio.get_cancelled_exc_class():
            self.cancelled += 1
            raise
        return {"content": [text("slept")]}

    async def flaky(self, context: Any, arguments: Any) -> Any:
        if self.called.count("flaky") == 1:
            sys.exit(3)
        return {"content": [text("well again")]}

    async def change_tools(self, context: Any, arguments: Any) -> Any:
        self.more.append("json_schema_2020_12_tool_2")
        await context.session.send_notification(types.ToolListChangedNotification())
        return {"content": [text("changed")]}

    async def json_schema_2020_12_tool(self, context: Any, arguments: Any) -> Any:
        return {"content": [text(json.dumps(arguments))]}

    async def reconnection(self, context: Any, arguments: Any) -> Any:
        if context.close_sse_stream is not None:
            await context.close_sse_stream()
        await anyio.sleep(0.1)
        return {"content": [text("Reconnection test completed successfully")]}

    async def tool_with_logging(self, context: Any, arguments: Any) -> Any:
        for said in ("Tool execution started", "Tool processing data", "Tool execution completed"):
            params = types.LoggingMessageNotificationParams(level="info", data=said)
            await context.session.send_notification(
                types.LoggingMessageNotification(params=params), related_request_id=context.request_id
            )
            await anyio.sleep(0.05)
        return {"content": [text("Tool with logging executed successfully")]}

    async def error_handling(self, context: Any, arguments: Any) -> Any:
        return {"content": [text("This tool intentionally returns an error for testing")], "isError": True}

    async def tool_with_progress(self, context: Any, arguments: Any) -> Any:
        for done in (0, 50, 100):
            await context.session.report_progress(done, 100)
            await anyio.sleep(0.05)
        return {"content": [text("Progress completed")]}

    async def sampling(self, context: Any, arguments: Any) -> Any:
        message = {"role": "user", "content": text(arguments["prompt"])}
        params = {"messages": [message], "maxTokens": 100}
        if context.protocol_version >= "2026":
            answers = (context.params or {}).get("inputResponses")
            if not answers:
                asked = {"it": {"method": "sampling/createMessage", "params": params}}
                return {"resultType": "input_required", "inputRequests": asked, "requestState": "asked"}
            return {"content": [text(f"LLM response: {answers['it']['content']['text']}")]}
        found = await context.session.send_request(
            types.CreateMessageRequest.model_validate({"params": params}),
            types.CreateMessageResult,
            metadata=ServerMessageMetadata(related_request_id=context.request_id),
        )
        return {"content": [text(f"LLM response: {found.content.text}")]}

    async def ask(self, context: Any, message: str, fields: Any, required: list[str], word: str) -> Any:
        schema = {"type": "object", "properties": fields, "required": required}
        params = {"mode": "form", "message": message, "requestedSchema": schema}
        if context.protocol_version >= "2026":
            answers = (context.params or {}).get("inputResponses")
            if not answers:
                asked = {"it": {"method": "elicitation/create", "params": params}}
                return {"resultType": "input_required", "inputRequests": asked, "requestState": "asked"}
            said = answers["it"]
        else:
            found = await context.session.send_request(
                types.ElicitRequest.model_validate({"params": params}),
                types.ElicitResult,
                metadata=ServerMessageMetadata(related_request_id=context.request_id),
            )
            said = found.model_dump(mode="json")
        content = json.dumps(said.get("content") or {})
        return {"content": [text(f"{word}: action={said['action']}, content={content}")]}

    async def resources(self, context: Any, params: Any) -> Any:
        return {"resources": [{"uri": u, "name": u[7:], "mimeType": m} for u, (m, _) in RESOURCES.items()]}

    async def templates(self, context: Any, params: Any) -> Any:
        template = {"uriTemplate": "test://template/{id}/data", "name": "template", "mimeType": "application/json"}
        return {"resourceTemplates": [template]}

    async def read(self, context: Any, params: Any) -> Any:
        uri = str(params.uri)
        if uri in RESOURCES:
            mime, said = RESOURCES[uri]
            body = {"text": said} if said is not None else {"blob": PNG}
            return {"contents": [{"uri": uri, "mimeType": mime, **body}]}
        found = re.fullmatch(r"test://template/([^/]+)/data", uri)
        if found is None:
            raise MCPError(-32002, "no such resource")
        said = json.dumps({"id": found[1], "templateTest": True, "data": f"Data for ID: {found[1]}"})
        return {"contents": [{"uri": uri, "mimeType": "application/json", "text": said}]}

    async def prompts(self, context: Any, params: Any) -> Any:
        return {
            "prompts": [
                {"name": n, "description": n, "arguments": [{"name": a, "required": True} for a in names]}
                for n, names in PROMPTS.items()
            ]
        }

    async def prompt(self, context: Any, params: Any) -> Any:
        given = params.arguments or {}
        contents: list[dict[str, Any]]
        if params.name == "test_simple_prompt":
            contents = [text("This is a simple prompt for testing.")]
        elif params.name == "test_prompt_with_arguments":
            contents = [text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'")]
        elif params.name == "test_prompt_with_embedded_resource":
            said = "Embedded resource content for testing."
            resource = {"uri": given["resourceUri"], "mimeType": "text/plain", "text": said}
            contents = [{"type": "resource", "resource": resource}, text("Please process the embedded resource above.")]
        else:
            contents = [IMAGE, text("Please analyze the image above.")]
        return {"messages": [{"role": "user", "content": one} for one in contents]}

    async def complete(self, context: Any, params: Any) -> Any:
        return {"completion": {"values": [params.argument.value + "x"], "total": 1, "hasMore": False}}


async def over_stdio() -> None:
    from mcp.server.stdio import stdio_server

    made = Everything().server
    print("everything is up", file=sys.stderr, flush=True)
    async with stdio_server() as (incoming, outgoing):
        await made.run(incoming, outgoing, made.create_initialization_options())


def over_http(port: int) -> None:
    import uvicorn

    uvicorn.run(Everything().server.streamable_http_app(), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    if "--http" in sys.argv:
        over_http(int(sys.argv[sys.argv.index("--http") + 1]))
    else:
        anyio.run(over_stdio)
