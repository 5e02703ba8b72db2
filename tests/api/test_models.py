from tests.api.conftest import ApiWorld


def test_names_that_can_be_called(world: ApiWorld) -> None:
    assert world.api().get("/api/models").json() == {"models": ["support", "openai/gpt-4o-mini"]}
