"""The question asked in other words, too: by rules, and by a model where one is given; each passage counts where it is
found best."""

import re

from outrider.knowledge import fusion
from outrider.knowledge.ports import Model
from outrider.knowledge.records import Found, Query
from outrider.knowledge.shelf import Shelf
from outrider.knowledge.strategies import hybrid

OPTIONS = hybrid.OPTIONS
MOST = 3
"""Rewritten questions that are asked."""
SHARE = 0.9
"""What a rewritten question's scores count against the question's own."""
_PROMPT = """Write {count} search queries, one on each line and nothing else, that would find the answer to this \
question in a collection of documents. Use other words than the question where you can.

Question: {question}"""
_OPENING = re.compile(
    r"^(?:(?:please|hi|hello|hey)\b[ ,!]*)*(?:(?:can|could|would) (?:you|anyone|somebody) (?:please )?)?"
    r"(?:tell me|show me|explain|describe|find|list|i (?:want|need|would like) to know|do you know|"
    r"what(?:'s| is| are|)|who(?:'s| is| are|)|how (?:do|can|does|should) (?:i|we|you|one)|is there|are there|"
    r"why (?:do|does|is|are))?"
    r"(?: (?:about|if|whether|any|the|a|an))*\s+",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])?\s*[\"“]?(.*?)[\"”]?\s*$")


def retrieve(query: Query, shelf: Shelf) -> Found:
    asked, cost = [query.text, *by_rules(query.text)], 0
    if shelf.model is not None:
        before = shelf.model.cost
        asked += by_model(query.text, shelf.model)
        cost = shelf.model.cost - before
    asked = list(dict.fromkeys(a for a in asked if a.strip()))[: MOST + 1]
    parts: fusion.Parts = {}
    rankings = []
    for text in asked:
        scored, scores = hybrid.candidates(query, shelf, text)
        rankings.append(scored)
        for id_, said in scores.items():
            parts.setdefault(id_, said)
    merged = fusion.merged(rankings, [1.0, *[SHARE] * (len(asked) - 1)])
    return Found(shelf.hits(merged[: query.limit], parts), "rewrite", len(merged), asked, cost=cost)


def by_rules(question: str) -> list[str]:
    """The question without the words that only ask, and its parts where it asks several things."""
    bare = _OPENING.sub("", question.strip(), count=1).rstrip("?!. ")
    found = [bare] if bare and bare != question.rstrip("?!. ") and len(bare.split()) >= 2 else []
    several = [part.strip() for part in re.split(r"[?;]\s+|,? and (?=(?:what|who|when|where|why|how)\b)", question)]
    return found + [part for part in several if len(several) > 1 and len(part.split()) >= 3]


def by_model(question: str, model: Model) -> list[str]:
    """What a model would search for."""
    said = model.ask(_PROMPT.format(count=MOST, question=question), max_tokens=120)
    lines = [m[1] for line in said.splitlines() if (m := _BULLET.match(line)) and m[1]]
    return [line for line in lines if len(line) <= 300][:MOST]
