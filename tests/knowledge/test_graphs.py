"""Graphs beside a store: as new as it is, read again from their file, made again when it is cut short."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from outrider.knowledge.embed import Embed
from outrider.knowledge.graphs import Graphs
from outrider.knowledge.library import Library
from outrider.knowledge.work import Desk
from tests.knowledge.shelves import text_of


def test_a_graph_follows_its_collection(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "films")
    library.put(collection, "a", text_of("Night Train is a film that Ada Berg directed.", "Night Train"))
    graphs = Graphs(tmp_path / "graphs")
    assert len(graphs.graph(library.store, library.collection("p", "films")).chunks) == 1
    library.put(collection, "b", text_of("Ada Berg was born in Malmby.", "Ada Berg"))
    now = library.collection("p", "films")
    assert len(graphs.graph(library.store, now).chunks) == 2
    assert graphs.graph(library.store, now) is graphs.graph(library.store, now)


def test_a_graph_is_read_from_its_file(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "films")
    library.put(collection, "a", text_of("Night Train is a film that Ada Berg directed.", "Night Train"))
    now = library.collection("p", "films")
    made = Graphs(tmp_path / "graphs").graph(library.store, now)
    again = Graphs(tmp_path / "graphs").graph(library.store, now)
    assert again.keys == made.keys
    assert again.weights.tolist() == made.weights.tolist()
    (path,) = (tmp_path / "graphs").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert Graphs(tmp_path / "graphs").graph(library.store, now).keys == made.keys


def test_who_embeds_makes_the_graph_ready(library: Library) -> None:
    collection = library.create("p", "films")
    library.put(collection, "a", text_of("Night Train is a film that Ada Berg directed.", "Night Train"))
    desk = SimpleNamespace(job=SimpleNamespace(project="p", collection="films"), count=lambda done, total: None)
    Embed(library)(cast(Desk, desk))
    assert len(list((library.home / "knowledge").glob("*.graph"))) == 1


def test_what_is_erased_leaves_the_graph(library: Library, tmp_path: Path) -> None:
    collection = library.create("p", "films")
    put = library.put(collection, "a", text_of("The film of Ada Berg.", "Night Train"))
    library.put(collection, "b", text_of("The tea of Bo Lind.", "Tea"))
    graphs = Graphs(tmp_path / "graphs")
    graphs.graph(library.store, library.collection("p", "films"))
    library.remove(collection, put.document.id, erase=True)
    assert "ada berg" not in graphs.graph(library.store, library.collection("p", "films")).keys
    assert b"ada berg" not in next((tmp_path / "graphs").iterdir()).read_bytes()
