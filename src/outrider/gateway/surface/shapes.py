"""Errors in the language of the path that was asked, for requests that end before anybody looked at them."""

from outrider.base.errors import OutriderError
from outrider.gateway.surface import errors, gemini, messages

_GEMINI = (b":generateContent", b":streamGenerateContent", b":countTokens", b":embedContent", b":batchEmbedContents")


def answer_at(path: bytes, error: OutriderError) -> errors.Answer:
    """What somebody who asked at `path` gets for `error`."""
    if path.endswith(_GEMINI):
        return gemini.SURFACE.error(error)
    if path.startswith((b"/v1/messages", b"/messages")):
        return messages.SURFACE.error(error)
    return errors.answer(error)
