"""What a model says is kept only with words of the text."""

import json

from outrider.base.errors import UpstreamError
from outrider.casebook.entries import Entry
from outrider.casebook.extract import extracted
from outrider.casebook.modelled import PROMPT, Reader, located
from tests.casebook.made import BODY


class Scripted:
    """Answers with what it was given, for a price."""

    def __init__(self, answer: str) -> None:
        self.answer, self.cost = answer, 5

    def ask(self, prompt: str, *, max_tokens: int = 256) -> str:
        assert "deflection rate of 62%" in prompt
        self.cost += 700
        if not self.answer:
            raise UpstreamError("the provider is away")
        return self.answer


ENTRY = Entry(item="a", hash="h", title="Claims", organisation="Northwind", body=BODY)


def read(answer: str) -> tuple[object, ...]:
    plain = extracted(ENTRY, origin="x")
    made = Reader(Scripted(answer), "judge-large")(ENTRY, plain)
    return plain.case, made.case, made.dropped


def test_claims_with_a_passage_are_kept_and_others_are_told() -> None:
    told = {
        "figures": [
            {"metric": "Weekly feedback", "value": 1200, "unit": "users", "quote": "serves 1,200 users a day"},
            {"metric": "invented", "value": 99, "quote": "a deflection rate of 62%"},
        ],
        "lessons": [{"quote": "every answer   needs a citation"}, {"quote": "Never trust a model"}],
        "techniques": [
            {"id": "user-feedback-loop", "quote": "feedback from agents is reviewed weekly"},
            {"id": "mcp", "quote": "Employees use it"},
            {"id": "unheard", "quote": "Employees use it"},
        ],
    }
    _plain, case, dropped = read(f"Here it is:\n```json\n{json.dumps(told)}\n```")
    assert len(dropped) >= 3  # type: ignore[arg-type]
    by_model = [c for _, c in case.claims() if c.made.by == "model"]  # type: ignore[attr-defined]
    assert by_model
    assert all(c.shown and c.made.model == "judge-large" and c.made.prompt == PROMPT for c in by_model)
    assert all(c.made.cost == 700 for c in by_model)
    assert "every answer needs a citation" in {c.value for c in case.lessons}  # type: ignore[attr-defined]
    assert not {"mcp", "unheard"} & {c.value for c in case.techniques if c.shown}  # type: ignore[attr-defined]
    assert not any(r.value == 99 for r in case.results)  # type: ignore[attr-defined]


def test_an_answer_of_another_form_adds_nothing() -> None:
    for answer in ("no json", '{"figures": 3}', "{broken"):
        plain, case, dropped = read(answer)
        assert plain == case
        assert dropped


def test_a_model_that_does_not_answer_leaves_the_entry_unread() -> None:
    plain = extracted(ENTRY, origin="x")
    made = Reader(Scripted(""), "judge-large")(ENTRY, plain)
    assert (made.case, made.unread, made.cost, made.dropped) == (plain.case, "the provider is away", 0, ())


def test_a_quote_is_found_up_to_white_space() -> None:
    found = located("It serves\n  1,200 users.", "serves 1,200 users")
    assert found is not None
    assert found.quote == "serves\n  1,200 users"
    assert located("text", "") is None
    assert located("text", "x" * 2000) is None
