from outrider.console.answers import fragment, marked


def test_what_no_passage_has_is_cut_out() -> None:
    assert marked("It saved 40 % in Rome.", ["Rome", "40 %"]) == [
        ("It saved ", False), ("40 %", True), (" in ", False), ("Rome", True), (".", False),
    ]  # fmt: skip
    assert marked("Plain.", []) == [("Plain.", False)]


def test_an_address_ends_with_the_words_to_go_to() -> None:
    assert fragment("well-known, short") == "#:~:text=well%2Dknown%2C%20short"
    assert fragment("one two three four five six seven eight nine ten eleven twelve thirteen") == (
        "#:~:text=one%20two%20three%20four%20five,nine%20ten%20eleven%20twelve%20thirteen"
    )
