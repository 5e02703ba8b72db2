"""A world behind the real URLs: its tools at an MCP server behind the tool URL, its model a scripted provider behind
the model URL, and the official clients of both in the place of the agent."""

import asyncio
import contextlib
import inspect
import itertools
import json
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import msgspec
import openai
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.lowlevel import Server
from mcp_types import CallToolResult, ListToolsResult

from outrider.base import ids
from outrider.testing.running import Running, running
from outrider.testing.speaking import Ask, Reply, SpeakingProvider, speaking_thread
from outrider.testing.speaking.words import Call, Text
from tests.policy.hostile.world import Refused, Task, World
from tests.tools.serving import Serving

MODEL = "scene:play"
Calls = Sequence[tuple[str, dict[str, Any]]]
_numbers = itertools.count()


class Told(msgspec.Struct):
    """What came of calls: the verdict of each, and what an allowed one said ("" where it was not made)."""

    verdicts: list[str]
    said: list[str]


def listed(world: type[World]) -> list[dict[str, Any]]:
    """The world's tools as MCP lists them. They take anything, as careless services do."""
    found = []
    for name, tool in world.tools().items():
        names = [one for one in inspect.signature(tool.run).parameters if one != "self"]
        schema = {"type": "object", "properties": {one: {} for one in names}}
        found.append({"name": name, "description": tool.description, "inputSchema": schema})
    return found


class Upstream:
    """A world's MCP server, on a thread of its own. `now` is the world that its tools act in."""

    def __init__(self, world: type[World]) -> None:
        self.world, self.now = world, world()
        self._server: Server[Any] = Server(world.name, on_list_tools=self._tools, on_call_tool=self._call)
        self._ready, self._loop, self._end = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
        self.url = ""
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> "Upstream":
        self._thread.start()
        assert self._ready.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(30)
        self._loop.close()

    async def _serve(self) -> None:
        app = self._server.streamable_http_app()
        async with app.router.lifespan_context(app), Serving(app) as url:
            self.url = f"{url}/mcp"
            self._ready.set()
            await self._end.wait()

    async def _tools(self, context: Any, params: Any) -> Any:
        return ListToolsResult.model_validate({"tools": listed(self.world)})

    async def _call(self, context: Any, params: Any) -> Any:
        try:
            said, failed = json.dumps(self.now.call(params.name, dict(params.arguments or {}))), False
        except Refused as error:
            said, failed = str(error), True
        return CallToolResult.model_validate({"content": [{"type": "text", "text": said}], "isError": failed})


class Model:
    """What the provider's model does next: text, or calls."""

    def __init__(self) -> None:
        self.next: Calls = ()

    def __call__(self, _: str, ask: Ask) -> Reply:
        if not self.next:
            return Reply((Text("Done."),))
        calls = tuple(Call(f"call_{ids.token(12)}", name, arguments) for name, arguments in self.next)
        return Reply(calls, "tool_calls")


class Place:
    """Outrider with the world and the model behind it."""

    def __init__(self, outrider: Running, upstream: Upstream, model: Model) -> None:
        self.outrider, self.upstream, self.model = outrider, upstream, model

    @contextlib.asynccontextmanager
    async def agent(self, kept: "Kept | None" = None) -> AsyncIterator["Agent"]:
        """An agent of a project of its own, which nobody has written in yet; or one that was there before a restart."""
        project = kept.project if kept else f"p{next(_numbers)}"
        key = kept.key if kept else self.outrider.new_key(project)
        person = kept.person if kept else self.outrider.new_key(project, "approvals", "policy")
        async with (
            httpx2.AsyncClient(headers={"authorization": f"Bearer {key}"}, timeout=60) as web,
            Client(streamable_http_client(f"{self.outrider.url}/mcp", http_client=web)) as tools,
            openai.AsyncOpenAI(base_url=f"{self.outrider.url}/v1", api_key=key, max_retries=0) as models,
        ):
            yield Agent(self, tools, models, kept or Kept(project, key, person))


class Kept(NamedTuple):
    """What an agent has after a restart: project, its key, that of a person who decides, its session."""

    project: str
    key: str
    person: str
    session: str = ""


