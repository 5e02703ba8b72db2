"""HTTP services by their OpenAPI document: a real server whose framework wrote the document."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Form, Header, HTTPException, Query, Response
from fastapi.security import APIKeyHeader, APIKeyQuery, HTTPBearer
from pydantic import BaseModel

from outrider.base.errors import RequestError, UpstreamError
from outrider.limits.keys import Identity
from outrider.policy.declarations import Declaration
from outrider.policy.identity import Who
from outrider.tools.ports import Caller, Mount, Own, ToolResult
from outrider.tools.upstreams import openapi
from outrider.tools.upstreams.openapi import OpenApiUpstream
from tests.tools.serving import Serving

CALLER = Caller(identity=Identity("p", "k"), who=Who("p", "s", user="ann", agent="bot"))


class Owner(BaseModel):
    name: str
    friend: "Owner | None" = None


class Pet(BaseModel):
    id: int
    name: str
    tags: list[str] = []
    owner: Owner | None = None


class NewPet(BaseModel):
    name: str
    tags: list[str] = []
    owner: Owner | None = None


def service() -> FastAPI:
    app = FastAPI()

    @app.get("/pets/{pet_id}", operation_id="getPet")
    def get_pet(
        pet_id: str, fields: Annotated[list[str] | None, Query()] = None, x_trace: Annotated[str, Header()] = ""
    ) -> Any:
        if pet_id == "missing":
            raise HTTPException(404, "no such pet")
        return Pet(id=1, name=pet_id, tags=[*(fields or []), x_trace])

    @app.post("/pets", operation_id="addPet", openapi_extra={"x-outrider": {"does": "internal", "trust": "trusted"}})
    def add_pet(pet: NewPet, dry: bool = False) -> Pet:
        """Adds a pet."""
        return Pet(id=2, **pet.model_dump())

    @app.post("/form", operation_id="form")
    def form(name: Annotated[str, Form()], age: Annotated[int, Form()]) -> dict[str, Any]:
        return {"name": name, "age": age}

    @app.get("/secret", operation_id="secret")
    def secret(key: Annotated[str, Depends(APIKeyHeader(name="X-Api-Key"))]) -> dict[str, str]:
        return {"key": key}

    @app.get("/token", operation_id="token")
    def token(found: Annotated[Any, Depends(HTTPBearer())]) -> dict[str, str]:
        return {"token": found.credentials}

    @app.get("/queried", operation_id="queried")
    def queried(api_key: Annotated[str, Depends(APIKeyQuery(name="api_key"))], q: str = "") -> dict[str, str]:
        return {"key": api_key, "q": q}

    @app.get("/who", operation_id="who")
    def who(x_user: Annotated[str, Header()] = "") -> dict[str, str]:
        return {"user": x_user}

    @app.get("/list", operation_id="many")
    def many(n: int) -> list[int]:
        return list(range(n))

    @app.get("/away", operation_id="away")
    def away() -> Response:
        return Response(status_code=302, headers={"location": "http://169.254.169.254/latest/"})

    @app.get("/broken/{status}", operation_id="broken")
    def broken(status: int) -> Response:
        return Response("oh no: password", status_code=status)

    @app.get("/picture", operation_id="picture")
    def picture() -> Response:
        return Response(b"\x89PNG", media_type="image/png")

    @app.get("/text", operation_id="text")
    def text() -> Response:
        return Response("plain", media_type="text/plain")

    return app


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with Serving(service()) as where:
        yield where


def made(url: str, **options: Any) -> OpenApiUpstream:
    trusted = options.pop("trusted", True)
    given = {"openapi": f"{url}/openapi.json", **options}
    return openapi.open(Mount(name="pets", kind="openapi", options=given, trusted=trusted), Own(Path()))


async def call(upstream: OpenApiUpstream, name: str, arguments: dict[str, Any]) -> ToolResult:
    tool = next(one for one in await upstream.list() if one.own == name)
    return await upstream.call(tool, arguments, CALLER)


async def test_a_document_becomes_tools(url: str) -> None:
    upstream = made(url)
    tools = {one.own: one for one in await upstream.list()}
    assert set(tools) >= {"getPet", "addPet", "form", "many", "picture"}
    pet = tools["addPet"]
    assert pet.input_schema["required"] == ["name"]
    assert set(pet.input_schema["properties"]) == {"dry", "name", "tags", "owner"}
    assert "$defs" in pet.input_schema
    assert json.dumps(pet.input_schema).count("#/components") == 0
    assert pet.declaration == Declaration(does="internal", trust="trusted")
    assert pet.description.startswith("Add Pet")
    assert tools["getPet"].idempotent
    assert not pet.idempotent
    assert "x_api_key" not in str(tools["secret"].input_schema).lower()
    assert tools["queried"].input_schema["properties"].keys() == {"q"}
    await upstream.close()
    assert (await made(url, trusted=False).list())[1].declaration is None


async def test_arguments_go_where_they_belong(url: str) -> None:
    upstream = made(url)
    found = await call(upstream, "getPet", {"pet_id": "rex", "fields": ["a b", "c&d"], "x-trace": "t1"})
    assert found.structured == {"id": 1, "name": "rex", "tags": ["a b", "c&d", "t1"], "owner": None}
    owner = {"name": "ann", "friend": {"name": "bo", "friend": None}}
    added = await call(upstream, "addPet", {"name": "kit", "owner": owner, "dry": True})
    assert added.structured == {"id": 2, "name": "kit", "tags": [], "owner": owner}
    assert (await call(upstream, "form", {"name": "x&y", "age": 3})).structured == {"name": "x&y", "age": 3}
    many = await call(upstream, "many", {"n": 3})
    assert many.structured is None
    assert many.content == [{"type": "text", "text": "[0,1,2]"}]
    assert (await call(upstream, "picture", {})).content[0]["mimeType"] == "image/png"
    assert (await call(upstream, "text", {})).content[0]["text"] == "plain"
    await upstream.close()


@pytest.mark.parametrize("name", ["../secret", "a/../../x", "x?y=1", "x#y", "%2e%2e", "a\\b", "ü", "http://evil/"])
async def test_no_argument_leaves_its_place(url: str, name: str) -> None:
    upstream = made(url)
    found = await call(upstream, "getPet", {"pet_id": name})
    if not found.is_error:  # a slash inside a segment is none to this framework: it knows no such page
        assert found.structured["name"] == name
    else:
        assert "404" in found.content[0]["text"]
        assert "/" in name
    await upstream.close()


@pytest.mark.parametrize(
    "arguments",
    [
        {"pet_id": ".."},
        {"pet_id": "."},
        {"pet_id": ""},
        {"pet_id": "a\r\nb"},
        {"pet_id": "a", "x-trace": "a\r\nX-Admin: 1"},
        {"pet_id": "a", "nothing": 1},
        {"pet_id": 3},
        {},
    ],
)
async def test_what_cannot_be_said_is_refused(url: str, arguments: dict[str, Any]) -> None:
    upstream = made(url)
    with pytest.raises(RequestError):
        await call(upstream, "getPet", arguments)
    await upstream.close()


async def test_credentials_go_where_the_service_wants_them(url: str) -> None:
    auth = {"APIKeyHeader": "hdr-secret", "HTTPBearer": "tok-secret", "APIKeyQuery": "qry-secret"}
    upstream = made(url, auth=auth, headers={"X-User": "{user}"})
    assert (await call(upstream, "secret", {})).structured == {"key": "hdr-secret"}
    assert (await call(upstream, "token", {})).structured == {"token": "tok-secret"}
    assert (await call(upstream, "queried", {"q": "1"})).structured == {"key": "qry-secret", "q": "1"}
    assert (await call(upstream, "who", {})).structured == {"user": "ann"}
    with pytest.raises(RequestError):
        await call(upstream, "who", {"x-user": "root", "authorization": "x"})
    await upstream.close()
    without = made(url)
    with pytest.raises(UpstreamError) as refused:
        await call(without, "secret", {})
    assert refused.value.code == "credentials_refused"
    await without.close()


async def test_answers_that_are_none(url: str) -> None:
    upstream = made(url)
    missing = await call(upstream, "getPet", {"pet_id": "missing"})
    assert missing.is_error
    assert "no such pet" in missing.content[0]["text"]
    away = await call(upstream, "away", {})
    assert away.is_error
    assert "169" not in away.content[0]["text"]
    for status, again in ((500, False), (503, True), (429, True)):
        with pytest.raises(UpstreamError) as failed:
            await call(upstream, "broken", {"status": status})
        assert failed.value.retryable is again
        assert "password" not in failed.value.message
    await upstream.close()
    small = made(url, largest_answer=1000)
    with pytest.raises(UpstreamError, match="larger than 1000"):
        await call(small, "many", {"n": 5000})
    await small.close()


async def test_addresses_inside_the_network_need_to_be_meant(url: str, tmp_path: Path) -> None:
    port = url.rpartition(":")[2]
    document = {
        "openapi": "3.1.0",
        "servers": [{"url": f"http://localhost:{port}"}],
        "paths": {"/text": {"get": {"operationId": "text"}}},
    }
    (tmp_path / "api.json").write_text(json.dumps(document))
    mount = Mount(name="x", kind="openapi", options={"openapi": "api.json"})
    upstream = openapi.open(mount, Own(tmp_path, tmp_path / "outrider.yaml"))
    with pytest.raises(UpstreamError) as refused:
        await call(upstream, "text", {})
    assert refused.value.code == "address_refused"
    await upstream.close()
    for options in (
        {"private_hosts": ["localhost"]},
        {"url": f"http://localhost:{port}"},
        {"private_hosts": ["127.0.0.0/8", "::1"]},
    ):
        meant = openapi.open(
            Mount(name="x", kind="openapi", options={"openapi": "api.json", **options}),
            Own(tmp_path, tmp_path / "outrider.yaml"),
        )
        assert (await call(meant, "text", {})).content[0]["text"] == "plain"
        await meant.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "not an OpenAPI 3"),
        ('{"swagger": "2.0"}', "not an OpenAPI 3"),
        ("a: [", "neither JSON nor YAML"),
        ("[" * 100_000, "api.yaml:1: it is nested"),
        ("a:\n  b: " + "{a: " * 50_000, ":2: it is nested"),
        ("3", "not an OpenAPI 3"),
        ('{"openapi": "3.1.0", "paths": {}}', "no server"),
    ],
)
async def test_what_is_no_document_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "api.yaml").write_text(text)
    mount = Mount(name="x", kind="openapi", options={"openapi": "api.yaml"})
    upstream = openapi.open(mount, Own(tmp_path, tmp_path / "outrider.yaml"))
    with pytest.raises(UpstreamError, match=said):
        await upstream.list()
    assert upstream.health().state == "down"
    assert said in upstream.health().last_error
    await upstream.close()
