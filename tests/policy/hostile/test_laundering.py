"""Poisoned words are written down in one session and read back in another over the real URLs: they stay what others
wrote, in whatever form they come back."""

import base64
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import Databases
from tests.policy.hostile import urls
from tests.policy.hostile.world import POISON, Task
from tests.policy.hostile.worlds.notebook import CLEAN, FORMS, Notebook

WORDS = POISON.split()
HALF = len(WORDS) // 2
WRITTEN: dict[str, list[str]] = {
    "whole": [POISON],
    "in two notes": [" ".join(WORDS[:HALF]), " ".join(WORDS[HALF:])],
    "among clean words": [f"{CLEAN} and then {POISON} and {CLEAN}"],
    "in base64": [f"see {base64.b64encode(POISON.encode()).decode()}"],
}
ASKS = "Read the page and make notes of it"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[urls.Place]:
    with contextlib.ExitStack() as open_:
        url = ""
        if request.param == "postgres":
            databases: Databases = request.getfixturevalue("databases")
            name = databases.make()
            open_.callback(databases.drop, name)
            url = databases.url(name)
        yield open_.enter_context(urls.opened(Notebook, tmp_path_factory.mktemp("home"), url))


def notebook(place: urls.Place) -> Any:
    return place.upstream.now


async def writes(agent: urls.Agent, place: urls.Place, texts: list[str], way: str) -> None:
    """The first session: it reads the page and makes notes; where somebody is asked, they let it."""
    agent.begin(Task(ASKS, []))
    if way == "v1":  # an agent that runs its own tools
        await agent.reads("read_page", {}, notebook(place).read_page())
    else:
        await agent.proposes(())
        await agent.makes("read_page", {})
    for text in texts:
        call = ("add_note", {"text": text})
        for withheld in await agent.withheld([call]):
            assert (await agent.decides("POST", withheld["approval"])).status_code == 200
            assert await agent.wants([call]) == ["allow"]
        if way == "v1":
            notebook(place).add_note(text)
        else:
            assert (await agent.makes(*call))[0] == "allow"


async def reads(agent: urls.Agent, place: urls.Place, form: str, way: str) -> bool:
    """Another session reads them: whether it is tainted by that."""
    kept = notebook(place)
    agent.begin(Task("What do my notes say?", []))
    place.upstream.now, kept.form = kept, form
    await agent.proposes(())
    assert not await agent.tainted()
    if way == "v1":
        await agent.reads("list_notes", {}, kept.list_notes())
        await agent.proposes(())
    else:
        await agent.makes("list_notes", {})
    return await agent.tainted()


@contextlib.asynccontextmanager
async def two(place: urls.Place) -> AsyncIterator[tuple[urls.Agent, urls.Agent]]:
    """Two agents of one project, each with a key of its own."""
    async with place.agent() as first:
        key = place.outrider.new_key(first.project)
        async with place.agent(first.kept()._replace(key=key)) as second:
            yield first, second


async def missed(place: urls.Place, how: str, way: str, back: str, forms: Iterable[str]) -> list[str]:
    """The forms in which what was written so is not known again."""
    async with two(place) as (first, second):
        await writes(first, place, WRITTEN[how], way)
        return [form for form in forms if not await reads(second, place, form, back)]


async def test_what_was_written_is_known_again(place: urls.Place) -> None:
    assert await missed(place, "in two notes", "v1", "mcp", ["a part", "among clean words", "in base64"]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("way", "back"), [("mcp", "v1"), ("v1", "mcp")])
@pytest.mark.parametrize("how", WRITTEN)
async def test_what_was_written_is_known_again_in_every_form(place: urls.Place, how: str, way: str, back: str) -> None:
    broken = {"in capital letters", "a part"} if how == "in base64" else set()  # then it says nothing any more
    assert await missed(place, how, way, back, FORMS.keys() - broken) == []


@pytest.mark.parametrize("way", ["mcp", "v1"])
async def test_clean_notes_taint_nobody(place: urls.Place, way: str) -> None:
    """Not those of a session that read nothing of others, nor what the user said to one that did."""
    async with two(place) as (first, second):
        first.begin(Task(f"Make a note: {CLEAN}", []))
        await first.proposes(())
        assert (await first.makes("add_note", {"text": CLEAN}))[0] == "allow"
        assert not await reads(second, place, "behind many others", way)
        first.begin(Task(f"Read the page, then make a note: {CLEAN} and the door is open", []))
        await first.proposes(())
        await first.makes("read_page", {})
        await first.makes("add_note", {"text": f"{CLEAN} and the door is open"})
        assert not await reads(second, place, "among clean words", way)


async def test_after_a_restart_too_and_not_in_another_project(tmp_path: Path) -> None:
    with urls.opened(Notebook, tmp_path) as place:
        async with place.agent() as first, place.agent() as stranger:
            await writes(first, place, [POISON], "mcp")
            kept, notes = first.kept(), notebook(place).notes
            assert not await reads(stranger, place, "as it is", "mcp")
    with urls.opened(Notebook, tmp_path) as place:
        notebook(place).notes = notes
        async with place.agent(kept) as second:
            assert await reads(second, place, "a part", "v1")
