"""`/api/knowledge`: collections are made, filled by jobs, searched by who may, and changed by keys that may."""

import io
import tarfile
import zipfile

import msgspec
import pytest
from starlette.testclient import TestClient

from outrider.app.knowledge import works
from outrider.journal import read
from outrider.journal.events import CollectionChanged, DocumentsChanged, RunRecorded
from outrider.journal.index import Indexer
from outrider.knowledge import waking
from outrider.knowledge.presence import Presence
from outrider.knowledge.records import Collection, Parsed
from outrider.knowledge.work import Bench
from outrider.limits.keys import Identity
from tests.api.conftest import ApiWorld

PAY = ("pay.md", b"# Pay\n\nSalaries are paid on the last day of the month.", "text/markdown")
TRIPS = ("trips.md", b"# Trips\n\nTrains are booked by the office in Bern.", "text/markdown")


class House:
    """The API with a library, and whoever works on its jobs."""

    def __init__(self, world: ApiWorld) -> None:
        self.knowledge = world.knowledge("embedded: {enabled: off}\nknowledge: {max_upload: 100kB}\n")
        self.world, self.home = world, self.knowledge.home
        key, _ = world.new_key("default", "librarian", "knowledge")
        self.client, self.reader = self.of(key), self.of(world.key)

    def of(self, key: str) -> TestClient:
        return self.world.api(key, knowledge=self.knowledge)

    def work(self) -> None:
        presence = Presence(self.home / "run" / "jobs")
        while Bench(self.knowledge.jobs(), presence, works(self.knowledge)).one():
            pass
        presence.close()


@pytest.fixture
def house(world: ApiWorld) -> House:
    return House(world)


URL = "/api/knowledge/collections"


def filled(house: House, **readers: list[str]) -> None:
    """A collection `docs` with two documents; `readers` by file."""
    assert house.client.post(URL, json={"name": "docs", "about": "Our handbook"}).status_code == 201
    for name, body, media in (PAY, TRIPS):
        said = readers.get(name.partition(".")[0])
        data = {"readers": msgspec.json.encode(said).decode()} if said else {}
        sent = house.client.post(f"{URL}/docs/files", files=[("file", (name, body, media))], data=data)
        assert sent.status_code == 202, sent.text
    house.work()


