"""Conversations that nobody thought of, from any caller to any provider through a real gateway: what is said is heard,
and what is answered is got, whole and streamed, however the bytes are cut."""

import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outrider.testing.conformance import PAIRS, Target, play
from outrider.testing.conformance.catalogue.making import scene, user
from outrider.testing.conformance.catalogue.media import PDF, PNG
from outrider.testing.speaking.words import Call, Counts, Part, Reply, Result, Text, Thought, Tool

LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
TEXTS = st.text(LETTERS | st.sampled_from('\n\t"\\/{}<>&'), min_size=1, max_size=60).filter(lambda t: bool(t.strip()))
NAMES = st.from_regex(re.compile(r"[a-z][a-zA-Z0-9_]{0,30}", re.ASCII), fullmatch=True)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS | st.sampled_from([0.5, -1e-7, 1e300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
ARGUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)


@st.composite
def conversations(draw: st.DrawFn) -> Any:
    """A user's turn, an answer that may think, speak and call; results for the calls; an answer."""
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    tools = tuple(Tool(name, draw(TEXTS), {"type": "object", "properties": {}}) for name in names)
    first: list[Part | str] = [draw(TEXTS), *draw(st.lists(TEXTS | st.sampled_from([PNG, PDF]), max_size=2))]
    thinks = draw(st.booleans())
    count = draw(st.integers(0, 3))
    calls = [Call(f"toolu_{i:04d}x", draw(st.sampled_from(names)), draw(ARGUMENTS)) for i in range(count)]
    said: list[Part] = [Thought(draw(TEXTS))] if thinks else []
    said += [Text(text) for text in draw(st.lists(TEXTS, min_size=0 if calls else 1, max_size=1))]
    cut = {"piece": draw(st.integers(1, 20)), "split": draw(st.sampled_from([0, 0, 1, 5, 64]))}
    counts = Counts(draw(st.integers(1, 10**6)), draw(st.integers(1, 10**5)))
    reply = Reply((*said, *calls), "tool_calls" if calls else "stop", counts=counts, **cut)
    results = [Result(call.id, (Text(draw(TEXTS)),), False, call.name) for call in calls]
    more = user(*results) if results else user(draw(TEXTS))
    params: dict[str, Any] = {"effort": "low", "max_tokens": 9000} if thinks else {}
    second = Reply((Text(draw(TEXTS)),), piece=3)
    return scene("generated", "Generated", ((user(*first),), reply), ((more,), second), tools=tools, params=params)


CALM = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=50, deadline=None, suppress_health_check=CALM)
@given(talk=conversations(), pair=st.sampled_from(PAIRS))
def test_it_gets_through(target: Target, talk: Any, pair: tuple[str, str]) -> None:
    cell = play(target, talk, *pair)
    assert cell.outcome != "FAIL", f"{pair}: {cell.why}"
