"""Calls of tools through the whole gateway, with the official client and a real server behind."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from outrider.base.errors import UpstreamError
from outrider.tools.gate import NAME
from tests.tools.gateways import everything, gateway

NONE = {"trust": "trusted", "privacy": "public", "does": "none", "steers": {}}
MODES = ("legacy", "auto")


def said(result: Any) -> str:
    return " ".join(one.text for one in result.content)


@pytest.mark.parametrize("mode", MODES)
async def test_a_call_is_made_and_recorded(tmp_path: Path, mode: str) -> None:
    async with (
        everything() as (url, served),
        gateway(tmp_path, {"labels": {"*": NONE}, "servers": {"all": {"url": url}}}) as gate,
    ):
        async with Client(gate.url, mode=mode) as client:
            result = await client.call_tool("echo", {"text": "hello"}, meta={"outrider/session": "s-1"})
        assert said(result) == "hello"
        assert served.called == ["echo"]
        (run,) = gate.runs()
        assert (run.name, run.model, run.session, run.status) == (NAME, "echo", "s-1", "ok")
        assert [(step.kind, step.name) for step in run.steps] == [("policy", "allow"), ("tool", "echo")]
        assert run.steps[0].attrs["verdict"] == "allow"
        assert run.request is not None
        assert run.response is not None


async def test_what_is_not_offered_is_refused_and_recorded(tmp_path: Path) -> None:
    tools = {"labels": {"*": NONE}, "servers": {"all": {"url": "", "only": ["echo"]}}}
    async with everything() as (url, served):
        tools["servers"]["all"]["url"] = url  # type: ignore[index]
        async with gateway(tmp_path, tools) as gate, Client(gate.url) as client:
            assert "sleep" not in [tool.name for tool in (await client.list_tools()).tools]
            with pytest.raises(MCPError) as refused:
                await client.call_tool("sleep", {"seconds": 0})
            assert refused.value.error.code == -32602
            assert served.called == []
            assert gate.runs()[-1].error == "unknown_tool"


async def test_undeclared_is_the_worst_and_waits_for_a_person(tmp_path: Path) -> None:
    async with (
        everything() as (url, served),
        gateway(tmp_path, {"hold": "0s", "servers": {"all": {"url": url}}}) as gate,
    ):
        async with Client(gate.url) as client:
            asked = await client.call_tool("echo", {"text": "x"}, meta={"outrider/session": "s"})
            assert asked.is_error
            assert "appr_" in said(asked)
            assert served.called == []
            control = gate.worker.policy.approvals
            (waiting,) = await asyncio.to_thread(control.waiting, "default")
            assert waiting.id in said(asked)
            await asyncio.to_thread(lambda: control.decide("default", waiting.id, approve=True, by="ann"))
            allowed = await client.call_tool("echo", {"text": "x"}, meta={"outrider/session": "s"})
            assert said(allowed) == "x"
            once = await client.call_tool("echo", {"text": "x"}, meta={"outrider/session": "s"})
            assert once.is_error
        assert served.called == ["echo"]
        assert [run.error for run in gate.runs()] == ["approval_pending", "", "approval_pending"]


async def test_a_guardrail_lets_a_person_decide_about_an_argument(tmp_path: Path) -> None:
    rule = "auth: off\nguardrails: {rules: {mail: {check: pii, at: [tool_args], do: ask, options: {only: [email]}}}}\n"
    tools = {"hold": "0s", "labels": {"*": NONE}, "servers": {"all": {"url": ""}}}
    async with everything() as (url, served):
        tools["servers"]["all"]["url"] = url  # type: ignore[index]
        async with gateway(tmp_path, tools, rule) as gate, Client(gate.url) as client:
            assert said(await client.call_tool("echo", {"text": "hello"})) == "hello"
            asked = await client.call_tool("echo", {"text": "to bob@example.com"})
            assert asked.is_error
            approvals = gate.worker.policy.approvals
            (waiting,) = await asyncio.to_thread(approvals.waiting, "default")
            assert "a guardrail found in 'text': pii: email (rule mail)" in str(waiting)
            await asyncio.to_thread(lambda: approvals.decide("default", waiting.id, approve=True, by="ann"))
            assert said(await client.call_tool("echo", {"text": "to bob@example.com"})) == "to bob@example.com"
        assert served.called == ["echo", "echo"]


async def test_a_held_call_goes_on_when_somebody_decides(tmp_path: Path) -> None:
    tools = {"asks": "hold", "hold": "20s"}
    async with everything() as (url, served), gateway(tmp_path, {**tools, "servers": {"all": {"url": url}}}) as gate:
        approvals = gate.worker.policy.approvals
        async with Client(gate.url, mode="legacy") as client:
            calling = asyncio.create_task(client.call_tool("echo", {"text": "x"}))
            while not (waiting := await asyncio.to_thread(approvals.waiting, "default")):  # noqa: ASYNC110 -- a store
                await asyncio.sleep(0.02)
            await asyncio.to_thread(lambda: approvals.decide("default", waiting[0].id, approve=False, by="ann"))
            refused = await calling
        assert refused.is_error
        assert "refused" in said(refused)
        assert served.called == []


async def test_a_client_that_shows_pages_is_told_where_and_its_answer_approves_nothing(tmp_path: Path) -> None:
    from mcp_types import ElicitResult

    shown: list[Any] = []

    async def elicit(_: Any, params: Any) -> ElicitResult:
        shown.append(params)
        return ElicitResult(action="accept")

    async with (
        everything() as (url, served),
        gateway(tmp_path, {"hold": "100ms", "servers": {"all": {"url": url}}}) as gate,
    ):
        async with Client(gate.url, elicitation_callback=elicit) as client:
            result = await client.call_tool("echo", {"text": "x"})
        assert result.is_error
        assert len(shown) == 1
        assert "/approvals/appr_" in shown[0].url
        assert served.called == []


async def test_what_a_tool_returns_is_labelled_before_it_is_read(tmp_path: Path) -> None:
    read = {**NONE, "trust": "untrusted", "privacy": "private"}
    tools = {"labels": {"echo": read, "*": NONE}}
    async with everything() as (url, _), gateway(tmp_path, {**tools, "servers": {"all": {"url": url}}}) as gate:
        async with Client(gate.url) as client:
            await client.call_tool("echo", {"text": "do evil"}, meta={"outrider/session": "s"})
        state = gate.worker.policy.sessions.get("default", "s").state
        assert state.taint is not None
        assert state.private is not None
        assert "do evil" in state.untrusted_texts()


async def test_slow_tools_are_given_up_and_cancelled(tmp_path: Path) -> None:
    tools = {"labels": {"*": NONE}}
    async with everything() as (url, served):
        server = {"url": url, "tools": {"sleep": {"timeout": "300ms"}}}
        async with gateway(tmp_path, {**tools, "servers": {"all": server}}) as gate, Client(gate.url) as client:
            result = await client.call_tool("sleep", {"seconds": 30})
            assert result.is_error
            assert "0.3 s" in said(result)
            async with asyncio.timeout(5):
                while not served.cancelled:  # noqa: ASYNC110 -- another server counts
                    await asyncio.sleep(0.01)
            assert gate.runs()[-1].error == "tool_timeout"


async def test_a_client_that_leaves_cancels_the_upstream(tmp_path: Path) -> None:
    async with (
        everything() as (url, served),
        gateway(tmp_path, {"labels": {"*": NONE}, "servers": {"all": {"url": url}}}) as gate,
    ):
        for mode in MODES:
            async with Client(gate.url, mode=mode) as client:
                calling = asyncio.create_task(client.call_tool("sleep", {"seconds": 30}))
                before = served.cancelled
                async with asyncio.timeout(10):
                    while served.called.count("sleep") <= before:  # noqa: ASYNC110 -- another server counts
                        await asyncio.sleep(0.01)
                calling.cancel()
                await asyncio.gather(calling, return_exceptions=True)
                async with asyncio.timeout(10):
                    while served.cancelled == before:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            while [run.status for run in gate.runs()] != ["cancelled", "cancelled"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_rates_and_budgets_of_the_key_hold(tmp_path: Path) -> None:
    more = "auth: off\nrates: {few: {requests: 2/minute}}\nbudgets: {calls: {calls: 3, window: day}}\n"
    tools = {"labels": {"*": NONE}}
    async with (
        everything() as (url, served),
        gateway(tmp_path, {**tools, "servers": {"all": {"url": url}}}, more) as gate,
    ):
        async with Client(gate.url) as client:
            results = [await client.call_tool("echo", {"text": str(n)}) for n in range(3)]
        assert [one.is_error for one in results] == [False, False, True]
        assert "few" in said(results[2])
        assert len(served.called) == 2
        assert gate.runs()[0].charges


async def test_a_call_that_was_approved_goes_on_after_the_server_asked_the_user(tmp_path: Path) -> None:
    from mcp_types import ElicitResult

    async def elicit(_: Any, params: Any) -> ElicitResult:
        if getattr(params, "url", None):
            return ElicitResult(action="accept")
        return ElicitResult(action="accept", content={"username": "u", "email": "e"})

    tools = {"asks": "retry"}
    async with everything() as (url, served), gateway(tmp_path, {**tools, "servers": {"all": {"url": url}}}) as gate:
        approvals = gate.worker.policy.approvals
        async with Client(gate.url, elicitation_callback=elicit) as client:
            asked = await client.call_tool("test_elicitation", {"message": "who?"})
            assert "appr_" in said(asked)
            (waiting,) = await asyncio.to_thread(approvals.waiting, "default")
            await asyncio.to_thread(lambda: approvals.decide("default", waiting.id, approve=True, by="ann"))
            result = await client.call_tool("test_elicitation", {"message": "who?"})
        assert '"username": "u"' in said(result)
        assert served.called == ["test_elicitation"] * 2, "asked, then answered"
        assert await asyncio.to_thread(approvals.waiting, "default") == []


async def test_an_approved_call_goes_on_once_after_the_server_asked(tmp_path: Path) -> None:
    """Whoever sends the answers again, with the very same state, makes the call anew: it was approved once."""
    from mcp_types import ElicitResult

    sent: list[httpx2.Request] = []

    async def elicit(_: Any, params: Any) -> ElicitResult:
        return ElicitResult(action="accept", content={"username": "u", "email": "e"})

    async def keep(request: httpx2.Request) -> None:
        if b"requestState" in request.content:
            sent.append(request)

    tools = {"asks": "retry"}
    async with everything() as (url, served), gateway(tmp_path, {**tools, "servers": {"all": {"url": url}}}) as gate:
        approvals = gate.worker.policy.approvals
        async with (
            httpx2.AsyncClient(event_hooks={"request": [keep]}) as web,
            Client(streamable_http_client(gate.url, http_client=web), elicitation_callback=elicit) as client,
        ):
            await client.call_tool("test_elicitation", {"message": "who?"}, meta={"outrider/session": "s"})
            (waiting,) = await asyncio.to_thread(approvals.waiting, "default")
            await asyncio.to_thread(lambda: approvals.decide("default", waiting.id, approve=True, by="ann"))
            result = await client.call_tool("test_elicitation", {"message": "who?"}, meta={"outrider/session": "s"})
            assert '"username": "u"' in said(result)
            (answered,) = [one for one in sent if b"outrider+" in one.content]
            several = [web.post(gate.url, content=answered.content, headers=answered.headers) for _ in range(3)]
            again = [one.text for one in await asyncio.gather(*several)]
        assert served.called == ["test_elicitation"] * 2, "asked, then answered, and never again"
        assert all("appr_" in one for one in again)


async def test_what_was_allowed_on_the_model_url_is_not_judged_twice(tmp_path: Path) -> None:
    async with (
        everything() as (url, served),
        gateway(tmp_path, {"hold": "0s", "servers": {"all": {"url": url}}}) as gate,
    ):
        proposed = gate.worker.policy.proposed
        await asyncio.to_thread(proposed.note, "default", "", "talk", [("echo", {"text": "x"})], [True])
        async with Client(gate.url) as client:
            assert said(await client.call_tool("echo", {"text": "x"})) == "x"
            assert (await client.call_tool("echo", {"text": "x"})).is_error
            assert (await client.call_tool("echo", {"text": "y"})).is_error
        assert served.called == ["echo"]
        assert gate.runs()[0].session == "talk"


async def test_only_idempotent_tools_are_tried_again(tmp_path: Path) -> None:
    labels = {"echo": {**NONE, "idempotent": True}, "*": NONE}
    async with (
        everything() as (url, _),
        gateway(tmp_path, {"labels": labels, "servers": {"all": {"url": url}}}) as gate,
        Client(gate.url) as client,
    ):
        await client.list_tools()
        upstream: Any = gate.worker.tools.catalog.places["all"].upstream
        whole, failing = upstream.inner.call, [2]

        async def sometimes(*given: Any) -> Any:
            if failing[0]:
                failing[0] -= 1
                raise UpstreamError("gone")
            return await whole(*given)

        upstream.inner.call = sometimes
        assert said(await client.call_tool("echo", {"text": "x"})) == "x"
        assert gate.runs()[-1].steps[-1].attrs["attempts"] == 3
        failing[0] = 1
        once = await client.call_tool("calls", {})
        assert once.is_error
        assert gate.runs()[-1].steps[-1].attrs["attempts"] == 1


async def test_calls_at_once_are_bounded(tmp_path: Path) -> None:
    tools = {"labels": {"*": NONE}}
    async with everything() as (url, served):
        server = {"url": url, "tools": {"sleep": {"at_once": 1}}}
        async with gateway(tmp_path, {**tools, "servers": {"all": server}}) as gate, Client(gate.url) as client:
            await client.list_tools()
            calls = [asyncio.create_task(client.call_tool("sleep", {"seconds": 0.2})) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert served.called.count("sleep") <= 1
            assert said(await client.call_tool("echo", {"text": "meanwhile"})) == "meanwhile"
            await asyncio.gather(*calls)
            assert served.called.count("sleep") == 3


async def test_a_broken_server_leaves_the_others_alone(tmp_path: Path) -> None:
    tools = {"labels": {"*": NONE}}
    async with everything() as (url, _):
        servers = {"gone": {"url": "http://127.0.0.1:9/mcp"}, "all": {"url": url}}
        async with gateway(tmp_path, {**tools, "servers": servers}) as gate, Client(gate.url) as client:
            names = [tool.name for tool in (await client.list_tools()).tools]
            assert "all__echo" in names
            assert not [name for name in names if name.startswith("gone")]
            assert said(await client.call_tool("all__echo", {"text": "x"})) == "x"
