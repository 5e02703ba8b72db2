"""The MCP server's tools: what they say, in how many tokens, and what they refuse. Over the wire: tests/api."""

from collections.abc import Iterator

import pytest

from outrider.base.errors import RequestError
from outrider.casebook import mcp_server
from outrider.casebook.find import Finder
from outrider.casebook.mcp_server import TOOLS, schema
from outrider.casebook.present import TOKEN
from outrider.knowledge.recording import Asker
from tests.casebook import few


def call(finder: Finder, name: str, arguments: dict[str, object]) -> str:
    return mcp_server.call(finder, name, arguments, Asker("p", "k", name="casebook.ask", source="mcp"))


@pytest.fixture(scope="module")
def finder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Finder]:
    closing: list[object] = []
    folder = tmp_path_factory.mktemp("few")
    yield Finder(few.casebook(f"sqlite:///{folder / 'outrider.sqlite3'}", folder / "home", closing.append))
    for close in closing:
        close()  # type: ignore[operator]


def test_search(finder: Finder) -> None:
    text = call(finder, "search", {"query": "RAG in insurance"})
    assert text.startswith("1 cases for: industry:insurance technique:rag\n[harbour-claims]")
    assert "- handling time: 11 → 4 minutes" in text


def test_get_parts(finder: Finder) -> None:
    whole = call(finder, "get", {"id": "harbour-claims"})
    assert "> Handling time fell from 11 minutes to 4 minutes." in whole
    facts = call(finder, "get", {"id": "harbour-claims", "parts": ["facts"]})
    assert facts.startswith("- deflection rate: 60%")
    assert "> " not in facts


def test_compare(finder: Finder) -> None:
    text = call(finder, "compare", {"ids": ["harbour-claims", "lumen-code-review"]})
    assert "technique, shared: Retrieval-augmented generation" in text
    assert "year: 2024 | 2025" in text


def test_trends(finder: Finder) -> None:
    text = call(finder, "trends", {"values": ["rag"]})
    assert "2024 50% [9%–91%]" in text
    assert "1 without a year" in text


def test_ask_refuses_what_is_not_there(finder: Finder) -> None:
    assert "do not answer this" in call(finder, "ask", {"question": "Who plays the violin on Mars?"})


@pytest.mark.parametrize("name", ["search", "get", "compare"])
def test_answers_keep_to_their_budget(finder: Finder, name: str) -> None:
    arguments = {
        "search": {"query": ""},
        "get": {"id": "harbour-claims"},
        "compare": {"ids": ["pinebank-agents", "harbour-claims"]},
    }
    text = call(finder, name, arguments[name] | {"tokens": 100})
    assert len(text) <= 100 * TOKEN + 60
    assert "(shortened" in text


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("fly", {}, "there are: search, get"),
        ("search", {}, "missing required field `query`"),
        ("search", {"query": "x", "colour": 1}, "unknown field `colour`"),
        ("search", {"query": "industri:x"}, "did you mean `industry:`"),
        ("search", {"query": "x", "tokens": 5}, "from 100 to 20000"),
        ("get", {"id": "nothing"}, "no case"),
        ("get", {"id": "harbour-claims", "parts": ["poem"]}, "no part 'poem'"),
        ("compare", {"ids": ["x"]}, "two to 4"),
    ],
)
def test_refusals(finder: Finder, name: str, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError) as refused:
        call(finder, name, arguments)
    assert said in refused.value.message


def test_schemas_say_what_is_needed() -> None:
    for name in TOOLS:
        shape = schema(name)
        assert shape["type"] == "object"
        assert shape["additionalProperties"] is False
    assert schema("search")["required"] == ["query"]
