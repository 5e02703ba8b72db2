"""Search among tools: the right ones first, nothing that was not given."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from outrider.tools.ports import Tool
from outrider.tools.search import Ranking, call_tool, search_tool, stems

TOOLS = [
    Tool(name="mail__send_message", description="Sends an e-mail to one or more people."),
    Tool(name="calendar__create_event", description="Puts an appointment into the calendar."),
    Tool(name="weather__forecast", description="Says what the weather will be in a city."),
    Tool(
        name="bank__transfer",
        description="Moves money.",
        input_schema={
            "type": "object",
            "properties": {"iban": {"type": "string", "description": "Account of the payee"}},
        },
    ),
]


def found(query: str, ranking: Ranking | None = None) -> list[str]:
    return [one.tool.name for one in (ranking or Ranking()).best(TOOLS, query, 5)]


def test_names_descriptions_and_arguments_count() -> None:
    assert found("send an email")[0] == "mail__send_message"
    assert found("creating appointments")[0] == "calendar__create_event"
    assert found("payee account")[0] == "bank__transfer"
    assert found("forecasts for cities")[0] == "weather__forecast"
    assert found("quantum chromodynamics") == []
    assert found("") == []


def test_words_are_compared_by_their_stems() -> None:
    assert stems("sendMessages") == stems("sending message")
    assert stems("queries") == stems("query")
    assert stems("the of a") == []
    assert stems("Größe ändern")


def test_meaning_counts_where_there_is_an_embedder() -> None:
    def embed(texts: list[str]) -> np.ndarray:  # type: ignore[type-arg]
        asked.append(len(texts))
        return np.array([[1.0, 0.0] if "money" in t.lower() or "cash" in t else [0.0, 1.0] for t in texts], np.float32)

    asked: list[int] = []
    ranking = Ranking(embed)  # type: ignore[arg-type]
    assert found("cash", ranking) == ["bank__transfer"]
    assert found("cash", ranking) == ["bank__transfer"]
    assert asked == [4, 1, 1]  # what is known of the tools is kept


@given(st.text(max_size=60), st.lists(st.sampled_from(TOOLS), unique_by=lambda t: t.name), st.integers(1, 9))
def test_only_what_is_given_is_found(query: str, tools: list[Tool], limit: int) -> None:
    best = Ranking().best(tools, query, limit)
    assert len(best) <= limit
    assert all(one.tool in tools for one in best)
    assert [one.score for one in best] == sorted((one.score for one in best), reverse=True)


def test_the_search_says_the_same_whatever_there_is() -> None:
    assert search_tool(5) == search_tool(5)
    assert call_tool().input_schema["required"] == ["name"]
