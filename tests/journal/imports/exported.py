"""The same agent's work as each tool exports it: a question, a tool call, its result, the answer."""

from typing import Any

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
ASKS = [{"role": "system", "content": "You are of use."}, {"role": "user", "content": "Rome?"}]
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOLD = {"role": "tool", "tool_call_id": "c1", "content": "sun in Rome"}
SAYS = {"role": "assistant", "content": "The tool said: sun in Rome"}
DAY = "2026-03-01T10:00:"
TRACE = "0af7651916cd43dd8448eb211c80319c"
UUID = "018f5e12-0000-7000-8000-00000000000{}"


def langfuse() -> dict[str, Any]:
    """A trace of the API with its observations."""

    def generation(id_: str, second: int, asked: Any, told: Any) -> dict[str, Any]:
        return {
            "id": id_, "traceId": TRACE, "type": "GENERATION", "name": "llm", "model": "gpt-x",
            "startTime": f"{DAY}0{second}.000Z", "endTime": f"{DAY}0{second}.500Z", "input": asked, "output": told,
            "completionStartTime": f"{DAY}0{second}.100Z", "modelParameters": {"temperature": 0},
            "usageDetails": {"input": 10, "output": 5, "total": 15}, "costDetails": {"total": 0.001},
            "parentObservationId": None, "level": "DEFAULT",
        }  # fmt: skip

    tool = {
        "id": "o2", "traceId": TRACE, "type": "TOOL", "name": "weather", "startTime": f"{DAY}02Z",
        "endTime": f"{DAY}02.5Z", "input": {"city": "Rome"}, "output": "sun in Rome", "parentObservationId": "o1",
    }  # fmt: skip
    observations = [
        generation("o3", 3, {"messages": [*ASKS, CALLS, TOLD]}, SAYS),
        tool,
        generation("o1", 1, ASKS, CALLS),
    ]
    return {
        "id": TRACE, "timestamp": f"{DAY}00.900Z", "name": "agent", "sessionId": "s1", "userId": "ann",
        "tags": ["prod"], "input": "Rome?", "output": "sun", "metadata": {"a": 1}, "projectId": "p",
        "observations": observations,
    }  # fmt: skip


def langfuse_rows() -> list[dict[str, Any]]:
    """`observations_v2/` of the blob storage: payloads as text, snake case, the trace's fields in each row."""
    import json
    import re

    rows = []
    for one in langfuse()["observations"]:
        row = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): value for name, value in one.items()}
        for name in ("start_time", "end_time", "completion_start_time"):
            if name in row:
                row[name] = row[name].replace("T", " ").removesuffix("Z")
        row |= {"input": json.dumps(row["input"]), "session_id": "s1", "user_id": "ann", "tags": ["prod"]}
        row["output"] = row["output"] if isinstance(row["output"], str) else json.dumps(row["output"])
        rows.append(row)
    return rows