def test_a_large_archive_is_opened_and_a_large_text_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is larger than a file may be is looked at where it lies, and never whole in memory."""
    monkeypatch.setattr("outrider.knowledge.ingest.LARGEST", 10_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("pay.md", b"# Pay\n\nSalaries are paid on the last day of the month. " + b"More. " * 2_000)
    assert house.client.post(URL, json={"name": "docs"}).status_code == 201
    files = [("file", ("many.zip", out.getvalue())), ("file", ("long.txt", b"Words. " * 3_000))]
    job = house.client.post(f"{URL}/docs/files", files=files).json()["id"]
    house.work()
    told = house.client.get(f"/api/knowledge/jobs/{job}/items").json()["items"]
    assert [(one["item"], one["outcome"]) for one in told] == [("long.txt", "fault"), ("many.zip!/pay.md", "new")]
    assert told[0]["reason"] == "It has 21,000 bytes; at most 100,000,000 are read. Divide it."


def test_files_become_documents_that_are_found(house: House) -> None:
    filled(house)
    (state,) = house.reader.get(URL).json()["collections"]
    assert (state["name"], state["about"], state["documents"], state["shared"]) == ("docs", "Our handbook", 2, False)
    found = house.reader.post(f"{URL}/docs/search", json={"query": "trains", "strategy": "keyword"}).json()
    (hit,) = found["hits"]
    assert hit["document"]["source"] == "trips.md"
    assert hit["headings"] == ["Trips"]
    whole = house.reader.get(f"{URL}/docs/documents/{hit['document']['id']}").json()
    assert whole["text"][hit["start"] : hit["end"]] == hit["text"]
    assert [v["version"] for v in whole["versions"]] == [1]
    listed = house.reader.get(f"{URL}/docs/documents", params={"limit": 1}).json()
    assert len(listed["documents"]) == 1
    rest = house.reader.get(f"{URL}/docs/documents", params={"limit": 5, "after": listed["next"]}).json()
    assert (len(rest["documents"]), rest["next"]) == (1, None)


def packed(**texts: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(f"{name}.md", text)
    return held.getvalue()


def test_an_archive_is_opened_as_from_a_folder(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    bomb = packed(bomb=b"a" * 20_000_000)
    tarred = io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as archive:
        entry = tarfile.TarInfo("ships.md")
        entry.size = len(b"# Ships\n\nThey float.")
        archive.addfile(entry, io.BytesIO(b"# Ships\n\nThey float."))
    sent = {"many.zip": packed(pay=PAY[1], trips=TRIPS[1], empty=b""), "more.tgz": tarred.getvalue(), "bomb.zip": bomb}
    files = [("file", (name, body, "application/octet-stream")) for name, body in sent.items()]
    job = house.client.post(f"{URL}/docs/files", files=files).json()
    house.work()
    items = house.client.get(f"/api/knowledge/jobs/{job['id']}/items").json()["items"]
    assert {i["item"]: i["outcome"] for i in items} == {
        "many.zip!/pay.md": "new",
        "many.zip!/trips.md": "new",
        "many.zip!/empty.md": "fault",
        "more.tgz!/ships.md": "new",
        "bomb.zip!/bomb.md": "fault",
    }
    assert "times its size" in next(i["reason"] for i in items if i["item"].startswith("bomb"))


def test_a_job_tells_how_far_it_is_and_what_failed(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    files = [("file", PAY), ("file", ("empty.md", b"", "text/markdown"))]
    job = house.client.post(f"{URL}/docs/files", files=files).json()
    assert (job["status"], job["started"]) == ("waiting", None)
    assert waking.due(house.home / "run") == 0, "the process that does jobs is called"
    house.work()
    job = house.reader.get(f"/api/knowledge/jobs/{job['id']}").json()
    assert (job["status"], job["done"], job["faults"]) == ("done", 2, 1)
    assert job["outcomes"] == {"new": 1, "fault": 1}
    (fault,) = house.reader.get(f"/api/knowledge/jobs/{job['id']}/items", params={"outcome": "fault"}).json()["items"]
    assert (fault["item"], fault["reason"]) == ("empty.md", "The file is empty.")
    page = house.reader.get(f"/api/knowledge/jobs/{job['id']}/items", params={"limit": 1}).json()
    assert page["next"] == "empty.md"
    kinds = [j["kind"] for j in house.reader.get(f"{URL}/docs/jobs").json()["jobs"]]
    assert kinds == ["embed", "ingest"]


def test_documents_are_found_by_who_may_read_them(house: House) -> None:
    filled(house, pay=["group:hr", "user:anna"])

    def sources(**who: object) -> list[str]:
        asked = {"query": "salaries trains", "strategy": "keyword", **who}
        hits = house.reader.post(f"{URL}/docs/search", json=asked).json()["hits"]
        return sorted(hit["document"]["source"] for hit in hits)

    assert sources() == ["trips.md"]
    assert sources(user="anna") == sources(groups=["hr"]) == ["pay.md", "trips.md"]
    assert sources(user="hr", groups=["anna"]) == ["trips.md"]
    hidden = next(d for d in house.knowledge.library().documents(_docs(house)) if d.source == "pay.md")
    assert house.reader.get(f"{URL}/docs/documents/{hidden.id}").status_code == 404
    assert house.reader.get(f"{URL}/docs/documents/{hidden.id}", params={"user": "anna"}).status_code == 200
    assert len(house.reader.get(f"{URL}/docs/documents").json()["documents"]) == 1


def test_a_page_tells_nothing_of_documents_that_are_hidden(house: House) -> None:
    library = house.knowledge.library()
    shared = library.create("", "shared")
    for name in "abcdefgh":
        readers = ("*",) if name in "bf" else ("key:other",)
        library.put(shared, f"{name}.md", Parsed(f"# {name}", [], name), readers=readers)
    every = library.documents(shared)
    open_ = [one.id for one in every if "*" in one.readers]
    told, after = list[dict[str, object]](), ""
    while True:
        page = house.reader.get(f"{URL}/shared/documents", params={"limit": 1, "after": after}).json()
        told.append(page)
        if not (after := page["next"] or ""):
            break
    assert [d["id"] for page in told for d in page["documents"]] == open_  # type: ignore[attr-defined]  # JSON
    assert [page["next"] for page in told] == [open_[0], None]
    assert [one.id for one in library.documents(shared, limit=2, principals={"key:other"})] == [d.id for d in every[:2]]


def _docs(house: House) -> Collection:
    return house.knowledge.library().collection("default", "docs")


def test_only_keys_that_may_change(house: House) -> None:
    filled(house)
    document = house.reader.get(f"{URL}/docs/documents").json()["documents"][0]["id"]
    job = house.reader.get(f"{URL}/docs/jobs").json()["jobs"][0]["id"]
    refused = [
        house.reader.post(URL, json={"name": "more"}),
        house.reader.patch(f"{URL}/docs", json={"about": "x"}),
        house.reader.delete(f"{URL}/docs"),
        house.reader.delete(f"{URL}/docs/documents/{document}"),
        house.reader.post(f"{URL}/docs/files", files=[("file", PAY)]),
        house.reader.post(f"{URL}/docs/sources", json={"sources": ["https://example.org"]}),
        house.reader.delete(f"/api/knowledge/jobs/{job}"),
    ]
    assert {answer.status_code for answer in refused} == {403}
    assert "--may knowledge" in refused[0].json()["error"]["message"]


def test_another_project_knows_nothing_of_it(house: House) -> None:
    filled(house)
    other = house.of(house.world.new_key("other", "key", "knowledge")[0])
    job = house.client.get(f"{URL}/docs/jobs").json()["jobs"][0]["id"]
    assert other.get(URL).json() == {"collections": []}
    for method, path in (
        ("GET", f"{URL}/docs"),
        ("DELETE", f"{URL}/docs"),
        ("GET", f"{URL}/docs/documents"),
        ("GET", f"/api/knowledge/jobs/{job}"),
        ("DELETE", f"/api/knowledge/jobs/{job}"),
    ):
        assert other.request(method, path).status_code == 404, path
    assert other.post(f"{URL}/docs/search", json={"query": "trains"}).status_code == 404


def test_what_is_everybodys_is_read_and_not_changed(house: House) -> None:
    library = house.knowledge.library()
    library.create("", "shared")
    (state,) = house.reader.get(URL).json()["collections"]
    assert (state["name"], state["shared"]) == ("shared", True)
    assert house.client.delete(f"{URL}/shared").status_code == 403
    assert house.client.post(f"{URL}/shared/files", files=[("file", PAY)]).status_code == 403


def test_a_collection_is_changed_and_dropped(house: House) -> None:
    filled(house)
    changed = house.client.patch(f"{URL}/docs", json={"about": "New", "readers": ["group:all"]}).json()
    assert (changed["about"], changed["readers"], changed["documents"]) == ("New", ["group:all"], 2)
    assert house.client.patch(f"{URL}/docs", json={"strategy": "magic"}).status_code == 400
    assert house.client.patch(f"{URL}/docs", json={"readers": []}).status_code == 400
    assert house.client.delete(f"{URL}/docs").json() == {"name": "docs", "ended": True, "left": ""}
    assert house.client.get(f"{URL}/docs").status_code == 404


def test_a_document_ends_or_is_erased(house: House) -> None:
    filled(house)
    first, second = (d["id"] for d in house.client.get(f"{URL}/docs/documents").json()["documents"])
    assert house.client.delete(f"{URL}/docs/documents/{first}").json()["ended"]
    assert house.client.get(f"{URL}/docs/documents/{first}").status_code == 404
    assert house.client.get(f"{URL}/docs/documents/{first}", params={"as_of": "0s"}).status_code == 404
    assert house.client.delete(f"{URL}/docs/documents/{second}", params={"erase": "true"}).status_code == 200
    assert house.client.delete(f"{URL}/docs/documents/{second}", params={"erase": "yes"}).status_code == 400
    assert house.knowledge.library().status(_docs(house)).versions == 1
    assert house.client.delete(f"{URL}/docs/documents/{first}").status_code == 404, "it has ended"
    assert house.client.delete(f"{URL}/docs/documents/{first}", params={"erase": "true"}).json()["ended"]
    assert house.client.delete(f"{URL}/docs/documents/{first}", params={"erase": "true"}).status_code == 404
    assert house.knowledge.library().status(_docs(house)).versions == 0


def test_a_group_reads_what_it_finds(house: House) -> None:
    filled(house, pay=["group:hr"])
    found = house.reader.post(f"{URL}/docs/search", json={"query": "salaries", "groups": ["hr"]}).json()["hits"]
    one = f"{URL}/docs/documents/{found[0]['document']['id']}"
    assert house.reader.get(one).status_code == 404
    assert house.reader.get(one, params={"groups": "other"}).status_code == 404
    assert house.reader.get(one, params={"groups": "other, hr"}).json()["document"]["title"] == "Pay"
    listed = house.reader.get(f"{URL}/docs/documents", params={"groups": "hr"}).json()["documents"]
    assert sorted(d["title"] for d in listed) == ["Pay", "Trips"]


def test_what_cannot_be_is_told(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    search = f"{URL}/docs/search"
    for path, body, word in (
        (URL, {"name": "My Docs"}, "collection's name"),
        (URL, {"name": "docs"}, "is there already"),
        (search, {"query": ""}, "the query is empty"),
        (search, {"query": "x" * 20_000}, "20,000 characters"),
        (search, {"query": "x", "limit": 0}, "limit"),
        (search, {"query": "x", "strategy": "magic"}, "no strategy 'magic'"),
        (search, {"query": "x", "as_of": "yesterday"}, "as_of"),
        (search, {"query": "x", "colour": 1}, "colour"),
        (search, {"query": "x", "filters": {"trust": {"equals": "trusted"}}}, "unknown field `equals`"),
        (f"{URL}/docs/sources", {"sources": ["/etc/passwd"]}, "no URL of the web"),
        (f"{URL}/docs/sources", {"sources": []}, "no source is given"),
        (f"{URL}/dogs/search", {"query": "x"}, "did you mean 'docs'"),
    ):
        answer = house.client.post(path, json=body)
        assert 400 <= answer.status_code < 500, path
        assert word in answer.json()["error"]["message"]


def test_forms_that_cannot_be_are_told(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    files = f"{URL}/docs/files"
    assert house.client.post(files, json={}).status_code == 415
    assert house.client.post(files, files=[("file", ("big.md", b"x" * 200_000, ""))]).status_code == 413
    assert house.client.post(files, files=[("file", PAY)], data={"readers": "hr"}).status_code == 400
    assert house.client.post(files, files=[("file", PAY)], data={"readers": "[]"}).status_code == 400
    assert house.client.post(files, files=[("file", PAY)], data={"colour": "red"}).status_code == 400
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert "not whole" in house.client.post(files, content=b"--x\r\n", headers=form).json()["error"]["message"]
    assert house.client.post(files, content=b"nothing", headers=form).status_code == 400
    empty = house.client.post(files, content=b"--x--\r\n", headers=form)
    assert "no file" in empty.json()["error"]["message"]
    assert house.knowledge.jobs().newest("default", "docs") == []


def test_a_job_is_cancelled(house: House) -> None:
    house.client.post(URL, json={"name": "docs"})
    job = house.client.post(f"{URL}/docs/files", files=[("file", PAY)]).json()["id"]
    assert house.client.delete(f"/api/knowledge/jobs/{job}").json()["status"] == "cancelled"
    house.work()
    assert house.client.get(f"{URL}/docs/documents").json()["documents"] == []


def test_changes_and_searches_are_in_the_journal(house: House) -> None:
    filled(house)
    found = house.reader.post(f"{URL}/docs/search", json={"query": "trains", "strategy": "keyword", "user": "anna"})
    Indexer(house.world.home / "spool", house.world.store).drain()
    events = [event for _, event in read.export_records(house.world.open())]
    (made,) = [e for e in events if isinstance(e, CollectionChanged)]
    assert (made.project, made.collection, made.action) == ("default", "docs", "made")
    changes = [e for e in events if isinstance(e, DocumentsChanged)]
    assert [len(e.changes) for e in changes] == [1, 1]
    assert all(e.key and e.job.startswith("job_") for e in changes)
    (run,) = [e for e in events if isinstance(e, RunRecorded) and e.name == "knowledge.search"]
    assert found.json()["run"].replace("-", "") == run.id.hex()
    (step,) = run.steps
    assert (run.user, run.preview, step.kind, step.name) == ("anna", "trains", "retrieval", "docs")
    assert step.attrs["strategy"] == "keyword"


def test_not_served(world: ApiWorld) -> None:
    assert world.api().get(URL).status_code == 503


class Planner:
    """A route that plans one search more."""

    def __init__(self, who: Identity, route: str, tag: str) -> None:
        assert (who.project, route, tag) == ("default", "planner", "knowledge")
        self.cost, self._plans = 0, ['{"search": "trains"}', '{"enough": true}']

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        self.cost += 700
        return self._plans.pop(0)


def test_a_route_plans_the_searches(world: ApiWorld) -> None:
    house = House(world)
    filled(house)
    client = world.api(world.key, knowledge=house.knowledge, writer=Planner)
    asked = {"query": "salaries", "strategy": "agentic", "model": "planner"}
    made = client.post(f"{URL}/docs/search", json=asked).json()
    assert made["asked"] == ["salaries", "trains"]
    assert [hit["document"]["title"] for hit in made["hits"]] == ["Pay", "Trips"]
    Indexer(house.world.home / "spool", house.world.store).drain()
    (step,) = client.get(f"/api/runs/{made['run']}/steps").json()["steps"]
    assert step["attrs"]["planning_cost"] == 1400
    nobody = house.reader.post(f"{URL}/docs/search", json=asked)
    assert (nobody.status_code, nobody.json()["error"]["param"]) == (503, "model")
    unnamed = client.post(f"{URL}/docs/search", json={"query": "salaries", "strategy": "agentic"})
    assert (unnamed.status_code, unnamed.json()["error"]["param"]) == (400, "model")
    default = house.client.patch(f"{URL}/docs", json={"strategy": "agentic"})
    assert (default.status_code, default.json()["error"]["param"]) == (400, "strategy")
