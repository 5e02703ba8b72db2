"""Placeholders: the same in a session, given back to nobody else, and never into an address."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outrider.guardrails.way.placeholders import Book, Restoring, Vault, neutral, restored_arguments
from outrider.store import Store, open_store
from outrider.store.migrate import migrate

KEY = b"bm90LWEtc2VjcmV0LWJ1dC0zMi1ieXRlcy1sb25nISE="


@pytest.fixture
def leases(store_url: str) -> Iterator[Store]:
    store = open_store(store_url)
    migrate(store, "leases")
    yield store
    store.close()


def book() -> Book:
    made = Book()
    assert made.cover("email", "bob@example.com") == "<EMAIL_1>"
    assert made.cover("person", 'Bob "B" O\'Hara') == "<PERSON_1>"
    assert made.cover("person", "Eve") == "<PERSON_2>"
    return made


@pytest.mark.parametrize(
    "said",
    [
        "<EMAIL_1>",
        "<email_1>",
        "< EMAIL_1 >",
        "<EMAIL 1>",
        "<EMAIL-1>",
        "[EMAIL_1]",
        "&lt;EMAIL_1&gt;",
        "\\<EMAIL\\_1\\>",
        "EMAIL_1",
    ],
)
def test_mangled_ones_are_restored(said: str) -> None:
    assert book().restore(f"Write to {said}, please.") == "Write to bob@example.com, please."


@pytest.mark.parametrize("said", ["<EMAIL_2>", "<EMAIL_11>", "<PHONE_1>", "MY_EMAIL_1", "<EMAIL>", "‹EMAIL_1›"])
def test_others_are_left(said: str) -> None:
    assert book().restore(f"a {said} b") == f"a {said} b"


@pytest.mark.parametrize(
    "link",
    [
        "![x](https://evil.test/?q=<EMAIL_1>)", "https://evil.test/EMAIL_1", "https://<EMAIL_1>.evil.test/",
        "//evil.test/<EMAIL_1>",
        "[x](<https://evil.test/? <EMAIL_1>>)", "<img src='https://evil.test/? <EMAIL_1>'>", "www.evil.test/<EMAIL_1>",
        "[r]: https://evil.test/<EMAIL_1>", "<a title='<EMAIL_1>' href=", "url(x <EMAIL_1>",
    ],
)  # fmt: skip
def test_nothing_is_restored_into_an_address(link: str) -> None:
    assert book().restore(f"see {link}") == f"see {link}"
    restoring = Restoring(book())
    assert "".join(restoring.feed(c) for c in f"see {link}") + restoring.end() == f"see {link}"


def test_a_text_that_brings_placeholders_along_has_none() -> None:
    assert neutral("send <PERSON_1> to me") == "send ‹PERSON_1> to me"
    assert book().restore(neutral("send <PERSON_1> to me")) == "send ‹PERSON_1> to me"


def test_what_goes_on_behind_a_cut_is_no_placeholder() -> None:
    restoring = Restoring(book())
    assert restoring.feed("<\n") + restoring.feed("EMAIL_1](") == "bob@example.com("
    assert restoring.feed("EMAIL_1E") + restoring.feed("MAIL_1 ") + restoring.end() == "EMAIL_1EMAIL_1 "


PIECES = ["<EMAIL_1>", "<PERSON_2>", " ", "<", "&lt;", "EMAIL_1", "1", "a", "https://", "\n", "]("]


@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=12,
    ),
    st.lists(st.integers(0, 99), max_size=8),
)
def test_any_cutting_gives_the_same(parts: list[str], cuts: list[int]) -> None:
    text = "".join(parts)
    whole = Restoring(book())
    expected = whole.feed(text) + whole.end()
    restoring, out, last = Restoring(book()), "", 0
    for cut in [*sorted(c % (len(text) + 1) for c in cuts), len(text)]:
        out += restoring.feed(text[last:cut])
        last = cut
    assert out + restoring.end() == expected


def test_arguments_are_restored_as_json() -> None:
    said = json.dumps({"to": "<EMAIL_1>", "body": ["Dear <PERSON_1>"]})
    told = restored_arguments(book(), said, ["write to bob@example.com"])
    assert json.loads(told) == {"to": "bob@example.com", "body": ['Dear Bob "B" O\'Hara']}


@pytest.mark.parametrize("aim", ["eve@evil.test", "https://evil.test/x", "evil.test", "//evil.test/", "+49 30 901820"])
def test_arguments_stay_where_nobody_named_the_aim(aim: str) -> None:
    said = json.dumps({"to": aim, "body": "<PERSON_1> <EMAIL_1>"})
    assert restored_arguments(book(), said, ["write to bob@example.com"]) == said
    assert "Eve" in restored_arguments(book(), json.dumps({"to": aim, "body": "<PERSON_2>"}), [f"write to {aim}"])


def test_a_session_keeps_its_numbers_and_nobody_elses(leases: Store) -> None:
    vault = Vault(lambda: leases, lambda: KEY)
    owner, other = Vault.owner("p", "k", "u", "s"), Vault.owner("p", "k", "u2", "s")
    first = Book(vault, owner)
    assert first.cover("email", "bob@example.com") == "<EMAIL_1>"
    assert first.cover("email", "eve@example.com") == "<EMAIL_2>"
    again = Book(vault, owner)
    assert again.cover("email", "eve@example.com") == "<EMAIL_2>"
    assert again.cover("email", "amy@example.com") == "<EMAIL_3>"
    assert again.restore("<EMAIL_1>") == "<EMAIL_1>"  # this request had it not
    assert Book(vault, other).cover("email", "amy@example.com") == "<EMAIL_1>"
    assert Vault.owner("p", "k", "u", "") == ""


def test_values_are_sealed_and_expire(leases: Store) -> None:
    owner = Vault.owner("p", "k", "u", "s")
    Book(Vault(lambda: leases, lambda: KEY), owner).cover("email", "bob@example.com")
    rows = leases.query("SELECT * FROM placeholders")
    assert b"bob@" not in b"".join(bytes(v) for row in rows for v in row if isinstance(v, bytes | memoryview))
    assert Vault(lambda: leases, lambda: KEY).known(owner) == {("email", "bob@example.com"): 1}
    assert Vault(lambda: leases, lambda: KEY[::-1].replace(b"=", b"") + b"=").known(owner) == {}
    gone = Vault(lambda: leases, lambda: KEY, lasts=-1.0)
    Book(gone, owner).cover("email", "eve@example.com")
    assert gone.known(owner) == {}
