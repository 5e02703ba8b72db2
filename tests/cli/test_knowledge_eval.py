"""`outrider knowledge eval` and `fit`, by words alone: no weights are needed."""

from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from outrider.app.main import Installation
from outrider.base.errors import RequestError
from outrider.cli import _knowledge_eval
from outrider.cli._output import CheckFailed
from outrider.knowledge.library import Library
from outrider.store import open_knowledge
from tests.knowledge.shelves import text_of

app = typer.Typer()
app.command("eval")(_knowledge_eval.eval_)
app.command("fit")(_knowledge_eval.fit)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    here = Installation(tmp_path / "home")
    here.home.mkdir()
    library = Library(open_knowledge(here.database_url), here.home)
    collection = library.create("default", "animals")
    for name in ("owl", "fox", "bat"):
        library.put(
            collection, name, text_of(f"The {name} sleeps when it is day and hunts when it is night.", f"The {name}")
        )
    library.store.close()
    (tmp_path / "q.jsonl").write_text('{"text": "where does the owl sleep", "relevant": ["owl"]}\n')
    return here.home


def run(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, arguments, obj=Installation(home), catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_eval_shows_a_table_and_a_verdict(home: Path, tmp_path: Path) -> None:
    said = run(home, "eval", "animals", "--queries", str(tmp_path / "q.jsonl"), "--strategies", "keyword,graph")
    assert "keyword" in said
    assert "None is significantly better than keyword" in said


def test_a_gate_that_fails_fails(home: Path, tmp_path: Path) -> None:
    asked = ("eval", "animals", "--queries", str(tmp_path / "q.jsonl"), "--strategies", "keyword")
    assert "holds  keyword>=0.9" in run(home, *asked, "--gate", "keyword>=0.9")
    with pytest.raises(CheckFailed):
        run(home, *asked, "--gate", "keyword>=1.1")


def test_reports_are_written(home: Path, tmp_path: Path) -> None:
    asked = ("eval", "animals", "--queries", str(tmp_path / "q.jsonl"), "--strategies", "keyword")
    run(home, *asked, "--out", str(tmp_path / "r.md"))
    assert (tmp_path / "r.md").read_text().startswith("# Retrieval on animals")
    run(home, *asked, "--out", str(tmp_path / "r.json"))
    assert msgspec.json.decode((tmp_path / "r.json").read_bytes())["questions"] == 1


def test_wrong_names_are_told(home: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no strategy 'best'"):
        run(home, "eval", "animals", "--strategies", "best")
    with pytest.raises(RequestError, match="there is nothing at"):
        run(home, "eval", "animals", "--queries", str(tmp_path / "none.jsonl"))
    with pytest.raises(RequestError, match="animals"):
        run(home, "eval", "animal")


def test_questions_are_made_where_none_are_given(home: Path) -> None:
    assert "made of the collection's own passages" in run(home, "eval", "animals", "--strategies", "keyword")


def test_a_fitted_weight_is_said_and_kept(home: Path) -> None:
    assert "Not kept" in run(home, "fit", "animals", "--try")
    assert "weight" in run(home, "fit", "animals")
    library = Library(open_knowledge(Installation(home).database_url), home)
    assert library.collection("default", "animals").settings.fitted["hybrid"]["of"] == "generated"
    library.store.close()


def test_documents_are_named_by_the_end_of_a_source_and_names_of_none_are_told(home: Path, tmp_path: Path) -> None:
    library = Library(open_knowledge(Installation(home).database_url), home)
    for place in ("/srv/docs/elk.md", "/srv/a/roe.md", "/srv/b/roe.md"):
        library.put(library.collection("default", "animals"), place, text_of(f"The {place[-6:-3]} eats grass."))
    library.store.close()
    asked = tmp_path / "named.jsonl"
    asked.write_text('{"text": "who is an elk", "relevant": ["./docs/elk.md"]}\n')
    command = ("eval", "animals", "--queries", str(asked), "--strategies", "keyword")
    said = run(home, *command, "--gate", "keyword>=1.0")
    assert "holds  keyword>=1.0" in said
    assert "not in 'animals'" not in said
    asked.write_text('{"text": "who is a roe", "relevant": ["roe.md", "/srv/a/roe.md", "gone.md"]}\n')
    said = run(home, *command)
    assert "2 documents that the questions name are not in 'animals', such as 'roe.md'" in said
