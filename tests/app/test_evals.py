"""Evaluation as a process has it."""

from pathlib import Path

import pytest

from outrider.app.evals import EvalsHandle
from outrider.app.settings import parse
from outrider.evals.records import Case, Variant
from outrider.evals.subjects.command import CommandSubject
from outrider.evals.subjects.python import PythonSubject
from outrider.evals.subjects.route import RouteSubject
from outrider.evals.subjects.talking import Talking


def handle(home: Path) -> EvalsHandle:
    return EvalsHandle(parse("embedded: {enabled: off}", "t", {}), home, f"sqlite:///{home / 'outrider.sqlite3'}")


def test_a_variant_says_who_is_asked(tmp_path: Path) -> None:
    opens = handle(tmp_path).opens(["eval:x"])
    for variant, kind in (
        (Variant("a", model="m"), RouteSubject),
        (Variant("a", python="m:f"), PythonSubject),
        (Variant("a", command=("true",)), CommandSubject),
    ):
        asked = opens(variant)
        assert isinstance(asked, Talking), "every subject can be talked with"
        assert isinstance(asked.subject, kind)


def test_datasets_last(tmp_path: Path) -> None:
    first = handle(tmp_path)
    first.datasets.save("default", "d", [Case("a", "x")])
    first.close()
    second = handle(tmp_path)
    assert [one.id for one in second.datasets.cases("default", "d")] == ["a"]
    second.close()


@pytest.mark.model
def test_evaluators_are_lent_the_configured_embedder(
    tmp_path: Path, embed_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTRIDER_MODELS", str(embed_models))
    lent = EvalsHandle(parse("", "t", {}), tmp_path, f"sqlite:///{tmp_path / 'outrider.sqlite3'}").ports()
    assert lent.embed is not None
    one, other = lent.embed(["a cat", "a cat"])
    assert len(one) == 384
    assert list(one) == list(other)
