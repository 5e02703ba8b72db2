"""The language of a text. It is written down in any case; the words after the policy say which ones are expected
(`quarantine en de`)."""

import functools
import re
import threading
from typing import Any

from outrider.knowledge.doors._context import Context, Note
from outrider.knowledge.records import Parsed

POLICY = "note"
LEAST, SAMPLE, SURE = 60, 800, 0.7
"""Letters that a guess needs, characters that are looked at, and how likely it must be."""
_CODE = re.compile(r"```.*?```|`[^`]*`|https?://\S+|[\W\d_]+", re.DOTALL)
_LOCK = threading.Lock()


def check(parsed: Parsed, context: Context) -> Note | None:
    found = guess(parsed.text)
    parsed.language = found or parsed.language
    expected = {word.lower() for word in context.words}
    if not expected or not parsed.language or parsed.language in expected:
        return None
    return Note(f"Its language is {parsed.language!r}; expected: {', '.join(sorted(expected))}.")


def fault(words: list[str]) -> str:
    wrong = [word for word in words if not re.fullmatch(r"[a-zA-Z]{2}", word)]
    return f"{wrong[0]!r} is no code of a language; two letters are, like `en`" if wrong else ""


def guess(text: str) -> str:
    """Its code (ISO 639-1), or "" where that is not sure."""
    words = _CODE.sub(" ", text[: 3 * SAMPLE])[:SAMPLE].strip()
    if sum(map(str.isalpha, words)) < LEAST:
        return ""
    with _LOCK:
        code, sure = _identifier().classify(words)
    return str(code) if sure >= SURE else ""


@functools.cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
