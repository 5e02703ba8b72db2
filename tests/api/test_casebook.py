"""The Casebook over HTTP: what is found, ETags, saved searches, exports, and what is refused."""

import io
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from outrider.casebook import review
from outrider.casebook.book import Casebook
from outrider.casebook.records import CaseStudy
from outrider.casebook.review import Contribution
from tests.api.conftest import ApiWorld
from tests.casebook import few


@pytest.fixture
def book(tmp_path: Path, request: pytest.FixtureRequest) -> Casebook:
    return few.casebook(f"sqlite:///{tmp_path / 'few' / 'outrider.sqlite3'}", tmp_path / "home", request.addfinalizer)


@pytest.fixture
def client(world: ApiWorld, book: Casebook) -> TestClient:
    return world.api(casebook=lambda: book)


def test_a_search(client: TestClient) -> None:
    page = client.get("/api/casebook", params={"q": "RAG in insurance with measured deflection above 50 %"}).json()
    assert [h["id"] for h in page["hits"]] == ["harbour-claims"]
    assert page["query"] == "industry:insurance result:deflection>50% technique:rag"
    assert [c["understood"] for c in page["chips"]] == [True] * 3
    plain = client.get("/api/casebook", params={"q": "RAG in insurance", "plain": "true"}).json()
    assert plain["query"] == "RAG in insurance"


def test_pages(client: TestClient) -> None:
    seen, cursor = [], ""
    while True:
        page = client.get("/api/casebook", params={"limit": 4, "sort": "org"} | ({"cursor": cursor} if cursor else {}))
        seen += [h["id"] for h in page.json()["hits"]]
        if not (cursor := page.json()["next"]):
            break
    assert len(seen) == len(set(seen)) == 6


