"""`answer`: a question to a collection, answered with citations or refused."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from outrider.base.errors import RequestError
from outrider.base.grounding import Mode, Unsupported
from outrider.knowledge.answer import written
from outrider.knowledge.answer.confidence import Judged, judge
from outrider.knowledge.answer.evidence import Both, Tokens, Weighed, weigh
from outrider.knowledge.answer.extractive import chosen, composed
from outrider.knowledge.answer.finding import find
from outrider.knowledge.answer.question import Question, understand
from outrider.knowledge.answer.records import Answer, Sentence
from outrider.knowledge.records import EVERYBODY, Collection, Filter, Found, Query
from outrider.knowledge.sentences import sentences

if TYPE_CHECKING:
    from outrider.knowledge.library import Library
    from outrider.knowledge.ports import Model

PASSAGES = 6
"""Passages that an answer is made from, unless it is said."""
OUTPUT_TOKENS = 600
Stream = Callable[[Sentence], object]


def answer(
    library: "Library",
    collection: Collection,
    question: str,
    *,
    mode: Mode = "auto",
    strategy: str = "",
    model: "Model | None" = None,
    principals: frozenset[str] = frozenset({EVERYBODY}),
    filters: "dict[str, Filter] | None" = None,
    as_of: int = 0,
    limit: int = PASSAGES,
    unsupported: Unsupported = "mark",
    stream: Stream | None = None,
) -> Answer:
    """Answer from the documents that `principals` may read, as they were at `as_of` (ns, 0: now).

    `auto` writes with `model` where one is given, else it quotes. `stream` gets each sentence as soon as it is known.
    Raises RequestError for a question that cannot be asked.
    """
    if mode == "abstractive" and model is None:
        raise RequestError("`mode: abstractive` needs a model that writes: name one in `model`", param="model")
    query = Query(
        question, limit=limit, strategy=strategy, principals=principals, filters=filters or {}, as_of=as_of
    )  # fmt: skip
    found = find(library, collection, query, understand(question), model)
    return answer_from(
        question, found, tokens_of(library, collection), model=None if mode == "extractive" else model,
        unsupported=unsupported, stream=stream,
    )  # fmt: skip


def answer_from(
    question: str,
    found: Found,
    tokens: Tokens | None,
    *,
    model: "Model | None" = None,
    unsupported: Unsupported = "mark",
    stream: Stream | None = None,
) -> Answer:
    """The same from what was found already."""
    weighed = weigh(understand(question), found.hits, tokens, found.notes.get("named"))
    judged = judge(weighed)
    if not judged.answers:
        made = refusal(question, found, judged)
    elif model is None:
        made = quoted(weighed, found, judged)
    else:
        made = composed_by(model, weighed, found, judged, unsupported)
    if stream is not None:
        for sentence in made.sentences:
            stream(sentence)
    return made


def tokens_of(library: "Library", collection: Collection) -> Tokens | None:
    """What compares by meaning, if the collection's model can: the embedded one gives a vector per token."""
    both = both_of(library, collection)
    return (lambda texts: both(texts)[1]) if both else None


def both_of(library: "Library", collection: Collection) -> Both | None:
    """The same, with the vectors of the whole texts."""
    model = collection.settings.embeddings.get(collection.settings.embedding)
    embedders = library.embedders
    if embedders is None or model is None or not model.model.startswith("embedded/"):
        return None
    name = model.model
    return lambda texts: embedders.both(name, texts)


def refusal(question: str, found: Found, judged: Judged) -> Answer:
    """The plain refusal, with what was looked at."""
    text = refused(judged.why)
    return Answer(
        question, text, [Sentence(text, 0, len(text))], found.hits, found, True, judged.why, judged.chance, "refusal",
        cost=found.cost,
    )  # fmt: skip


def refused(why: str) -> str:
    """What a refusal says."""
    return f"The documents do not answer this: {why}."


def quoted(weighed: Weighed, found: Found, judged: Judged) -> Answer:
    """The answer made of sentences of the passages."""
    text, said, hits = composed(weighed, chosen(weighed))
    return Answer(weighed.question.text, text, said, hits, found, confidence=judged.chance, cost=found.cost)


def composed_by(model: "Model", weighed: Weighed, found: Found, judged: Judged, unsupported: Unsupported) -> Answer:
    """The answer that a model writes, sentence by sentence held to its passages."""
    spent = model.cost
    told = model.ask(written.prompt(weighed.question.text, found.hits), max_tokens=OUTPUT_TOKENS)
    text, said, dropped = _checked(told, weighed.question, found, unsupported)
    made = Answer(
        weighed.question.text, text, said, found.hits, found, confidence=judged.chance, written="abstractive",
        dropped=dropped, cost=found.cost + model.cost - spent,
    )  # fmt: skip
    if not any(s.citations for s in said):
        why = "nothing that the model wrote is borne out" if dropped else "the model found no answer in the passages"
        return msgspec.structs.replace(
            refusal(made.question, found, msgspec.structs.replace(judged, why=why)), dropped=dropped, cost=made.cost
        )
    return made


def _checked(
    told: str, question: Question, found: Found, unsupported: Unsupported
) -> tuple[str, list[Sentence], Sequence[str]]:
    text, kept, dropped, at = "", [], [], 0
    for start, end in sentences(told):
        one = written.checked(told[start:end], question, found.hits)
        goes = written.said(one, unsupported)
        if goes:
            text += told[at:start] if text else ""
            bare = goes.removesuffix(written.MARK)
            kept.append(Sentence(bare, len(text), len(text) + len(bare), one.citations, one.flaws))
            text += goes
        else:
            dropped.append(told[start:end])
        at = end
    return text, kept, dropped
