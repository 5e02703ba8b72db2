"""A question understood without a model: its words, the names and figures in it, and what kind of answer it wants."""

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from outrider.knowledge.figures import Figure, figures
from outrider.knowledge.naming import FUNCTION_WORDS, names
from outrider.knowledge.verify import stem

Wanted = Literal["amount", "share", "money", "time", "date", "name", "list", "whether"]

_ASKING = """
what's who's how's ask asked tell told say says said state states stated describe described explain explained
mention mentioned report reported reports give name names named list show find know known please question answer
about many much long often kind kinds sort type types way ways thing things example examples achieve achieved detail
details happen happened change changed changes reach reached system systems role play plays use uses used company
companies organisation organisations organization organizations case cases study studies choose chose chosen choice
pick picked select selected decide decided
"""
ASKING = frozenset(_ASKING.split())
"""Words that ask, and are not looked for in what answers."""
_WANTED: tuple[tuple[Wanted, str], ...] = (
    ("share", r"\b(?:what|which|how)\b.{0,30}\b(?:percent(?:age)?|share|fraction|proportion|rate|accuracy|ratio)\b"),
    ("money", r"\b(?:how much (?:money|did .{1,40} cost|does .{1,40} cost|was saved|.{0,20}(?:pay|spend|spent|raise))"
     r"|(?:cost|price|budget|revenue|savings?|dollars?|spend)\b.{0,40}\?)"),
    ("time", r"\b(?:how (?:long|fast|quickly)|latency|how much (?:time|faster)|response time|turnaround|how many "
     r"(?:hours|minutes|seconds|days|weeks|months))\b"),
    ("date", r"\b(?:when|what (?:year|date|month)|which (?:year|month)|since when|in what year)\b"),
    ("amount", r"\b(?:how (?:many|much|large|big|often|high|far|well)|by how much|what number|number of|what was the "
     r"(?:size|volume|reduction|increase|improvement|gain|drop))\b"),
    ("list", r"\b(?:which|what) (?:companies|organi[sz]ations|firms|systems|teams|vendors|banks|insurers|cases|studies|"
     r"deployments|tools|models|techniques|lessons|problems|challenges)\b|\bwho (?:uses|use|else)\b|^list\b"),
    ("name", r"\b(?:who|whom|whose|which|where|what (?:company|model|vendor|tool|framework|database|platform|library|"
     r"provider|language|system|llm|technology|name))\b"),
    ("whether", r"^(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would|should)\b"),
)  # fmt: skip
_PATTERNS = [(wanted, re.compile(pattern, re.I)) for wanted, pattern in _WANTED]
_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_REFERS = re.compile(
    r"\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|there|then|the same|one)\b|^(?:and|also|why|how "
    r"so|what about|how about)\b",
    re.I,
)
_ASKS_FOR = re.compile(r"\b(?:how (?:many|much)|which|what)\s+", re.I)
_GENERAL = frozenset(
    ("part", "share", "percentage", "percent", "portion", "fraction", "number", "amount", "time", "money", "less",
     "more", "faster", "fewer", "cheaper", "quicker", "better", "new", "good", "kind", "team", "product", "firm")
)  # fmt: skip
_FEW = 4
"""A question of fewer words of content is read together with what was asked before."""


class Question(msgspec.Struct, frozen=True):
    """`words` are the stems of its words of content without its names, in order; `names` are as they are written.
    `head` is what it asks for by name ("": it does not): the parameters of `how many parameters`."""

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    figures: tuple[Figure, ...]
    wants: frozenset[Wanted]
    head: str = ""

    @property
    def content(self) -> str:
        """The question without the words that only ask."""
        return " ".join(w for w in _WORD.findall(self.text) if _tells(w)) or self.text


def understand(text: str) -> Question:
    """The question in `text`."""
    text = " ".join(text.split())
    said = dict.fromkeys(text[n.start : n.end] for n in names(text))
    named = tuple(name for name in said if not _is_asking(name) and not (name.isalnum() and name.islower()))
    inside = {w.lower() for n in named for w in _WORD.findall(n)}
    words = [stem(w) for w in _WORD.findall(text) if _tells(w) and w.lower() not in inside and not w[0].isdigit()]
    wants = frozenset(wanted for wanted, pattern in _PATTERNS if pattern.search(text))
    return Question(text, tuple(dict.fromkeys(words)), named, figures(text), wants, _head(text, inside))


def _head(text: str, named: set[str]) -> str:
    asked = _ASKS_FOR.search(text)
    found: list[str] = []
    for word in _WORD.findall(text[asked.end() : asked.end() + 60])[:2] if asked else ():
        if not _tells(word) or word.lower() in _GENERAL or word.lower() in named:
            break
        found.append(word)
    return " ".join(found)


def _tells(word: str) -> bool:
    lower = word.lower()
    return lower not in FUNCTION_WORDS and lower not in ASKING


def _is_asking(name: str) -> bool:
    return all(not _tells(word) for word in _WORD.findall(name))


def in_context(turns: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(the last question of a conversation, what to search for: with what it needs of the turns before it)."""
    asked = [text for role, text in turns if role == "user" and text.strip()]
    if not asked:
        return "", ""
    last = asked[-1]
    if len(asked) == 1 or not _leans(last):
        return last, last
    return last, f"{asked[-2]} {last}"[-2000:]


def _leans(text: str) -> bool:
    """Whether a question is not whole without the one before it."""
    question = understand(text)
    return (not question.names and len(question.words) < _FEW) or (
        not question.names and _REFERS.search(text) is not None
    )
