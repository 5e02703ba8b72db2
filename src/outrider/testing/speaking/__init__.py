"""Providers for tests that are accurate on the wire: Anthropic, Gemini, Bedrock, and OpenAI's two languages.

`speaking_server` and `speaking_thread` serve all of them at one address, each at its own path, and check requests as
strictly as the real ones do: a test against them fails where production would.
"""

from outrider.testing.serving import scripted_server as speaking_server
from outrider.testing.serving import scripted_thread as speaking_thread
from outrider.testing.speaking.provider import Heard, Script, SpeakingProvider
from outrider.testing.speaking.words import Ask, Failure, Refused, Reply

__all__ = [
    "Ask",
    "Failure",
    "Heard",
    "Refused",
    "Reply",
    "Script",
    "SpeakingProvider",
    "speaking_server",
    "speaking_thread",
]
