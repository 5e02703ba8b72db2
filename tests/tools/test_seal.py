"""Names of connections, and what workers tell each other about them, in real databases."""

from collections.abc import Iterator

import pytest

from outrider.base import clock
from outrider.store import Store, open_leases
from outrider.tools.mail import Mail
from outrider.tools.seal import LASTS, MOST_CAPABILITIES, Agreed, Seal, known_capabilities


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    made = open_leases(store_url)
    yield made
    made.close()


def agreed(made: int | None = None) -> Agreed:
    now = clock.now_ns() // 1_000_000_000
    return Agreed("n", "p", "k", "2025-11-25", "client", "1", {"elicitation": {}}, now if made is None else made)


def test_every_worker_reads_a_name(leases: Store) -> None:
    one, other = Seal(lambda: leases), Seal(lambda: leases)
    one.learn()
    other.learn()
    name = one.name(agreed())
    assert other.read(name) == agreed()
    assert name.isascii()
    assert " " not in name


def test_what_was_changed_or_is_too_old_is_no_name(leases: Store) -> None:
    seal = Seal(lambda: leases)
    seal.learn()
    name = seal.name(agreed())
    for place in range(0, len(name), 7):
        changed = name[:place] + ("A" if name[place] != "A" else "B") + name[place + 1 :]
        assert seal.read(changed) is None
    for nonsense in ("", ".", "a.b", "ü.ü", name.partition(".")[0]):
        assert seal.read(nonsense) is None
    assert seal.read(seal.name(agreed(clock.now_ns() // 1_000_000_000 - LASTS - 1))) is None


def test_capabilities_are_bounded() -> None:
    assert known_capabilities({"elicitation": {"url": {}}, "experimental": {"x": 1}, "roots": 3}) == {
        "elicitation": {"url": {}}
    }
    assert known_capabilities({"sampling": {"a": "x" * MOST_CAPABILITIES}}) == {"sampling": {}}
    assert known_capabilities(None) == {}


def test_mail_is_taken_once_by_who_waits_for_it(leases: Store) -> None:
    mail = Mail(lambda: leases)
    mail.send("c", "reply:1", b"one")
    mail.send("c", "reply:2", b"two")
    mail.send("d", "reply:1", b"other")
    assert mail.take("c", ["reply:1"]) == {"reply:1": b"one"}
    assert mail.take("c", ["reply:1"]) == {}
    assert mail.take("c", ["reply:2", "reply:1"]) == {"reply:2": b"two"}


def test_what_is_ended_stays_ended(leases: Store) -> None:
    mail = Mail(lambda: leases)
    assert not mail.is_ended("c")
    mail.end("c")
    mail.send("c", "reply:1", b"late")
    assert mail.is_ended("c")
    assert not mail.is_ended("d")
