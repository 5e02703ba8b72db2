"""A pytest plugin: a suite's gates as a test. In `conftest.py`: `pytest_plugins = ["outrider.testing.evals"]`.

The fixture `outrider_eval` runs a suite and fails the test with the report's words where a gate fails, and where nobody
can know whether it holds.
"""

import asyncio
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse
from outrider.base import env
from outrider.base.errors import RequestError
from outrider.evals import compare, planning, report, suite
from outrider.evals.compare import Report
from outrider.evals.experiments import Experiment
from outrider.evals.judging import kin
from outrider.evals.judging.known import known_as
from outrider.evals.judging.measure import UNMEASURED
from outrider.evals.records import Case, Outcome, Variant
from outrider.evals.runner import Runner
from outrider.evals.subjects import Opens, Subject
from outrider.evals.suite import Suite

__all__ = ["Evaluate", "outrider_eval"]

PROJECT = "tests"
Answers = Callable[[Case], Any]
"""Answers a case: a text, or an Outcome. Plain (it runs in a thread) or async."""


class Evaluate(Protocol):
    """Run the suite of a file (beside the test, if its path is relative). `answers` are functions that answer in the
    place of variants, by the variants' names. `url` is the Outrider that routes are asked of, with OUTRIDER_KEY.
    `inconclusive=True`: it is enough that no gate fails. Gives the report."""

    def __call__(
        self, path: str | Path, /, *, url: str = "", inconclusive: bool = False, **answers: Answers
    ) -> Report: ...


@pytest.fixture
def outrider_eval(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Evaluate]:
    """Runs suites; see `Evaluate`. What is asked is kept for the test alone."""
    handle = EvalsHandle(parse("", "outrider_eval", {}), tmp_path, f"sqlite:///{tmp_path / 'evals.sqlite3'}")

    def evaluate(path: str | Path, /, *, url: str = "", inconclusive: bool = False, **answers: Answers) -> Report:
        found = _report(handle, request.path.parent / path, url, answers)
        good = ("passed", "inconclusive") if inconclusive else ("passed",)
        if not found.complete or found.verdict not in good:
            pytest.fail(report.markdown(found), pytrace=False)
        return found

    yield evaluate
    handle.close()


def _report(handle: EvalsHandle, path: Path, url: str, answers: Mapping[str, Answers]) -> Report:
    loaded = suite.load(path)
    names = [one.name for one in loaded.variants]
    if unknown := sorted(set(answers) - set(names)):
        raise RequestError(f"{path.name} has no variant {unknown[0]!r}; it has: {', '.join(names)}", param="answers")
    if not loaded.gates:
        raise RequestError(f"{path.name} has no gates, so nothing could fail: give it some", param="gates")
    begun = planning.begin(loaded, handle.datasets, handle.experiments, PROJECT)
    plan = begun.plan
    cases = planning.by_digest(handle.datasets.cases(PROJECT, plan["dataset"], plan["version"]))
    opens = _opens(handle, begun, url, answers)
    ports = handle.ports([f"judge:{begun.id}"], url=url, key=_key())
    runner = Runner(handle.experiments, begun, loaded, cases, opens, ports)
    with ThreadPoolExecutor(1) as thread:  # a test that is a coroutine has a loop already
        ended = thread.submit(asyncio.run, runner.run()).result()
    done = handle.experiments.done(ended.id)
    return compare.report(ended.id, loaded, done, items=ended.items, notes=_notes(loaded, url))


def _notes(loaded: Suite, url: str) -> dict[str, str] | None:
    """What the Outrider that is asked knows of the suite's judges. None: nobody could be asked."""
    judges = kin.judges(loaded)
    if not judges or not url:
        return None
    try:
        answer = httpx.get(f"{url}/api/judges", headers={"authorization": f"Bearer {_key()}"} if _key() else {})
        known = {one["id"]: str(one["words"]) for one in answer.raise_for_status().json()["judges"]}
    except (httpx.HTTPError, ValueError, KeyError):
        return None
    said = {one.name: known.get(known_as(one.name, one.kind, one.options), UNMEASURED) for one in judges}
    return {name: words for name, words in said.items() if words}


def _key() -> str:
    return env.get("OUTRIDER_KEY").strip()


def _opens(handle: EvalsHandle, begun: Experiment, url: str, answers: Mapping[str, Answers]) -> Opens:
    others = handle.opens([f"eval:{begun.id}"], url=url, key=_key())

    def opened(variant: Variant) -> Subject:
        if variant.name in answers:
            return _Called(answers[variant.name])
        if variant.model and not url:
            raise RequestError(f"{variant.name!r} asks a route: say where by `url=`, or give a function for it")
        return others(variant)

    return opened


class _Called:
    """A function of the test's. What it raises is the test's to see, and ends it."""

    def __init__(self, function: Answers) -> None:
        self._function = function

    async def ask(self, case: Case, variant: Variant, again: str) -> Outcome:
        began = time.monotonic()
        if inspect.iscoroutinefunction(self._function):
            found = await self._function(case)
        else:
            found = await asyncio.to_thread(self._function, case)
        return found if isinstance(found, Outcome) else Outcome(text=str(found), seconds=time.monotonic() - began)

    async def close(self) -> None:
        """Nothing is open."""
