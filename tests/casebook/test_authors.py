"""Who made what: shown to themselves and to who runs Outrider, and to nobody else."""

from pathlib import Path

import msgspec
import pytest

from outrider.casebook.authors import OTHERS, PERSON, shown, unsigned
from outrider.casebook.records import FIELDS_OF_CLAIMS, CaseStudy, Claim, Made, Result, Version
from tests.casebook.made import casebook

CASE = CaseStudy("a", "A", "Northwind")


@pytest.mark.parametrize("field", [*FIELDS_OF_CLAIMS, "facts"])
def test_no_claim_names_a_person(field: str) -> None:
    of = Result if field in ("results", "scale") else Claim
    claims = tuple(of(name, made=Made(name)) for name in ("text", "key_ann", "model"))
    value = {c.made.by: c for c in claims} if field == "facts" else claims
    left = unsigned(msgspec.structs.replace(CASE, **{field: value}))
    assert [claim.made for _, claim in left.claims()] == [Made("text"), PERSON, Made("model")]
    assert unsigned(left) is left


@pytest.mark.parametrize(
    ("by", "key", "seen"),
    [
        ("key_ann", "key_ann", "key_ann"),
        ("key_ann", "key_bob", OTHERS),
        ("key_ann", "", OTHERS),
        ("import", "key_bob", "import"),
        ("outrider", "key_bob", "outrider"),
        ("", "key_bob", ""),
    ],
)
def test_a_version_names_its_author_to_themselves(by: str, key: str, seen: str) -> None:
    version = Version(CASE, by, "new case (accepted by key_desk)", 1)
    assert shown(version, key, everything=True) is version
    assert (shown(version, key, everything=False).by, shown(version, key, everything=False).why) == (
        seen,
        "new case (accepted)",
    )
    bare = msgspec.structs.replace(version, why="accepted by key_desk")
    assert shown(bare, key, everything=False).why == "accepted"


def test_what_was_kept_with_a_name_is_read_without(store_url: str, tmp_path: Path) -> None:
    signed = msgspec.structs.replace(CASE, facts={"year": Claim("2024", made=Made("key_ann"))})
    with casebook(store_url, tmp_path) as book:
        first = book.put(signed, "It went live in 2024.", who="key_ann")
        again = book.put(signed, "It went live in 2024.", who="key_ann")
        assert (first.number, again.number) == (1, 1)
        assert book.get("a").facts["year"].made == PERSON
        (version,) = book.versions("a")
        assert (version.by, version.case.facts["year"].made) == ("key_ann", PERSON)
