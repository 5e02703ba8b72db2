"""The callers: each writes requests in its language, joins a stream as its official client does, and reads the answer.

They share no code with the translations that they are there to test. A module has `NAME`, `CANNOT` (what its language
has no words for), `write`, `gather`, `read` and `error`.
"""

from types import ModuleType

from outrider.testing.conformance.callers import chat, gemini, messages, responses

CALLERS: dict[str, ModuleType] = {module.NAME: module for module in (chat, responses, messages, gemini)}

__all__ = ["CALLERS"]
