"""Questions made of a collection's own passages, where nobody judged any: what a document is called, what stands under
a heading, a sentence with words left out, a sentence said with few of its words. The first kinds favour words, the
last ones meaning. What is drawn is always the same for one collection."""

import random
import re
from collections.abc import Iterator, Sequence

from outrider.knowledge import entities, rows, sentences
from outrider.knowledge.evaluate.questions import Question
from outrider.knowledge.library import Library
from outrider.knowledge.records import Chunk, Collection, Document

KINDS = ("title", "heading", "gaps", "gist")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_FEWEST, _MOST = 8, 40
"""Words of a sentence that questions are made of."""
_PAGE = 500


def questions(library: Library, collection: Collection, most: int = 200) -> list[Question]:
    """Up to `most` questions, of all kinds alike as far as the collection has them."""
    chance = random.Random(collection.id)
    found: dict[str, list[Question]] = {kind: [] for kind in KINDS}
    documents = list(_documents(library, collection))
    chance.shuffle(documents)
    titles = [d.title.casefold() for d in documents]
    twice = {t for t in titles if titles.count(t) > 1} if len(titles) <= 5_000 else set()
    for document in documents[: 2 * most]:
        chunks = _chunks(library, collection, document)
        for kind, text in _asked(document, chunks, chance):
            if kind == "title" and document.title.casefold() in twice:
                continue
            found[kind].append(Question(f"{kind}-{document.id}", text, {document.source: 1.0}, kind))
    share = max(1, most // max(1, sum(1 for kind in KINDS if found[kind])))
    return [question for kind in KINDS for question in found[kind][:share]]


def _asked(document: Document, chunks: Sequence[Chunk], chance: random.Random) -> Iterator[tuple[str, str]]:
    if len(_WORD.findall(document.title)) >= 2:
        yield "title", document.title
    if not chunks:
        return
    chunk = chance.choice(chunks)
    headings = [h for h in chunk.headings if len(_WORD.findall(h)) >= 2 and h != document.title]
    if headings:
        yield "heading", f"{document.title} {headings[-1]}".strip()
    said = [chunk.text[s.start : s.end] for s in sentences.sentences(chunk.text)]
    fitting = [s for s in said if _FEWEST <= len(_WORD.findall(s)) <= _MOST]
    if fitting:
        sentence = chance.choice(fitting)
        yield "gaps", gaps(sentence, chance)
        if gist_ := gist(sentence):
            yield "gist", gist_


def gaps(sentence: str, chance: random.Random) -> str:
    """The sentence with every third word left out, at random."""
    words = _WORD.findall(sentence)
    left = [w for w in words if chance.random() > 1 / 3]
    return " ".join(left or words)


def gist(sentence: str) -> str:
    """What the sentence says without its names and figures: its other words, in small letters and another order. "" if
    little is left."""
    names = {word for name in entities.names(sentence) for word in name.split()}
    words = [w.lower() for w in _WORD.findall(sentence) if w.isalpha() and entities.key(w) not in names]
    telling = [w for w in words if len(w) > 3]
    return " ".join(reversed(telling[:10])) if len(telling) >= 4 else ""


def _documents(library: Library, collection: Collection) -> Iterator[Document]:
    after = ""
    while page := library.documents(collection, after, _PAGE):
        yield from (d for d in page if d.trust != "quarantined" and "*" in d.readers)
        after = page[-1].id


def _chunks(library: Library, collection: Collection, document: Document) -> list[Chunk]:
    key = rows.key_of(library.store, collection, document.id, document.number)
    return [rows.chunk_of(row, document) for row in rows.chunks_of_documents(library.store, [key] if key else [])]
