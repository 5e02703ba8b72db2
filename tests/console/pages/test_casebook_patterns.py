from outrider.casebook.book import Casebook
from tests.console.conftest import World


def test_every_technique_leads_to_its_page(world: World, book: Casebook) -> None:
    client = world.client()
    listed = [p["technique"] for g in client.get("/casebook/patterns.json").json()["groups"] for p in g["patterns"]]
    assert set(listed) == {"rag", "guardrails", "model-routing", "fine-tuning"}
    assert all(client.get(f"/casebook/patterns/{name}").status_code == 200 for name in listed)


def test_a_pattern_tells_what_speaks_for_it_with_passages(world: World, book: Casebook) -> None:
    page = world.client().get("/casebook/patterns/guardrails.json").json()
    assert {said["mark"]["text"] for said in page["speaks_for"]} == {"31\u00a0% → 58\u00a0%", "−42\u00a0%"}
    assert [said["mark"]["text"] for said in page["lessons"]] == ["Keep the index fresh."]
    numbers = {p["number"] for p in page["passages"]}
    assert all(set(said["mark"]["passages"]) <= numbers for said in page["speaks_for"])
    assert ["Insurance", 1, "/casebook?q=technique%3Aguardrails+industry%3Ainsurance"] in [
        value for condition in page["conditions"] for value in condition["values"]
    ]


def test_an_unknown_technique_is_told_with_the_nearest(world: World, book: Casebook) -> None:
    answer = world.client().get("/casebook/patterns/guardrail")
    assert answer.status_code == 404
    assert "guardrails" in answer.text
