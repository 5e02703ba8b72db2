"""YAML that reads back as what was meant, whatever is in it."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from outrider.app.migrate.draft import Draft, ProviderDraft
from outrider.app.migrate.notes import Note
from outrider.app.migrate.writing import line, text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=150)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-(10**9), 10**9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def as_text(value: object) -> object:
    """What outrider.yaml makes of it: it reads numbers and words as text, and decides itself."""
    if isinstance(value, dict):
        return {str(key): as_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, VALUES, max_size=4), min_size=1, max_size=3), TEXTS)
def test_what_is_written_is_read(routes: dict[str, dict[str, object]], told: str) -> None:
    written = text(Draft("LiteLLM", routes=routes), [Note("left", told, told, told)], told)
    read = yaml.load(written, yaml.BaseLoader)
    assert read["routes"] == as_text(routes)


def test_comments_are_wrapped_and_headed() -> None:
    notes = [Note("todo", "a.b", "word " * 60, "m"), Note("left", "c", "why")]
    draft = Draft("LiteLLM", {"p": ProviderDraft("p", {"api_key": "${env:K}"})})
    written = text(draft, notes, "config.yaml")
    assert all(len(one) <= 120 for one in written.splitlines())
    assert "# To be done before it works:\n#   a.b (m): word" in written
    assert "#   K: api_key of provider p" in written
    assert line(notes[1]) == "c: why"
