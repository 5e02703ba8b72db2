import re

import pytest

from outrider.guardrails import Context, _phones, pii


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in _phones.phones(text)]


@pytest.mark.parametrize(
    "number",
    [
        "+49 30 901820",
        "+1-555-010-9999",
        "(202) 555-0143",
        "202-555-0143 x12",
        "0049 30 901820",
        "+44 20 7946 0018",
        "01 42 68 53 00",
    ],
)
def test_forms(number: str) -> None:
    assert found(f"You get me under {number} any time") == [number]


def test_a_word_makes_a_number_one() -> None:
    assert found("call 5550143 now") == ["5550143"]
    assert found("there are 5550143 rows") == []


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-03",
        "12.05.2024 14:30",
        "order 202-555-0143",
        "10.0.0.1",
        "ISBN 978-3-16-148410-0",
        "1,234,567",
        "1 000 000 people",
    ],
)
def test_other_numbers(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["439 0137-Office, 439 0138-Fax", "469 4744 (mobile)", "415 1211, home"])
def test_a_word_after_a_number_makes_it_one(text: str) -> None:
    assert found(text)[0] == text[:8]


@pytest.mark.parametrize(
    "text", ["commit 1234567, work in progress", "7500000, home", "123 4567 - home page", "123 4567 (office 365)"]
)
def test_a_word_of_something_else_after_a_number_makes_it_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "number",
    ["612 34 56 78", "21 234 4249", "12 345 74 68", "08-15 70 76", "012 31 50 20", "131 2343 3633", "074104 76888"],
)
def test_as_people_of_a_country_write_it(number: str) -> None:
    assert found(f"Thanks, Anna\n{number}\n") == [number]


@pytest.mark.parametrize("text", ["Mobile: 94 51 71\n", "Fax: 94 51 71", "> Desk: 945 171"])
def test_a_line_says_what_its_short_number_is(text: str) -> None:
    assert [len(said) for said in found(text)] == [len(text.strip()) - text.index(":") - 2]


def test_pairs_of_digits_are_no_date() -> None:
    assert found("05.14.56.71.73-Office, 01.02.2024 and 01.02.24") == ["05.14.56.71.73"]


@pytest.mark.parametrize("text", ["212 345 616", "12 34 56 78", "Total: 945 171", "room 94 51 71"])
def test_amounts_and_rows_are_none(text: str) -> None:
    assert found(f"We counted {text} in all.") == []


def checked(text: str, *regions: str) -> list[str]:
    found = pii.check(text, Context(options=pii.Options(regions=regions)))
    return [text[one.start : one.end] for one in found if one.kind == "phone"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Venlig hilsen\nMette Holm\n31 24 46 96", "31 24 46 96"),
        ("Thanks!\nMira Lindgren\n5716 6380\n", "5716 6380"),
        ("Anna Kovac, 604 508 004", "604 508 004"),
        ("Peter Novak\t2111 4534\tactive", "2111 4534"),
        ("Peter Novak;peter@example.org;99 149142", "99 149142"),
        ("contact@example.com / 452 83 444", "452 83 444"),
        ("In case of trouble: Eva Blom (55 13 33 10) or the porter.", "55 13 33 10"),
    ],
)
def test_beside_a_person_or_a_mail(text: str, number: str) -> None:
    assert checked(text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Er der ingen hjemme, så prøv 31 20 10 98.", "31 20 10 98"),
        ("Nøkkelen får du hos meg, 452 83 444.", "452 83 444"),
        ("Se vende piso con garaje, para entrar el lunes, 934 644 604.", "934 644 604"),
        ("He is in Tallinn now, 5716 6380 after six", "5716 6380"),
        ("Her card is from sara@example.is and 659 4685 then", "659 4685"),
    ],
)
def test_in_a_text_of_a_country(text: str, number: str) -> None:
    assert checked(text) == [number]


