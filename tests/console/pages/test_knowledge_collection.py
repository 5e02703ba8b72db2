import pytest

from outrider.console.pages.knowledge_collection import PAGE
from outrider.knowledge import ingest
from outrider.knowledge.jobs import FAULT, Item
from tests.console.conftest import Shelves, World, parsed
from tests.console.pages.test_knowledge import csrf


@pytest.fixture
def handbook(shelves: Shelves) -> Shelves:
    library = shelves.library()
    found = library.create("default", "handbook")
    library.put(found, "tea.md", parsed("# Tea\n\nIt is at four."), trust="untrusted", notes={"age": "old"})
    library.put(found, "pay.md", parsed("# Pay\n\nSecret."), readers=("key:boss",))
    return shelves


def test_documents_are_listed_with_their_labels_and_hidden_ones_are_not(world: World, handbook: Shelves) -> None:
    page = world.client().get("/knowledge/handbook").text
    assert "tea.md" in page
    assert "untrusted" in page
    assert 'title="old"' in page
    assert "pay.md" not in page


def test_files_become_a_job(world: World, handbook: Shelves) -> None:
    client = world.client(operator=True)
    files = [("files", ("a.md", b"# A", "text/markdown")), ("files", ("b.md", b"# B", "text/markdown"))]
    answer = client.post("/knowledge/handbook/upload", data={"csrf": csrf(client)}, files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/knowledge/handbook?done=added")
    [job] = handbook.jobs().newest("default", "handbook")
    assert [(f.name, f.read()) for f in handbook.jobs().files(job.id)] == [("a.md", b"# A"), ("b.md", b"# B")]
    assert handbook.woken == 1
    page = client.get(answer.headers["location"]).text
    assert "Read documents" in page
    assert "waiting" in page


def test_a_file_that_is_too_large_is_told_with_the_remedy(world: World, handbook: Shelves) -> None:
    client = world.client(operator=True)
    files = {"files": ("big.md", b"x" * 60_000, "text/markdown")}
    page = client.post("/knowledge/handbook/upload", data={"csrf": csrf(client)}, files=files).text
    assert "60.0 kB, and a file may have 50.0 kB" in page
    assert handbook.jobs().newest("default") == []


def test_files_need_the_token_and_the_right_form(world: World, handbook: Shelves) -> None:
    client = world.client(operator=True)
    files = {"files": ("a.md", b"# A", "text/markdown")}
    assert client.post("/knowledge/handbook/upload", data={"csrf": "0" * 64}, files=files).status_code == 403
    assert client.post("/knowledge/handbook/upload", data={"csrf": csrf(client)}).status_code == 415
    assert handbook.jobs().newest("default") == []


def test_an_address_becomes_a_job_and_others_are_refused(world: World, handbook: Shelves) -> None:
    client = world.client(operator=True)
    token = csrf(client)
    page = client.post("/knowledge/handbook/url", data={"csrf": token, "url": "file:///etc/passwd"}).text
    assert "begins with https://" in page
    client.post("/knowledge/handbook/url", data={"csrf": token, "url": "https://example.org/feed"})
    [job] = handbook.jobs().newest("default", "handbook")
    assert job.made["sources"] == ["https://example.org/feed"]


def test_faults_are_listed_with_their_reasons_and_a_job_can_be_stopped(world: World, handbook: Shelves) -> None:
    collection, jobs = handbook.library().collection("default", "handbook"), handbook.jobs()
    made = ingest.request(jobs, collection, ingest.Asked(["./docs"]))
    job = jobs.claim("test", lambda holder: False)
    assert job is not None
    jobs.record(job, [Item("<broken>.pdf", FAULT, "it is encrypted"), Item("tea.md", "same")], total=3)
    client = world.client(operator=True)
    for path in ("/knowledge/handbook", "/knowledge/handbook/jobs", "/knowledge/handbook/state"):
        page = client.get(path).text
        assert "&lt;broken&gt;.pdf" in page
        assert "it is encrypted" in page
        assert "2 of 3" in page
    data = {"csrf": csrf(client), "job": made.id}
    assert (
        client.post("/knowledge/handbook/cancel", data=data).headers["location"] == "/knowledge/handbook?done=cancelled"
    )
    assert jobs.get("default", made.id).cancelling


def test_a_page_is_filled_with_what_may_be_read(world: World, handbook: Shelves) -> None:
    library = handbook.library()
    found = library.collection("default", "handbook")
    for n in range(PAGE + 1):
        library.put(found, f"open{n}.md", parsed(f"# {n}\n\nText {n}."))
        library.put(found, f"hidden{n}.md", parsed(f"# {n}\n\nText {n}."), readers=("key:boss",))
    first = world.client().get("/knowledge/handbook.json").json()
    rest = world.client().get(first["more"].replace("handbook?", "handbook.json?")).json()
    seen = [one["source"] for page in (first, rest) for one in page["documents"]]
    assert (len(first["documents"]), len(set(seen)), rest["more"]) == (PAGE, PAGE + 2, "")
    assert not any("hidden" in source for source in seen)
    assert first["more"].endswith(f"after={first['documents'][-1]['id']}")
