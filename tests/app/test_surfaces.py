"""What is not hot is there when somebody asks for it, and nothing waits for it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from starlette.applications import Starlette

from outrider.app import surfaces
from outrider.testing.running import running

CONFIG = "{embedded: {enabled: off}, auth: off}"


def test_the_first_who_ask_get_it_all_at_once(tmp_path: Path) -> None:
    with running(CONFIG, tmp_path) as outrider, ThreadPoolExecutor(8) as pool:
        assert httpx.get(f"{outrider.url}/health/readiness").status_code == 200
        paths = ["/api/runs", "/v1/models", "/runs", "/api/openapi.json"] * 2
        answers = list(pool.map(lambda path: httpx.get(outrider.url + path).status_code, paths))
        assert answers == [200] * 8
        assert httpx.get(f"{outrider.url}/metrics").status_code == 200


def test_an_unknown_path_beside_health_is_answered_as_any_other(tmp_path: Path) -> None:
    with running(CONFIG, tmp_path) as outrider:
        for path in ("/healthxyz", "/health/x", "/metrics/x"):
            answer = httpx.get(outrider.url + path)
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_what_could_not_be_put_together_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def application(_: object) -> Starlette:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk is away")
        return Starlette()

    monkeypatch.setattr(surfaces, "application", application)
    worker = SimpleNamespace(corridor=None, ready=None)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(surfaces.Surfaces(worker)),  # type: ignore[arg-type]  # only its routes are asked
        base_url="http://outrider.test",
    ) as client:
        with pytest.raises(OSError, match="disk"):
            await client.get("/api/runs")
        assert (await client.get("/api/runs")).status_code == 404


def test_a_start_loads_neither_pages_nor_the_api() -> None:
    code = (
        "import sys, outrider.app.worker; print([m for m in sys.modules if m.startswith(('outrider.api.', 'jinja2'))])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
