"""`outrider knowledge ask`: the answer with its passages, or a refusal."""

from pathlib import Path

import pytest
import typer

from outrider.cli import _knowledge_ask
from outrider.knowledge.answer import answer
from outrider.knowledge.library import Library
from outrider.knowledge.parse import parse
from outrider.knowledge.records import Fetched
from outrider.store import open_knowledge


@pytest.fixture
def library(tmp_path: Path) -> Library:
    made = Library(open_knowledge(f"sqlite:///{tmp_path}/outrider.db"), tmp_path)
    body = b"# Pay\n\nSalaries are paid on the last day of the month."
    made.put(made.create("default", "docs"), "pay.md", parse(Fetched("pay.md", "pay.md", "text/markdown", body)))
    return made


def test_what_is_shown(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    docs = library.collection("default", "docs")
    _knowledge_ask._show(answer(library, docs, "When are salaries paid?"))
    shown = capsys.readouterr().out
    assert "Salaries are paid on the last day of the month. [1]" in shown
    assert "[1] Pay (pay.md, 7–54): Salaries are paid" in shown
    _knowledge_ask._show(answer(library, docs, "Who is Hooli?"))
    assert "no passage mentions Hooli" in capsys.readouterr().out
    library.store.close()


def test_it_is_a_command() -> None:
    app = typer.Typer()
    app.command()(_knowledge_ask.ask)
    assert typer.main.get_command(app).name == "ask"
