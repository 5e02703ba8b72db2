"""What is beside results is proven through a whole worker in test_house; here: how one is given."""

from outrider.tools.beside import INSTRUCTIONS, Manner


def test_the_usual_manner() -> None:
    assert Manner() == Manner(32_000, "", False)
    assert INSTRUCTIONS == "outrider/instructions"
