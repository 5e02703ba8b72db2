"""What nobody said is told as such; what carries nothing is left out."""

from outrider.policy.explain import origin
from outrider.policy.origins import Origin, Traced


def test_origins_in_words() -> None:
    assert origin(Traced("to", "bob", "recipient", Origin.USER)) == "to is 'bob': the user said it"
    assert origin(Traced("to", "x", "id", Origin.MADE_UP)) == "to is 'x': nobody said it but the model"
    linked = origin(Traced("id", "7", "id", Origin.LINKED, 3, "contacts"))
    assert linked == "id is '7': it belongs to what the user named, by contacts (step 3)"
