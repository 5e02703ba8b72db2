from tests.console.conftest import World


def test_the_address_fills_the_form(world: World) -> None:
    text = world.client().get("/playground?route=openai/gpt-4o-mini&prompt=<hi>").text
    assert "<option selected>openai/gpt-4o-mini</option>" in text
    assert "&lt;hi&gt;</textarea>" in text


def test_it_starts_with_what_was_used_last_and_offers_vectors_last(world: World) -> None:
    client = world.client(models=["all-minilm-l6-v2", "default", "support"])
    assert client.get("/playground.json").json() == {
        "routes": ["default", "support", "all-minilm-l6-v2"], "first": "default", "second": "", "prompt": "",
    }  # fmt: skip
    world.run(model="support")
    world.run(model="all-minilm-l6-v2", name="embeddings")
    world.run(model="gone")
    assert client.get("/playground.json").json()["first"] == "support"


def test_without_a_model_it_says_what_to_do(world: World) -> None:
    assert "outrider doctor" in world.client(models=[]).get("/playground").text


def test_the_twin_lists_the_routes(world: World) -> None:
    assert world.client().get("/playground.json").json()["routes"] == ["support", "openai/gpt-4o-mini"]
