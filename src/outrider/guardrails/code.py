"""Code that a model wrote and somebody will run: what it imports, calls and reaches, in Python and JavaScript.

It reads, it does not run, and it is no sandbox: whoever wants to hide what code does from a reader can. Run code of
models where it can do no harm; this says what to look at before.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from outrider.guardrails import _code_javascript, _code_python
from outrider.guardrails._blocks import fenced
from outrider.guardrails._code_python import Hit
from outrider.guardrails._contract import Context, Finding

NAME = "code"
WHAT = "Python and JavaScript: processes, code from texts, network, files, environment, escapes; imports not on a list."
STAGES = ("tool_args", "output")
KINDS = (
    "process",
    "dynamic",
    "network",
    "file_write",
    "file_read",
    "environment",
    "reflection",
    "escape",
    "import",
    "import_not_allowed",
    "unreadable",
)
Language = Literal["python", "javascript"]
_FENCES: dict[str, Language] = {
    **dict.fromkeys(("python", "py", "python3", "ipython"), "python"),
    **dict.fromkeys(("javascript", "js", "node", "mjs", "jsx", "typescript", "ts"), "javascript"),
}
_READ: dict[str, Callable[[str], list[Hit] | None]] = {
    "python": _code_python.read,
    "javascript": _code_javascript.read,
}
_LONGEST = 500_000


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What code may use."""

    language: Annotated[
        Literal["python", "javascript", "any"], Meta(description="`any`: as each in which it can be read.")
    ] = "any"
    imports: Annotated[
        tuple[str, ...],
        Meta(description="Only these modules may be imported: `[math, json]`. Empty: all are looked at."),
    ] = ()
    arguments: Annotated[
        tuple[str, ...], Meta(description="Arguments of tools that are code. Empty: all that are checked.")
    ] = ()


def check(text: str, context: Context) -> list[Finding]:
    """Findings of code (an argument), or of the code in a text (`output`: what stands in fences)."""
    options = context.options if isinstance(context.options, Options) else Options()
    if context.where == "output":
        return [
            Finding(one.start + at, one.end + at, one.kind, one.score)
            for name, language in _FENCES.items()
            for at, code in fenced(text, (name,))
            for one in findings(code, msgspec.structs.replace(options, language=language))
        ]
    if options.arguments and context.argument not in options.arguments:
        return []
    return findings(text, options)


def findings(code: str, options: Options | None = None) -> list[Finding]:
    """What code reaches, by place; for each place and kind once."""
    wanted = options or Options()
    if not code.strip():
        return []
    hits = _hits(code, wanted.language) if len(code) <= _LONGEST else None
    if hits is None:
        return [Finding(0, len(code), "unreadable", 0.6)]
    found: dict[tuple[int, int, str], float] = {}
    for hit in hits:
        at = (hit.start, hit.end, hit.reach.kind)
        found[at] = max(hit.reach.score, found.get(at, 0.0))
        if wanted.imports and hit.module and not _allowed(hit.module, wanted.imports):
            found[hit.start, hit.end, "import_not_allowed"] = 1.0
    return [Finding(start, end, kind, score) for (start, end, kind), score in sorted(found.items())]


def _hits(code: str, language: str) -> list[Hit] | None:
    if language != "any":
        return _READ[language](code)
    python = _code_python.read(code)
    script = _code_javascript.read(code, clean=python is not None)
    return None if python is None and script is None else [*(python or ()), *(script or ())]


def _allowed(module: str, imports: Sequence[str]) -> bool:
    return any(module == one or module.startswith(f"{one}.") for one in imports)
