"""The tools page's words; the page itself is proven through a whole worker (tests/tools/test_desk.py)."""

from outrider.console.pages.tools import words_of
from outrider.policy.declarations import Declaration
from outrider.tools.desk import ToolState
from outrider.tools.ports import Tool


def state(labels: Declaration | None) -> ToolState:
    return ToolState(Tool(name="t"), labels, 10, [], [], None, [], None)


def test_labels_in_words() -> None:
    assert words_of(state(None)) == ["undeclared: untrusted, private, acts outside"]
    assert words_of(state(Declaration(trust="trusted", privacy="public", does="none", leaves=True))) == [
        "trusted",
        "public",
        "reads only",
        "its arguments leave the house",
    ]
