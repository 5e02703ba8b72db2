"""Streamed responses in the background through kills: who listens gets an end, in every worker and after a restart."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest

from outrider.store import open_leases
from tests.crash.conftest import Process

pytestmark = pytest.mark.slow
ENDS = ("response.completed", "response.incomplete", "response.failed")


def client(process: Process) -> openai.OpenAI:
    url = f"http://127.0.0.1:{process.port}/v1"
    return openai.OpenAI(base_url=url, api_key=process.key, timeout=60, max_retries=5)


def begin(process: Process, words: str) -> Any:
    asking = client(process)
    return asking.responses.create(model="scripted-chat", input=f"scripted:{words}", background=True, stream=True)


def giver(process: Process, id_: str) -> int:
    """The process that gives a response: it has mapped the file of its holder."""
    leases = open_leases(f"sqlite:///{process.home / 'outrider.sqlite3'}")
    try:
        ((held,),) = leases.query("SELECT holder FROM batches WHERE id = ?", (id_,))
    finally:
        leases.close()
    mark = f"/{held.partition('/')[2]}.holds"
    for place in Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):
            if mark in place.read_text():
                return int(place.parent.name)
    raise AssertionError(held)


def follow(process: Process, id_: str, seen: list[Any]) -> list[Any]:
    """Come back for the rest, as often as it breaks off."""
    deadline = time.monotonic() + 120
    while not seen or seen[-1].type not in ENDS:
        assert time.monotonic() < deadline, seen[-1:]
        after = {"starting_after": seen[-1].sequence_number} if seen else {}
        with contextlib.suppress(openai.APIConnectionError):
            for event in client(process).responses.retrieve(id_, stream=True, **after):
                seen.append(event)
    assert [event.sequence_number for event in seen] == list(range(len(seen)))
    return seen


def failed(events: list[Any]) -> None:
    """It was said how it ended, in the response too."""
    last = events[-1]
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert last.response.error.code == "response_interrupted"


def test_a_worker_is_killed_while_it_speaks(process: Process) -> None:
    process.start("--workers", "2")
    stream = begin(process, "words=3000,gap=0.1")
    seen = [next(stream) for _ in range(6)]
    id_ = seen[0].response.id
    with ThreadPoolExecutor(6) as pool:
        others = [pool.submit(follow, process, id_, []) for _ in range(5)]
        seen.append(next(stream))
        process.kill(giver(process, id_))
        with contextlib.suppress(openai.APIConnectionError):  # it may have been the one that we heard
            seen.extend(stream)
        follow(process, id_, seen)
        told = [one.result() for one in others]
    failed(seen)
    assert [[event.to_dict() for event in one] for one in told] == [[event.to_dict() for event in seen]] * 5
    response = client(process).responses.retrieve(id_)
    assert (response.status, response.error) == ("failed", seen[-1].response.error)
    again = list(begin(process, "words=3"))
    assert again[-1].type == "response.completed"


def test_all_is_killed_while_it_speaks(process: Process) -> None:
    process.start()
    stream = begin(process, "words=3000,gap=0.1")
    seen = [next(stream) for _ in range(7)]
    process.kill()
    with contextlib.suppress(openai.APIConnectionError):
        seen.extend(stream)
    process.start()
    failed(follow(process, seen[0].response.id, seen))


def test_what_had_said_nothing_begins_anew(process: Process) -> None:
    process.start()
    stream = begin(process, "words=4,delay=3")
    seen = [next(stream), next(stream)]
    process.kill()
    process.start()
    events = follow(process, seen[0].response.id, seen)
    assert events[-1].type == "response.completed"
    assert len(events[-1].response.output_text.split()) == 4
