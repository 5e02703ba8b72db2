"""What is known of models: the owner's words first, then families by name, then the price list's context."""

import msgspec
import pytest

from outrider.base.ports import Deployment, Facts
from outrider.providers import prices
from outrider.providers.facts import complete, facts, max_output
from outrider.testing import ScriptedProvider

TRANSPORT = ScriptedProvider().transport()


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    prices.warm()


def of(model: str, price_list: str = "", **said: object) -> Facts:
    return facts(
        Deployment("p/m", "p", model, "openai", TRANSPORT, {}, price_list=price_list, facts=Facts(**said))  # type: ignore[arg-type]
    )


def test_families_by_name_wherever_they_are_served() -> None:
    for model in ("gpt-4o", "openai/gpt-4o-2024-11-20", "GPT-4o-mini"):
        assert of(model).sees == {"image", "file"}
        assert of(model).json_schema is True
    assert of("gpt-3.5-turbo").json_schema is False
    assert of("meta-llama/llama-3.3-70b-instruct").sees == frozenset()
    assert of("llama-3.2-90b-vision").sees is None


def test_the_context_comes_from_the_price_list() -> None:
    assert complete()
    assert of("gpt-4o", "openai").context == 128_000
    assert of("gpt-4o", "nobody").context is None
    assert of("no-such-model", "openai").context is None


def test_the_owner_knows_best() -> None:
    said = of(
        "gpt-3.5-turbo", "openai", context=99, sees=frozenset({"image"}), json_schema=True, tags=frozenset({"eu"})
    )
    assert (said.context, said.sees, said.json_schema, said.tags) == (99, {"image"}, True, {"eu"})
    assert said.max_output == 4096
    assert of("my-own", tools=False) == Facts(tools=False)


def test_unknown_models_keep_everything_open() -> None:
    assert of("something-new") == Facts()


@pytest.mark.parametrize(
    ("model", "most"),
    [
        ("claude-3-5-haiku-20241022", 8192),
        ("claude-opus-4-20250514", 32000),
        ("claude-opus-4-1", 32000),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 64000),
        ("anthropic/claude-opus-4-8", 128_000),
        ("something-new", None),
    ],
)
def test_how_long_an_answer_may_be(model: str, most: int | None) -> None:
    assert of(model).max_output == most
    deployment = Deployment("p/m", "p", model, "openai", TRANSPORT, {})
    assert max_output(deployment) == most
    assert max_output(msgspec.structs.replace(deployment, facts=Facts(max_output=7))) == 7
