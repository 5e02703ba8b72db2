"""Stand-ins for tools, and what is wrong with a file of them."""

from pathlib import Path

import pytest

from outrider.base.errors import ConfigError, RequestError
from outrider.replay.stand_ins import load


def written(folder: Path, text: str) -> Path:
    path = folder / "stand-ins.yaml"
    path.write_text(text)
    return path


def test_results_and_functions(tmp_path: Path) -> None:
    (tmp_path / "standing.py").write_text(
        "def search(arguments):\n    return {'hits': arguments['n']}\n\n"
        "def broken(arguments):\n    raise KeyError('x')\n"
    )
    text = "say: sun\norder: {items: 2}\nsearch: {python: 'standing:search'}\nbroken: {python: 'standing:broken'}\n"
    found = load(written(tmp_path, text))
    assert [found[name]({"n": 3}) for name in ("say", "order", "search")] == ["sun", '{"items":2}', '{"hits":3}']
    with pytest.raises(RequestError, match="the stand-in for 'broken' failed: KeyError"):
        found["broken"]({})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", "name a result for each tool"),
        ("a: [", "not YAML"),
        ("a: " + "[" * 5_000, "not YAML: it is nested"),
        ("a: {python: nowhere_at_all:f}", "a: 'nowhere_at_all:f' cannot be had"),
        ("a: {python: json}", "a: 'json' is no function"),
        ("a: {python: 'json:nothing'}", "cannot be had"),
    ],
)
def test_mistakes_name_the_tool(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load(written(tmp_path, text))
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "gone.yaml")
