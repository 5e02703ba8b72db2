"""The ledger of imports over HTTP."""

from pathlib import Path

import pytest

from outrider.casebook import pipeline
from tests.api.conftest import ApiWorld
from tests.casebook import few
from tests.casebook.made import database, entry


@pytest.mark.parametrize("mode", ["publish", "judge"])
def test_what_became_of_each_entry_and_why(
    world: ApiWorld, tmp_path: Path, request: pytest.FixtureRequest, mode: pipeline.Mode
) -> None:
    book = few.casebook(f"sqlite:///{tmp_path / 'few' / 'o.sqlite3'}", tmp_path / "home", request.addfinalizer)
    client = world.api(casebook=lambda: book)
    assert client.get("/api/casebook/imports").json() == {"imports": {}}
    assert "nothing was imported yet" in client.get("/api/casebook/imports/zenml").json()["error"]["message"]
    poem = entry("poem", body="Roses are red.", summary='"A poem."')
    folder = database(tmp_path / "set", one=entry("one"), poem=poem, twin=entry("one"))
    pipeline.import_all(book, str(folder), "zenml", mode=mode)
    assert client.get("/api/casebook/imports").json() == {"imports": {"zenml": 3}}
    whole = client.get("/api/casebook/imports/zenml").json()
    assert whole["entries"] == 3
    first = client.get("/api/casebook/imports/zenml/entries", params={"limit": 2}).json()
    rest = client.get("/api/casebook/imports/zenml/entries", params={"after": first["next"]}).json()
    assert rest["next"] is None
    told = {e["entry"]: e for e in (*first["entries"], *rest["entries"])}
    assert len(told) == 3
    assert told["poem"]["outcome"] == ("rejected" if mode == "judge" else "published")
    assert told["poem"]["reasons"]
    assert told["poem"]["at"].startswith("20")
    some = client.get("/api/casebook/imports/zenml/entries", params={"outcome": "rejected"}).json()["entries"]
    assert [e["entry"] for e in some] == (["poem"] if mode == "judge" else [])
    assert client.get("/api/casebook/imports/zenlm/entries").status_code == 404
    assert client.get("/api/casebook/imports/zenml/entries", params={"limit": "0"}).json()["error"]["param"] == "limit"
