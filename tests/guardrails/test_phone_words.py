import pytest

from outrider.guardrails import _phone_words as words


@pytest.mark.parametrize(
    "before",
    [
        "Tlf.: ", "Puh. ", "tel. kom. ", "Мой номер телефона ", "Κινητό: ", "Telefonszámom ", "電話番号は ",
        "Mans tālrunis ir ", "Bitte rufen Sie mich unter ", "<td>Phone</td><td>", '"mobile": "', "Callback: ",
        "Cell ......... ",
    ],
)  # fmt: skip
def test_words_for_telephones(before: str) -> None:
    assert words.BEFORE.search(before)


@pytest.mark.parametrize(
    "before", ["During the ", "In the hotel ", "Tell ", "context ", "online ", "Call me. We sold "]
)
def test_words_that_have_one_in_them(before: str) -> None:
    assert not words.BEFORE.search(before)


@pytest.mark.parametrize(
    "before",
    ["Invoice number ", "order_id: ", "Rechnungsnummer ", "Part no. ", "Octal ", "Ref: ", "Konto ", "voucher code "],
)
def test_words_for_other_numbers(before: str) -> None:
    assert words.OTHER.search(before)


@pytest.mark.parametrize("before", ["Telefonnummer ", "mobile number: ", "valid ", "I said "])
def test_no_words_for_other_numbers(before: str) -> None:
    assert not words.OTHER.search(before)


@pytest.mark.parametrize("after", [" kr", " EUR", " people", "%", " rows", " zł", "€"])
def test_units(after: str) -> None:
    assert words.UNIT.match(after)


@pytest.mark.parametrize("after", [" kreuz", " and", ".", " makes"])
def test_no_units(after: str) -> None:
    assert not words.UNIT.match(after)


@pytest.mark.parametrize("after", ["", ".", ", please", ") or", " until five", "\n", "</td>"])
def test_ends_of_a_clause(after: str) -> None:
    assert words.ENDS.match(after)


@pytest.mark.parametrize("after", [" boxes", " von uns", ".5"])
def test_no_ends_of_a_clause(after: str) -> None:
    assert not words.ENDS.match(after)


@pytest.mark.parametrize("before", ["I'm on ", "please try ", "still goes to ", "Sarah's new one is ", "Emergencies: "])
def test_what_asks_for_a_number(before: str) -> None:
    assert words.ASKED.search(before)


@pytest.mark.parametrize("after", [" keeps calling me", " is my number", " called again", " (mobile)", "-Office, 5"])
def test_words_behind_a_number(after: str) -> None:
    assert words.AFTER.match(after)
