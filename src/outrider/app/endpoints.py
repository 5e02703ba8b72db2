"""What is served where: every language's paths before the corridor. The hot ones go straight to it."""

from outrider.gateway.batches.background import Background
from outrider.gateway.corridor import Corridor
from outrider.gateway.front import Handler, Named
from outrider.gateway.surface import gemini, messages
from outrider.gateway.surface.contract import Surface
from outrider.gateway.surface.responses import Responses
from outrider.gateway.surface.shelf import Shelf

Paths = dict[tuple[bytes, bytes], Handler]
LARGER = {b"/v1/files": 210_000_000}
"""Bytes of a body by path, where more than the usual limit is taken."""


def hot(corridor: Corridor, shelf: Shelf, behind: Background) -> Paths:
    """Handlers by method and path. Base URLs without `/v1` work too: other gateways' guides name them so."""
    spoken: dict[str, Surface] = {"/messages": messages.SURFACE, "/responses": Responses(shelf)}
    answers: dict[str, Handler] = {"/chat/completions": corridor.chat, "/embeddings": corridor.embeddings}
    answers["/rerank"] = corridor.rerank
    answers |= {path: corridor.speaking(surface) for path, surface in spoken.items()}
    answers["/responses"] = behind.before(answers["/responses"])
    found: Paths = {(b"POST", f"/v1{path}".encode()): answer for path, answer in answers.items()}
    found[b"POST", b"/v2/rerank"] = corridor.rerank  # where Cohere's own client asks
    return found | {(b"POST", path.encode()): answer for path, answer in answers.items()}


def named(corridor: Corridor) -> Named:
    """Handlers of paths with a model in them: Gemini's, also in the longer forms that Vertex AI has."""
    places = (b"/v1beta/", b"/v1/", b"/v1beta1/")
    answer = corridor.speaking(gemini.SURFACE)
    return dict.fromkeys(places, ((b":generateContent", b":streamGenerateContent"), answer))
