"""What a question takes for granted: the things that it names, and events that would be news. A case that says nothing
of them cannot answer it.
"""

import re
from collections.abc import Iterator

from outrider.knowledge.sentences import sentences
from outrider.knowledge.verify import occurs

_GROUPS = (
    "shut stop close closed closing abandon retir discontinu cancel withdr scrap ceas quit",
    "ban bans banned forbid forbade prohibit outlaw",
    "return revert back",
    "fail collaps crash",
)
_EVENTS = (
    "refus reject declin opted",
    "cancel churn unsubscrib quit",
    "dismiss layoff laid fired redundan",
    "accident injur death died",
    "complain",
    "financ invest fund",
)
_GRAVE = ("fine fined penalt", "lawsuit sue sued court", "leak breach stolen hack", "fraud scandal", *_EVENTS)
_WORDS = "what which who whose whom when where why how by for on in at after before do does did is are was were can"
_QUESTION_WORDS = frozenset(_WORDS.split())
_NO_EVENT = re.compile(r"\bstop(?:s|ped)?(?= (?!using\b)\w+ing\b)|\blaid(?! off\b)")
"""To stop trusting something is no end of a project, and what is laid out has lost no work."""
_OF_ALL = frozenset(("AI", "GenAI", "LLM", "LLMs", "ML"))
"""What every case is about: none lacks it, whether or not it says the word."""
_PLAIN = re.compile(r"(.*[A-Z0-9].*)-[a-z]{4,}|(.*\d)s")
"""`Claude-built` takes Claude for granted, `H100s` the H100."""
_TOKEN = re.compile(r"[^\s,;()?!:\"“”]+")


def missing(question: str, text: str) -> list[str]:
    """What the question takes for granted and `text` does not say."""
    lower = text.lower()
    gone = [name for name in names(question) if not _said(name, text)]
    groups = _GRAVE if not question.lower().startswith("why") else (*_GRAVE, *_GROUPS)
    for group in groups:
        stems = group.split()
        said = [w for w in re.findall(r"[a-z]+", _NO_EVENT.sub(" ", question.lower())) if _of(w, stems)]
        if said and not any(_of(w, stems) for w in re.findall(r"[a-z]+", lower)):
            gone.append(said[0])
    return gone


def _said(name: str, text: str) -> bool:
    if name in _OF_ALL or occurs(name, text):
        return True
    plain = _PLAIN.fullmatch(name)
    return plain is not None and _said(plain[1] or plain[2], text)


def _of(word: str, stems: list[str]) -> bool:
    return any(word == s or (len(s) > 3 and word.startswith(s)) for s in stems)


def names(question: str) -> Iterator[str]:
    """Names in a question: words with a capital or a digit in them, but for the first word of a sentence."""
    begins = {start for start, _ in sentences(question)}
    for number, match in enumerate(_TOKEN.finditer(question)):
        word = re.sub("['’]s?$", "", match[0].rstrip("."))
        if (number == 0 or match.start() in begins) and (word.lower() in _QUESTION_WORDS or word[1:].islower()):
            continue
        if (word != "I" and re.search(r"[A-Z]", word)) or re.fullmatch(r"(?:19|20)\d\d", word):
            yield word


def nameless(question: str) -> str:
    """The question with `it` for every name: what kind of question it is, of whomever it is asked."""
    for name in dict.fromkeys(names(question)):
        question = re.sub(rf"(?<!\w){re.escape(name)}(?:['’]s)?(?!\w)", "it", question)
    return question


_VERBS = "does|do|did|is|are|was|were|has|have|trains?|runs?|powers?|hosts?|serves?"
_WHICH = re.compile(
    rf"^(?:(?:in|on|from|for|with|by|to|at|under) )?(?:which\b|who\b|whom\b|where\b|what (?!(?:{_VERBS})\b)"
    rf"(?!(?:kinds?|sorts?|types?|ways?|things?|part|happen(?:s|ed))\b)(?:[\w-]+ )?[\w-]+ (?:{_VERBS})\b)",
    re.IGNORECASE,
)


def wants_name(question: str, *, named: bool) -> bool:
    """Whether the name of something is asked for ("Which vector database …"). `named`: the question says whose case it
    is; where it does not, the case's own name may be the answer."""
    return named and bool(_WHICH.match(question))


_LANGUAGES = (
    r"Ada|Assembly|Bash|C|C\+\+|C#|COBOL|Cobol|Clojure|Dart|Elixir|Erlang|Fortran|Go|Golang|Groovy|Haskell|Java|JavaScript|"
    r"Julia|Kotlin|Lua|MATLAB|Objective-C|OCaml|PHP|PL/I|Perl|Prolog|Python|R|RPG|Ruby|Rust|SQL|Scala|Solidity|Swift|"
    r"TypeScript|Zig|[A-Z][a-z]+(?:ese|ian)|[A-Z][a-z]{2,}ish|Arabic|Bengali|Cantonese|Catalan|Czech|Dutch|French|German|"
    r"Greek|Hebrew|Hindi|Icelandic|Korean|Malay|Mandarin|Marathi|Tagalog|Tamil|Telugu|Thai|Urdu|Welsh"
)
_CLOUDS = (
    r"AWS|Amazon|Azure|Microsoft|GCP|Google|Alibaba|Aliyun|Oracle|OCI|IBM|Tencent|Huawei|DigitalOcean|Hetzner|OVH\w*|"
    r"Scaleway|CoreWeave|Cloudflare|Heroku|Vertex|Bedrock|SageMaker"
)
_CLOSED = tuple(
    (
        re.compile(rf"(?:\w+ )?(?:which|what) (?:[\w-]+ )?(?:{asked})\b", re.IGNORECASE),
        re.compile(rf"\b(?:{said})(?!\w)"),
    )
    for asked, said in (("languages?", _LANGUAGES), ("clouds?", _CLOUDS))
)
"""Kinds of which all that matter are known: which of them is asked, only one of them answers."""


def lacks_kind(question: str, text: str) -> bool:
    """Whether a question asks which of a closed kind ("Which cloud …", "In which language …") and a text names none."""
    return any(asked.match(question) and not said.search(text) for asked, said in _CLOSED)


_MOMENT = re.compile(r"when (?:did|do|does|was|were|is|are|will|has|have|had|can|could)\b", re.IGNORECASE)


def wants_time(question: str) -> bool:
    """Whether a moment is asked for: not if the question begins with the occasion ("When it fails, who …")."""
    return _MOMENT.match(question) is not None
