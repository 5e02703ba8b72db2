"""The same agent in each language that callers may speak: it asks, calls its tool, and asks again."""

import json
from typing import Any

from tests.replay.conftest import CALLS, WEATHER, House

QUESTIONS = ("Rome?", "And tomorrow?")
FUNCTION = WEATHER["function"]


def post(house: House, path: str, body: dict[str, Any]) -> tuple[str, Any]:
    """Id of the run, and the answer."""
    run, said = house.post(path, body, session="s")
    return run, json.loads(said) if said[:1] == b"{" else said.decode()


def chat(house: House) -> list[str]:
    return house.work("s", list(QUESTIONS), lambda tool, arguments: f"sun in {arguments['city']}")


def messages(house: House) -> list[str]:
    runs, talk = [], list[dict[str, Any]]()
    tool = {"name": "weather", "input_schema": FUNCTION["parameters"]}
    for question in QUESTIONS:
        talk.append({"role": "user", "content": [{"type": "text", "text": question}]})
        while True:
            mark = {
                **talk[-1]["content"][-1],
                "cache_control": {"type": "ephemeral"},
            }  # moves along, as clients have it
            marked = [*talk[:-1], {**talk[-1], "content": [*talk[-1]["content"][:-1], mark]}]
            body = {"model": f"scripted/{CALLS}", "max_tokens": 50, "system": "You are of use.", "messages": marked,
                    "tools": [tool]}  # fmt: skip
            run, said = post(house, "/v1/messages", body)
            runs.append(run)
            talk.append({"role": "assistant", "content": said["content"]})
            uses = [one for one in said["content"] if one["type"] == "tool_use"]
            if not uses:
                break
            results = [{"type": "tool_result", "tool_use_id": one["id"], "content": f"sun in {one['input']['city']}"}
                       for one in uses]  # fmt: skip
            talk.append({"role": "user", "content": results})
    return runs


def responses(house: House, *, chained: bool = False) -> list[str]:
    runs, items, previous = [], list[dict[str, Any]](), ""
    tool = {"type": "function", **FUNCTION}
    for question in QUESTIONS:
        fresh: list[dict[str, Any]] = [{"role": "user", "content": question}]
        while fresh:
            items += fresh
            body = {"model": f"scripted/{CALLS}", "instructions": "You are of use.", "tools": [tool],
                    "input": fresh if chained else items}  # fmt: skip
            run, said = post(
                house, "/v1/responses", body | ({"previous_response_id": previous} if previous and chained else {})
            )
            runs.append(run)
            previous = said["id"]
            items += said["output"]
            calls = [one for one in said["output"] if one["type"] == "function_call"]
            fresh = [
                {"type": "function_call_output", "call_id": one["call_id"],
                 "output": f"sun in {json.loads(one['arguments'])['city']}"}
                for one in calls
            ]  # fmt: skip
    return runs


def chained(house: House) -> list[str]:
    return responses(house, chained=True)


def gemini(house: House) -> list[str]:
    runs, contents = [], list[dict[str, Any]]()
    tool = {"functionDeclarations": [FUNCTION]}
    for question in QUESTIONS:
        contents.append({"role": "user", "parts": [{"text": question}]})
        while True:
            body = {"contents": contents, "tools": [tool],
                    "systemInstruction": {"parts": [{"text": "You are of use."}]}}  # fmt: skip
            run, said = post(house, f"/v1beta/models/scripted/{CALLS}:generateContent", body)
            runs.append(run)
            content = said["candidates"][0]["content"]
            contents.append(content)
            calls = [part["functionCall"] for part in content["parts"] if "functionCall" in part]
            if not calls:
                break
            parts = [
                {"functionResponse": {"name": one["name"], "response": {"output": f"sun in {one['args']['city']}"},
                                      **({"id": one["id"]} if "id" in one else {})}}
                for one in calls
            ]  # fmt: skip
            contents.append({"role": "user", "parts": parts})
    return runs
