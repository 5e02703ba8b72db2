"""What trusted fields of results had."""

from outrider.policy.fields import Fields


def test_values_of_a_field_are_kept_by_tool_and_name_and_not_without_end() -> None:
    one, other = Fields(), Fields()
    one.add("book", "with", "dr anand")
    one.add("book", "", "nobody")
    for at in range(1000):
        other.add("book", "id", str(at))
    one.take(other)
    assert (one.of("book", "with"), one.of("book", ""), one.of("rota", "with")) == (["dr anand"], [], [])
    assert 100 <= len(one.of("book", "id")) < 1000
