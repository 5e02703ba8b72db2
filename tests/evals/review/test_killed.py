"""Reviewers in processes of their own, one of which is killed with an item in its hands; on both stores."""

import subprocess
import sys
from collections import Counter

import pytest

from outrider.base import clock
from outrider.evals.review.marks import LENT_NS, Marks
from outrider.evals.review.queues import Queues
from tests.evals.review.conftest import Begin

WORK = """
import sys
from outrider.evals.review.marks import Marks
from outrider.evals.review.queues import Queues
from outrider.store import open_evals
url, who, most = sys.argv[1:]
store = open_evals(url)
queues = Queues(lambda: store)
marks, queue = Marks(queues), queues.get("p", "q")
for turn in range(int(most)):
    item = marks.next(queue, who)
    if item is None:
        break
    if turn == int(most) - 1:
        print("holds", item.place, flush=True)
        sys.stdin.read()
    marks.give(queue, item.place, who, {"right": "yes"})
"""


def test_what_a_killed_process_held_goes_to_others(
    store_url: str, queues: Queues, marks: Marks, begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = begin(12, 2)
    command = [sys.executable, "-c", WORK, store_url]
    killed = subprocess.Popen([*command, "ann", "5"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    held = int(killed.stdout.readline().removeprefix("holds "))
    others = [subprocess.Popen([*command, who, "100"], stdin=subprocess.DEVNULL) for who in ("ben", "cem")]
    killed.kill()
    killed.communicate()
    assert [one.wait(60) for one in others] == [0, 0]
    given = Counter(one.place for one in marks.given(queue))
    assert max(given.values()) == 2
    assert sum(one.who == "ann" for one in marks.given(queue)) == 4, "what was said stays"
    now = clock.now_ns() + LENT_NS + 1
    monkeypatch.setattr(clock, "now_ns", lambda: now)
    for who in ("ben", "cem", "dan"):
        while (item := marks.next(queue, who)) is not None:
            marks.give(queue, item.place, who, {"right": "yes"})
    given = Counter(one.place for one in marks.given(queue))
    assert given == dict.fromkeys(range(12), 2)
    assert "ann" not in {one.who for one in marks.of_item(queue, held)}
    assert queues.counts(queue)["settled"] == 12
