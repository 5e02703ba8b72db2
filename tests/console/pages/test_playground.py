from tests.console.conftest import World


def test_the_address_fills_the_form(world: World) -> None:
    text = world.client().get("/playground?route=openai/gpt-4o-mini&prompt=<hi>").text
    assert "<option selected>openai/gpt-4o-mini</option>" in text
    assert "&lt;hi&gt;</textarea>" in text


def test_the_twin_lists_the_routes(world: World) -> None:
    assert world.client().get("/playground.json").json()["routes"] == ["support", "openai/gpt-4o-mini"]
