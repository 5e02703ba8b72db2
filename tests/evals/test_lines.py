"""Lines of keys in YAML, and texts that would grow."""

import pytest
import yaml

from outrider.base.errors import RequestError
from outrider.evals.lines import check_flat, line_of

TEXT = "a: 1\nlist:\n  - {x: 1}\n  - y: 2\n    z:\n      deep: 3\n"


@pytest.mark.parametrize(
    ("path", "line"),
    [("a", 1), ("list", 2), ("list[0]", 3), ("list[0].x", 3), ("list[1].z.deep", 6), ("list[1].gone", 4),
     ("list[9]", 2), ("gone", 1), ("", 1)],
)  # fmt: skip
def test_the_last_key_that_is_there_has_its_line(path: str, line: int) -> None:
    assert line_of(yaml.compose(TEXT, yaml.SafeLoader), path) == line


def test_nothing_has_the_first_line() -> None:
    assert line_of(None, "a.b") == 1


def test_what_would_grow_is_refused_with_its_line() -> None:
    check_flat(TEXT, "a list")
    with pytest.raises(RequestError, match=r"line 2: a list that is sent has no aliases"):
        check_flat("a: &x [1]\nb: *x\n", "a list")
    with pytest.raises(RequestError, match=r"line 3: a list is nested too deeply"):
        check_flat("a:\n\n  " + "[" * 50 + "]" * 50, "a list")
    with pytest.raises(yaml.YAMLError):
        check_flat("[", "a list")
