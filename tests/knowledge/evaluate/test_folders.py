"""A BEIR folder as a collection, by words and by the real embedder."""

import json
from pathlib import Path

import pytest

from outrider.knowledge.embedders import Embedders, loader
from outrider.knowledge.evaluate import compared, folders, questions
from outrider.knowledge.library import Library
from outrider.knowledge.ports import Embedders as Port
from outrider.store import open_knowledge
from tests.knowledge.shelves import WordVectors

TEXTS = {
    "tyres": ("Wheels", "A flat tyre is mended with a patch and glue."),
    "bread": ("", "Sourdough rises slowly because wild yeast is few."),
    "sleep": ("Rest", "Adults need about eight hours of rest at night."),
    "empty": ("Only a title", ""),
}
ASKED = {"tyres": "how do I repair a puncture", "bread": "why does my dough take so long", "sleep": "how long to sleep"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "set" / "qrels").mkdir(parents=True)
    rows = [{"_id": id_, "title": title, "text": text} for id_, (title, text) in TEXTS.items()]
    (tmp_path / "set" / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "set" / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"q-{id_}", "text": text}) for id_, text in ASKED.items())
    )
    qrels = "".join(f"q-{id_}\t{id_}\t1\n" for id_ in ASKED)
    (tmp_path / "set" / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}")
    return tmp_path / "set"


def tried(folder: Path, embedders: Port, strategies: list[str]) -> compared.Report:
    library = Library(open_knowledge(f"sqlite:///{folder.parent / 'k.db'}"), folder.parent, embedders)
    collection = library.create("p", "trial")
    assert folders.ingest(library, collection, folder) == len(TEXTS)
    assert folders.embed_all(library, collection) == len(TEXTS)
    assert folders.embed_all(library, collection) == 0
    return compared.evaluate(library, collection, questions.read(folder), strategies)


def test_every_document_is_there_under_its_id(folder: Path) -> None:
    report = tried(folder, WordVectors(), ["keyword"])
    assert report.questions == 3


@pytest.mark.model
def test_meaning_finds_what_shares_no_word(folder: Path, embed_models: Path) -> None:
    embedders = Embedders(loader(embed_models))
    report = tried(folder, embedders, ["vector", "hybrid", "rerank"])
    assert [r.measured["ndcg@10"].estimate for r in report.results] == [1.0, 1.0, 1.0]
