"""Many patterns in one pass find what each of them finds alone."""

import re

from hypothesis import given
from hypothesis import strategies as st

from outrider.casebook.matching import Matcher, lowered
from outrider.casebook.vocabulary import KINDS, terms

PATTERNS = {
    "rag": r"\brag\b|retrieval.augmented",
    "ab": r"\ba/b\b|controlled experiment",
    "optional": r"(deep)? ?learn(ing|ed)",
    "repeat": r"(?:abx){2,3}",
    "nothing": r"\d\d\d",
    "escape": r"\BXYZ\b|\SYYY\s",
}
TEXT = st.lists(
    st.sampled_from([*"abx/ .3Y", "rag", "RAG", "retrieval-augmented", "learned", "Deep ", "abxabx", "xyz", "yyy "]),
    max_size=30,
)


@given(TEXT.map("".join))
def test_it_finds_what_each_pattern_finds_alone(text: str) -> None:
    found = Matcher(PATTERNS).spans(text, 100)
    for key, pattern in PATTERNS.items():
        alone = [m.span() for m in re.finditer(lowered(pattern), text.lower()) if m.end() > m.start()]
        assert bool(found.get(key)) == bool(alone), key
        assert set(found.get(key, ())) <= set(alone)


def test_places_are_those_of_the_text_as_it_is() -> None:
    text = "İİİ Then RAG."  # one letter that is longer in small letters
    ((start, end),) = Matcher(PATTERNS).spans(text)["rag"]
    assert text[start:end] == "RAG"


def test_every_word_of_the_vocabulary_has_a_pattern_that_matches_its_label_or_is_meant_otherwise() -> None:
    assert all(word.pattern and word.evidence for kind in KINDS for word in terms().of(kind))
    known = terms()
    for tag, (kind, word) in known.zenml.tags.items():
        assert known.find(kind, word), tag
    assert all(not w or known.find("industries", w) for w in known.zenml.industries.values())
    assert known.label("tools", "openai") == "OpenAI"
    assert known.label("tools", "unheard") == "unheard"