def test_who_has_it_already_is_told_so(client: TestClient, book: Casebook) -> None:
    first = client.get("/api/casebook", params={"q": "rag"})
    tag = first.headers["etag"]
    again = client.get("/api/casebook", params={"q": "rag"}, headers={"if-none-match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "private, no-cache"
    assert client.get("/api/casebook", params={"q": "voice"}, headers={"if-none-match": tag}).status_code == 200
    book.withdraw("orchard-voice")
    assert client.get("/api/casebook", params={"q": "rag"}, headers={"if-none-match": tag}).status_code == 200


def test_a_case_with_its_evidence(client: TestClient) -> None:
    case = client.get("/api/casebook/cases/harbour-claims").json()
    text = client.get("/api/casebook/cases/harbour-claims/text").text
    for result in case["results"]:
        for evidence in result["evidence"]:
            assert text[evidence["start"] : evidence["end"]] == evidence["quote"]
    assert client.get("/api/casebook/cases/harbour-claims/versions").json()["versions"][0]["why"] == "a test"
    similar = client.get("/api/casebook/cases/harbour-claims/similar", params={"limit": 1}).json()["cases"]
    assert similar[0]["case"]["id"] == "lumen-code-review"
    assert client.get("/api/casebook/cases/harbour-claim").json()["error"]["code"] == "unknown_case"


def test_an_author_is_known_to_themselves_and_to_who_runs_outrider(world: ApiWorld, book: Casebook) -> None:
    key, me = world.new_key("default", "ann")
    given = Contribution(id="harbour-claims", organisation="Harbour", year=2023)
    review.accept(book, review.contribute(book, given, who=me, why="the year was wrong").id, by="orc_desk")
    url = "/api/casebook/cases/harbour-claims"

    def told(client: TestClient) -> tuple[str, str]:
        newest = client.get(f"{url}/versions").json()["versions"][0]
        return newest["by"], newest["why"]

    mine, other = world.api(key, casebook=lambda: book), world.api(casebook=lambda: book)
    assert told(mine) == (me, "the year was wrong (accepted)")
    assert told(other) == ("a contributor", "the year was wrong (accepted)")
    for path in (url, f"{url}/versions", "/api/casebook/export", "/api/casebook/export?format=csv"):
        answer = other.get(path)
        assert answer.status_code == 200
        assert me not in answer.text
        assert "orc_desk" not in answer.text
    tag = other.get(f"{url}/versions").headers["etag"]
    assert mine.get(f"{url}/versions", headers={"if-none-match": tag}).status_code == 200
    assert other.get(f"{url}/versions", headers={"if-none-match": tag}).status_code == 304


def test_views(client: TestClient) -> None:
    both = client.get("/api/casebook/compare", params={"ids": "harbour-claims, lumen-code-review"}).json()
    assert [c["id"] for c in both["cases"]] == ["harbour-claims", "lumen-code-review"]
    assert {p["technique"] for p in client.get("/api/casebook/patterns").json()["patterns"]} >= {"rag", "reranking"}
    assert client.get("/api/casebook/patterns/rag").json()["total"] == 2
    trend = client.get("/api/casebook/trends", params={"values": "rag", "q": "industry:insurance"}).json()
    assert (trend["years"], trend["n"]) == ([2024], [1])
    table = client.get("/api/casebook/trends.csv", params={"values": "rag"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.startswith("technique,label,year,count,n,share,low,high\nrag,")
    words = client.get("/api/casebook/vocabulary").json()
    assert words["fields"]["industry"]["insurance"] == "Insurance"
    assert words["open"] == ["year", "result"]


def test_exports(client: TestClient) -> None:
    lines = client.get("/api/casebook/export").content.splitlines()
    assert len([msgspec.json.decode(line, type=CaseStudy) for line in lines]) == 6
    body = client.get("/api/casebook/export", params={"format": "parquet", "q": "industry:finance"}).content
    assert pq.read_table(io.BytesIO(body))["id"].to_pylist() == ["pinebank-agents", "pinebank-search"]
    assert client.get("/api/casebook/export", params={"format": "csv"}).text.startswith("id,number,title")


def test_saved_searches(world: ApiWorld, book: Casebook, client: TestClient) -> None:
    made = client.post("/api/casebook/searches", json={"query": "industry:finance", "name": "Banks"})
    assert made.status_code == 201
    id_ = made.json()["id"]
    assert [s["name"] for s in client.get("/api/casebook/searches").json()["searches"]] == ["Banks"]
    assert client.get(f"/api/casebook/searches/{id_}").json()["total"] == 2
    other = world.api(world.other_key, casebook=lambda: book)
    assert other.get("/api/casebook/searches").json()["searches"] == []
    assert other.get(f"/api/casebook/searches/{id_}").status_code == 404
    assert other.delete(f"/api/casebook/searches/{id_}").status_code == 404
    assert client.delete(f"/api/casebook/searches/{id_}").json() == {"id": id_}
    assert client.get("/api/casebook/searches").json()["searches"] == []


@pytest.mark.parametrize(
    ("path", "params", "param"),
    [
        ("/api/casebook", {"q": "industri:x"}, "q"),
        ("/api/casebook", {"q": "x" * 3000}, "q"),
        ("/api/casebook", {"sort": "best"}, "sort"),
        ("/api/casebook", {"limit": "0"}, "limit"),
        ("/api/casebook", {"cursor": "%%"}, "cursor"),
        ("/api/casebook", {"plain": "perhaps"}, "plain"),
        ("/api/casebook", {"colour": "red"}, "colour"),
        ("/api/casebook/compare", {"ids": "harbour-claims"}, "ids"),
        ("/api/casebook/trends", {"field": "org"}, "field"),
        ("/api/casebook/export", {"format": "xml"}, "format"),
    ],
)
def test_bad_questions_name_the_parameter(client: TestClient, path: str, params: dict[str, str], param: str) -> None:
    answer = client.get(path, params=params)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


def test_without_a_key_or_a_casebook(world: ApiWorld, book: Casebook) -> None:
    assert world.api("", casebook=lambda: book).get("/api/casebook").status_code == 401
    assert world.api().get("/api/casebook").json()["error"]["code"] == "no_casebook"
