"""The settings of knowledge: collections that are kept from the configuration."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from outrider.app.config_values import Duration, Size, Words
from outrider.base import plugins
from outrider.base.errors import RequestError
from outrider.knowledge.records import EVERYBODY, Embedding, Settings

CASEBOOK = "casebook"
"""`casebook.book.COLLECTION`, without loading what keeps it."""


class EmbeddingRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of vectors of a collection."""

    model: Annotated[
        str, Meta(min_length=1, description="What makes them: an embedded model, or a route that serves embeddings.")
    ] = "embedded/all-minilm-l6-v2"
    of: Annotated[
        str, Meta(min_length=1, description="What they say: `passage`, or a field of the documents' metadata.")
    ] = "passage"


class CollectionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One collection of documents. Its key under `collections` is its name."""

    project: Annotated[str, Meta(description="Project that it belongs to; the first one if empty.")] = ""
    about: Annotated[str, Meta(description="What is in it, in a sentence.")] = ""
    sources: Annotated[
        Words, Meta(description="Files, folders, URLs and feeds that it is read from; folders as seen from this file.")
    ] = ()
    every: Annotated[
        Annotated[Duration, Meta(ge=60.0)] | None,
        Meta(description="How often its sources are read again; null: only when it is asked for."),
    ] = None
    prune: Annotated[bool, Meta(description="End documents that are not at their sources any more.")] = True
    embeddings: Annotated[
        dict[str, EmbeddingRule],
        Meta(description="Its vectors, by name. Without this key: `default`, of the embedded model."),
    ] = {}
    embedding: Annotated[str, Meta(description="Vectors that are searched where a query names none.")] = "default"
    readers: Annotated[
        Words, Meta(description="Who may read its documents: users, groups, keys; `*` is everybody.")
    ] = (EVERYBODY,)
    untrusted: Annotated[
        Literal["label", "quarantine"],
        Meta(description="What becomes of text that addresses the model: it is labelled, or it is not searched."),
    ] = "label"
    doors: Annotated[
        dict[str, str],
        Meta(
            description="What a check does with a document that comes in, by its name: `ignore`, `note`, `label`,"
            " `quarantine` or `refuse`, and what it needs to know, as in `language: quarantine en de`."
        ),
    ] = {}
    strategy: Annotated[
        str, Meta(description="How passages are found where a query does not say; the best that it can if empty.")
    ] = ""

    index: Annotated[
        Literal["", "chroma", "faiss", "lancedb", "pinecone", "qdrant", "weaviate"],
        Meta(description="Another database that keeps a copy of its vectors and searches them; an extra of its name."),
    ] = ""
    index_at: Annotated[
        str,
        Meta(
            description="Address of that database; its key stands in QDRANT_API_KEY, WEAVIATE_API_KEY or"
            " PINECONE_API_KEY. Empty: a folder of ours, where there is an embedded form."
        ),
    ] = ""

    def settings(self) -> Settings:
        """The same as the collection keeps it."""
        made = {name: Embedding(rule.model, rule.of) for name, rule in self.embeddings.items()}
        return Settings(
            about=self.about,
            strategy=self.strategy,
            embedding=self.embedding,
            embeddings=made or {"default": Embedding()},
            readers=self.readers,
            doors={"injection": self.untrusted, "hidden": self.untrusted, **self.doors},
            index=self.index,
            index_at=self.index_at,
        )

    def absolute(self, folder: Path) -> list[str]:
        """Its sources; paths as seen from `folder`."""
        return [s if "://" in s else str((folder / Path(s).expanduser()).absolute()) for s in self.sources]


class Knowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Collections of documents that are searched and answered from."""

    collections: Annotated[
        dict[str, CollectionRule],
        Meta(description="Collections by name. More can be made by `outrider knowledge add`."),
    ] = {}
    internal_hosts: Annotated[
        Words, Meta(description="Hosts inside the network that may be read from; all others there are refused.")
    ] = ()
    max_upload: Annotated[Size, Meta(ge=1000, description="Largest file that the API takes.")] = 64_000_000


class CasebookRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Casebook: case studies of language models in production."""

    enabled: Annotated[bool, Meta(description="Whether it is served.")] = True
    bundled: Annotated[
        bool | None,
        Meta(description="Whether it has the cases that come with Outrider; null: where the embedded models are on."),
    ] = None
    model: Annotated[
        str,
        Meta(
            description="Route that reads each imported entry after the patterns; what it says without words of the"
            " text is refused. Empty: none."
        ),
    ] = ""


def problems_of(rules: Knowledge, projects: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where something is wrong, and what."""
    for name, rule in rules.collections.items():
        for key, message in _problems(name, rule, projects):
            yield ("collections", name, *key), message


def _problems(name: str, rule: CollectionRule, projects: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    from outrider.knowledge.collections import NAME, PLANNED, by_model

    if name == CASEBOOK:
        yield (), "it is the name of the Casebook's collection, which everybody reads: choose another"
    if not NAME.fullmatch(name):
        yield (), "a collection's name has up to 63 small letters, digits, dots, dashes and underscores"
    if rule.project and rule.project not in projects:
        yield ("project",), f"unknown project {rule.project!r}; there are: {', '.join(projects)}"
    named = list(rule.embeddings) or ["default"]
    if rule.embedding not in named:
        yield ("embedding",), f"is {rule.embedding!r}, and the embeddings are: {', '.join(named)}"
    if not rule.readers:
        yield ("readers",), 'is empty, so nobody could read: name who may, or "*"'
    for at, source in enumerate(rule.sources):
        if "@" in source.partition("://")[2].partition("/")[0]:
            yield ("sources", str(at)), "has a name or a password in its URL, which jobs would keep: leave them out"
    if rule.every is not None and not rule.sources:
        yield ("every",), "there are no sources to be read again; add `sources`, or leave `every` out"
    yield from _index_problems(rule)
    yield from _door_problems(rule)
    if rule.strategy:
        known = plugins.names("outrider.knowledge.strategies")
        if rule.strategy not in known:
            yield ("strategy",), f"unknown strategy {rule.strategy!r}; there are: {', '.join(known)}"
        if rule.strategy in PLANNED:
            yield ("strategy",), by_model(rule.strategy)


def _index_problems(rule: CollectionRule) -> Iterator[tuple[tuple[str, ...], str]]:
    if rule.index in ("pinecone", "weaviate") and not rule.index_at:
        yield ("index_at",), f"{rule.index} has no embedded form: say where it is (`https://…`)"
    if rule.index in ("", "faiss") and rule.index_at:
        why = "faiss keeps a file of ours" if rule.index else "no `index` is named"
        yield ("index_at",), f"{why}, so there is no address: leave it out, or choose another `index`"
    if "@" in urlsplit(rule.index_at).netloc:
        yield ("index_at",), "has a name or password in it: keys stand in the environment (QDRANT_API_KEY and its like)"


def _door_problems(rule: CollectionRule) -> Iterator[tuple[tuple[str, ...], str]]:
    from outrider.knowledge.doors import check_policy

    for name, policy in rule.doors.items():
        try:
            check_policy({name: policy})
        except RequestError as error:
            yield ("doors", name), error.message
