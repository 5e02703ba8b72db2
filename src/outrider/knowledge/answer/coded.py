"""Which sentences of a passage are code or configuration, and which questions ask for that.

Prose answers questions; a line of code is quoted where the question wants one: a command, an option, an example, a name
as code writes it. Comments and texts inside code are prose.
"""

import re

from outrider.knowledge.records import Chunk

_FENCE = re.compile(r"^[ \t]*(?:```|~~~)(.*)$", re.M)
_ASKS = re.compile(
    r"\b(?:commands?|command[ -]line|cli|terminal|shell|flags?|options?|switch|arguments?|parameters?|config\w*|"
    r"settings?|keys?|fields?|variables?|env|yaml|json|toml|ini|xml|sql|quer(?:y|ies)|code|snippets?|syntax|examples?|"
    r"scripts?|functions?|methods?|class(?:es)?|imports?|modules?|api|endpoints?|headers?|curl|urls?|paths?|ports?|"
    r"defaults?|schemas?|regex\w*|expressions?|called with|"
    r"how (?:do|can|should|would|to|does one)\b.{0,20}\b(?:run|start|stop|install|call|invoke|set|enable|disable|turn|"
    r"configure|add|make|create|write|use|build|deploy|delete|remove|declare|define|import|export|test))\b",
    re.I,
)
_NAME_OF_CODE = re.compile(r"`|(?<!\w)--?[a-z][\w-]+|\w+_\w+|\b[a-z]+[A-Z]\w*|\w+\(\)|\b\w+(?:\.\w+){2,}\b|\$\w")
_COMMENT = re.compile(r"^\s*(?:#+|//+|/?\*+|--+|;+|%+|<!--|'{3}|\"{3}|rem\b)\s*", re.I)
_SYMBOLS = re.compile(r"[{}()\[\]<>=;|&$\\]|::|->|\w\.\w+\(|(?:^|\s)--?[a-z]|(?m:^\s*[\w.\"'-]+:(?:\s|$))|\w+_\w+")
_WORD = re.compile(r"(?<![\w./-])[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*(?![\w/])")
_PROMPT = re.compile(r"\s*(?:\$|>>>|%|PS>)\s\S")
_DOTTED = re.compile(r"\s*\$?\w+(?:\.[\w$\[\]]+){2,}\s*[:=]\s")
_STATEMENT = re.compile(r"[({].*[;{}]\s*$|^\s*[}\])]", re.S)
_SAYS = 5
"""Words that a comment has to have to say something."""


def asked_for(question: str) -> bool:
    """Whether a question wants code, or names something as code does."""
    return _ASKS.search(question) is not None or _NAME_OF_CODE.search(question) is not None


def is_code(chunk: Chunk, start: int, end: int) -> bool:
    """Whether `chunk.text[start:end]`, a sentence, is code: by where it stands and by how it reads."""
    said = chunk.text[start:end]
    if said.startswith("|"):  # a row of a table
        return False
    if _inside(chunk, start):
        return not _reads(said)
    return bool(_STATEMENT.search(said) or _PROMPT.match(said) or _DOTTED.match(said))


def is_comment(chunk: Chunk, start: int, end: int) -> bool:
    """Whether a sentence that opens like a heading is a comment in code that says something."""
    said = chunk.text[start:end]
    return said.startswith("#") and _inside(chunk, start) and _reads(said)


def _inside(chunk: Chunk, at: int) -> bool:
    """Whether a place is between fences, or in a passage that is code all over. A passage may begin within a block."""
    fences = list(_FENCE.finditer(chunk.text))
    if not fences:
        return chunk.kind == "code"
    before = sum(fence.start() < at for fence in fences)
    begun = chunk.kind == "code" and len(fences) % 2 == 1 and not fences[0][1].strip() and fences[0].start() > 0
    return (before + begun) % 2 == 1


def _reads(said: str) -> bool:
    """Whether what stands in code is said in words."""
    bare = _COMMENT.sub("", said)
    return len(_WORD.findall(bare)) >= _SAYS and not _SYMBOLS.search(bare.strip("\"'*/#<>- \t\n"))