class Agent:
    """An agent with the official clients. `begin` each task; `messages` is its conversation."""

    def __init__(self, place: Place, tools: Client, models: openai.AsyncOpenAI, kept: Kept) -> None:
        self._place, self._tools, self._models, self._kept = place, tools, models, kept
        self.project, self.key = kept.project, kept.key
        self.session, self.messages, self.user = kept.session, list[Any](), ""
        self._offered: list[Any] = [
            {"type": "function", "function": {"name": one["name"], "parameters": one["inputSchema"]}}
            for one in listed(place.upstream.world)
        ]

    def begin(self, task: Task) -> None:
        """A new session in a new world."""
        self._place.upstream.now = self._place.upstream.world()
        self.session = f"s{next(_numbers)}"
        operator = [{"role": "system", "content": task.operator}] if task.operator else []
        self.messages = [*operator, {"role": "user", "content": task.prompt}]

    async def proposes(self, calls: Calls, messages: list[Any] | None = None) -> Any:
        """Ask the model, which wants these calls; its message as the agent gets it. It is not kept. `messages` is a
        branch of the conversation."""
        self._place.model.next = calls
        named = {"x-outrider-session": self.session, "x-outrider-user": self.user}
        answer = await self._models.chat.completions.create(
            model=f"p/{MODEL}",
            messages=messages or self.messages,
            tools=self._offered,
            extra_headers={name: value for name, value in named.items() if value},
        )
        return answer.choices[0].message

    async def wants(self, calls: Calls) -> list[str]:
        """The verdicts over calls that the model proposes at once, as the agent sees them."""
        message = await self.proposes(calls)
        passed = [(one.function.name, json.loads(one.function.arguments)) for one in message.tool_calls or []]
        withheld = [one["verdict"] for one in _withheld(message)]
        verdicts = ["allow" if [name, arguments] in map(list, passed) else "" for name, arguments in calls]
        assert verdicts.count("") == len(withheld)
        return [one or withheld.pop(0) for one in verdicts]

    async def reads(self, name: str, arguments: dict[str, Any], result: Any) -> None:
        """The model reads with a tool of the agent's own; nobody is asked."""
        message = await self.proposes([(name, arguments)])
        assert not _withheld(message)
        self._keep(message, json.dumps(result))

    async def makes(self, name: str, arguments: dict[str, Any], parent: str = "") -> tuple[str, str]:
        """Call a tool at the tool URL, for a sub-agent of the session `parent` if it is one: the verdict, and the text
        that came back."""
        named = {"outrider/session": self.session, "outrider/parent": parent, "outrider/user": self.user}
        meta: Any = {name: value for name, value in named.items() if value}
        result = await self._tools.call_tool(name, arguments, meta=meta)
        said = "".join(getattr(block, "text", "") for block in result.content)
        if result.is_error and said.startswith("This call was not made"):
            return ("ask" if "has to approve it" in said or "would have to allow it" in said else "deny"), said
        return "allow", said

    async def done(self, name: str, arguments: dict[str, Any]) -> list[str]:
        """Propose a call, have it approved if somebody has to, make it, and keep it in the conversation; what was asked
        about it."""
        asked: list[str] = []
        message = await self.proposes([(name, arguments)])
        for one in _withheld(message):
            asked.append(f"{one['verdict']} {one['tool']}: {one['reasons']}")
            await self._approve(one["approval"])
        if asked:
            message = await self.proposes([(name, arguments)])
        verdict, said = await self.makes(name, arguments)
        assert verdict == "allow", (name, arguments, said)
        self._keep(message, said)
        return asked

    def _keep(self, message: Any, said: str) -> None:
        (call,) = message.tool_calls
        self.messages += [
            message.model_dump(include={"role", "content", "tool_calls"}),
            {"role": "tool", "tool_call_id": call.id, "content": said},
        ]

    async def withheld(self, calls: Calls) -> list[Mapping[str, Any]]:
        """What the agent is told of calls that the model proposes and that do not go on."""
        return list(_withheld(await self.proposes(calls)))

    def kept(self) -> Kept:
        return self._kept._replace(session=self.session)

    async def decides(self, method: str, approval: str, key: str = "") -> httpx2.Response:
        """The person looks at an approval (GET), or gives it (POST)."""
        return await self._api(method, f"/api/approvals/{approval}", {"approve": True}, key)

    async def tainted(self) -> bool:
        """Whether the session has read what others wrote."""
        said = await self._api("GET", f"/api/sessions/{self.session}", None)
        return bool(said.json()["session"]["tainted"])

    async def restricted(self, tool: str) -> None:
        """From now on all keys of the project may call every tool but this one."""
        body = {"tools": ["*", f"!{tool}"], "why": "it was too much"}
        (await self._api("PUT", "/api/policy/permissions/key/*", body)).raise_for_status()

    async def _api(self, method: str, path: str, body: Any, key: str = "") -> httpx2.Response:
        headers = {"authorization": f"Bearer {key or self._kept.person}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60) as web:
            sent = {} if method == "GET" else {"json": body}
            return await web.request(method, self._place.outrider.url + path, **sent)

    async def _approve(self, approval: str) -> None:
        (await self.decides("POST", approval)).raise_for_status()


def _withheld(message: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (getattr(message, "outrider", None) or {}).get("withheld", [])
    return found


@contextlib.contextmanager
def opened(world: type[World], home: Path, store_url: str = "") -> Iterator[Place]:
    """The world behind a whole Outrider."""
    provider, model = SpeakingProvider(), Model()
    provider.scenes["play"] = model
    with Upstream(world) as upstream, speaking_thread(provider) as root:
        labels = {name: msgspec.to_builtins(tool.declaration) for name, tool in world.tools().items()}
        config = {
            "embedded": {"enabled": False},
            "providers": {
                "p": {"preset": "openai", "base_url": f"{root}/v1", "models": [MODEL], "api_key": "${env:K}"}
            },
            "policy": {"proposed_calls": "enforce"},
            "tools": {"hold": "0s", "labels": labels, "servers": {world.name: {"url": upstream.url}}},
        }
        with running(json.dumps(config), home, environment={"K": "k"}, store_url=store_url) as outrider:
            yield Place(outrider, upstream, model)
