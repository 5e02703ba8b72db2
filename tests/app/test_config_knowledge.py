"""`knowledge:` in outrider.yaml: read, checked, and made into what the library keeps."""

from pathlib import Path
from typing import get_args

import pytest

from outrider.app.config_knowledge import CollectionRule
from outrider.app.settings import parse
from outrider.base.errors import ConfigError
from outrider.casebook.book import COLLECTION
from outrider.knowledge.collections import ADAPTERS
from outrider.knowledge.records import Embedding

FILE = """
projects: [default, team]
knowledge:
  internal_hosts: wiki.example
  max_upload: 10MB
  collections:
    my-docs:
      project: team
      about: Our handbook
      sources: [docs, /srv/more, "https://example.org/feed.xml"]
      every: 1h
      embeddings: {default: {}, says: {model: my-route, of: reviews}}
      embedding: says
      readers: [group:staff, user:anna]
      untrusted: quarantine
      strategy: keyword
      index: qdrant
      index_at: http://localhost:6333
"""


def test_the_casebooks_name_is_taken() -> None:
    with pytest.raises(ConfigError, match="it is the name of the Casebook's collection, which everybody reads"):
        parse(f"knowledge: {{collections: {{{COLLECTION}: {{sources: docs}}}}}}", "t", {})


def test_an_upload_that_the_server_would_not_take_is_told() -> None:
    with pytest.raises(ConfigError, match=r"is more than `server.max_body` \(64,000,000 bytes\), which every request"):
        parse("knowledge: {max_upload: 400MB}", "t", {})
    both = parse("{knowledge: {max_upload: 400MB}, server: {max_body: 401MB}}", "t", {})
    assert both.knowledge.max_upload == 400_000_000
    assert parse("server: {max_body: 1MB}", "t", {}).server.max_body == 1_000_000, "who says nothing of uploads"


def test_all_of_it() -> None:
    rules = parse(FILE, "t", {}).knowledge
    assert (rules.internal_hosts, rules.max_upload) == (("wiki.example",), 10_000_000)
    rule = rules.collections["my-docs"]
    made = rule.settings()
    assert (rule.project, rule.every, rule.prune) == ("team", 3600.0, True)
    assert made.embeddings == {"default": Embedding(), "says": Embedding("my-route", "reviews")}
    assert (made.embedding, made.strategy, made.readers) == ("says", "keyword", ("group:staff", "user:anna"))
    assert (made.index, made.index_at) == ("qdrant", "http://localhost:6333")
    assert made.doors == {"injection": "quarantine", "hidden": "quarantine"}
    assert rule.absolute(Path("/etc/outrider")) == [
        "/etc/outrider/docs",
        "/srv/more",
        "https://example.org/feed.xml",
    ]


def test_every_check_at_the_door_has_its_policy() -> None:
    text = "knowledge: {collections: {docs: {doors: {language: quarantine en de, age: note 730, injection: refuse}}}}"
    made = parse(text, "t", {}).knowledge.collections["docs"].settings()
    assert made.doors == {"injection": "refuse", "hidden": "label", "language": "quarantine en de", "age": "note 730"}


def test_every_index_can_be_named() -> None:
    assert set(get_args(CollectionRule.__annotations__["index"].__origin__)) == {"", *ADAPTERS}


def test_nothing_of_it() -> None:
    assert parse("", "t", {}).knowledge.collections == {}
    rule = parse("knowledge: {collections: {docs: {sources: docs}}}", "t", {}).knowledge.collections["docs"]
    assert rule.sources == ("docs",)
    assert rule.settings().embeddings == {"default": Embedding()}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("docs: {doors: {languages: label}}", "knowledge.collections.docs.doors.languages: no check 'languages' at"),
        ("docs: {doors: {age: note soon}}", "knowledge.collections.docs.doors.age: age: say how many days old"),
        ("docs: {doors: {hidden: explode}}", "knowledge.collections.docs.doors.hidden: no policy 'explode'; there are"),
        ("My Docs: {}", "knowledge.collections.My Docs: a collection's name"),
        ("docs: {project: nowhere}", "knowledge.collections.docs.project: unknown project 'nowhere'"),
        ("docs: {embedding: says}", "knowledge.collections.docs.embedding: is 'says'"),
        ("docs: {readers: []}", "knowledge.collections.docs.readers: is empty"),
        ("docs: {every: 1h}", "knowledge.collections.docs.every: there are no sources"),
        ("docs: {every: 1s, sources: a}", "must be at least 1m"),
        ("docs: {strategy: agentic}", "knowledge.collections.docs.strategy: 'agentic' asks a model"),
        ("docs: {strategy: magic}", "knowledge.collections.docs.strategy: unknown strategy 'magic'"),
        ("docs: {index: pinecone}", "knowledge.collections.docs.index_at: pinecone has no embedded form"),
        ("docs: {index_at: 'http://q'}", "knowledge.collections.docs.index_at: no `index` is named"),
        (
            "docs: {index: faiss, index_at: 'http://q'}",
            "knowledge.collections.docs.index_at: faiss keeps a file of ours",
        ),
        ("docs: {index: qdrant, index_at: 'http://me:word@q'}", "has a name or password in it"),
        ("docs: {index: magic}", "unknown value 'magic'"),
        ("docs: {untrusted: trust}", "unknown value 'trust'"),
        ("docs: {source: a}", "did you mean 'sources'?"),
    ],
)
def test_mistakes_are_told_with_their_line(rule: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"knowledge:\n  collections:\n    {rule}\n", "t", {})
    assert str(caught.value).startswith("t:3: ")
    assert message in str(caught.value)
