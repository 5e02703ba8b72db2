import itertools

from outrider.guardrails import Context, pii


def test_only_some_kinds() -> None:
    text = "bob@example.com, 4111 1111 1111 1111"
    assert [o.kind for o in pii.check(text, Context(options=pii.Options(only=("card",))))] == ["card"]


def test_values_that_are_nobodys_secret() -> None:
    options = pii.Options(allow=("@corp.example", "+49 30 901820"))
    text = "help@corp.example, +49 30 901820, bob@example.com"
    assert [text[o.start : o.end] for o in pii.check(text, Context(options=options))] == ["bob@example.com"]


def test_findings_do_not_overlap() -> None:
    text = "IBAN DE89 3704 0044 0532 0130 00 at 12 Main Street, Springfield, IL 62704, call +49 30 901820"
    found = pii.check(text, Context(options=pii.Options()))
    assert [o.kind for o in found] == ["iban", "address", "phone"]
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


def test_parts_of_an_address_are_one() -> None:
    text = "Deliver to: 14 Spencer Street, FERN BAY 4580"
    found = pii.check(text, Context(options=pii.Options()))
    assert [text[o.start : o.end] for o in found] == ["14 Spencer Street, FERN BAY 4580"]
