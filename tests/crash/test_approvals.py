"""SIGKILL while approvals are asked, decided and used by two processes: what was said holds, each is used once, and the
journal has everything."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from outrider.journal import upcast
from outrider.journal.append import Journal
from outrider.journal.events import Event
from outrider.journal.index import Indexer
from outrider.journal.records import read_block
from outrider.policy.approvals import Approvals
from outrider.store import open_leases, open_store

pytestmark = pytest.mark.slow

ROUNDS = 12
WORKER = """
import itertools, sys
from pathlib import Path
from outrider.base.errors import RequestError
from outrider.journal.append import Journal
from outrider.policy.approvals import Approvals
from outrider.policy.decide import Call, decide
from outrider.policy.declarations import Declaration
from outrider.policy.rules import Rules, default_text
from outrider.policy.state import SessionState
from outrider.store import open_leases

url, spool, start = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
store, journal, rules = open_leases(url), Journal(spool), Rules(default_text())
approvals = Approvals(lambda: store, lambda event: journal.append_now(event, (), event.project))
print("ready", flush=True)
for n in itertools.count(start):
    call = Call("pay", {"to": f"Eve{n}"}, Declaration(does="money"))
    one = approvals.ask("p", "s", call, decide(call, SessionState(), rules), ())
    print("asked", one.id, one.state, flush=True)
    try:
        approvals.decide("p", one.id, approve=True, by="olga")
        print("decided", one.id, "", flush=True)
    except RequestError:
        pass
    used = approvals.use("p", "s", call.tool, call.arguments)
    if used is not None:
        print("used", used.id, "", flush=True)
"""


def events_of(url: str, spool: Path) -> list[Event]:
    store = open_store(url)
    Indexer(spool, store).drain()
    found = [event for seq, body in store.query("SELECT seq, body FROM records") for _, event in read_block(seq, body)]
    store.close()
    return found


def test_an_approval_is_used_once_and_none_is_lost(store_url: str, tmp_path: Path) -> None:
    chance, spool, said = random.Random(20261122), tmp_path / "spool", list[list[str]]()
    open_leases(store_url).close()
    for turn in range(ROUNDS):
        line = [sys.executable, "-c", WORKER, store_url, str(spool), str(turn * 10_000)]
        both = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.05, 0.5))
        for one in both:
            one.kill()
        for one in both:
            out, _ = one.communicate()
            whole = out[: out.rfind("\n") + 1]  # the kill may have cut the last line short, and its state with it
            said += [words for text in whole.splitlines() if len(words := text.split(" ")) == 3]
    used = Counter(id_ for what, id_, _ in said if what == "used")
    assert sum(used.values()) > ROUNDS
    assert set(used.values()) == {1}, "used by two"

    store, journal = open_leases(store_url), Journal(spool)
    approvals = Approvals(lambda: store, lambda event: journal.append_now(event, (), "p"))
    for what, id_, state in said:
        now = approvals.get("p", id_).state
        assert now in {"asked": (state, "approved", "used"), "decided": ("approved", "used"), "used": ("used",)}[what]
    for one in approvals.past("p", state="approved", limit=500):
        arguments = msgspec.json.decode(one.about.arguments)
        assert approvals.use("p", "s", "pay", arguments) is not None
        assert approvals.use("p", "s", "pay", arguments) is None
    while approvals.hand_over():
        pass
    rows = store.query("SELECT id, state FROM approvals")
    journal.close()
    store.close()
    kinds: dict[str, set[str]] = {}
    for event in events_of(store_url, spool):
        assert upcast.VERSIONS[str(event.__struct_config__.tag)] == event.v
        kinds.setdefault(getattr(event, "id", ""), set()).add(str(event.__struct_config__.tag))
    for id_, state in rows:
        wanted = {"pending": ["asked"], "approved": ["asked", "decided"], "used": ["asked", "decided", "used"]}[state]
        assert kinds[id_] == {f"approval.{kind}" for kind in wanted}
