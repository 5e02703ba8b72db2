"""Samples of traffic stay bounded."""

import pytest

from outrider.policy import traffic as traffic_module
from outrider.policy.traffic import Traffic, sample, scalars


def test_so_many_of_a_tool_and_so_many_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic_module, "MOST_TOOLS", 2)
    traffic = Traffic()
    for tool in ("a", "b", "c"):
        for _ in range(100):
            traffic.add(tool, sample({}, "x"))
    assert {tool: len(kept) for tool, kept in traffic.samples.items()} == {"a": 50, "b": 50}


def test_json_in_a_text_is_looked_into() -> None:
    assert list(scalars('{"a": [1, {"b": "x"}], "c": null}')) == [("a[]", 1), ("a[].b", "x")]
    assert list(scalars("{no json")) == [("", "{no json")]


def test_an_echo_is_found_in_another_spelling() -> None:
    assert sample({"t": "Some  LONG words"}, {"x": "you said: some long words"}).echoed == ("t",)
    assert sample({"t": "yes"}, "yes").echoed == (), "a short word is the same by chance"
