"""Code by its definitions."""

from outrider.knowledge.parse import parse
from outrider.knowledge.records import Fetched

PYTHON = '''"""What this is."""

import os

# above it
@decorated
def first(a):
    return a


class Second:
    x = 1

    def method(self):
        return 2


if __name__ == "__main__":
    first(1)
'''


def test_definitions_are_blocks_with_their_comments() -> None:
    parsed = parse(Fetched("x/a.py", "a.py", "", PYTHON.encode()))
    assert parsed.text == PYTHON
    assert parsed.meta == {"programming_language": "Python"}
    texts = [parsed.text[b.start : b.end] for b in parsed.blocks]
    assert [t.splitlines()[0] for t in texts[-3:]] == ["# above it", "class Second:", 'if __name__ == "__main__":']
    assert "def method" in texts[-2]


def test_braces_end_with_what_they_close() -> None:
    text = "func a() {\n\n  x()\n\n}\n\nfunc b() {\n  y()\n}\n"
    parsed = parse(Fetched("a.go", "a.go", "", text.encode()))
    assert [parsed.text[b.start : b.end] for b in parsed.blocks] == ["func a() {\n\n  x()\n\n}", "func b() {\n  y()\n}"]
