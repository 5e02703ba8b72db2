"""The query language: what is read, what is refused and with which words, and that it can be written down again."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outrider.base.errors import RequestError
from outrider.casebook.language import Asked, Term, Vocabulary, canonical, parse, year_span

WORDS = Vocabulary(
    {
        "industry": {"insurance": "insurance", "finance": "finance", "banking payments investment": "finance"},
        "technique": {"rag": "rag", "retrieval augmented generation": "rag", "reranking": "reranking"},
        "tool": {"langchain": "langchain", "openai": "openai"},
        "org": {"mercado libre": "Mercado Libre", "grab": "Grab", "at&t": "AT&T", "o reilly inc": "O'Reilly, Inc."},
        "has": {"figures": "figures", "failures": "failures"},
    }
)


def asked(text: str) -> Asked:
    return parse(text, WORDS)


def refusal(text: str) -> str:
    with pytest.raises(RequestError) as refused:
        asked(text)
    assert refused.value.param == "q"
    return refused.value.message


def test_words_phrases_and_what_must_not_occur() -> None:
    got = asked('voice agents "warm transfer" -chatbot -"cold start" NOT spam')
    assert got == Asked("voice agents", ("warm transfer",), ("chatbot", "cold start", "spam"))


def test_alternatives_of_a_field_are_one_term() -> None:
    for text in (
        "industry:insurance,finance",
        "industry:finance industry:insurance",
        "industry:finance OR industry:insurance",
    ):
        assert asked(text).terms == (Term("industry", ("finance", "insurance")),)


def test_labels_and_other_spellings_mean_the_same_value() -> None:
    assert asked('industry:"Banking, payments, investment"') == asked("Industry:FINANCE")
    assert asked("technique:Retrieval-Augmented_Generation") == asked("technique:rag")
    assert asked('org:"mercado libre"').term("org") == ("Mercado Libre",)


def test_what_is_left_out_stands_apart() -> None:
    got = asked("industry:insurance -industry:finance")
    assert (got.term("industry"), got.term("industry", without=True)) == (("insurance",), ("finance",))


@pytest.mark.parametrize(
    ("text", "value", "span"),
    [
        ("year:2024", "2024", (2024, 2024)),
        ("year:2023..2025", "2023..2025", (2023, 2025)),
        ("year:2023..", "2023..", (2023, 2100)),
        ("year:..2022", "..2022", (1990, 2022)),
        ("year>=2023", "2023..", (2023, 2100)),
        ("year>2023", "2024..", (2024, 2100)),
        ("year<2023", "..2022", (1990, 2022)),
        ("year:2024..2024", "2024", (2024, 2024)),
    ],
)
def test_years(text: str, value: str, span: tuple[int, int]) -> None:
    assert asked(text).term("year") == (value,)
    assert year_span(value) == span


def test_conditions_on_figures_stay_apart() -> None:
    got = asked("result:deflection>50% cost<-30% result:handling_time<=2min")
    assert [t.values for t in got.terms] == [("cost<-30%",), ("deflection>50%",), ("handling_time<=2min",)]
    assert {t.field for t in got.terms} == {"result"}


def test_refusals_name_the_nearest() -> None:
    assert "did you mean `industry:`?" in refusal("industri:finance")
    assert "there are: industry, technique" in refusal("quux:1")
    assert "did you mean `industry:insurance`" in refusal("industry:insurence")
    assert "there are for example `industry:finance`" in refusal("industry:zzz")
    assert "did you mean `org:Grab`" in refusal("org:Grap")
    assert "no year" in refusal("year:soon")
    assert "write year:2023..2025" in refusal("year:2025..2023")
    assert "no value" in refusal('industry:""')
    assert "OR works within one field" in refusal("industry:finance OR tool:openai")
    assert "is no condition" in refusal("result:many")
    assert "at most 2,000" in refusal("x" * 100_000)
    assert "more than 50 conditions" in refusal(" ".join(f'"p{n}"' for n in range(60)))


def test_colons_in_running_text_are_no_fields() -> None:
    assert asked("Question: what is it at 12:30?").text == "Question what is it at 12:30"
    assert asked("https://example.com/a").phrases == ("https://example.com/a",)


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "-", "- -", "...", '"""', "OR", "\x00\n"])
def test_nothing_is_asked(text: str) -> None:
    assert asked(text) == Asked()


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("latency<200 ms", "latency<200ms"),
        ("result:latency<200  ms", "latency<200ms"),
        ("users>=1.5 million", "users>=1.5million"),
        ("cost<-30 percent", "cost<-30percent"),
    ],
)
def test_a_unit_may_stand_apart(text: str, condition: str) -> None:
    assert asked(f"agents {text} chat") == asked(f"agents {condition} chat")
    assert asked(text).term("result") == (condition,)


def test_what_is_no_unit_stays_a_word() -> None:
    assert asked("users>500 mobile").text == "mobile"
    assert asked("year>2023 months").text == "months"
    assert asked('"latency<200 ms"').phrases == ("latency<200 ms",)


@pytest.mark.parametrize("text", ["latency<1e309ms", "users>1e6", "users>5x5"])
def test_a_number_is_written_in_digits(text: str) -> None:
    with pytest.raises(RequestError, match="is no condition"):
        asked(text)


def test_canonical_form_is_for_addresses() -> None:
    text = 'org:"Mercado Libre",Grab  voice "warm transfer" year>=2023 -x cost<-30%'
    assert canonical(asked(text)) == (
        'voice "warm transfer" -"x" org:Grab,"Mercado Libre" result:cost<-30% year:2023..'
    )
    assert asked(canonical(asked('org:"O\'Reilly, Inc."'))).term("org") == ("O'Reilly, Inc.",)


_SOME = """industry:finance|-industry:insurance|tool:openai,langchain|year:2023..|has:figures|cost<-30%|OR|AND|NOT|-|"
|"a b"|-"c d"|a:b|"a:b"|users>1M|org:at&t|x<5|latency<2|ms|%|https://a.b/?c=d"""
_TERMS = st.sampled_from(_SOME.split("|"))


@given(st.lists(st.one_of(_TERMS, st.text(max_size=12)), max_size=12).map(" ".join))
@example("a-'b -'c'd\" e")
@example('ab" cd"')
def test_what_can_be_read_can_be_written_and_read_again(text: str) -> None:
    try:
        first = asked(text)
    except RequestError:
        return
    assert asked(canonical(first)) == first
