"""`/api/models`: the names that can be called."""

from outrider.api import shapes
from outrider.api.edge import Ask, Endpoint


def list_(ask: Ask) -> shapes.ModelList:
    return shapes.ModelList(list(ask.deps.routes()))


ENDPOINTS = [Endpoint("GET", "/api/models", "Names that can be put into `model`", shapes.ModelList, read=list_)]