def langsmith() -> list[dict[str, Any]]:
    """Runs of `list_runs`, with LangChain's own messages."""

    def message(name: str, **kwargs: Any) -> dict[str, Any]:
        return {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", name], "kwargs": kwargs}

    calls = {"tool_calls": [{"id": "c1", "name": "weather", "args": {"city": "Rome"}, "type": "tool_call"}]}
    asks = [message("SystemMessage", content="You are of use."), message("HumanMessage", content="Rome?")]
    later = [*asks, message("AIMessage", content="", **calls),
             message("ToolMessage", content="sun in Rome", tool_call_id="c1")]  # fmt: skip

    def run(number: int, kind: str, name: str, asked: Any, told: Any, **more: Any) -> dict[str, Any]:
        return {
            "id": UUID.format(number), "trace_id": UUID.format(1), "parent_run_id": UUID.format(1), "name": name,
            "run_type": kind, "start_time": f"{DAY}0{number}.000000", "end_time": f"{DAY}0{number}.500000",
            "inputs": asked, "outputs": told, "session_id": UUID.format(9), "status": "success", "error": None, **more,
        }  # fmt: skip

    about = {"extra": {"invocation_params": {"model": "gpt-x", "temperature": 0},
                       "metadata": {"ls_provider": "openai"}},
             "prompt_tokens": 10, "completion_tokens": 5, "total_cost": "0.001"}  # fmt: skip
    root = run(1, "chain", "agent", {"input": "Rome?"}, {"output": "sun"}, parent_run_id=None, prompt_tokens=20,
               completion_tokens=10, tags=["prod"],
               extra={"metadata": {"thread_id": "s1", "user_id": "ann"}})  # fmt: skip
    said = message("AIMessage", content="The tool said: sun in Rome")
    return [
        run(4, "llm", "ChatOpenAI", {"messages": [later]}, {"generations": [[{"message": said}]]}, **about),
        run(2, "llm", "ChatOpenAI", {"messages": [asks]},
            {"generations": [[{"message": message("AIMessage", content="", **calls)}]]}, **about),
        root,
        run(3, "tool", "weather", {"input": '{"city": "Rome"}'},
            {"output": message("ToolMessage", content="sun in Rome", tool_call_id="c1")}),
    ]  # fmt: skip


def phoenix() -> list[dict[str, Any]]:
    """Spans of the REST API, with the attributes spelled with dots."""

    def span(number: int, kind: str, name: str, attributes: dict[str, Any], parent: int = 1) -> dict[str, Any]:
        return {
            "id": "U3Bhbg==", "name": name, "context": {"trace_id": TRACE, "span_id": f"{number:016x}"},
            "span_kind": kind, "parent_id": f"{parent:016x}" if parent else None, "start_time": f"{DAY}0{number}+00:00",
            "end_time": f"{DAY}0{number}.500000+00:00", "status_code": "OK", "status_message": "",
            "attributes": attributes, "events": [],
        }  # fmt: skip

    def spelled(prefix: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for at, one in enumerate(messages):
            for name in ("role", "content", "tool_call_id"):
                if one.get(name) is not None:
                    found[f"{prefix}.{at}.message.{name}"] = one[name]
            for place, call in enumerate(one.get("tool_calls", ())):
                path = f"{prefix}.{at}.message.tool_calls.{place}.tool_call"
                found |= {f"{path}.id": call["id"], f"{path}.function.name": call["function"]["name"],
                          f"{path}.function.arguments": call["function"]["arguments"]}  # fmt: skip
        return found

    def model(asked: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
        return {"llm.model_name": "gpt-x", "llm.invocation_parameters": '{"temperature": 0}',
                "llm.token_count.prompt": 10, "llm.token_count.completion": 5, "llm.cost.total": 0.001,
                **spelled("llm.input_messages", asked), **spelled("llm.output_messages", [told])}  # fmt: skip

    return [
        span(4, "LLM", "ChatCompletion", model([*ASKS, CALLS, TOLD], SAYS)),
        span(3, "TOOL", "weather", {"tool.name": "weather", "input.value": '{"city":"Rome"}',
                                    "output.value": "sun in Rome"}),
        span(1, "AGENT", "agent", {"session.id": "s1", "user.id": "ann", "input.value": "Rome?"}, 0),
        span(2, "LLM", "ChatCompletion", model(ASKS, CALLS)),
    ]  # fmt: skip


def phoenix_rows() -> list[dict[str, Any]]:
    """Rows of `get_spans_dataframe`, written as records: messages in lists, ids with dots."""
    rows = []
    for one in phoenix():
        row = {name: value for name, value in one.items() if name not in ("context", "attributes", "id", "events")}
        row |= {f"context.{name}": value for name, value in one["context"].items()}
        row |= {f"attributes.{name}": value for name, value in one["attributes"].items() if "_messages." not in name}
        if one["span_kind"] == "LLM":
            asked = ASKS if one["context"]["span_id"].endswith("2") else [*ASKS, CALLS, TOLD]
            answer = CALLS if asked is ASKS else SAYS
            row["attributes.llm.input_messages"] = [_row(message) for message in asked]
            row["attributes.llm.output_messages"] = [_row(answer)]
        rows.append(row)
    return rows


def _row(message: dict[str, Any]) -> dict[str, Any]:
    found = {f"message.{name}": value for name, value in message.items() if name != "tool_calls"}
    if "tool_calls" in message:
        found["message.tool_calls"] = [
            {"tool_call.id": call["id"], "tool_call.function.name": call["function"]["name"],
             "tool_call.function.arguments": call["function"]["arguments"]}
            for call in message["tool_calls"]
        ]  # fmt: skip
    return found


def otlp() -> dict[str, Any]:
    """One line of a collector's file."""
    import json

    def span(number: int, name: str, parent: int, **attributes: Any) -> dict[str, Any]:
        said = [{"key": key, "value": {"intValue": value} if isinstance(value, int) else {"stringValue": value}}
                for key, value in attributes.items()]  # fmt: skip
        at = 1_772_359_200 + number
        return {
            "traceId": TRACE, "spanId": f"{number:016x}", "parentSpanId": f"{parent:016x}" if parent else "",
            "name": name, "startTimeUnixNano": str(at * 10**9), "endTimeUnixNano": str(at * 10**9 + 5 * 10**8),
            "attributes": said,
        }  # fmt: skip

    def model(number: int, asked: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
        return span(number, "chat gpt-x", 1, **{
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-x", "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5, "gen_ai.input.messages": json.dumps(asked),
            "gen_ai.output.messages": json.dumps([told]), "gen_ai.request.temperature": 0,
        })  # fmt: skip

    spans = [
        model(4, [*ASKS, CALLS, TOLD], SAYS),
        span(3, "execute_tool weather", 1, **{
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.arguments": '{"city":"Rome"}', "gen_ai.tool.call.result": "sun in Rome"}),
        span(1, "agent", 0, **{"gen_ai.conversation.id": "s1", "user.id": "ann"}),
        model(2, ASKS, CALLS),
    ]  # fmt: skip
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "crew"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": spans}]}]}