def test_countries_that_the_rule_names() -> None:
    text = "the value 98 228 462, as it stood in the field"
    assert (checked(text), checked(text, "TN")) == ([], ["98 228 462"])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("If nobody opens the gate, try 2111 4534.", "2111 4534"),
        ("I'm on 5716 6380 until five.", "5716 6380"),
        ("Sarah's new one is 604 508 004", "604 508 004"),
        ("Room for rent, no pets. 99 149142", "99 149142"),
        ("My SMS went to my registered 85 72 32. Could you look?", "85 72 32"),
        ("59 44 20 is my number, don't lose it.", "59 44 20"),
        ("0664 / 341 48 39, if you must", "0664 / 341 48 39"),
        ("Eva (01273 441485) has the key", "01273 441485"),
        ("missed call: 38 22 54 (3)", "38 22 54"),
        ("手机:138 5018 6144", "138 5018 6144"),
        ("das ist 078.224.70.45 bei Tag", "078.224.70.45"),
        ("It was 2111 4534 that bothered us", "2111 4534"),
        ("We could not verify 604 508 004, so what now?", "604 508 004"),
        ("Anna Kovac 12 Main Street, Springfield, IL 62701 604 508 004", "604 508 004"),
        ("2111 4534", "2111 4534"),
        ("Callback: (351) 931 321 020", "(351) 931 321 020"),
        ("Eva has moved, (044) 338 01 41 x12 is hers", "(044) 338 01 41 x12"),
        ("mobile 00420 704 996 719; home", "00420 704 996 719"),
    ],
)
def test_as_it_is_said(text: str, number: str) -> None:
    assert checked(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Kovac, 612 345 678 votes",
        "Anna Kovac\n2011-2012, 2014",
        "Copyright: 2003-2010, Paul Fenwick",
        "51 Franklin Street, Boston, MA 02110-1301, USA",
        "Der Umsatz von Krüger ist im Jahr um 612 345 678 Euro gestiegen",
        "Invoice number 9029 6822 is still open.",
        "Bestellnummer 0171 3867565",
        "Total: 612 345 678",
        "| total | 612 345 678 | 612 345 679 |",
        "Mon-Fri 08.00-16.30",
        "hex dump: 00 12 34 56 78 90 12",
        "during 5550143 rounds",
        "0123456789",
        "[-29.6022, +6.78557794]",
        "expires 05/2028",
        "Winning numbers 03 12 24 31 45",
        "Largo Marques, 66\n4812-744 Caldas da Rainha",
        "in [22.98557794, 240.7997253], and 1.0602511",
        "Liczba ludności: 604 508 004",
        "the number of boxes 2111 4534",
        "revenue grew to 912 345 678 last year",
        "Leje er ikke det samme her, og prisen er 2500-3000 om dagen",
        "Vindertallene er ikke de samme: 23 31 35 44",
        "Die Feier ist am 28 09 1984 und nicht heute",
        "Das Haus ist nicht neu, und von 2019 2020 steht da",
        "| los libros | para el | 612 345 678 | 598 222 111 |",
        "Los ingresos del grupo fueron 612 345 678, un 5 % para las filiales",
    ],
)
def test_numbers_that_are_nobodys(text: str) -> None:
    assert checked(text) == []


def test_beside_means_near() -> None:
    text = "Mette Holm" + " and so it goes on" * 30 + "\n98 228 462 of them were counted"
    assert checked(text) == []
    assert checked("Mette Holm\n98 228 462") == ["98 228 462"]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Phone numbers 604 508 004 / 604 508 111", ["604 508 004", "604 508 111"]),
        ("call 604 508 004 or 5716 6380, and bring 604 508 004 boxes", ["604 508 004", "5716 6380"]),
        ("Tel. 31 24 46 96\n28 98 73 20\n40 65 93 68\n", ["31 24 46 96", "28 98 73 20", "40 65 93 68"]),
    ],
)
def test_numbers_that_go_on(text: str, numbers: list[str]) -> None:
    assert checked(text) == numbers


@pytest.mark.parametrize(
    "text",
    ["me: 06 12 34 56 78, 604 508 111 rows", "me: 06 12 34 56 78\n604 508 111 it is", "| 98 228 462 | 98 228 463 |"],
)
def test_other_numbers_do_not_go_on(text: str) -> None:
    assert len(checked(text)) <= 1


@pytest.mark.parametrize(
    "text",
    [
        "Jane\nT: 604 508 004",
        "Jane\nM. 604 508 004 | www",
        "the office | P: 604 508 004 | www",
        "604 508 004 (m) is best",
        "\N{BLACK TELEPHONE} 604 508 004",
        "\N{TELEPHONE RECEIVER} 604 508 004",
        "my # is 604 508 004",
        '{"customerPhone": "604508004"}',
        '{"telNo": 604508004}',
        "msisdn=604508004",
    ],
)
def test_marks_of_a_number(text: str) -> None:
    assert [re.sub(r"\D", "", one) for one in checked(text)] == ["604508004"]


@pytest.mark.parametrize("text", ["at T: 604 508 004 rows", "the value p: 604 508 004 was", "Telnet 604508004"])
def test_no_marks_of_a_number(text: str) -> None:
    assert checked(text) == []
