"""`/api/batches`: batches of both APIs: how far they are, what they cost, which lines went wrong; ending one early."""

from outrider.api import shapes_batches as shapes
from outrider.api.edge import Ask, Endpoint, Param
from outrider.base.errors import RequestError
from outrider.gateway.batches.desk import MOST, BatchDesk
from outrider.journal import where

_ID = Param("id", "The batch's id.")
_NUMBER = {"type": "integer", "minimum": 1, "maximum": MOST}
_LIMIT = Param("limit", "At most so many.", _NUMBER)


def _desk(ask: Ask) -> BatchDesk:
    if ask.deps.batches is None:
        raise RequestError("this process serves no batches", status=503, code="not_served")
    return ask.deps.batches


def list_(ask: Ask) -> shapes.BatchList:
    most = where.whole("limit", ask.query.get("limit", "50"), 1, MOST)
    found = _desk(ask).list(ask.who.project, after=ask.query.get("after", ""), most=most)
    return shapes.BatchList([shapes.batch(one) for one in found.batches], found.next or None)


def get(ask: Ask) -> shapes.BatchWhole:
    return shapes.whole(_desk(ask).whole(ask.who.project, ask.path["id"]))


def errors(ask: Ask) -> shapes.LineErrorList:
    most = where.whole("limit", ask.query.get("limit", "50"), 1, MOST)
    after = where.whole("after", ask.query.get("after", "0"), 0, 2**40)
    desk = _desk(ask)
    found = desk.errors(desk.get(ask.who.project, ask.path["id"]), after=after, most=most)
    return shapes.LineErrorList(found.errors, found.next or None, found.gone)


async def cancel(ask: Ask) -> shapes.Batch:
    """Lines under way end, the others are not begun; a provider's batch is ended too, and paid answers come home."""
    return shapes.batch(await _desk(ask).cancel(ask.who, ask.path["id"]))


ENDPOINTS = [
    Endpoint(
        "GET",
        "/api/batches",
        "Batches, the newest first",
        shapes.BatchList,
        read=list_,
        query=[Param("after", "The `next` of a list: older ones."), _LIMIT],
    ),
    Endpoint(
        "GET",
        "/api/batches/{id}",
        "One batch: how far it is, where it is asked, what it cost",
        shapes.BatchWhole,
        read=get,
        params=[_ID],
    ),
    Endpoint(
        "GET",
        "/api/batches/{id}/errors",
        "Lines of a batch that did not succeed",
        shapes.LineErrorList,
        read=errors,
        params=[_ID],
        query=[Param("after", "The `next` of a list: later ones.", {"type": "integer"}), _LIMIT],
    ),
    Endpoint("POST", "/api/batches/{id}/cancel", "End a batch early", shapes.Batch, act=cancel, params=[_ID]),
]
